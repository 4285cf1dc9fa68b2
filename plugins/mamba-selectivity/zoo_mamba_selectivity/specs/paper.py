"""The paper: its citation and its pictures."""

from __future__ import annotations

from zoo_core import Paper, Picture
from zoo_mamba_selectivity.specs.claims import CLAIMS

_HERE = "zoo_mamba_selectivity"

PICTURES: tuple[Picture, ...] = (
    Picture(
        name="components",
        draw=f"{_HERE}.pictures:components",
        caption="Accuracy on associative recall of one trained layer with and without its parts; "
        "dots are seeds. Without the convolution a layer of Mamba-2 guesses among the four "
        "values (dotted line), and so does S4D without its gate; with it a wide layer of S4D is "
        "right far more often, though not always, as one with weights set by hand is.",
        models=(
            "mamba2-mqar",
            "mamba2-noconv-mqar",
            "mamba-mqar",
            "s4d-mqar",
            "s4d-nogate-mqar",
        ),
    ),
    Picture(
        name="capacity",
        draw=f"{_HERE}.pictures:capacity",
        caption="Accuracy of one trained layer of Mamba-2 against the number of pairs, by its "
        "state size N: a larger state recalls more pairs.",
        models=("mamba2-mqar",),
    ),
    Picture(
        name="memory",
        draw=f"{_HERE}.pictures:memory",
        caption="Left: the sensitivity of trained S6 channels (blue) and S4D modes (orange) to "
        "token 64 as more tokens come, each relative to the moment it is read: S4D's fall on lines "
        "that are fixed in advance, S6's either are erased at once or stay. Right: accuracy on "
        "keep-n-th by the length of the sequence; T = 256 (dotted) is the longest in training.",
        models=("mamba-keepnth", "s4d-keepnth"),
    ),
    Picture(
        name="haar-rate",
        draw=f"{_HERE}.pictures:haar_rate",
        caption="Relative error of the best S4D-Lin kernel for the Haar mother wavelet against the "
        "number of modes, on logarithmic axes: a straight line of slope about -1/2. On the right "
        "the same with the selective channels, four or six, whose error is below 1e-8.",
        models=("s6-haar-exact", "s6-haar", "s4d-haar"),
    ),
    Picture(
        name="haar-kernels",
        draw=f"{_HERE}.pictures:haar_kernels",
        caption="The weight of every sample in one Haar coefficient, in absolute time. The block "
        "that was built has the wavelet itself (grey); the trained S6 layer rounds its corners and "
        "is flat elsewhere; the trained S4D layer, with as many states, rings over all samples.",
        models=("s6-haar-exact", "s6-haar", "s4d-haar"),
    ),
    Picture(
        name="recall-capacity",
        draw=f"{_HERE}.pictures:recall_capacity",
        caption="Accuracy of recall with random codes of p bits for keys and q bits for values, "
        "one panel for each number of pairs: the more pairs, the larger p q has to be. Eight bits "
        "cannot tell the 4,096 values apart.",
        models=("mamba2-mqar-exact",),
    ),
)

PAPER = Paper(
    name="mamba-selectivity",
    title="Understanding Input Selectivity in Mamba: Impact on Approximation Power, Memorization, "
    "and Associative Recall Capacity",
    authors=(
        "Ningyuan (Teresa) Huang",
        "Miguel Sarabia",
        "Abhinav Moudgil",
        "Pau Rodríguez",
        "Luca Zappella",
        "Federico Danieli",
    ),
    year=2025,
    arxiv="2506.11891",
    summary=(
        "What does it buy Mamba that its state-space layer (S6) sees its input? It represents Haar "
        "wavelets with a few channels, it holds on to an old token where a time-invariant layer "
        "(S4D) must forget, and one layer solves associative recall by weights set by hand."
    ),
    notes=(
        "The paper's full text and code were not at hand: its statements are those of its "
        "abstract, and the constructions, their constants and all figures are this project's. "
        "The task MQAR and the form of the networks are zoology's (arXiv:2312.04927), the blocks "
        "those of Mamba (arXiv:2312.00752) and Mamba-2 (arXiv:2405.21060), all written anew for "
        "plain PyTorch. One layer, small vocabularies and short sequences throughout."
    ),
    bibtex="""@inproceedings{huang2025understanding,
  title     = {Understanding Input Selectivity in {Mamba}: Impact on Approximation Power,
               Memorization, and Associative Recall Capacity},
  author    = {Huang, Ningyuan and Sarabia, Miguel and Moudgil, Abhinav and Rodr{\\'i}guez, Pau
               and Zappella, Luca and Danieli, Federico},
  booktitle = {International Conference on Machine Learning},
  series    = {Proceedings of Machine Learning Research},
  volume    = {267},
  pages     = {25693--25727},
  year      = {2025},
  note      = {arXiv:2506.11891}
}""",
    claims=CLAIMS,
    pictures=PICTURES,
)

"""The paper: its citation, and the claims and pictures of its two halves."""

from __future__ import annotations

from zoo_core import Paper
from zoo_mamba_selectivity import exact_registered, learned_registered

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
    claims=(*learned_registered.CLAIMS, *exact_registered.CLAIMS),
    pictures=(*learned_registered.PICTURES, *exact_registered.PICTURES),
)

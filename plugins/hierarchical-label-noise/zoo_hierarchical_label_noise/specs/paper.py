"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_core import Paper
from zoo_hierarchical_label_noise.specs.claims import CLAIMS

PAPER = Paper(
    name="hierarchical-label-noise",
    title="Deep Learning with Label Noise: A Hierarchical Approach",
    authors=(
        "Li Chen",
        "Ningyuan Huang",
        "Cong Mu",
        "Hayden S. Helm",
        "Kate Lytvynets",
        "Weiwei Yang",
        "Carey E. Priebe",
    ),
    year=2022,
    arxiv="2205.14299",
    summary=(
        "Labels of which many are wrong are learnt by the tree of their superclasses: a network "
        "for the superclass, one for the class within each, all of them ordinary and trained on "
        "noisy labels as they are, without a model of the noise."
    ),
    bibtex="""@misc{chen2022deep,
  title  = {Deep Learning with Label Noise: A Hierarchical Approach},
  author = {Chen, Li and Huang, Ningyuan and Mu, Cong and Helm, Hayden S. and Lytvynets, Kate
            and Yang, Weiwei and Priebe, Carey E.},
  year   = {2022},
  note   = {arXiv:2205.14299}
}""",
    claims=CLAIMS,
)

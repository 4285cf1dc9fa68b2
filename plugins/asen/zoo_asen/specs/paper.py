"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_asen.specs.claims import CLAIMS
from zoo_core import Paper

PAPER = Paper(
    name="asen",
    title="Any-Subgroup Equivariant Networks via Symmetry Breaking",
    authors=(
        "Abhinav Goel",
        "Derek Lim",
        "Hannah Lawrence",
        "Stefanie Jegelka",
        "Ningyuan Huang",
    ),
    year=2026,
    arxiv="2603.19486",
    summary=(
        "One network that commutes with all permutations of n points becomes equivariant to any "
        "chosen group of them by an input that breaks the symmetry: colours of the ordered pairs, "
        "by the group's orbits. The weights stay, so that one network learns tasks of different "
        "symmetries together."
    ),
    notes="",
    bibtex="""@inproceedings{goel2026anysubgroup,
  title     = {Any-Subgroup Equivariant Networks via Symmetry Breaking},
  author    = {Goel, Abhinav and Lim, Derek and Lawrence, Hannah and Jegelka, Stefanie and
               Huang, Ningyuan},
  booktitle = {International Conference on Learning Representations},
  year      = {2026},
  note      = {arXiv:2603.19486}
}""",
    claims=CLAIMS,
    pictures=(),
)

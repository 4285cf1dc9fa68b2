"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_core import Paper
from zoo_symmetric_label_noise.specs.claims import CLAIMS

PAPER = Paper(
    name="symmetric-label-noise",
    title="Deep Learning is Provably Robust to Symmetric Label Noise",
    authors=("Carey E. Priebe", "Ningyuan Huang", "Soledad Villar", "Cong Mu", "Li Chen"),
    year=2022,
    arxiv="2210.15083",
    summary="x",
    bibtex="""@misc{priebe2022deep,
  title  = {Deep Learning is Provably Robust to Symmetric Label Noise},
  author = {Priebe, Carey E. and Huang, Ningyuan and Villar, Soledad and Mu, Cong and Chen, Li},
  year   = {2022},
  note   = {arXiv:2210.15083}
}""",
    claims=CLAIMS,
)

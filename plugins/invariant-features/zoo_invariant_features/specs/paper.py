"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_core import Paper, Picture
from zoo_invariant_features.specs.claims import CELLS, CLAIMS, MOLECULES

PAPER = Paper(
    name="invariant-features",
    title="A Galois theorem for machine learning: Functions on symmetric matrices and point clouds "
    "via lightweight invariant features",
    authors=("Ben Blum-Smith", "Ningyuan Huang", "Marco Cuturi", "Soledad Villar"),
    year=2024,
    arxiv="2405.08097",
    summary=(
        "Functions of weighted graphs that do not depend on the names of the nodes need only the "
        "multiset of the diagonal, the multiset of the other entries, and one number that ties "
        "both: these tell almost all matrices apart. Functions of point clouds need O(n) numbers, "
        "inner products with a few vectors that turn with the cloud."
    ),
    bibtex="""@article{blumsmith2024galois,
  title   = {A {G}alois theorem for machine learning: Functions on symmetric matrices and point
             clouds via lightweight invariant features},
  author  = {Blum-Smith, Ben and Huang, Ningyuan and Cuturi, Marco and Villar, Soledad},
  journal = {arXiv preprint arXiv:2405.08097},
  year    = {2024}
}""",
    claims=CLAIMS,
    notes=(
        "The paper's molecules are QM7b's, which have another split and fourteen targets; its "
        "shapes are ModelNet's. Here molecules are 7,101 of QM7, with the energies of the qml "
        "project and properties by GFN2-xTB, and shapes are outlines of cells and hands. In the "
        "published code every pair counts twice, batch normalisation is of single scalars, and the "
        "hundredth column of the expansion stays 0: none of this is so here. Energies are told "
        "beside what counts of atoms tell, as one number for each element, by least squares. As "
        "many means of clusters as there are dimensions are linearly dependent for a centred "
        "cloud: here is one more. Rows are V Q^T with the polar factor Q of the centroids C, where "
        "the paper has V C^T: with C C^T both tell the same. Lower bounds are exact, without the "
        "entropic term of the published ones."
    ),
    pictures=(
        Picture(
            name="energies",
            draw="zoo_invariant_features.pictures:energies",
            caption="Atomisation energies of the 710 test molecules, less what least squares on "
            "the counts of atoms gives, in kcal/mol: true and as three networks tell them. Titles "
            "have the mean absolute errors.",
            models=MOLECULES,
        ),
        Picture(
            name="curves",
            draw="zoo_invariant_features.pictures:curves",
            caption="What DS-CI+ has learnt of single scalars of Coulomb matrices, in atomic "
            "units: the six channels that vary most of phi_o (of off-diagonal entries), phi_d (of "
            "the diagonal) and mu (of f_*), each scaled to 1. Grey: how often the scalars occur "
            "in QM7.",
            models=MOLECULES,
        ),
        Picture(
            name="clouds",
            draw="zoo_invariant_features.pictures:clouds",
            caption="Distances between 40 untreated (rows) and 40 treated cells (columns) of the "
            "test: exact, as all inner products of points tell them, and as O(n) of them do, in "
            "one order. Right: the outlines where the Gram network embeds them, untreated in blue.",
            models=CELLS,
        ),
    ),
)

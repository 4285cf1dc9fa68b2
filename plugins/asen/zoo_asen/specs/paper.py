"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_asen.specs.claims import CLAIMS, FEW, IMAGES, POSES, SEQUENCES
from zoo_core import Paper, Picture

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
    notes=(
        "Sequences are generated as the paper says, from generators with a seed of their own; of "
        "2,500 a task 1,750 are learnt from, or 700 where networks are compared. Learning rates "
        "are a fifth of the published ones and fall at the end; the weights are those of the epoch "
        "of least validation loss. What is claimed of sequences is measured on fresh ones, 5,000 a "
        "task; networks are compared in three runs of 1,280 steps, for one task or three. Weights "
        "on sequences are stored as float16. Traffic is one week of METR-LA, with two clusters "
        "alone. Not here: a claim on transfer (--start)."
    ),
    bibtex="""@inproceedings{goel2026anysubgroup,
  title     = {Any-Subgroup Equivariant Networks via Symmetry Breaking},
  author    = {Goel, Abhinav and Lim, Derek and Lawrence, Hannah and Jegelka, Stefanie and
               Huang, Ningyuan},
  booktitle = {International Conference on Learning Representations},
  year      = {2026},
  note      = {arXiv:2603.19486}
}""",
    claims=CLAIMS,
    pictures=(
        Picture(
            name="colours",
            draw="zoo_asen.pictures:colours",
            caption="The colours of the ordered pairs of ten points (rows: from, columns: to), and "
            "how many there are, for no symmetry, reversal, rotations, rotations and reversal, "
            "permutations within halves and their exchange, and all permutations.",
            models=SEQUENCES,
        ),
        Picture(
            name="few-sequences",
            draw="zoo_asen.pictures:few_sequences",
            caption="Labels and whole sequences that are right, of 700 sequences a task to learn "
            "from: one network with each task's symmetry, a network for each task, and one network "
            "without symmetry.",
            models=FEW,
        ),
        Picture(
            name="images",
            draw="zoo_asen.pictures:images",
            caption="Test accuracy of transformers on pixels against how many pixels share a "
            "position, from all (left, invariant to all permutations) to none (right): digits with "
            "95 % intervals of three runs, clothes in one run.",
            models=IMAGES,
        ),
        Picture(
            name="poses",
            draw="zoo_asen.pictures:poses",
            caption="Mean error of 3-D joints on the test poses in millimetres against the group "
            "of the joints, from all permutations (left) to none (right): as it is (blue, with "
            "95 % intervals over blocks of poses) and after Procrustes alignment (orange).",
            models=POSES,
        ),
    ),
)

"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_approx_equivariant.specs.claims import ALL, CLAIMS, FASHION, POSES, TRAFFIC
from zoo_core import Paper, Picture

PAPER = Paper(
    name="approx-equivariant",
    title="Approximately Equivariant Graph Networks",
    authors=("Ningyuan Huang", "Ron Levie", "Soledad Villar"),
    year=2023,
    arxiv="2308.10436",
    summary=(
        "Signals on one fixed graph have the symmetries of the graph, which are few, and "
        "approximate ones, permutations within the clusters of a coarsening. The larger the group "
        "that a network commutes with, the less it can express and the less it needs to learn "
        "from: the best one lies between the graph's automorphisms and all permutations."
    ),
    notes=(
        "The task is the paper's: 80 images to learn from, 20 that choose the epoch, 1,000 to test "
        "on, with a square hidden in each; a hidden pixel is 0 in normalised units, which is "
        "mid-grey for clothes. Masks, split and initialisation are drawn anew for each run. "
        "Training ends when 100 epochs have brought nothing, of the 500 published. "
        "Three runs are measured, as published; c = 28 (no symmetry) with two layers has 34 "
        "million weights and one run on clothes: it is trained and measured (--set cut=28), and "
        "not shipped. Weights of networks on images and on poses are stored as float16. "
        "The paper's poses are Human3.6M's, which may not be passed on: here they are CMU's, with "
        "virtual cameras, in networks of 32 channels for 128. Joints hear nothing of their "
        "neighbours in them, as in the published code (graph_op=self). There the weight that each "
        "joint gives itself is learnt: it tells joints apart, so that S_16 gains by training on "
        "(122 mm after 12 epochs, 79 after 30), and its symmetry is left in its linear maps alone. "
        "The paper's traffic is four months of METR-LA, of which the networks here saw a week, in "
        "batches of 32 for 5 epochs; what is claimed is of this week. In the published code the "
        "weights of clusters are tied by accident, as they are copied anew at each step: here each "
        "cluster has its own (tied=true is the published way)."
    ),
    bibtex="""@inproceedings{huang2023approximately,
  title     = {Approximately Equivariant Graph Networks},
  author    = {Huang, Ningyuan and Levie, Ron and Villar, Soledad},
  booktitle = {Advances in Neural Information Processing Systems},
  year      = {2023},
  note      = {arXiv:2308.10436}
}""",
    claims=CLAIMS,
    pictures=(
        Picture(
            name="chain",
            draw="zoo_approx_equivariant.pictures:chain",
            caption="Test error (mean squared error x 100) against the number of patches along a "
            "side, from all permutations (left) to none (right): measured (filled, with 95 % "
            "intervals where there are three runs; two layers at c = 28 have one, on clothes) and "
            "published (open). Two layers in blue, one in orange.",
            models=ALL,
        ),
        Picture(
            name="restored",
            draw="zoo_approx_equivariant.pictures:restored",
            caption="Six test images of clothes with a hidden square, as the networks restore "
            "them: c = 1 (all permutations of the pixels), 4, 7 and 14 (permutations within "
            "patches of 7 x 7, 4 x 4 and 2 x 2 pixels), and the true images.",
            models=FASHION,
        ),
        Picture(
            name="risk",
            draw="zoo_approx_equivariant.pictures:risk",
            caption="Expected excess risk of least squares with three features against the number "
            "of samples, by the formula (lines) and as 4,000 simulations measure it (points), for "
            "no symmetry, S_2 and S_3, and four true weights from none of the symmetry to all of "
            "it. At (1, 1, 0.92) the larger group is ahead up to n = 22.5.",
            models=ALL,
        ),
        Picture(
            name="poses",
            draw="zoo_approx_equivariant.pictures:poses",
            caption="Three test poses: what the network is given (left), and from the front and "
            "from the side what it makes of it with the group Aut(G) (orange) and the true pose "
            "(grey). Coordinates in mm from the hip.",
            models=POSES,
        ),
        Picture(
            name="pose-groups",
            draw="zoo_approx_equivariant.pictures:pose_groups",
            caption="Error of lifted test poses for each group of the skeleton, from all "
            "permutations of the 16 joints to none, a point for each run: where joints hear "
            "nothing of their neighbours, as in the published code, and where they do.",
            models=POSES,
        ),
        Picture(
            name="traffic",
            draw="zoo_approx_equivariant.traffic.drawing:forecasts",
            caption="Left: test error of each step ahead, of the last known speeds and of networks "
            "with one, two and nine clusters of the 207 sensors. Right: a day at one sensor, and "
            "what the network with two clusters forecast 15 minutes before.",
            models=TRAFFIC,
        ),
    ),
)

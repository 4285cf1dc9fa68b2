"""The paper: its citation, what to know of it, and its pictures."""

from __future__ import annotations

from zoo_core import Paper, Picture
from zoo_fine_grained_expressivity.specs.claims import CLAIMS

PAPER = Paper(
    name="fine-grained-expressivity",
    title="Fine-grained Expressivity of Graph Neural Networks",
    authors=(
        "Jan Böker",
        "Ron Levie",
        "Ningyuan Huang",
        "Soledad Villar",
        "Christopher Morris",
    ),
    year=2023,
    arxiv="2306.03698",
    bibtex="""@inproceedings{boeker2023fine,
  title     = {Fine-grained Expressivity of Graph Neural Networks},
  author    = {B{\\"o}ker, Jan and Levie, Ron and Huang, Ningyuan and Villar, Soledad and
               Morris, Christopher},
  booktitle = {Advances in Neural Information Processing Systems},
  year      = {2023}
}""",
    summary=(
        "1-WL says whether a message-passing network can tell two graphs apart; this paper says "
        "how far apart they are to it. A graph is taken as a distribution of iterated degree "
        "measures, and the Wasserstein and Prokhorov distances of these distributions, tree "
        "homomorphism densities, the tree distance and the outputs of message-passing networks "
        "turn out to induce one topology. Untrained networks, it finds, keep much of it."
    ),
    notes=(
        "The definitions are those of the authors' code (nhuang37/finegrain_expressivity_GNN, "
        "which has no licence and is not copied here). Its distances are whole numbers over a "
        "common denominator, rounded at every level; here masses are exact and distances float64. "
        "The distance of a level is what is measured, as in that code; the paper's text, which "
        "could not be read when this was made, combines levels. Labels of nodes and edges play no "
        "part in the distances. "
        "More folds test the same graphs again, and with an error that is corrected for it "
        "(`zoo_core.resampled`) an interval keeps a half-width of about two thirds of the standard "
        "deviation over folds, however many there are. For tree-head, untrained-mutag, "
        "untrained-proteins, par-gin-ptc, par-gin-proteins and par-gc-mutag that is more than "
        "what the means are away from their bounds: only more graphs could settle these claims. "
        "For untrained-imdb-binary it was not so by the first ten folds, which happened to lie "
        "close together (1.6 points); 110 folds have 4.4, and it, too, stays open."
    ),
    claims=CLAIMS,
    pictures=(
        Picture(
            name="mutag-distances",
            draw="zoo_fine_grained_expressivity.pictures:mutag_distances",
            caption=(
                "Distances delta_W of level 3 of all pairs of MUTAG's compounds, which are sorted "
                "by class (white lines) and by size within it: dark blocks along the diagonal are "
                "compounds of a class that look alike."
            ),
            models=("idm-knn-mutag",),
        ),
        Picture(
            name="levels",
            draw="zoo_fine_grained_expressivity.pictures:distances_by_level",
            caption=(
                "delta_W (filled) and delta_P (open) against the level for four pairs of graphs. "
                "delta_W grows and converges; C6 and two triangles stay at 0, since 1-WL does not "
                "tell them apart."
            ),
            models=("idm-distance",),
        ),
        Picture(
            name="preservation",
            draw="zoo_fine_grained_expressivity.pictures:preservation",
            caption=(
                "Distances of 187 MUTAG compounds, and of 49 block models, to the last graph of "
                "their set: delta_W after three rounds against the distance of an untrained "
                "network's embeddings. The points of linear layers (GC-m) lie closer to a line on "
                "MUTAG."
            ),
            models=("untrained-gc-mutag", "untrained-gin-mutag"),
        ),
    ),
)

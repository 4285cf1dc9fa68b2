"""The paper: its citation, what to know of it, its claims and its pictures."""

from zoo_core import Paper, Picture
from zoo_wl_tutorial.specs.claims import CLAIMS

PAPER = Paper(
    name="wl-tutorial",
    title="A Short Tutorial on The Weisfeiler-Lehman Test And Its Variants",
    authors=("Ningyuan (Teresa) Huang", "Soledad Villar"),
    year=2022,
    arxiv="2201.07083",
    summary=(
        "Colour refinement and its k-dimensional relatives say which graphs a graph neural network "
        "can tell apart. Two definitions of k-WL are in use under one name, an oblivious and a "
        "folklore one, and they are not equally strong: folklore k-WL sees what oblivious "
        "(k + 1)-WL sees."
    ),
    notes=(
        "There is no official code, and the paper's text could not be read when this was made: "
        "what it proves is held here against graphs on which it shows. Multisets of colours are "
        "represented by sums of 64-bit hashes. Isomorphic graphs are never told apart; two graphs "
        "that differ could be called equivalent by a collision, with a probability of about "
        "2^-60 for each pair of multisets; the exact mode has none. 'Equivalent' never proves "
        "that graphs are isomorphic. The benchmark sets hold isomorphic copies (IMDB-BINARY 463 of "
        "1000 graphs, 157 of them with another class than the graph that they copy): some help, "
        "being in training and test, and some contradict each other. The data sets' option "
        "cleaned=true drops them (claim copies). "
        "More folds test the same graphs again, and with an error that is corrected for it "
        "(`zoo_core.resampled`) an interval keeps a half-width of about two thirds of the standard "
        "deviation over folds, however many there are. For A-mutag, A-ptc, A-proteins, "
        "A-imdb-binary, A-imdb-multi and copies that is more than what the means are away from "
        "their bounds: only more graphs could settle these claims."
    ),
    bibtex="""@article{huang2022short,
  title   = {A Short Tutorial on The Weisfeiler-Lehman Test And Its Variants},
  author  = {Huang, Ningyuan Teresa and Villar, Soledad},
  journal = {arXiv preprint arXiv:2201.07083},
  year    = {2022}
}""",
    claims=CLAIMS,
    pictures=(
        Picture(
            name="refinement",
            draw="zoo_wl_tutorial.pictures:molecules",
            caption=(
                "Decalin (left) and bicyclopentyl (right) under three rules, round by round. "
                "First row, 1-WL: nodes coloured by class, with the histogram below. Second and "
                "third row, oblivious and folklore 2-WL: the matrix of pair colours, nodes sorted "
                "by class. Equal colours mean equal classes in both graphs. Only the folklore rule "
                "sees a difference."
            ),
            models=("wl1-test", "wl2-test", "fwl2-test"),
        ),
        Picture(
            name="cycles",
            draw="zoo_wl_tutorial.pictures:hexagon_and_triangles",
            caption=(
                "One hexagon (left) and two triangles (right): 1-WL gives every node one colour, "
                "and so do the pairs under oblivious 2-WL; folklore 2-WL counts the walks u-w-v "
                "and sees the triangles."
            ),
            models=("wl1-test", "fwl2-test"),
        ),
        Picture(
            name="molecule-colours",
            draw="zoo_wl_tutorial.pictures:mutag_compounds",
            caption=(
                "Two compounds of MUTAG, not mutagenic (left) and mutagenic (right), under 1-WL: "
                "the colours of rounds 0 to 3 whose counts wl-mutag reads."
            ),
            models=("wl-mutag",),
        ),
    ),
)

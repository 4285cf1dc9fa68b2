"""The paper: its citation, what to know of it, and its pictures."""

from zoo_core import Paper, Picture
from zoo_spectral_failure_gcn.specs.claims import CLAIMS

_SEGMENT = ("ase-rdpg-segment", "gae-rdpg-segment")
_BLOGS = ("ase-polblogs", "gae-polblogs")

PAPER = Paper(
    name="spectral-failure-gcn",
    title="A Simple Spectral Failure Mode for Graph Convolutional Networks",
    authors=("Carey E. Priebe", "Cencheng Shen", "Ningyuan Huang", "Tianyi Chen"),
    year=2021,
    arxiv="2010.13152",
    summary=(
        "On nearly regular graphs, GCN features that start from structure alone see the first "
        "eigenvector only, which is flat there, and miss classes that lie along the second; "
        "spectral embedding finds them."
    ),
    notes=(
        "There is no official code, and the text could not be read when this was made: the random "
        "graph model is reconstructed from the published figure, with densities, segment length "
        "and n = 1000 chosen here so that its curves come out, so the agreement with the figure is "
        "partly by construction. What features the authors gave their GCN is not known. The "
        "failure shown here is that of structure-only inputs, ones or degrees. With identity "
        "features, as the reference implementation of graph autoencoders has them, a GCN has free "
        "numbers for each node: on the real graphs it then beats ASE (claim F6), and on the "
        "paper's random graph it misses the second direction only where expected degrees are "
        "exactly equal (claim F3, angle 0). "
        "The real graphs are not regular, and GCN features from structure fail on them all the "
        "same (F4, F5), because degrees tell little of the classes."
    ),
    bibtex="""@article{priebe2021simple,
  title   = {A Simple Spectral Failure Mode for Graph Convolutional Networks},
  author  = {Priebe, Carey E. and Shen, Cencheng and Huang, Ningyuan and Chen, Tianyi},
  journal = {IEEE Transactions on Pattern Analysis and Machine Intelligence},
  year    = {2021},
  doi     = {10.1109/TPAMI.2021.3104733}
}""",
    claims=CLAIMS,
    pictures=(
        Picture(
            name="dial",
            draw="zoo_spectral_failure_gcn.pictures:dial",
            caption="Test error against the angle between mean position and normal of the segment: "
            "at 0 all nodes have the same expected degree. ASE with d = 2 stays near the Bayes "
            "error of 25 %; GCN features from ones or degrees, the semi-supervised GCN and the "
            "first eigenvector alone go to a coin's 50 %; identity features follow them at angle 0 "
            "only. Means and 95 % intervals over ten graphs of 1000 nodes (claim F3).",
            models=_SEGMENT,
        ),
        Picture(
            name="blogs",
            draw="zoo_spectral_failure_gcn.pictures:blogs",
            caption="1222 political blogs, coloured by party. Left: adjacency spectral embedding, "
            "two rays. Right: GCN features from structure alone lie on a line, and the parties on "
            "top of each other.",
            models=_BLOGS,
        ),
    ),
)

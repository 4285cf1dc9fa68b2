"""The paper: its citation, what to know of it, and its claims (their checks are in `claims.py`)."""

from zoo_core import Claim, Paper, Picture

_SEGMENT = ("ase-rdpg-segment", "gae-rdpg-segment")
_BLOGS = ("ase-polblogs", "gae-polblogs")
_EMAIL = ("ase-email-eu", "gae-email-eu", "gae-identity-email-eu")
_FIGURE = "the paper's figure, read off"
_OURS = "this project's reading of the paper, on its own choice of data"

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
    claims=(
        Claim(
            name="F1",
            statement="Where every node has the same expected degree, unsupervised GCN features "
            "are useless and ASE with d = 2 is near the Bayes error of 25 %.",
            check="zoo_spectral_failure_gcn.claims:failure",
            expected="error at delta = 0: ASE <= 31 %, GAE (ones, degree) >= 45 %, gap >= 15 "
            "points; figure: 29.5 % and 49 %",
            source=_FIGURE,
            models=_SEGMENT,
            minutes=2,
            slow=True,
        ),
        Claim(
            name="F2",
            statement="Where degrees differ by class, GCN features are as good as ASE.",
            check="zoo_spectral_failure_gcn.claims:success",
            expected="error at delta = pi/8: all <= 29 %, GAE and ASE (d = 1, 2) within 3 points; "
            "figure: 26.5, 26.2 and 26.3 %",
            source=_FIGURE,
            models=_SEGMENT,
            minutes=2,
            slow=True,
        ),
        Claim(
            name="F3",
            statement="The angle moves continuously from failure to success: the error of GCN "
            "features falls with it.",
            check="zoo_spectral_failure_gcn.claims:dial",
            expected="GAE's error falls from each of delta = 0, pi/64, pi/32, pi/16, pi/8 to the "
            "next; figure: 49, -, -, 32, 26.5 %",
            source=_FIGURE,
            models=_SEGMENT,
            minutes=12,
            slow=True,
        ),
        Claim(
            name="semi-supervised",
            statement="Labels do not help: a semi-supervised GCN on structure alone fails and "
            "succeeds at the same angles.",
            check="zoo_spectral_failure_gcn.claims:semi_supervised",
            expected="error >= 45 % at delta = 0 and <= 29 % at pi/8; figure: 49.5 and 26.5 %",
            source=_FIGURE,
            models=_SEGMENT,
            minutes=2,
            slow=True,
        ),
        Claim(
            name="first-eigenvector",
            statement="GCN features cannot look beyond the first eigenvector: in the nearly "
            "regular graph degree and first eigenvector explain them, and they are orthogonal to "
            "the second eigenvector.",
            check="zoo_spectral_failure_gcn.claims:first_eigenvector",
            expected="R² >= 0.9 in each coordinate, at least 80 degrees from the second "
            "eigenvector, where ASE has R² <= 0.1 in its second coordinate",
            source=_OURS,
            models=_SEGMENT,
            minutes=1,
        ),
        Claim(
            name="F4",
            statement="On political blogs, ASE with d = 2 tells the parties apart and GCN features "
            "from structure alone do not.",
            check="zoo_spectral_failure_gcn.claims:blogs",
            expected="error: ASE <= 10 %, GAE (ones) >= 40 %",
            source=_OURS,
            models=_BLOGS,
            minutes=2,
        ),
        Claim(
            name="F5",
            statement="On e-mails, ASE with d = 32 finds departments and GCN features from "
            "structure alone do not.",
            check="zoo_spectral_failure_gcn.claims:emails",
            expected="error over 42 departments: ASE <= 43 %, GAE (ones) >= 85 %",
            source=_OURS,
            models=_EMAIL,
            minutes=1.5,
        ),
        Claim(
            name="F6",
            statement="On real graphs the failure needs structure-only inputs: from identity "
            "features, with free weights for each node, GCN features are as good as ASE.",
            check="zoo_spectral_failure_gcn.claims:control",
            expected="error of GAE (identity) at most 3 points above ASE's on polblogs (d = 2); "
            "beside it, without a verdict, e-mails and the random graph at delta = 0",
            source=_OURS,
            models=(*_BLOGS, *_EMAIL, *_SEGMENT),
            minutes=3,
            slow=True,
        ),
        Claim(
            name="karate",
            statement="ASE with d = 2 tells the two sides of the karate club apart.",
            check="zoo_spectral_failure_gcn.claims:karate",
            expected="error <= 15 %, and below that of GAE (ones)",
            source=_OURS,
            models=("ase-karate",),
            minutes=0.2,
        ),
    ),
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

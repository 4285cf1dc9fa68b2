"""The paper: its citation, what to know of it, its pictures."""

from __future__ import annotations

from zoo_core import Paper, Picture
from zoo_symmetric_label_noise.specs.claims import CLAIMS, FASHION, GAUSS, MLPS

PAPER = Paper(
    name="symmetric-label-noise",
    title="Deep Learning is Provably Robust to Symmetric Label Noise",
    authors=("Carey E. Priebe", "Ningyuan Huang", "Soledad Villar", "Cong Mu", "Li Chen"),
    year=2022,
    arxiv="2210.15083",
    summary=(
        "Networks trained on labels of which a share p is wrong, uniformly over the other classes, "
        "are asymptotically Bayes optimal for clean labels without any mitigation, up to the "
        "threshold p = (K - 1) / K: an estimate that converges to the noisy posterior is enough."
    ),
    notes=(
        "Only the paper's abstract was at hand: its theorem is implemented as it follows from the "
        "setting, and none of the paper's own tables is reproduced; every figure here is this "
        "project's. The rate p is the probability of being wrong; where labels are drawn anew, "
        "their own class included, the same noise has the larger rate p K / (K - 1). Labels are "
        "corrupted once, by a stored seed, and the epoch is chosen on noisy validation labels "
        "alone. Near the threshold little is left: n noisy labels are worth c^2 n clean ones, with "
        "c = 1 - p K / (K - 1)."
    ),
    bibtex="""@misc{priebe2022deep,
  title  = {Deep Learning is Provably Robust to Symmetric Label Noise},
  author = {Priebe, Carey E. and Huang, Ningyuan and Villar, Soledad and Mu, Cong and Chen, Li},
  year   = {2022},
  note   = {arXiv:2210.15083}
}""",
    claims=CLAIMS,
    pictures=(
        Picture(
            name="bayes",
            draw="zoo_symmetric_label_noise.pictures:bayes",
            caption="Clean test accuracy against the probability of a wrong label, four Gaussian "
            "classes: networks (blue) stay at the Bayes rule the longer the more points they see, "
            "k-NN with growing k (green) too; 1-NN (orange) falls along its limit. Means over "
            "three seeds, for networks at 0.7 over forty.",
            models=GAUSS,
        ),
        Picture(
            name="levels",
            draw="zoo_symmetric_label_noise.pictures:levels",
            caption="Clean test accuracy against the probability of a wrong label, on 10,000 "
            "pictures of clothes: a network of 26,000 weights after four epochs (blue), k-NN with "
            "k = n^0.7 (green) and 1-NN (orange), on the same 2,000 test images. At the threshold "
            "nothing is left to learn. Means over three seeds.",
            models=FASHION,
        ),
        Picture(
            name="confusions",
            draw="zoo_symmetric_label_noise.pictures:confusions",
            caption="What a network answers (columns) for clean test images of each class (rows), "
            "trained on 10,000 pictures of clothes under four noises, in percent of the row: at "
            "60 % symmetric noise and 40 % pair flips the diagonal stays, at 60 % flips the answer "
            "is the class that most labels name. Means over three seeds.",
            models=FASHION,
        ),
        Picture(
            name="memorisation",
            draw="zoo_symmetric_label_noise.pictures:memorisation",
            caption="Accuracy by epoch on 10,000 digits of which 40 % are labelled wrongly: 1,024 "
            "hidden units (orange) are ahead of 16 (blue) at first, and fall behind as they learn "
            "the wrong labels by heart; noisy validation labels show it as clean ones do. Means "
            "over three seeds (1,024 units) and eight (16).",
            models=MLPS,
        ),
    ),
)

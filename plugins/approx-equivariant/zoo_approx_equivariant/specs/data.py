"""The data: the paper's inpainting tasks, and a simulation; the metric, as the paper prints it."""

from __future__ import annotations

from zoo_core import Dataset, File, Metric

EXACT = {
    "fashion-mnist": File(
        path="fashion-mnist-subset/fashion_inpainting.npz",
        sha256="91f9e57cdd45a37510b70b98360ccb2bda17f392645f9e5a438018ec3971fb21",
    ),
    "mnist": File(
        path="mnist5k/mnist_inpainting.npz",
        sha256="1fc0205d76d950f044e2aacfa898cc963d645f3f5cdf7c0a0f3f8c90d1ec35cc",
    ),
}
"""A mirror's copies of the paper's images; without one they are chosen from the full data sets."""

IMAGES_SHA256 = {
    "fashion-mnist": "e9c0e952de05a958dbffb8799346ad09597061f9a8bcbf745e145ee1b8563203",
    "mnist": "31acb7294c26508d39f5504613e727384c9ddb32dc9ab691d6c6c2a3d0909b0e",
}
"""Of the 100 training images and the 1,000 test images, one after the other, as bytes."""

SQUARE = {"fashion-mnist": 20, "mnist": 14}
"""Sides of the hidden squares in pixels, as published."""


def _inpainting(images: str, title: str, license: str, source: str) -> Dataset:
    short = images.partition("-")[0]
    return Dataset(
        name=f"{short}-inpainting",
        title=f"{title} with a hidden square, the paper's 1,100 images",
        factory=f"zoo_approx_equivariant.data:{short}_inpainting",
        license=license,
        source=source,
        task="image-to-image",
        options={
            "run": "the seed of masks, flips, and of which 80 images are learnt from (0)",
            "flip": "mirror every image with probability 1/2 (false)",
            "square": f"side of the hidden square in pixels ({SQUARE[images]})",
        },
        files=(EXACT[images],),
        summary="80 images to learn from, 20 to choose the epoch, 1,000 to test on, 28 x 28; "
        "chosen from the full data set where the mirror does not have them.",
    )


DATASETS = [
    _inpainting(
        "fashion-mnist",
        "Fashion-MNIST",
        "MIT",
        "https://github.com/zalandoresearch/fashion-mnist",
    ),
    _inpainting("mnist", "MNIST", "CC-BY-SA-3.0", "http://yann.lecun.com/exdb/mnist/"),
    Dataset(
        name="planted-signals",
        title="Signals on a random graph of six communities, whose symmetry is known",
        factory="zoo_approx_equivariant.planted:planted",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2308.10436",
        origin="generated",
        task="signal-regression",
        options={
            "signals": "how many (120)",
            "nodes": "of the graph, a multiple of six (48)",
            "noise": "its share of the targets' spread (0.3)",
            "broken": "share of the map that has no symmetry (0.1)",
            "seed": "the seed of graph, map and signals (0)",
        },
        summary="Generated: a linear map that commutes with permutations within communities but "
        "for a tenth, and noise.",
    ),
]

METRICS = [
    Metric(
        name="signal-mse-x100",
        title="Mean squared error x 100",
        factory="torchmetrics.regression:MeanSquaredError",
        higher_is_better=False,
        scale=100.0,
    )
]
"""Over all nodes in normalised units, times 100 as the paper's notebooks print it."""

"""The data: simulations whose Bayes rule is known. Images come from `zoo_label_noise`."""

from __future__ import annotations

from zoo_core import Dataset, Metric

DATASETS = [
    Dataset(
        name="gauss4",
        title="Four Gaussian classes at the corners of a square, with noisy labels",
        factory="zoo_symmetric_label_noise.simulations:gauss",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2210.15083",
        origin="generated",
        task="tabular-classification",
        options={
            "n": "points to learn from, a tenth of them for validation (50,000)",
            "tests": "points with clean labels to test on (20,000)",
            "rate": "probability of a wrong label (0.6)",
            "seed": "the seed of points and labels (0)",
            "dimension": "of the cube, with 2 to that power classes (2)",
            "kind": "symmetric, uniform or pair (symmetric)",
        },
        splits=("train", "val", "test", "test-noisy"),
        summary="The Bayes rule is the signs of the coordinates; its accuracy is 87.08 %.",
    )
]

METRICS: list[Metric] = []

"""The data, and the metrics beyond the core's."""

from __future__ import annotations

from zoo_core import Dataset, Metric

DATASETS = [
    Dataset(
        name="digits",
        title="scikit-learn's digits",
        factory="zoo_asen.images.digits:digits",
        license="CC-BY-4.0",
        source="https://archive.ics.uci.edu/dataset/80",
        origin="packaged",
        task="image-classification",
        summary="1,797 handwritten digits of 8 x 8 pixels, half of them to learn from and a "
        "quarter each to validate and to test on: the test set of the UCI repository's digits.",
    ),
]
METRICS: list[Metric] = []

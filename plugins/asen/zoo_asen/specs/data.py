"""The data, and the metrics beyond the core's."""

from __future__ import annotations

from zoo_core import Dataset, Metric

DATASETS = [
    Dataset(
        name="asen-sequences",
        title="Nine tasks on sequences of ten digits, of four symmetries",
        factory="zoo_asen.data:sequence_tasks",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2603.19486",
        origin="generated",
        task="sequence-labelling",
        options={
            "tasks": "names with commas between, or the last k of constant, cyclicaltsum, "
            "targetsum, monotone, cyclicprod, symdiff, palindrome, cyclicsum, intersect (3)",
            "share": "share of the training sequences that is learnt from (1.0)",
            "samples": "sequences of each task (2500)",
            "seed": "the seed of sequences and splits (0)",
        },
        summary="Generated as the paper says: each position has a label, and the labels commute "
        "with reversal, rotations, or permutations within halves.",
    ),
    Dataset(
        name="asen-numbers",
        title="Six tasks on sequences of length eight, each with one number",
        factory="zoo_asen.data:invariant_tasks",
        license="Apache-2.0",
        source="https://arxiv.org/abs/2603.19486",
        origin="generated",
        task="sequence-regression",
        options={
            "tasks": "names with commas between, or the last k of intersect, longestpal, "
            "palindrome, detectcapital, cyclicsum, vandermonde (intersect, longestpal, cyclicsum)",
            "samples": "sequences of each task (2500)",
            "seed": "the seed of sequences and splits (0)",
        },
        summary="Generated as the paper says: the number stays under a group of permutations.",
    ),
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

METRICS = [
    Metric(
        name="asen-cross-entropy",
        title="Cross-entropy in nats",
        factory="torchmetrics.aggregation:MeanMetric",
        higher_is_better=False,
        takes=("cross-entropy",),
    ),
    Metric(
        name="asen-exact",
        title="Sequences without an error",
        factory="torchmetrics.aggregation:MeanMetric",
        higher_is_better=True,
        takes=("exact",),
        scale=100.0,
        unit="%",
    ),
]
"""Accuracy is that of positions, or of sequences where these have one label each."""

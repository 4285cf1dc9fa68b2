"""The metrics of hierarchies. Images with noisy labels come from `zoo_label_noise`."""

from __future__ import annotations

from typing import Any

from zoo_core import Dataset, Metric

_HOME = "zoo_hierarchical_label_noise.metrics"


def _share(name: str, title: str, factory: str, scores: str = "logits", **more: Any) -> Metric:
    return Metric(
        name=name,
        title=title,
        factory=f"{_HOME}:{factory}",
        higher_is_better=True,
        takes=(scores, "target", "superclasses"),
        scale=100.0,
        unit="%",
        **more,
    )


METRICS = [
    _share("coarse-accuracy", "Accuracy of the predicted class's superclass", "CoarseAccuracy"),
    _share(
        "coarse-accuracy-summed",
        "Accuracy of the superclass with the most probability",
        "CoarseAccuracy",
        config={"way": "summed"},
    ),
    _share(
        "coarse-accuracy-direct",
        "Accuracy of the superclass that the network at the root prefers",
        "CoarseAccuracy",
        scores="coarse_logits",
        config={"way": "direct"},
    ),
    _share(
        "accuracy-within", "Accuracy where the superclass is predicted rightly", "AccuracyWithin"
    ),
    Metric(
        name="mistake-severity",
        title="Mean height of the lowest common ancestor of errors",
        factory=f"{_HOME}:MistakeSeverity",
        higher_is_better=False,
        takes=("logits", "target", "heights"),
    ),
]

DATASETS: list[Dataset] = []

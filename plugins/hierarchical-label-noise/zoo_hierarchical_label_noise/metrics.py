"""Metrics beside accuracy, by a hierarchy: of superclasses, and of how bad mistakes are."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric

WAYS = ("leaf", "summed", "direct")


class _Mean(Metric):
    """The mean of one number an example."""

    full_state_update = False
    higher_is_better: bool | None = True
    is_differentiable = False
    total: Tensor
    count: Tensor

    def __init__(self, num_classes: int | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.num_classes = num_classes
        for name in ("total", "count"):
            self.add_state(name, torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")

    def _take(self, values: Tensor) -> None:
        self.total += values.double().sum().to(self.total)
        self.count += len(values)

    def compute(self) -> Tensor:
        """Return the mean, a scalar; of nothing it is NaN, and no result."""
        return self.total / self.count


class CoarseAccuracy(_Mean):
    """How often the superclass is right, in one of three ways, which are different things.

    ``leaf``: that of the predicted class; ``summed``: the one whose classes have the largest sum of
    probabilities; ``direct``: the one that the network at the root prefers. For the product of a
    tree the last two are the same.
    """

    def __init__(self, way: str = "leaf", num_classes: int | None = None) -> None:
        super().__init__(num_classes)
        if way not in WAYS:
            raise ValueError(f"way={way!r}; expected {', '.join(WAYS)}.")
        self.way = way

    def update(self, scores: Tensor, target: Tensor, superclasses: Tensor) -> None:
        """Count superclasses of logits (B, K), or of superclasses' logits (B, S) for ``direct``."""
        groups = superclasses.to(scores.device)
        if self.way == "leaf":
            found = groups[scores.argmax(1)]
        elif self.way == "summed":
            sums = scores.new_zeros(len(scores), int(groups.max()) + 1)
            found = sums.index_add(1, groups, scores.softmax(1)).argmax(1)
        else:
            found = scores.argmax(1)
        self._take(found == groups[target])


class AccuracyWithin(_Mean):
    """How often the class is right among the examples whose superclass is predicted rightly."""

    def update(self, logits: Tensor, target: Tensor, superclasses: Tensor) -> None:
        """Count logits (B, K) against classes (B,)."""
        guesses, groups = logits.argmax(1), superclasses.to(logits.device)
        inside = groups[guesses] == groups[target]
        self._take((guesses == target)[inside])


class MistakeSeverity(_Mean):
    """The mean over errors of the height of the lowest common ancestor of both classes.

    1 is a confusion within the lowest superclass. Without an error it is 0.
    """

    higher_is_better = False

    def update(self, logits: Tensor, target: Tensor, heights: Tensor) -> None:
        """Count logits (B, K) against classes (B,), by the hierarchy's heights (K, K)."""
        found = heights.to(logits.device)[logits.argmax(1), target]
        self._take(found[found > 0])

    def compute(self) -> Tensor:
        """Return the mean over errors, a scalar."""
        return self.total / self.count.clamp_min(1)

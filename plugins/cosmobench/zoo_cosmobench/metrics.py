"""R2 of one column of predictions, and of velocities in both conventions of the benchmark."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.regression import R2Score


class ColumnR2(R2Score):
    """1 - mean((p - y)^2) / mean((y - mean y)^2) of one column of (B, k) predictions."""

    def __init__(self, column: int = 0, **more: Any) -> None:
        super().__init__(**more)
        self.column = column

    def update(self, preds: Tensor, target: Tensor) -> None:
        """Take in a batch of predictions and targets (B, k)."""
        super().update(preds[:, self.column].double(), target[:, self.column].double())


class VelocityR2(Metric):
    """R2 of velocities (n, d), a cloud at each update; the variance is about the mean of each axis.

    With `per_cloud` the mean over clouds of 1 - error / variance (the benchmark's networks), else 1
    - mean error / mean variance (its least squares).
    """

    is_differentiable = True
    higher_is_better = True
    full_state_update = False
    error: Tensor
    variance: Tensor
    total: Tensor
    clouds: Tensor

    def __init__(self, per_cloud: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.per_cloud = per_cloud
        for name in ("error", "variance", "total", "clouds"):
            self.add_state(name, torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, preds: Tensor, target: Tensor) -> None:
        """Take in the predicted and the true velocities of one cloud."""
        preds, target = preds.double(), target.double()
        error = (preds - target).square().mean()
        variance = (target - target.mean(0)).square().mean()
        self.error += error
        self.variance += variance
        self.total += 1 - error / variance
        self.clouds += 1

    def compute(self) -> Tensor:
        """Return the value."""
        if self.per_cloud:
            return self.total / self.clouds
        return 1 - self.error / self.variance

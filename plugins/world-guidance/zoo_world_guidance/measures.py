"""Metrics of predicted conditions that torchmetrics has not."""

from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric


class Explained(Metric):
    """One minus the sum of squared errors over the sum of squared distances from the mean."""

    is_differentiable = False
    higher_is_better = True
    full_state_update = False
    error: Tensor
    variance: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name in ("error", "variance"):
            zero = torch.zeros((), dtype=torch.float64)
            self.add_state(name, default=zero, dist_reduce_fx="sum")

    def update(self, error: Tensor, variance: Tensor) -> None:
        """Take in squares (B,) of some windows."""
        self.error = self.error + error.double().sum()
        self.variance = self.variance + variance.double().sum()

    def compute(self) -> Tensor:
        """Return the share of the variance that is explained, a scalar."""
        return 1 - self.error / self.variance

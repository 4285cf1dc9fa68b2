"""The relative error of predicted coefficients, over all signals together."""

from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric


class RelativeError(Metric):
    """The norm of all errors over the norm of all true values: |found - true| / |true|.

    Not centred, unlike torchmetrics' `RelativeSquaredError`: wavelet coefficients have no mean to
    be explained. Summed in float64.
    """

    is_differentiable = True
    higher_is_better = False
    full_state_update = False
    errors: Tensor
    truths: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name in ("errors", "truths"):
            zero = torch.zeros((), dtype=torch.float64)
            self.add_state(name, default=zero, dist_reduce_fx="sum")

    def update(self, found: Tensor, true: Tensor) -> None:
        """Take in predicted and true values of equal shape."""
        self.errors = self.errors + (found.double() - true.double()).square().sum()
        self.truths = self.truths + true.double().square().sum()

    def compute(self) -> Tensor:
        """Return the relative error, a scalar."""
        return (self.errors / self.truths).sqrt()

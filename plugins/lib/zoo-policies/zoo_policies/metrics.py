"""Metrics of rollouts that torchmetrics has not."""

from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric


class ShareAbove(Metric):
    """The share of episodes whose value lies above `threshold`."""

    is_differentiable = False
    higher_is_better = True
    full_state_update = False
    above: Tensor
    episodes: Tensor

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold
        for name in ("above", "episodes"):
            zero = torch.zeros((), dtype=torch.float64)
            self.add_state(name, default=zero, dist_reduce_fx="sum")

    def update(self, values: Tensor) -> None:
        """Take in a value for each episode (B,)."""
        self.above = self.above + (values > self.threshold).sum()
        self.episodes = self.episodes + values.numel()

    def compute(self) -> Tensor:
        """Return the share, a scalar."""
        return self.above / self.episodes

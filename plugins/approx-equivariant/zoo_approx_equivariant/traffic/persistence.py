"""`Persistence`: speeds stay as they were last known, what every forecast is held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from zoo_signals.traffic import persistence


class Persistence(nn.Module):
    """Speeds (B, history, N, 2) to the last known ones, `horizon` times: (B, horizon, N) in mph."""

    def __init__(self, horizon: int = 3) -> None:
        super().__init__()
        self.horizon = horizon

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the last known speeds (B, horizon, N)."""
        return persistence(inputs, self.horizon)

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return three windows of random speeds."""
        return (torch.rand(3, 3, 4, 2, generator=torch.Generator().manual_seed(seed)) + 1,)

    def outputs(self, split: Any, batch_size: int = 64) -> Iterator[dict[str, Tensor]]:
        """Yield forecasts and raw speeds (B, horizon, N) in mph; 0 is a missing speed."""
        for first in split.indices.split(batch_size):
            inputs, targets = split.data.windows(first)
            yield {"prediction": persistence(inputs, targets.shape[1]), "target": targets}

"""`TwoPointNetwork`: parameters of a cloud by a small network on its two-point function."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_clouds.clouds import Cloud
from zoo_clouds.correlation import log_bins, two_point

from zoo_cosmobench.parameters.model import ParameterModel

FLOOR = 1.05
"""Added to xi >= -1 before the logarithm."""


class TwoPointNetwork(ParameterModel):
    """The two-point function xi (B, b) in log bins to parameters (B, p).

    `bins` from `least` to `most` Mpc/h have equal widths in log r; the network sees the logarithm
    of xi + 1.05, scaled as in training, and has two hidden layers of `hidden` units. Predictions
    are clipped to the parameters' ranges.
    """

    center: Tensor
    spread: Tensor

    def __init__(
        self,
        bins: int = 20,
        least: float = 2.0,
        most: float = 110.0,
        hidden: int = 56,
        dropout: float = 0.1,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.edges = log_bins(least, most, bins)
        self.register_buffer("center", torch.zeros(bins))
        self.register_buffer("spread", torch.ones(bins))
        self.network = nn.Sequential(
            nn.Linear(bins, hidden),
            nn.SiLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, len(self.names)),
        )

    def forward(self, xi: Tensor) -> Tensor:
        """Return parameters (B, p)."""
        scaled = (self.logs(xi) - self.center) / self.spread
        ranges = self.high - self.low
        return self.within(self.low + ranges * (0.5 + self.network(scaled)))

    @staticmethod
    def logs(xi: Tensor) -> Tensor:
        """Return what the network sees of xi, before it is scaled."""
        return (xi.clamp_min(-1) + FLOOR).log()

    def piece(self, cloud: Cloud) -> tuple[Tensor]:
        """Return the two-point function (b,) of a cloud in its periodic box."""
        found = two_point(cloud.positions, cloud.box, self.edges)
        return (torch.from_numpy(found).to(self.center.dtype),)

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return three functions that fall as a power law, with noise."""
        generator = torch.Generator().manual_seed(seed)
        middles = torch.from_numpy(np.sqrt(self.edges[1:] * self.edges[:-1])).float()
        noise = 0.1 * torch.randn(3, len(middles), generator=generator)
        return ((middles / 5) ** -1.8 * noise.exp(),)

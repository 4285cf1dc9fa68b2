"""`LinearVelocity`: velocities as one linear map of features, shared by the axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from zoo_clouds.clouds import Cloud

from zoo_core import BadInput
from zoo_cosmobench.velocities.features import fourier, inverse_powers
from zoo_cosmobench.velocities.linear_theory import flow
from zoo_cosmobench.velocities.model import VelocityModel

KINDS = ("inverse-powers", "fourier", "linear-theory")


class LinearVelocity(VelocityModel):
    """Features (n, 3, F) to velocities (n, 3) in km/s: v = F w, with one w for all three axes.

    `kind` says which features. "inverse-powers" are sums of sin(k dx) / r^p over all other points,
    of `frequencies` K and `powers` P, with distances along the last axis shrunk by `line_of_sight`
    where positions are those of redshift space. "fourier" have frequencies K along the axis and up
    to `transverse` across it. "linear-theory" is one feature: the flow towards the overdensities
    on a mesh of `grid` cells a side, filtered by `smoothing` Mpc/h, so that w is f / b. `scale`
    (F,) are the spreads of the features in training. Raises `BadInput` for another kind.
    """

    scale: Tensor

    def __init__(
        self,
        kind: str = "inverse-powers",
        frequencies: int = 10,
        powers: int = 3,
        transverse: int = 3,
        grid: int = 20,
        smoothing: float = 10.0,
        line_of_sight: float = 1.0,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        if kind not in KINDS:
            raise BadInput(f"kind={kind!r}; expected one of {', '.join(KINDS)}.")
        self.kind, self.frequencies, self.powers = kind, frequencies, powers
        self.transverse, self.grid, self.smoothing = transverse, grid, smoothing
        self.line_of_sight = line_of_sight
        orders = (transverse + 1) * (transverse + 2) // 2
        count = {
            "inverse-powers": frequencies * powers,
            "fourier": frequencies * orders,
            "linear-theory": 1,
        }[kind]
        self.register_buffer("scale", torch.ones(count))
        self.weights = nn.Parameter(torch.zeros(count))

    def forward(self, features: Tensor) -> Tensor:
        """Return velocities (n, 3)."""
        return (features / self.scale) @ self.weights

    def features(self, cloud: Cloud) -> NDArray[np.float64]:
        """Return the features (n, 3, F) of a cloud in float64."""
        where, box = cloud.positions, cloud.box
        if self.kind == "fourier":
            return fourier(where, box, self.frequencies, self.transverse)
        if self.kind == "linear-theory":
            return flow(where, box, self.grid, self.smoothing)[..., None]
        return inverse_powers(where, box, self.frequencies, self.powers, self.line_of_sight)

    def piece(self, cloud: Cloud) -> tuple[Tensor]:
        """Return the features of a cloud."""
        return (torch.from_numpy(self.features(cloud)).to(self.weights.dtype),)

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return random features of four points."""
        generator = torch.Generator().manual_seed(seed)
        return (self.scale * torch.randn(4, 3, len(self.scale), generator=generator),)

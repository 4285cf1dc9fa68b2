"""`PairLeastSquares`: parameters by least squares on statistics of pairs within a few radii."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from zoo_clouds.clouds import Cloud
from zoo_clouds.pairs import STATISTICS, Pairs, even_ball, pairs_of

from zoo_core import BadInput
from zoo_cosmobench.parameters.model import ParameterModel

Array = NDArray[np.float64]


class PairLeastSquares(ParameterModel):
    """Statistics (B, p, R, 4) of squared distances to parameters (B, p); 4 R + 1 weights for each.

    `radii` has a list of R radii in Mpc/h for each parameter. Statistics are mean, spread, and the
    quantiles at 1/3 and 2/3 of all squared distances within a radius, by the nearest images
    (CosmoBench, section on least squares), each over what it is for even points, minus 1: that is
    the same model, and keeps its digits in float32. Predictions are clipped to the ranges.
    Raises `BadInput` for radii that are not positive, or not a list of equal length for each.
    """

    center: Tensor
    spread: Tensor

    def __init__(self, radii: Any = ((10.0,), (10.0,)), **more: Any) -> None:
        super().__init__(**more)
        self.radii = _checked(radii, len(self.names))
        size = (len(self.names), len(self.radii[0]), len(STATISTICS))
        self.register_buffer("center", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))
        self.weights = nn.Parameter(torch.zeros(size))
        self.bias = nn.Parameter(torch.zeros(len(self.names)))

    def forward(self, statistics: Tensor) -> Tensor:
        """Return parameters (B, p)."""
        scaled = (statistics - self.center) / self.spread
        return self.within((scaled * self.weights).sum((2, 3)) + self.bias)

    def piece(self, cloud: Cloud) -> tuple[Tensor]:
        """Return the statistics (p, R, 4) of a cloud in its box."""
        pairs = pairs_of(cloud.positions, cloud.box, max(map(max, self.radii)))
        found = np.array([excess(pairs, radii) for radii in self.radii])
        return (torch.from_numpy(found).to(self.weights.dtype),)

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return the statistics of three clouds that are nearly even."""
        generator = torch.Generator().manual_seed(seed)
        return (0.02 * torch.randn(3, *self.weights.shape, generator=generator),)


def excess(pairs: Pairs, radii: Sequence[float]) -> Array:
    """Return the statistics (R, 4) of pairs within radii, over those of even points, minus 1."""
    return pairs.statistics(radii) / even_ball(radii, pairs.box.dimension) - 1


def _checked(radii: Any, count: int) -> list[list[float]]:
    try:
        found = [[float(one) for one in each] for each in radii]
    except (TypeError, ValueError) as error:
        raise BadInput(f"radii={radii!r:.50}; expected a list of numbers each.") from error
    good = len(found) == count and len({len(each) for each in found}) == 1 and found[0]
    if not good or not all(0 < one < float("inf") for each in found for one in each):
        raise BadInput(
            f"radii={found!r:.60}; expected {count} lists of as many positive radii, one a "
            "parameter."
        )
    return found


def scaled(train: Array, other: Array) -> tuple[Array, Array, Array, Array]:
    """Return both scaled by the mean and the spread (n - 1) of the first, and these two."""
    center, spread = train.mean(0), train.std(0, ddof=1)
    spread = np.where(spread > 0, spread, 1.0)
    return (train - center) / spread, (other - center) / spread, center, spread


def fitted(x: Array, y: Array) -> Array:
    """Return weights (f,) of least squares on scaled features (m, f), by the normal equations.

    Directions that rounding hides in them are left out.
    """
    weights, *_ = np.linalg.lstsq(x.T @ x, x.T @ y, rcond=None)
    return np.asarray(weights)


def greedy(
    train: Array, target: Array, other: Array, truth: Array, count: int, low: float, high: float
) -> list[int]:
    """Return which `count` candidates explain the validation clouds best, added one after another.

    `train` (m, C, 4) and `other` (v, C, 4) are statistics at C candidate radii, `target` and
    `truth` the parameter. The order is that of choosing.
    """
    if not 1 <= count <= train.shape[1]:
        raise BadInput(f"{count} radii of {train.shape[1]} candidates; expected 1 to all.")
    first, second, _, _ = scaled(train, other)
    size = first.shape[2]
    x, z = first.reshape(len(first), -1), second.reshape(len(second), -1)
    products, sums, middle = x.T @ x, x.T @ (target - target.mean()), target.mean()
    chosen: list[int] = []
    for _ in range(count):
        errors = {}
        for candidate in set(range(train.shape[1])) - set(chosen):
            places = np.concatenate(
                [np.arange(one * size, (one + 1) * size) for one in (*chosen, candidate)]
            )
            weights, *_ = np.linalg.lstsq(
                products[np.ix_(places, places)], sums[places], rcond=None
            )
            predicted = np.clip(z[:, places] @ weights + middle, low, high)
            errors[candidate] = float(((predicted - truth) ** 2).mean())
        chosen.append(min(errors, key=lambda one: (errors[one], one)))
    return chosen

"""Simulations whose Bayes rule and posterior are known in closed form, so that nothing is guessed.

`gauss`: y is uniform on the 2^d corners of a cube of half side mu, and x = m_y + N(0, I_d). The
Bayes rule is the signs of x, its accuracy Phi(mu)^d, and the posterior a product over the
coordinates of logistic functions of 2 mu x_j.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_label_noise.noisy import with_noise
from zoo_label_noise.transitions import Matrix

from zoo_core import BadInput, Split

MU = 1.5


@dataclass(frozen=True)
class Points:
    """Labelled points (N, d) with splits, clean labels beside noisy ones, as images have them."""

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    rows: Mapping[str, Tensor]
    truth: Tensor | None = None
    true_splits: tuple[str, ...] = ()
    noise: Any = None

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    @property
    def metric_options(self) -> dict[str, Any]:
        """What metrics of these data need: the number of classes."""
        return {"num_classes": len(self.classes)}

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])

    def targets(self, name: str) -> Tensor:
        """Return what a split is measured against: clean labels, or those that were given."""
        labels = self.truth if name in self.true_splits and self.truth is not None else self.labels
        return labels[self.rows[name]]


def gauss(
    n: int = 50_000,
    tests: int = 20_000,
    rate: float = 0.6,
    seed: int = 0,
    dimension: int = 2,
    mu: float = MU,
    kind: str = "symmetric",
) -> Points:
    """Return `n` noisy points (a tenth of them for validation) and `tests` with clean labels.

    Raises `BadInput` for sizes that leave nothing.
    """
    if n < 20 or tests < 2 or not 1 <= dimension <= 6:
        raise BadInput(
            f"n={n}, tests={tests}, dimension={dimension}; expected 20 or more points, 2 or more "
            "test points, and 1 to 6 dimensions."
        )
    generator = np.random.default_rng(seed)
    count = 2**dimension
    labels = generator.integers(0, count, n + tests)
    x = corners(dimension, mu)[labels] + generator.standard_normal((n + tests, dimension))
    kept = n // 10
    points = Points(
        images=torch.from_numpy(x).float(),
        labels=torch.from_numpy(labels),
        classes=tuple(map(str, range(count))),
        rows={
            "train": torch.arange(n - kept),
            "val": torch.arange(n - kept, n),
            "test": torch.arange(n, n + tests),
        },
    )
    noisy: Points = with_noise(points, kind, rate, seed + 1)
    return noisy


def corners(dimension: int, mu: float = MU) -> Matrix:
    """Return the class means (2^d, d): bit j of the class is the sign of coordinate j."""
    bits = (np.arange(2**dimension)[:, None] >> np.arange(dimension)) & 1
    return ((2.0 * bits - 1) * mu).astype(np.float64)


def posterior(x: Any, mu: float = MU) -> Matrix:
    """Return the clean posterior (n, 2^d) of points (n, d)."""
    points = np.asarray(x, np.float64)
    signs = np.sign(corners(points.shape[1], 1.0))
    chances: Matrix = 1 / (1 + np.exp(-2 * mu * signs[None] * points[:, None]))
    product: Matrix = chances.prod(2)
    return product


def bayes_accuracy(dimension: int = 2, mu: float = MU) -> float:
    """Return Phi(mu)^d."""
    return (0.5 * (1 + math.erf(mu / math.sqrt(2)))) ** dimension


def neighbour_limit(x: Any, signal: float, mu: float = MU) -> float:
    """Return what 1-NN tends to on clean labels: c E[sum_k eta_k^2] + (1 - c) / K."""
    eta = posterior(x, mu)
    return float(signal * (eta**2).sum(1).mean() + (1 - signal) / eta.shape[1])

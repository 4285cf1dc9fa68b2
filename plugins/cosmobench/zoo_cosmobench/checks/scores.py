"""R2 with a spread over test clouds: sums of squares by cloud, drawn anew with replacement."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import Estimate

Array = NDArray[np.float64]
DRAWS = 1000
"""As in the paper."""


def r2(errors: Array, truth: Array) -> Estimate:
    """Return R2 of one parameter, from errors and true values (m,) of the test clouds."""
    return _drawn(lambda rows: _plain(errors[rows], truth[rows]), len(truth))


def r2_gap(first: Array, second: Array, truth: Array) -> Estimate:
    """Return by how much R2 with the first errors is above that with the second."""
    return _drawn(
        lambda rows: _plain(first[rows], truth[rows]) - _plain(second[rows], truth[rows]),
        len(truth),
    )


def ratio_r2(sums: Array) -> Estimate:
    """Return 1 - mean error / mean variance of clouds (m, 2): an error and a variance each."""
    return _drawn(lambda rows: _ratio(sums[rows]), len(sums))


def ratio_gap(first: Array, second: Array) -> Estimate:
    """Return by how much `ratio_r2` of the first is above that of the second, cloud by cloud."""
    return _drawn(lambda rows: _ratio(first[rows]) - _ratio(second[rows]), len(first))


def _plain(errors: Array, truth: Array) -> float:
    return float(1 - (errors**2).mean() / truth.var())


def _ratio(sums: Array) -> float:
    error, variance = sums.mean(0)
    return float(1 - error / variance)


def _drawn(score: Any, count: int) -> Estimate:
    rng = np.random.default_rng(0)
    found = np.array([score(rng.integers(0, count, count)) for _ in range(DRAWS)])
    middle = score(np.arange(count))
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(middle, float(found.std(ddof=1)), max(middle - low, high - middle, 0.0))

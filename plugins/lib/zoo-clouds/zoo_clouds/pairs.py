"""Statistics of all pairs of a cloud: one sort of squared distances serves every radius."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_clouds.box import Box
from zoo_clouds.neighbours import pairs_within
from zoo_core import BadInput

Array = NDArray[np.float64]

STATISTICS = ("mean", "std", "lower", "upper")
"""Of squared distances: mean, standard deviation (n - 1), and the quantiles at 1/3 and 2/3."""
DENSE_SHARE = 0.04
"""Where more of the pairs than this are expected within the radius, all pairs are gone through."""
MOST_PAIRS = 200_000_000
"""Of a radius; beyond them memory would pass 5 GB."""
_CHUNK = 2**20


@dataclass(frozen=True)
class Pairs:
    """The squared distances (m,) of all pairs within `radius`, each pair once, in ascending order.

    `points` is how many points there are, `box` the space.
    """

    squared: Array
    points: int
    box: Box
    radius: float

    @cached_property
    def _sums(self) -> tuple[Array, Array]:
        # From their own middle, so that the sum of squares keeps its digits.
        gaps = self.squared - self.middle
        zero = np.zeros(1)
        return np.concatenate([zero, gaps.cumsum()]), np.concatenate([zero, (gaps**2).cumsum()])

    @cached_property
    def middle(self) -> float:
        """The mean of all squared distances, 0 where there is no pair."""
        return float(self.squared.mean()) if len(self.squared) else 0.0

    def counts(self, radii: Any) -> NDArray[np.int64]:
        """Return how many pairs are within each radius, itself included; each pair counts once."""
        wanted = np.asarray(radii, np.float64)
        if wanted.size and not (np.isfinite(wanted).all() and wanted.max() <= self.radius):
            raise BadInput(
                f"Pairs are known within {self.radius:g}; a radius of {wanted.max():g} is asked."
            )
        return np.searchsorted(self.squared, wanted**2, side="right")

    def statistics(self, radii: Sequence[float]) -> Array:
        """Return mean, spread and two quantiles (R, 4) of squared distances within each radius.

        Each pair counts in both directions, as in CosmoBench's least squares: the spread is over
        2 m - 1, and the quantile q is the k-th smallest of 2 m with k = round(q (2 m - 1)) + 1.
        Where no pair is within a radius the numbers are those of points that fill the ball evenly.
        """
        counts = self.counts(radii)
        sums, squares = self._sums
        shares = np.maximum(counts, 1)
        gap = sums[counts] / shares
        spread = np.maximum(squares[counts] - shares * gap**2, 0) * 2 / (2 * shares - 1)
        ranks = np.stack([_rank(counts, 1 / 3), _rank(counts, 2 / 3)], -1)
        padded = self.squared if len(self.squared) else np.zeros(1)
        found = np.stack(
            [self.middle + gap, np.sqrt(spread), *np.moveaxis(padded[ranks], -1, 0)], -1
        )
        return np.where(counts[:, None] > 0, found, even_ball(radii, self.box.dimension))


def even_ball(radii: Any, dimension: int) -> Array:
    """Return `Pairs.statistics` (R, 4) of points that fill balls evenly, in any dimension."""
    second = dimension / (dimension + 2)
    fourth = dimension / (dimension + 4)
    quantiles = [share ** (2 / dimension) for share in (1 / 3, 2 / 3)]
    unit = np.array([second, math.sqrt(fourth - second**2), *quantiles])
    return np.asarray(np.asarray(radii, np.float64)[..., None] ** 2 * unit)


def pairs_of(positions: Any, box: Box, radius: float) -> Pairs:
    """Return the pairs of points (n, d) within a radius, by the nearest images.

    A k-d tree finds them where they are few, so that the cost is linear in pairs; where they are
    many all pairs are gone through, in pieces. Raises `BadInput` for a radius that is not positive,
    and where more than 200 million pairs are expected.
    """
    points = box.wrap(positions)
    count = len(points)
    share = _expected_share(points, box, radius)
    if share * count * (count - 1) / 2 > MOST_PAIRS:
        raise BadInput(
            f"{count:,} points have about {share * count * (count - 1) / 2:.2g} pairs within "
            f"{radius:g}; at most {MOST_PAIRS:,} are held in memory. Give fewer points, drawn at "
            "random, or a smaller radius."
        )
    if share < DENSE_SHARE:
        ends = pairs_within(points, box, radius)
        squared = _squared(points, box, ends[:, 0], ends[:, 1])
    else:
        squared = _dense(points, box, radius)
    squared.sort()
    return Pairs(squared, count, box, float(radius))


def _rank(counts: NDArray[np.int64], share: float) -> NDArray[np.int64]:
    """Return the index of a quantile among each pair once, of that among each pair twice."""
    # Python and numpy both round halves to even.
    ranks = np.rint(share * (2 * counts - 1)).astype(np.int64)
    return np.asarray(np.maximum(ranks, 0) // 2)


def _expected_share(points: Array, box: Box, radius: float) -> float:
    """Return the share of pairs within a radius if points filled their box evenly."""
    if not (math.isfinite(radius) and radius > 0):
        raise BadInput(f"A radius of {radius}; expected a positive number.")
    if not len(points):
        return 0.0
    extent = np.where(np.isfinite(box.sizes), box.sizes, np.ptp(points, axis=0))
    return float(np.prod(np.minimum(2 * radius / np.maximum(extent, 1e-300), 1.0)))


def _squared(points: Array, box: Box, first: Any, second: Any) -> Array:
    total = np.zeros(len(first))
    for axis, period in enumerate(box.periods):
        column = points[:, axis]
        gap = column[first] - column[second]
        if period is not None:
            gap -= period * np.rint(gap / period)
        total += gap * gap
    return total


def _dense(points: Array, box: Box, radius: float) -> Array:
    """Return squared distances of all pairs within a radius, without a matrix of them."""
    columns = np.ascontiguousarray(points.T)
    count = len(points)
    rows = max(1, _CHUNK // max(count, 1))
    found = []
    for begin in range(0, count - 1, rows):
        end = min(begin + rows, count - 1)
        total = np.zeros((end - begin, count - begin - 1))
        for column, period in zip(columns, box.periods, strict=True):
            gap = np.abs(column[begin:end, None] - column[None, begin + 1 :])
            if period is not None:
                np.minimum(gap, period - gap, out=gap)
            gap *= gap
            total += gap
        keep = total <= radius**2
        # Row i is point begin + i, column j point begin + 1 + j: a pair counts where j >= i.
        keep &= np.arange(total.shape[1]) >= np.arange(len(total))[:, None]
        found.append(total[keep])
    return np.concatenate(found) if found else np.zeros(0)

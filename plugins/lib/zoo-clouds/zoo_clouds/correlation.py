"""The two-point function: how many more pairs there are at a distance than of even points."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from zoo_clouds.box import Box
from zoo_clouds.pairs import Pairs, pairs_of
from zoo_core import BadInput

Array = NDArray[np.float64]


def log_bins(least: float, most: float, count: int) -> Array:
    """Return the edges (count + 1,) of bins of equal width in log r."""
    if not 0 < least < most or count < 1:
        raise BadInput(
            f"Bins from {least} to {most}, {count} of them; expected 0 < least < most, 1 or more."
        )
    return np.geomspace(least, most, count + 1)


def ball_volume(radius: Any, dimension: int) -> Array:
    """Return the volume of balls in a number of dimensions."""
    unit = math.pi ** (dimension / 2) / math.gamma(dimension / 2 + 1)
    return np.asarray(unit * np.asarray(radius, np.float64) ** dimension)


def two_point(positions: Any, box: Box, edges: Any) -> Array:
    """Return xi (B,) of points (n, d) in a periodic box, in bins r_b < r <= r_(b+1).

    The natural estimator, whose expected pairs are exact where no ball meets its own image:
    xi = pairs / (n (n - 1) / 2 * shell volume / box volume) - 1. Raises `BadInput` for open axes
    (see `landy_szalay`), fewer than two points, and bins beyond half of a period.
    """
    edges = _edges(edges)
    if len(positions) < 2:
        raise BadInput(f"{len(positions)} points have no pair; give two or more.")
    check_within(box, float(edges[-1]))
    return two_point_of(pairs_of(positions, box, float(edges[-1])), edges)


def two_point_of(pairs: Pairs, edges: Any) -> Array:
    """Return `two_point` of pairs that are known already, at least to the last edge."""
    edges = _edges(edges)
    check_within(pairs.box, float(edges[-1]))
    shells = np.diff(ball_volume(edges, pairs.box.dimension))
    expected = pairs.points * (pairs.points - 1) / 2 * shells / pairs.box.volume
    return np.asarray(np.diff(pairs.counts(edges)) / expected - 1)


def check_within(box: Box, radius: float) -> None:
    """Raise `BadInput` where a ball of a radius meets its own image, or an axis is open."""
    if not box.is_periodic:
        raise BadInput(
            "The natural estimator needs a periodic box; for open space use landy_szalay with the "
            "region that points were drawn from."
        )
    if radius > box.sizes.min() / 2:
        raise BadInput(
            f"Bins reach {radius:g}, more than half of the box's shortest side, "
            f"{box.sizes.min():g}; end them at {box.sizes.min() / 2:g}."
        )


def landy_szalay(positions: Any, randoms: Any, box: Box, edges: Any) -> Array:
    """Return xi (B,) = (DD - 2 DR + RR) / RR of points and of even points of the same region.

    Pairs are normalised by their numbers (Landy and Szalay 1993). `randoms` (m, d) show the region,
    in open space or in a periodic box; a hundred times as many as points are usual. Raises
    `BadInput` for fewer than two of either, and where a bin has no pair of randoms.
    """
    edges = _edges(edges)
    if min(len(positions), len(randoms)) < 2:
        raise BadInput("The estimator needs two points and two randoms, or more.")
    trees = [
        cKDTree(box.wrap(one), boxsize=[period or 0.0 for period in box.periods])
        for one in (positions, randoms)
    ]
    count, other = len(positions), len(randoms)
    data, cross, even = (
        np.diff(first.count_neighbors(second, edges)) / total
        for first, second, total in (
            (trees[0], trees[0], count * (count - 1)),
            (trees[0], trees[1], count * other),
            (trees[1], trees[1], other * (other - 1)),
        )
    )
    if not even.all():
        raise BadInput("A bin has no pair of randoms; give more of them, or wider bins.")
    return np.asarray((data - 2 * cross + even) / even)


def _edges(given: Any) -> Array:
    edges = np.asarray(given, np.float64)
    if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0).all() or edges[0] < 0:
        raise BadInput("Edges of bins are two or more numbers from 0 on, in ascending order.")
    return edges

"""How the benchmark prepares trees: trimmed, contracted, binarised, coarsened.

Each function takes a `Forest` and returns another with the same number of trees, whole trees at a
time without loops over nodes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_cosmobench.trees.forest import Forest, Places

Mask = NDArray[np.bool_]

TRIMMED = math.log10(3e10)
"""Below this log10 of its mass in Msun/h a halo of the benchmark counts as too light."""

DECIMALS = 2
"""To which the published code rounds scale factors before it compares them."""


def trimmed(forest: Forest, least: float = TRIMMED) -> Forest:
    """Return the haloes whose subtree has one of log10 mass `least` or more; roots stay.

    What is kept is connected, and trimming it again changes nothing.
    """
    keep = (forest.features[:, 0] >= least) | (forest.parent < 0)
    fresh = np.flatnonzero(keep)
    while len(fresh):
        above = forest.parent[fresh]
        above = np.unique(above[above >= 0])
        fresh = above[~keep[above]]
        keep[fresh] = True
    return forest.kept(keep, forest.parent)


def contracted(forest: Forest, below: float = TRIMMED) -> Forest:
    """Return trees without their linear haloes lighter than log10 mass `below`.

    Linear is a halo with one child and a parent. An edge that takes the place of a path carries the
    number of nodes on it, both ends counted.
    """
    linear = (forest.children == 1) & (forest.parent >= 0) & (forest.features[:, 0] < below)
    parent, length = _past(forest, linear, forest.lengths - 1)
    return forest.kept(~linear, parent, length + 1)


def binarised(forest: Forest) -> Forest:
    """Return trees in which a halo keeps its two heaviest children; other subtrees are dropped."""
    return forest.kept(heaviest_two(forest), forest.parent)


def heaviest_two(forest: Forest) -> Mask:
    """Return which haloes `binarised` keeps, (n,); of equal masses the first ones."""
    child, parent = forest.edges
    order = np.lexsort((child, -forest.features[child, 0], parent))
    child, parent = child[order], parent[order]
    rank = np.arange(len(parent)) - np.searchsorted(parent, parent)
    dropped = np.zeros(len(forest.parent), bool)
    dropped[child[rank >= 2]] = True
    # Each round sees twice as far towards the root.
    above = forest.parent.copy()
    while (above >= 0).any():
        inner = above >= 0
        dropped[inner] |= dropped[above[inner]]
        above[inner] = above[above[inner]]
    return ~dropped


def kept_times(forest: Forest, every: int = 2) -> NDArray[np.float32]:
    """Return every second of the distinct scale factors, from the latest on, without the earliest.

    Of each tree the latest one is its root's, a = 1.
    """
    times = np.unique(forest.features[:, 3])
    return times[len(times) - 1 : 0 : -every] if len(times) > 1 else times


def coarsened(
    forest: Forest, times: NDArray[np.float32], decimals: int | None = DECIMALS
) -> tuple[Forest, Mask]:
    """Return the haloes of some scale factors, and which of them had a merger dropped below.

    Times are compared after rounding to `decimals`, as in the published code, so that of times
    which lie close all stay where one does; None compares them exactly. Each halo is joined to its
    first kept descendant, by an edge that carries the sum of the lengths of those on the way. A
    dropped merger (two children) is remembered at its parent, and nowhere when that is dropped too,
    as in the published code. Roots stay.
    """
    here: NDArray[Any] = forest.features[:, 3]
    there: NDArray[Any] = times
    if decimals is not None:
        here, there = (one.astype(np.float64).round(decimals) for one in (here, there))
    keep = np.isin(here, there) | (forest.parent < 0)
    parent, length = _past(forest, ~keep, forest.lengths)
    hidden = np.zeros(len(keep), bool)
    hidden[forest.parent[~keep & (forest.children == 2)]] = True
    return forest.kept(keep, parent, length), hidden[keep]


def _past(
    forest: Forest, skipped: Mask, cost: NDArray[np.float32]
) -> tuple[Places, NDArray[np.float32]]:
    """Return each node's first ancestor that is not skipped, and what the way there costs."""
    parent, cost = forest.parent.copy(), cost.astype(np.float32)
    while True:
        # A root is never skipped, so that -1 is safe to look up: its answer is not used.
        far = (parent >= 0) & skipped[parent]
        if not far.any():
            return parent, cost
        over = parent[far]
        cost[far] += cost[over]
        parent[far] = parent[over]

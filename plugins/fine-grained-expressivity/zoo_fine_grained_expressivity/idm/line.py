"""Transport on a line, for many pairs of measures at once: what level 1 is to all that is above.

Measures of level 1 differ by their masses only, so that the distances d_1 are those of points on a
line, and problems on it need no network simplex:

- Wasserstein. Let A and B be the masses up to a point of the larger and of the smaller measure, and
  E what the larger has more. Leaving L(x) of the larger out up to x costs the integral of
  |A - B - L|, and the best L is the weighted L1 isotonic regression of A - B between 0 and E (its
  steps never exceed those of A). That splits into one cut of the line for each height (Stout 2013).
- Prokhorov. How much can be matched at a distance of at most e is found from left to right: each
  point of one measure takes the leftmost of what is left of the other and near enough, which leaves
  the most for those that follow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from zoo_fine_grained_expressivity.idm.measures import Measure

MAX_PLACES = 128
"""With more different places than this the problems, which have few of them, go one by one."""
_CHUNK = 4_000_000  # numbers at a time
_EXACT = 2.0**20  # a common denominator up to which points are whole numbers


def on_line(points: Sequence[Measure]) -> bool:
    """Tell whether measures of level 1 have few enough different masses for `line_distances`."""
    return len({(sum(one.weights), one.denominator) for one in points}) <= MAX_PLACES


def line_distances(
    points: Sequence[Measure],
    measures: Sequence[Measure],
    rows: np.ndarray,
    columns: np.ndarray,
    kind: str,
) -> np.ndarray:
    """Return the distances of the measures in `rows` to those in `columns`, (P,) float64 of (P,).

    Atoms of `measures` are numbers of `points`, measures of level 1. The `kind` is "wasserstein" or
    "prokhorov".
    """
    places, column, scale = _places(points)
    denominators = np.array([one.denominator for one in measures], dtype=np.int64)
    masses = _cumulated(measures, column, places.size)
    windows = _Windows(places) if kind == "prokhorov" else None
    found = np.empty(rows.size)
    step = max(1, _CHUNK // places.size**2)
    for at in range(0, rows.size, step):
        ours, theirs = rows[at : at + step], columns[at : at + step]
        common = np.lcm(denominators[ours], denominators[theirs])
        first, second = (
            masses[one] * (common // denominators[one])[:, None] for one in (ours, theirs)
        )
        # The larger one first.
        swap = first[:, -1] < second[:, -1]
        first[swap], second[swap] = second[swap], first[swap]
        if windows is None:
            found[at : at + step] = _wasserstein(first, second, places, scale) / common
        else:
            found[at : at + step] = _prokhorov(first, second, windows, scale, common)
    return found


def _places(points: Sequence[Measure]) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the K different places, ascending, each point's, and the unit that they are in.

    They are whole numbers over a common denominator if there is a small one, so that sums of them
    are exact.
    """
    common = math.lcm(*(one.denominator for one in points))
    if common <= _EXACT:
        values = [float(sum(one.weights) * (common // one.denominator)) for one in points]
    else:
        common, values = 1, [one.mass for one in points]
    places, column = np.unique(np.array(values), return_inverse=True)
    return places, column.reshape(-1), float(common)


def _cumulated(measures: Sequence[Measure], column: np.ndarray, places: int) -> np.ndarray:
    """Return the weight of each measure up to each place, (M, K), over its denominator."""
    table = np.zeros((len(measures), places))
    rows = np.repeat(np.arange(len(measures)), [len(one.atoms) for one in measures])
    atoms = np.array([atom for one in measures for atom in one.atoms], dtype=np.int64)
    weights = [weight for one in measures for weight in one.weights]
    np.add.at(table, (rows, column[atoms]), weights)
    return table.cumsum(axis=1)


def _wasserstein(
    larger: np.ndarray, smaller: np.ndarray, places: np.ndarray, scale: float
) -> np.ndarray:
    """Return the costs (P,) of measures given by their masses (P, K) up to each place."""
    gaps = np.diff(places)
    more = larger - smaller
    excess = more[:, -1]
    more = more[:, :-1]
    inside = np.clip(more, 0, excess[:, None])
    costs = np.abs(more - inside) @ gaps
    # Between two heights that occur, all points are on the same side.
    heights = np.sort(np.concatenate([inside, excess[:, None]], axis=1), axis=1)
    widths = np.diff(heights, prepend=0, axis=1)
    pairs, at = np.nonzero(widths)
    above = inside[pairs] >= heights[pairs, at][:, None]
    # Left of the cut what is above counts, right of it what is not.
    steps = np.where(above, gaps, -gaps)
    wrong = gaps.sum() - above @ gaps
    least = wrong + np.minimum(steps.cumsum(axis=1).min(axis=1, initial=0), 0)
    costs += np.bincount(pairs, widths[pairs, at] * least, excess.size)
    total: np.ndarray = costs / scale + excess
    return total


class _Windows:
    """Which of K places are near enough to each other, for every distance that there is."""

    def __init__(self, places: np.ndarray) -> None:
        apart = np.abs(places[:, None] - places[None, :])
        self.steps = np.unique(apart)
        count = places.size
        self.low = np.empty((self.steps.size, count), dtype=np.int32)
        self.high = np.empty_like(self.low)
        for i in range(count):
            behind, ahead = apart[i, : i + 1][::-1], apart[i, i:]
            self.low[:, i] = i + 1 - np.searchsorted(behind, self.steps, side="right")
            self.high[:, i] = i + np.searchsorted(ahead, self.steps, side="right")


def _prokhorov(
    larger: np.ndarray, smaller: np.ndarray, windows: _Windows, scale: float, common: np.ndarray
) -> np.ndarray:
    """Return the distances (P,) of measures given by their masses (P, K) up to each place."""
    # Up to the places before each, so that windows are differences.
    before = np.concatenate([np.zeros((len(larger), 1)), larger], axis=1)
    weights = np.diff(smaller, prepend=0, axis=1)
    every = np.arange(len(larger))

    def left(step: np.ndarray) -> np.ndarray:
        """Return the mass of the larger measure that is not matched within a step's distance."""
        low, high = windows.low[step], windows.high[step]
        taken, matched = np.zeros(len(larger)), np.zeros(len(larger))
        for i in range(weights.shape[1]):
            np.maximum(taken, before[every, low[:, i]], out=taken)
            take = np.clip(before[every, high[:, i]] - taken, 0, weights[:, i])
            taken += take
            matched += take
        rest: np.ndarray = larger[:, -1] - matched
        return rest

    # What is left falls with the distance: the first step at which it is no more, by halving.
    last = windows.steps.size - 1
    low, high = np.full(len(larger), -1), np.full(len(larger), last)
    found = left(high)
    never = found * scale > windows.steps[last] * common
    upper = np.full(len(larger), np.inf)
    while (open_ := high - low > 1).any():
        middle = np.where(open_, (low + high) // 2, high)
        rest = left(middle)
        short = open_ & (rest * scale > windows.steps[middle] * common)
        upper[short] = rest[short]
        low = np.where(short, middle, low)
        high = np.where(open_ & ~short, middle, high)
    # Between two steps nothing changes: the least distance is the upper one, or what was left.
    distances: np.ndarray = np.minimum(windows.steps[high] / scale, upper / common)
    distances[never] = (found / common)[never]
    return distances

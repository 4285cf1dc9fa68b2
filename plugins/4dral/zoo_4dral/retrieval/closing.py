"""Loop closures along one drive: places that were passed before, and a pose graph with them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_4dral.retrieval.curves import Curve, precision_recall
from zoo_4dral.retrieval.index import poses_of
from zoo_4dral.retrieval.ranking import CELLS, RADIUS
from zoo_4dral.retrieval.search import QUERIES, distances_of, unit
from zoo_core import BadInput

GAP = 50.0
"""Metres that must have been driven since a place for it to close a loop."""
STEP_SPREAD = (0.1, math.radians(1))
"""Standard deviations of a step of the odometry in the graph, in metres and radians."""
CLOSURE_SPREAD = (RADIUS / 2, math.radians(30))
"""And of what a closure says: the same place, looked at the same way."""


@dataclass(frozen=True)
class Closure:
    """The place `newer` is where `older` was, by descriptors at a `distance`."""

    newer: int
    older: int
    distance: float


def candidates(descriptors: Tensor, poses: Any, gap: float = GAP) -> list[Closure]:
    """Return for each place of a drive the nearest of all that are `gap` metres of way behind.

    `descriptors` (n, d) and `poses` (n, 3) are in the order of the drive; places with
    nothing so far behind have no candidate. Raises `BadInput` for poses that are not as many, and
    for a gap that is not above 0.
    """
    rows, known = unit(descriptors), poses_of(poses, len(descriptors))
    behind = torch.from_numpy(_behind(known[:, :2], gap))
    found = []
    step = max(1, min(QUERIES, CELLS // max(1, len(rows))))
    for first in range(0, len(rows), step):
        ends = behind[first : first + step]
        if not int(ends.max()):
            continue
        cosines = rows[first : first + step] @ rows[: int(ends.max())].T
        cosines = cosines.masked_fill(torch.arange(cosines.shape[1]) >= ends[:, None], -torch.inf)
        best = cosines.max(1)
        for row in torch.nonzero(ends)[:, 0].tolist():
            distance = float(distances_of(best.values[row]))
            found.append(Closure(first + row, int(best.indices[row]), distance))
    return found


def closure_curve(
    found: Sequence[Closure], poses: Any, gap: float = GAP, radius: float = RADIUS
) -> Curve:
    """Return precision and recall of candidates over the distance up to which they are believed.

    One is right where the two poses are within `radius` metres; recall is of the places that have
    any such place `gap` metres of way behind them. `Curve.threshold` gives the distance for a
    chosen precision. Raises `BadInput` where no place was passed twice.
    """
    places = poses_of(poses, len(poses))[:, :2]
    _check_metres("radius", radius)
    ends = _behind(places, gap)
    possible = sum(
        bool((np.hypot(*(places[:end] - place).T) <= radius).any())
        for place, end in zip(places, ends, strict=True)
    )
    if not possible:
        raise BadInput(
            f"No place was passed twice (within {radius:g} m, {gap:g} m of way apart); there is no "
            "loop to be closed."
        )
    apart = np.array([np.hypot(*(places[one.newer] - places[one.older])) for one in found])
    distances = np.array([one.distance for one in found])
    return precision_recall(distances, apart <= radius, possible)


def as_g2o(poses: Any, found: Sequence[Closure]) -> str:
    """Return a pose graph in the format of g2o: a vertex a place, edges of steps and of closures.

    `poses` (n, 3) are x and y in metres and heading in radians, by odometry say. A closure says
    that both places are the same, with the spread that a found place has (12.5 m, 30 degrees); a
    step is what the poses say.
    """
    known = poses_of(poses, len(poses))
    lines = [f"VERTEX_SE2 {k} {x:.6f} {y:.6f} {turn:.6f}" for k, (x, y, turn) in enumerate(known)]
    for k in range(1, len(known)):
        lines.append(_edge(k - 1, k, _between(known[k - 1], known[k]), STEP_SPREAD))
    for one in found:
        lines.append(_edge(one.older, one.newer, (0.0, 0.0, 0.0), CLOSURE_SPREAD))
    return "\n".join(lines) + "\n"


def _behind(places: NDArray[np.float64], gap: float) -> NDArray[np.int64]:
    """Return how many of the first places (n, 2) are `gap` metres of way behind each (n,)."""
    _check_metres("gap", gap)
    way = np.r_[0, np.cumsum(np.hypot(*np.diff(places, axis=0).T))]
    return np.asarray(np.searchsorted(way, way - gap, side="right"))


def _check_metres(name: str, metres: Any) -> None:
    good = isinstance(metres, int | float) and not isinstance(metres, bool)
    if not good or not math.isfinite(metres) or metres <= 0:
        raise BadInput(f"{name}={metres!r}; expected metres above 0.")


def _between(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the pose of the other place in the frame of the one."""
    (dx, dy), turn = other[:2] - one[:2], other[2] - one[2]
    cos, sin = math.cos(one[2]), math.sin(one[2])
    return cos * dx + sin * dy, cos * dy - sin * dx, math.remainder(turn, 2 * math.pi)


def _edge(
    one: int, other: int, pose: tuple[float, float, float], spread: tuple[float, float]
) -> str:
    """Return an edge with its information matrix, upper triangle row by row."""
    told = " ".join(f"{number:.6f}" for number in pose)
    metres, radians = (1 / deviation**2 for deviation in spread)
    return f"EDGE_SE2 {one} {other} {told} {metres:g} 0 0 {metres:g} 0 {radians:g}"

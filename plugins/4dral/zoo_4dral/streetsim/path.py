"""A recorded trajectory as a path: positions, headings and speeds at every metre of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SPACING = 1.0
"""Metres between the points of a path."""
RATE = 10.0
"""Of KITTI's poses, a second."""
DIGITS = 6
"""Coordinates are rounded, so that the last digits of a library cannot change what is drawn."""


@dataclass(frozen=True)
class Path:
    """Points (n, 2) in metres, headings (n,) in radians from x to y, speeds (n,) in m/s."""

    points: Array
    headings: Array
    speeds: Array

    def __len__(self) -> int:
        return len(self.points)

    @cached_property
    def normals(self) -> Array:
        """The unit vectors (n, 2) to the left of the way."""
        return np.stack([-np.sin(self.headings), np.cos(self.headings)], 1)


def planar(camera_poses: Array) -> Array:
    """Return the planar positions (n, 2) of KITTI's camera poses (n, 3, 4): forward and left."""
    return np.stack([camera_poses[:, 2, 3], -camera_poses[:, 0, 3]], 1)


def resampled(positions: Array, rate: float = RATE) -> Path:
    """Return positions (n, 2), recorded `rate` times a second, as a path with a point every metre.

    Between two of them the way is straight; the heading is that of the central difference.
    """
    steps = np.hypot(*np.diff(positions, axis=0).T)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    moving = np.concatenate([[True], steps > 1e-9])
    at = np.arange(0.0, arc[-1], SPACING)
    points = np.stack([np.interp(at, arc[moving], axis[moving]) for axis in positions.T], 1)
    speeds = np.interp(at, arc[moving], (np.gradient(arc) * rate)[moving])
    dx, dy = np.gradient(points, axis=0).T
    return Path(points.round(DIGITS), np.arctan2(dy, dx).round(DIGITS), np.round(speeds, DIGITS))

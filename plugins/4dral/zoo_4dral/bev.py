"""Bird's-eye-view images: how many points each cell of the ground has, on a logarithmic scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

LIDAR_CAP, RADAR_CAP = 64, 4
"""Points in a cell from which on it is white; five radar scans are gathered."""


@dataclass(frozen=True)
class Window:
    """Cells of `cell` metres on the ground: `size` rows ahead and `size` columns to the left.

    `ahead` and `left` are the coordinates of the corner of the cell (0, 0), in metres from the
    sensor.
    """

    ahead: float
    left: float
    cell: float
    size: int

    def counts(self, points: NDArray[np.floating], cap: int = 255) -> NDArray[np.uint8]:
        """Return how many points (n, 2 or more: x ahead, y left) are in each cell, `cap` at most.

        A row is floor((x - ahead) / cell), a column floor((y - left) / cell); points outside of the
        window are ignored.
        """
        corner = np.array([self.ahead, self.left])
        cells = np.floor((points[:, :2].astype(np.float64) - corner) / self.cell)
        inside = cells[((cells >= 0) & (cells < self.size)).all(1)].astype(np.int64)
        flat = np.bincount(inside @ [self.size, 1], minlength=self.size**2)
        return flat.clip(max=cap).astype(np.uint8).reshape(self.size, self.size)


def front(size: int) -> Window:
    """Return what lies within 64 m ahead and 32 m to either side, in `size` rows and columns.

    The released networks have 200. Raises `BadInput` for fewer than 16 or more than 1,024.
    """
    if not isinstance(size, int) or isinstance(size, bool) or not 16 <= size <= 1024:
        raise BadInput(f"size={size!r}; expected 16 to 1,024 pixels a side.")
    return Window(0.0, -32.0, 64 / size, size)


FRONT = front(64)


def white(counts: NDArray[np.uint8], cap: int) -> NDArray[np.uint8]:
    """Return images of counts, 255 for white: log(1 + count) / log(1 + cap), 1 at the most."""
    scale = np.log1p(np.arange(256.0)) / math.log1p(cap)
    table: NDArray[np.uint8] = (255 * np.minimum(scale, 1)).round().astype(np.uint8)
    return table[counts]


def image(points: NDArray[np.floating], cap: int, window: Window = FRONT) -> NDArray[np.uint8]:
    """Return the image (size, size) of points (n, 2 or more: x ahead, y left, in metres)."""
    return white(window.counts(points, cap), cap)

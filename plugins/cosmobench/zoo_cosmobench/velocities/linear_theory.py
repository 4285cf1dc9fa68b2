"""Linear theory: points fall towards overdensities, by their density on a mesh."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from zoo_clouds.box import Box
from zoo_clouds.clouds import Cloud

from zoo_core import BadInput

Array = NDArray[np.float64]

HUBBLE = 100.0
"""In km/s for each Mpc/h, today."""
GRIDS = (10, 20, 30, 40, 50, 60, 70, 80, 90)
"""Cells along a side that the oracle of the paper tries."""


def overdensity(positions: Any, box: Box, grid: int) -> Array:
    """Return the overdensity (g, g, g) of points on a mesh, each a triangular cloud (TSC).

    Raises `BadInput` for other than a periodic box of three axes, and for fewer than 2 cells.
    """
    _check(box, grid)
    place = box.wrap(positions) / box.sizes * grid
    nearest = np.rint(place).astype(np.int64)
    offset = place - nearest
    shares = np.stack([(0.5 - offset) ** 2 / 2, 0.75 - offset**2, (0.5 + offset) ** 2 / 2])
    mesh = np.zeros(grid**3)
    for corner in itertools.product((-1, 0, 1), repeat=3):
        x, y, z = ((nearest + corner) % grid).T
        weight = np.prod([shares[step + 1, :, axis] for axis, step in enumerate(corner)], 0)
        mesh += np.bincount((x * grid + y) * grid + z, weight, grid**3)
    return np.asarray(mesh.reshape((grid,) * 3) * grid**3 / len(positions) - 1)


def interpolated(field: Array, positions: Any, box: Box) -> Array:
    """Return fields (c, g, g, g) at points (n, c), linearly between mesh points (CIC)."""
    grid = field.shape[-1]
    place = box.wrap(positions) / box.sizes * grid
    below = np.floor(place).astype(np.int64)
    offset = place - below
    flat = field.reshape(len(field), -1)
    found = np.zeros((len(place), len(field)))
    for corner in itertools.product((0, 1), repeat=3):
        x, y, z = ((below + corner) % grid).T
        weight = np.prod(
            [offset[:, axis] if step else 1 - offset[:, axis] for axis, step in enumerate(corner)],
            0,
        )
        found += weight[:, None] * flat[:, (x * grid + y) * grid + z].T
    return found


def flow(positions: Any, box: Box, grid: int, smoothing: float = 0.0, infall: float = 0.0) -> Array:
    """Return 100 i k / k^2 delta_k at points (n, 3): velocities in km/s but for a factor f / b.

    The overdensity is that of the points on a mesh, with a Gaussian filter of `smoothing` Mpc/h;
    in redshift space `infall` = c f / b takes away what peculiar velocities add along the last
    axis, delta_k / (1 + infall mu^2). Raises `BadInput` as `overdensity` does.
    """
    modes = np.fft.rfftn(overdensity(positions, box, grid))
    return interpolated(_flow(modes, box, smoothing, infall), positions, box)


def _flow(modes: NDArray[np.complex128], box: Box, smoothing: float, infall: float) -> Array:
    grid = modes.shape[0]
    spacing = box.sizes / grid
    k = [
        2 * np.pi * frequencies(grid, step)
        for frequencies, step in zip(
            (np.fft.fftfreq, np.fft.fftfreq, np.fft.rfftfreq), spacing, strict=True
        )
    ]
    kx, ky, kz = np.meshgrid(*k, indexing="ij")
    squared = kx**2 + ky**2 + kz**2
    squared[0, 0, 0] = 1.0
    kept = modes * np.exp(-squared * smoothing**2 / 2) / (1 + infall * kz**2 / squared)
    kept[0, 0, 0] = 0
    found = []
    for one, step in zip((kx, ky, kz), spacing, strict=True):
        # The highest frequency of an even grid has no sign, and so no derivative.
        slope = np.where(np.isclose(np.abs(one), np.pi / step), 0.0, one)
        mode = HUBBLE * 1j * slope / squared * kept
        found.append(np.fft.irfftn(mode, s=(grid,) * 3, axes=(0, 1, 2)))
    return np.stack(found)


@dataclass(frozen=True)
class Oracle:
    """What the oracle found for one cloud: its grid, its amplitude f / b, and what is left."""

    grid: int
    amplitude: float
    error: float
    variance: float


def oracle(cloud: Cloud, grids: Sequence[int] = GRIDS) -> Oracle:
    """Return the best of linear theory for a cloud, grid and amplitude fitted to its velocities.

    As the paper has it: no forecast, as it sees what it is to predict. Errors are mean squares in
    (km/s)^2. Raises `BadInput` for a cloud without velocities.
    """
    if cloud.velocities is None:
        raise BadInput("The oracle is fitted to velocities, and this cloud has none.")
    truth = np.asarray(cloud.velocities, np.float64)
    variance = float(truth.var(0).mean())
    best = None
    for grid in grids:
        found = flow(cloud.positions, cloud.box, grid)

        def left(amplitude: float, found: Array = found) -> float:
            return float(((amplitude * found - truth) ** 2).mean())

        fitted = minimize_scalar(left)
        if best is None or fitted.fun < best.error:
            best = Oracle(grid, float(fitted.x), float(fitted.fun), variance)
    if best is None:
        raise BadInput("No grid is given; give one or more.")
    return best


def _check(box: Box, grid: int) -> None:
    if box.dimension != 3 or not box.is_periodic:
        raise BadInput(
            f"The points lie in {box.told()}; linear theory needs a periodic box of three axes."
        )
    if not isinstance(grid, int) or grid < 2:
        raise BadInput(f"grid={grid!r}; expected 2 cells or more along a side.")

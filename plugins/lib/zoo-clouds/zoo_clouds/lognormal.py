"""An exact generator of matter in a periodic cube: lognormal sampling, displaced, with velocities.

Points are drawn from exp(b delta) of a Gaussian linear density delta, moved by its displacement
field (Zel'dovich), with the velocities of linear theory, as standard makers of mock catalogues do.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_clouds.cosmology import HUBBLE, Cosmology
from zoo_clouds.made import Made

Array = NDArray[np.float64]

CELLS = 32
"""Of the grid, along a side."""
BIAS = 1.0
SEED = 2025
OMEGA_M, SIGMA_8 = (0.1, 0.5), (0.6, 1.0)
"""The ranges that cosmologies are drawn from."""
VERSION = 1
"""Changes with the bytes that the generator makes."""


@cache
def cosmologies(kind: str) -> Array:
    """Return Omega_m and sigma_8 (m, 2) of scrambled Sobol points, of "clouds" or of "trees".

    Their table is in this package: `scipy.stats.qmc.Sobol(2, seed=2025)` has 1,024 points for
    clouds, `seed=7` has 512 for trees, and other versions of scipy may scramble differently.
    """
    with np.load(Path(__file__).parent / "sobol.npz", allow_pickle=False) as stored:
        unit = stored[kind]
    low, high = np.array([OMEGA_M, SIGMA_8]).T
    return np.asarray(low + (high - low) * unit)


def wave_vectors(length: float, cells: int) -> list[Array]:
    """Return the components of the wave vectors of `rfftn`, each to broadcast, in h/Mpc."""
    spacing = length / cells
    full: Array = 2 * np.pi * np.fft.fftfreq(cells, spacing).astype(np.float64)
    half: Array = 2 * np.pi * np.fft.rfftfreq(cells, spacing).astype(np.float64)
    return [full[:, None, None], full[None, :, None], half[None, None, :]]


def linear_field(
    cosmology: Cosmology, rng: np.random.Generator, length: float, cells: int = CELLS
) -> NDArray[np.complex128]:
    """Return the Fourier modes of a Gaussian overdensity on a grid of `cells`^3."""
    k = _sizes(length, cells)
    power = np.zeros_like(k)
    power[k > 0] = cosmology.power(k[k > 0])
    noise = np.fft.rfftn(rng.standard_normal((cells,) * 3))
    return np.asarray(noise * np.sqrt(power * (cells / length) ** 3))


def displacement(modes: NDArray[np.complex128], length: float) -> Array:
    """Return the displacement field (3, c, c, c) whose divergence is minus the overdensity."""
    cells = modes.shape[0]
    squared = _sizes(length, cells) ** 2
    squared[0, 0, 0] = 1.0
    return np.stack(
        [
            np.fft.irfftn(1j * one / squared * modes, s=(cells,) * 3, axes=(0, 1, 2))
            for one in wave_vectors(length, cells)
        ]
    )


def smoothed(modes: NDArray[np.complex128], length: float, radius: float) -> Array:
    """Return the overdensity on the grid after a Gaussian filter."""
    cells = modes.shape[0]
    kept = modes * np.exp(-(_sizes(length, cells) ** 2) * radius**2 / 2)
    return np.asarray(np.fft.irfftn(kept, s=(cells,) * 3, axes=(0, 1, 2)))


def cloud(
    cosmology: Cosmology,
    rng: np.random.Generator,
    *,
    length: float,
    points: int,
    cells: int = CELLS,
    bias: float = BIAS,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return positions in Mpc/h, 0 <= x < length, and velocities in km/s, each (points, 3)."""
    modes = linear_field(cosmology, rng, length, cells)
    # Rounded, so that the last digits of an FFT cannot change what is drawn.
    field = smoothed(modes, length, length / cells).round(9)
    moved = displacement(modes, length).round(6).reshape(3, -1)
    weights = np.exp(bias * field).ravel()
    drawn = rng.choice(cells**3, points, p=weights / weights.sum())
    corner = np.stack(np.unravel_index(drawn, (cells,) * 3), -1)
    shift = moved[:, drawn].T
    start = (corner + rng.random((points, 3))) * (length / cells)
    positions = np.mod(start + shift, length).astype(np.float32)
    velocities = (HUBBLE * cosmology.growth_rate * shift).astype(np.float32)
    positions[positions >= np.float32(length)] = np.nextafter(np.float32(length), np.float32(0))
    return positions, velocities


def _make(first: int, last: int, *, length: float, points: int) -> Mapping[str, NDArray[Any]]:
    """Return the clouds from one number up to another of the 1,024 cosmologies."""
    found = [
        cloud(
            Cosmology(*map(float, row)),
            np.random.default_rng([SEED, number]),
            length=length,
            points=points,
        )
        for number, row in enumerate(cosmologies("clouds")[first:last], first)
    ]
    positions, velocities = zip(*found, strict=True)
    return {"positions": np.stack(positions), "velocities": np.stack(velocities)}


def made_clouds(length: float, points: int) -> Made:
    """Return the 1,024 clouds of `cosmo-mini-clouds` of a size, made when they are needed."""
    return Made(
        f"cosmo-mini-clouds/v{VERSION}-box{length:g}-points{points}",
        len(cosmologies("clouds")),
        partial(_make, length=length, points=points),
    )


def _sizes(length: float, cells: int) -> Array:
    return np.asarray(np.sqrt(sum(one**2 for one in wave_vectors(length, cells))))

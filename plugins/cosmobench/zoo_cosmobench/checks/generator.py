"""The claim on the generator: check values, sizes, identities, bytes."""

from __future__ import annotations

import hashlib

import numpy as np
from zoo_clouds.cosmology import Cosmology
from zoo_clouds.lognormal import cloud, cosmologies, displacement, linear_field

from zoo_core import Finding, dataset

POWER = {0.01: 22092.8, 0.1: 6072.32, 1.0: 69.2577}
"""Of Omega_m = 0.3175, sigma_8 = 0.834."""
BYTES = {
    0: "9c093143968b1035af4a2fc79f2aac457986ffb5b3213dcc5ee7602212aa48b1",
    500: "1f53459c9fb0b126173aa6f5c8d88ddc1a541ad4f6e605794a3084aa9603338d",
    1023: "519b8e9ef2960ad5a4308a08a549a943c26b3a414a73421b195f5004311cc03f",
}
"""SHA-256 of positions and velocities of clouds, one after the other."""


def exact() -> Finding:
    """Measure the clouds against what their specification says."""
    cosmology = Cosmology(0.3175, 0.834)
    found = cosmology.power(list(POWER))
    data = dataset("cosmo-mini-clouds")
    clouds = [one for rows in data.rows.values() for one in data.ready(rows)]
    velocities = np.stack([one.velocities for one in clouds if one.velocities is not None])
    rms = float(np.sqrt((velocities.astype(np.float64) ** 2).mean()))
    other = 0
    for number, expected in BYTES.items():
        positions, speeds = cloud(
            Cosmology(*map(float, cosmologies("clouds")[number])),
            np.random.default_rng([2025, number]),
            length=250.0,
            points=1024,
        )
        digest = hashlib.sha256(positions.tobytes() + speeds.tobytes()).hexdigest()
        other += digest != expected
    return Finding(
        quantities={
            "largest relative distance of P(k)": float(
                max(abs(one / value - 1) for one, value in zip(found, POWER.values(), strict=True))
            ),
            "distance of the velocities' rms from 268": abs(rms - 268.0),
            "largest curl and divergence left, over the density": left_over(cosmology),
            "clouds with other bytes": other,
        },
        told=f"one component of the velocities has an rms of {rms:.1f} km/s",
    )


def left_over(cosmology: Cosmology, length: float = 250.0, cells: int = 32) -> float:
    """Return the largest of |k x psi| and |i k psi + delta| over the largest |delta|.

    At the grid's highest frequency, whose derivative is not real, nothing is asked.
    """
    modes = linear_field(cosmology, np.random.default_rng(0), length, cells)
    modes[cells // 2], modes[:, cells // 2], modes[..., -1] = 0, 0, 0
    moved = np.fft.fftn(displacement(modes, length), axes=(1, 2, 3))
    density = np.fft.fftn(np.fft.irfftn(modes, s=(cells,) * 3, axes=(0, 1, 2)))
    axis = 2 * np.pi * np.fft.fftfreq(cells, length / cells)
    k = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"))
    curl = np.abs(np.cross(k, moved, axis=0)).max()
    divergence = np.abs((1j * k * moved).sum(0) + density).max()
    return float(max(curl, divergence) / np.abs(density).max())

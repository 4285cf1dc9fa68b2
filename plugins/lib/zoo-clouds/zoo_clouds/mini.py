"""`cosmo-mini-clouds`: 1,024 clouds whose cosmology is known, made by this package."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import torch

from zoo_clouds.box import Box
from zoo_clouds.clouds import Cloud, Clouds
from zoo_clouds.cosmology import HUBBLE
from zoo_clouds.lognormal import cosmologies, made_clouds
from zoo_clouds.made import Made
from zoo_core import BadInput

LENGTH, POINTS = 250.0, 1024
SPLITS = {"train": (0, 614), "val": (614, 819), "test": (819, 1024)}
NAMES = ("Omega_m", "sigma_8")
MOST_POINTS = 100_000


@dataclass(frozen=True)
class _MadeClouds(Sequence[Cloud]):
    """Clouds that are made, or read from the cache, when they are asked for."""

    made: Made
    box: Box
    redshift: bool

    def __len__(self) -> int:
        return self.made.count

    @overload
    def __getitem__(self, number: int) -> Cloud: ...
    @overload
    def __getitem__(self, number: slice) -> list[Cloud]: ...
    def __getitem__(self, number: int | slice) -> Cloud | list[Cloud]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        arrays, place = self.made.chunk_of(number)
        found = Cloud(arrays["positions"][place], self.box, arrays["velocities"][place])
        return in_redshift_space(found) if self.redshift else found

    def prepare(self, numbers: Sequence[int]) -> None:
        """Make what is missing of some clouds, side by side."""
        self.made.prepare(numbers)


def cosmo_mini_clouds(
    points: int = POINTS, length: float = LENGTH, redshift: bool = False
) -> Clouds:
    """Return 1,024 clouds of matter in periodic cubes, by a recipe that is exact to the byte.

    Omega_m in [0.1, 0.5] and sigma_8 in [0.6, 1.0] are Sobol points, the rest of the cosmology is
    that of CosmoBench; positions are in Mpc/h, velocities in km/s. With `redshift` positions are
    those that redshifts tell, along the last axis. Clouds are made when they are asked for (25 ms
    of CPU each at 1,024 points), in chunks that are kept in ``ZOO_HOME``. Raises `BadInput` for
    fewer than 2 points or more than 100,000, and for a box that is not 10 to 10,000 Mpc/h wide.
    """
    if not isinstance(points, int) or isinstance(points, bool) or not 2 <= points <= MOST_POINTS:
        raise BadInput(f"points={points!r}; expected a whole number from 2 to {MOST_POINTS:,}.")
    if not (isinstance(length, int | float) and 10 <= length <= 10_000 and math.isfinite(length)):
        raise BadInput(f"length={length!r}; expected 10 to 10,000 Mpc/h.")
    box = Box.cube(float(length))
    targets = torch.from_numpy(cosmologies("clouds").astype(np.float32))
    return Clouds(
        clouds=_MadeClouds(made_clouds(float(length), points), box, bool(redshift)),
        targets=targets,
        names=NAMES,
        rows={name: torch.arange(*ends) for name, ends in SPLITS.items()},
        facts={"clouds": len(targets), "points": points, "box in Mpc/h": f"{length:g}"},
    )


def in_redshift_space(cloud: Cloud) -> Cloud:
    """Return a cloud as redshifts show it: z + v_z / 100 along the last axis, in its box.

    Positions are in Mpc/h and velocities in km/s, today; velocities stay as they are. Raises
    `BadInput` for a cloud without velocities.
    """
    if cloud.velocities is None:
        raise BadInput("Redshifts are told by velocities, and this cloud has none.")
    positions = np.array(cloud.positions, np.float64)
    positions[:, -1] += cloud.velocities[:, -1] / HUBBLE
    return Cloud(cloud.box.wrap(positions), cloud.box, cloud.velocities)

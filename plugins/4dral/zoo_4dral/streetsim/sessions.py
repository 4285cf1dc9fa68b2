"""Two sessions along a path, one that makes the map and one that asks; what both sensors saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zoo_clouds.made import Made

from zoo_4dral.bev import FRONT, LIDAR_CAP, RADAR_CAP
from zoo_4dral.streetsim.path import Path, planar, resampled
from zoo_4dral.streetsim.sensors import SCANS, gathered, lidar_scans, radar_scans
from zoo_4dral.streetsim.world import Objects, parked_cars, street
from zoo_core import sha256_of

Array = NDArray[np.float64]

VERSION = 1
"""Changes with the bytes that the simulator makes."""
DATABASE, QUERY = "database", "query"
LATERAL_OFFSET, YAW_OFFSET = 0.7, np.deg2rad(4)
"""Standard deviations of how far the asking session is beside the path, in metres and radians."""
FOGS, DROPS = (0.0, 0.04), (0.0, 0.35, 0.6, 0.8)
"""Of fog a metre, and of lost radar detections: those that are made together."""
_CARS, _OFFSETS, _LIDAR, _RADAR = range(4)


@dataclass(frozen=True)
class Drive:
    """One session of a world: what of the path of a sequence is seen, and by which draws.

    `poses` is the file of KITTI's poses, `seed` the world's, `session` "database" or "query";
    samples are taken every `every` metres from `first` on.
    """

    poses: FilePath
    seed: int
    session: str
    every: int
    first: int = 0

    @property
    def _draws(self) -> tuple[int, int]:
        return self.seed, (DATABASE, QUERY).index(self.session)

    @cached_property
    def path(self) -> Path:
        """The path, at every metre."""
        return path_of(self.poses)

    @cached_property
    def objects(self) -> Objects:
        """All that stands along it in this session."""
        cars = parked_cars(self.path, np.random.default_rng([*self._draws, _CARS]))
        return _street(self.poses, self.seed) + cars

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """The metres of the path (n,) at which samples are taken."""
        return np.arange(self.first, len(self.path), self.every)

    @cached_property
    def offsets(self) -> Array:
        """How far each sample is to the left of the path, and turned (n, 2); 0 for the map's."""
        if self.session == DATABASE:
            return np.zeros((len(self.numbers), 2))
        rng = np.random.default_rng([*self._draws, _OFFSETS])
        return rng.normal(0, [LATERAL_OFFSET, YAW_OFFSET], (len(self.numbers), 2))

    @cached_property
    def sampled(self) -> Array:
        """The poses (n, 3) of the samples: x, y in metres, heading in radians."""
        return np.stack([self.pose(*pair) for pair in enumerate(self.numbers)])

    def pose(self, sample: int, metre: int) -> Array:
        """Return the sensor's pose at a metre of the path, beside it as one sample is."""
        aside, turned = self.offsets[sample]
        at = self.path.points[metre] + aside * self.path.normals[metre]
        return np.array([*at, self.path.headings[metre] + turned])

    def lidar(self, sample: int, fogs: tuple[float, ...] = (0.0,)) -> list[NDArray[np.float32]]:
        """Return the LiDAR scan (n, 3) of a sample, one for each density of fog."""
        rng = np.random.default_rng([*self._draws, _LIDAR, sample])
        return lidar_scans(self.objects, self.pose(sample, self.numbers[sample]), rng, fogs)

    def radar(self, sample: int, drops: tuple[float, ...] = (0.0,)) -> list[NDArray[np.float32]]:
        """Return five radar scans (n, 7) as one, for each share of lost detections.

        They were taken at the last five metres of the path; before its begin the car stood still.
        """
        rng = np.random.default_rng([*self._draws, _RADAR, sample])
        metres = [max(0, self.numbers[sample] - age) for age in range(SCANS)]
        poses = [self.pose(sample, metre) for metre in metres]
        scans = [
            radar_scans(self.objects, pose, self.path.speeds[metre], rng, drops)
            for pose, metre in zip(poses, metres, strict=True)
        ]
        return [gathered(list(one), poses) for one in zip(*scans, strict=True)]

    def images(self, fogs: tuple[float, ...] = FOGS, drops: tuple[float, ...] = DROPS) -> Made:
        """Return the counts of the bird's-eye views (n, fogs or drops, 64, 64) of all samples.

        They are made side by side when they are needed, and kept in the zoo's folder.
        """
        key = f"{sha256_of(self.poses)[:16]}-seed{self.seed}"
        weather = "_".join(repr(float(one)).removesuffix(".0") for one in (*fogs, *drops))
        name = f"streetsim/v{VERSION}-{key}/{self.session}{self.first}-{self.every}-{weather}"
        maker = partial(_counts, self.poses, self.seed, self.session, self.every, self.first)
        return Made(name, len(self.numbers), partial(maker, fogs=fogs, drops=drops), size=64)


def _counts(
    poses: FilePath,
    seed: int,
    session: str,
    every: int,
    offset: int,
    first: int,
    last: int,
    *,
    fogs: tuple[float, ...],
    drops: tuple[float, ...],
) -> Mapping[str, NDArray[Any]]:
    """Return the counts of the samples from one number up to another, for another process too."""
    drive = _drive(poses, seed, session, every, offset)
    lidar = [drive.lidar(sample, fogs) for sample in range(first, last)]
    radar = [drive.radar(sample, drops) for sample in range(first, last)]
    return {
        "lidar": np.stack([[FRONT.counts(one, LIDAR_CAP) for one in scans] for scans in lidar]),
        "radar": np.stack([[FRONT.counts(one, RADAR_CAP) for one in scans] for scans in radar]),
    }


_drive = lru_cache(maxsize=4)(Drive)


@lru_cache(maxsize=8)
def path_of(poses: FilePath) -> Path:
    """Return the path of a file of KITTI's poses, a 3 x 4 matrix a line."""
    return resampled(planar(np.loadtxt(poses, ndmin=2).reshape(-1, 3, 4)))


@lru_cache(maxsize=8)
def _street(poses: FilePath, seed: int) -> Objects:
    return street(path_of(poses), seed)

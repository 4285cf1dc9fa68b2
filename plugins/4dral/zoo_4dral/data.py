"""Places: what radar and LiDAR see along a drive, and where; a map and those who ask in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_4dral.bev import LIDAR_CAP, RADAR_CAP, white
from zoo_4dral.specs.data import POSES
from zoo_4dral.streetsim.sessions import DATABASE, DROPS, FOGS, QUERY, Drive
from zoo_core import BadInput, Split, fetch

Images = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Place:
    """One sample: images (1, s, s) in [0, 1], where it was taken, which session and weather.

    The pose is x and y in metres and the heading in radians; an image of a sensor that was not
    there is None.
    """

    radar: Tensor | None
    lidar: Tensor | None
    pose: NDArray[np.float64]
    session: str
    weather: str


@dataclass(frozen=True, eq=False)
class Session(Sequence[Place]):
    """The samples of one drive, in their order.

    `poses` (n, 3) are x and y in metres and headings in radians; `load` has for each sensor that
    was there, "radar" or "lidar", what gives its images (n, s, s), 255 for white, and is called
    when they are first asked for.
    `files` are the names (n,) of a sensor's files, where it has any.
    """

    name: str
    poses: NDArray[np.float64]
    load: Mapping[str, Callable[[], Images]]
    weather: str = "normal"
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.poses)

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        radar, lidar = (
            None if one is None else torch.from_numpy(one[number])[None].float() / 255
            for one in (self.radar, self.lidar)
        )
        return Place(radar, lidar, self.poses[number], self.name, self.weather)

    @cached_property
    def radar(self) -> Images | None:
        """The radar images (n, s, s), 255 for white; None if there are none."""
        return self.load["radar"]() if "radar" in self.load else None

    @cached_property
    def lidar(self) -> Images | None:
        """The LiDAR images (n, s, s), 255 for white; None if there are none."""
        return self.load["lidar"]() if "lidar" in self.load else None

    @property
    def size(self) -> int:
        """The side of an image, in pixels."""
        images = self.lidar if self.radar is None else self.radar
        assert images is not None
        return int(images.shape[-1])


@dataclass(frozen=True, eq=False)
class World:
    """One place of the earth: the session that makes the map, and the one that asks in it.

    `positives` are, for each query, the numbers of the places that count as the same, where poses
    are not told (the released lists); otherwise the distance between poses decides.
    """

    name: str
    database: Session
    query: Session
    positives: Sequence[NDArray[np.int64]] | None = None

    def metres(self, rows: slice | NDArray[np.int64] = slice(None)) -> NDArray[np.float64]:
        """Return how far queries (b,) are from all places of the map (b, n), in metres.

        Where only lists of positives are known it is 0 for those and infinite for others.
        """
        if self.positives is None:
            offsets = self.query.poses[rows, None, :2] - self.database.poses[None, :, :2]
            return np.asarray(np.hypot(offsets[..., 0], offsets[..., 1]))
        chosen = np.arange(len(self.query))[rows]
        found = np.full((len(chosen), len(self.database)), np.inf)
        for row, query in enumerate(chosen):
            found[row, self.positives[query]] = 0.0
        return found

    def opposite(self, rows: slice | NDArray[np.int64] = slice(None)) -> NDArray[np.bool_]:
        """Return which places of the map (b, n) queries look at the other way round (> 90°)."""
        turned = self.query.poses[rows, None, 2] - self.database.poses[None, :, 2]
        return np.asarray(np.cos(turned) < 0)


@dataclass(frozen=True, eq=False)
class Places:
    """Worlds by split; `facts` are for cards."""

    by_split: Mapping[str, Sequence[World]]
    facts: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def splits(self) -> Sequence[str]:
        """The names of the splits that it has."""
        return list(self.by_split)

    @property
    def size(self) -> int:
        """The side of an image, in pixels."""
        return next(iter(self.by_split.values()))[0].database.size

    def worlds(self, split: str) -> Sequence[World]:
        """Return the worlds of a split; raises `BadInput` for one that is not there."""
        if split not in self.by_split:
            raise BadInput(
                f"These drives have no split {split!r}; they have {', '.join(self.by_split)}."
            )
        return self.by_split[split]

    def split(self, name: str) -> Split:
        """Return the view of a split; its indices number the queries of its worlds in order."""
        count = sum(len(world.query) for world in self.worlds(name))
        return Split(self, name, torch.arange(count))


TRAIN_WORLDS = (("00", 1), ("00", 11), ("09", 12))
SEEDS = {"00": 1, "02": 3, "05": 2, "06": 6, "07": 7, "08": 8, "09": 12}
"""Of each sequence's world, where nothing else is said."""
TRAIN_SPACING, TEST_SPACING = (5, 2), (8, 4)
"""Metres between samples, and by how much the queries are shifted."""


def streetsim(
    world: str = "05",
    seed: int | None = None,
    fog: float = 0.0,
    drop: float = 0.0,
    train: str = "",
) -> Places:
    """Return the simulated streets: three worlds to train on, one to choose by, one to test on.

    `world` is the KITTI sequence along whose path the test world stands, `seed` that world's (the
    usual one by default). `fog`, a metre, and `drop`, the share of radar's detections that is lost,
    are the weather of the test's queries; maps are made in clear weather. `train` names other
    worlds to train on, as "00:1,09:12" (sequence and seed). Raises `BadInput` for what is none of
    these.
    """
    fog, drop = _weather(fog, drop)
    chosen = [_sequence(world, seed)]
    learned = _listed(train) if train else TRAIN_WORLDS
    twice = next((one for one in learned if list(learned).count(one) > 1), None)
    if twice is not None:
        raise BadInput(
            f"train={train!r} has {twice[0]}:{twice[1]} twice; expected each world once."
        )
    if chosen[0] in {*learned, ("02", SEEDS["02"])}:
        raise BadInput(
            f"The world {chosen[0][0]} (seed {chosen[0][1]}) is one to train on or to choose by; "
            "give another seed to test on its path."
        )
    files = {one: fetch(POSES[one]) for one in sorted({"02", *(one for one, _ in learned), world})}
    return Places(
        {
            "train": [_world(files[one], one, s, TRAIN_SPACING) for one, s in learned],
            "val": [_world(files["02"], "02", SEEDS["02"], TEST_SPACING)],
            "test": [_world(files[one], one, s, TEST_SPACING, fog, drop) for one, s in chosen],
        },
        facts={
            "worlds to train on": ", ".join(f"{one} (seed {s})" for one, s in learned),
            "test world": f"{world} (seed {chosen[0][1]})",
        },
    )


def _weather(fog: float, drop: float) -> tuple[float, float]:
    for name, number, most in (("fog", fog, 1.0), ("drop", drop, 1.0)):
        good = isinstance(number, int | float) and not isinstance(number, bool)
        if not good or not 0 <= number <= most:
            raise BadInput(f"{name}={number!r}; expected a number from 0 to {most:g}.")
    return float(fog), float(drop)


def _sequence(name: str, seed: int | None) -> tuple[str, int]:
    if not isinstance(name, str) or name not in POSES:
        raise BadInput(f"world={name!r}; expected a sequence: {', '.join(POSES)}.")
    if seed is None:
        return name, SEEDS[name]
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise BadInput(f"seed={seed!r}; expected a whole number, 0 or more.")
    return name, seed


def _listed(train: str) -> list[tuple[str, int]]:
    found = []
    for part in str(train).split(","):
        name, _, seed = part.strip().partition(":")
        if seed and not seed.isdecimal():
            raise BadInput(f"train={train!r}; expected sequences and seeds, as '00:1,09:12'.")
        found.append(_sequence(name, int(seed) if seed else None))
    return found


def _world(
    poses: Any,
    name: str,
    seed: int,
    spacing: tuple[int, int],
    fog: float = 0.0,
    drop: float = 0.0,
) -> World:
    every, shift = spacing
    told = ", ".join(f"{one} {n:g}" for one, n in (("fog", fog), ("drop", drop)) if n)
    map_made = Drive(poses, seed, DATABASE, every)
    asking = Drive(poses, seed, QUERY, every, shift)
    return World(
        f"{name} (seed {seed})",
        _session(map_made, 0.0, 0.0),
        _session(asking, fog, drop, told or "normal"),
    )


def _session(drive: Drive, fog: float, drop: float, weather: str = "normal") -> Session:
    fogs = FOGS if fog in FOGS else (fog,)
    drops = DROPS if drop in DROPS else (drop,)
    if drive.session == DATABASE:
        fogs, drops = (fog,), (drop,)

    def images(sensor: str, place: int, cap: int) -> Images:
        made = drive.images(fogs, drops)
        made.prepare(range(made.count))
        chunks = [made.chunk_of(first)[0] for first in range(0, made.count, made.size)]
        return white(np.concatenate([one[sensor][:, place] for one in chunks]), cap)

    load = {
        "radar": partial(images, "radar", drops.index(drop), RADAR_CAP),
        "lidar": partial(images, "lidar", fogs.index(fog), LIDAR_CAP),
    }
    return Session(drive.session, drive.sampled, load, weather)

"""Batches of pairs of images: two of one place, and others of places elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from zoo_4dral.data import World
from zoo_4dral.networks.sources import images_of
from zoo_4dral.networks.turning import SENSOR, turned
from zoo_core import BadInput

POSITIVE = 10.0
"""Metres within which two images are of one place, if they look the same way."""
NEGATIVE = 25.0
"""Metres beyond which they are of two."""
ALIKE = math.radians(30)
"""Headings that differ by no more look the same way."""


@dataclass(frozen=True)
class Batch:
    """B pairs: images of each sensor (2 B, 1, H, W), the queries' first, and who is far.

    `far` (B, B) tells which positives are negatives of a query.
    """

    images: Mapping[str, Tensor]
    far: Tensor


class Pairs:
    """All images of some worlds, and for each those of the other session at the same place.

    `worlds` are those that are learnt from, `sensors` the kinds of images that are needed. Raises
    `BadInput` where no image has a positive, and for images that a world lacks.
    """

    def __init__(self, worlds: Sequence[World], sensors: Sequence[str]) -> None:
        poses, world_of, self.positives = [], [], []
        stacks: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in sensors}
        first = 0
        for number, world in enumerate(worlds):
            sessions = (world.database, world.query)
            for name in sensors:
                stacks[name] += [images_of(one, name, world.name) for one in sessions]
            both = [np.asarray(one.poses, np.float64) for one in sessions]
            split = first + len(both[0])
            self.positives += _positives(both[0], both[1], split)
            self.positives += _positives(both[1], both[0], first)
            poses += both
            world_of.append(np.full(sum(map(len, both)), number))
            first += sum(map(len, both))
        self.poses, self.world_of = np.concatenate(poses), np.concatenate(world_of)
        self.images = {name: torch.from_numpy(np.concatenate(one)) for name, one in stacks.items()}
        self.anchors = np.array([i for i, one in enumerate(self.positives) if len(one)])
        if len(self.anchors) < 2:
            raise BadInput(
                f"No place is in both sessions (within {POSITIVE:g} m, looking the same way); "
                "expected a query session along the way of the database session."
            )

    def draw(
        self,
        count: int,
        rotation: float,
        flips: bool,
        rng: np.random.Generator,
        about: tuple[float, float] = SENSOR,
    ) -> Batch:
        """Return a batch of `count` pairs, the sensors of one pose turned by the same angle.

        Each pose is turned by up to `rotation` degrees, `about` a point in halves of an image's
        side; with `flips` half of the pairs are mirrored from left to right, as the mirrored street
        is a street too.
        """
        chosen = rng.choice(self.anchors, count, replace=len(self.anchors) < count)
        others = np.array([rng.choice(self.positives[one]) for one in chosen])
        angles = np.radians(rng.uniform(-rotation, rotation, 2 * count))
        mirrored = np.tile(rng.random(count) < (0.5 if flips else 0.0), 2)
        rows = torch.from_numpy(np.concatenate([chosen, others]))
        images = {
            name: turned(
                one[rows, None].float() / 255,
                torch.from_numpy(angles),
                torch.from_numpy(mirrored),
                about,
            )
            for name, one in self.images.items()
        }
        gaps = self.poses[chosen, None, :2] - self.poses[None, others, :2]
        apart = np.hypot(gaps[..., 0], gaps[..., 1]) > NEGATIVE
        apart |= self.world_of[chosen, None] != self.world_of[None, others]
        return Batch(images, torch.from_numpy(apart))


def _positives(
    anchors: NDArray[np.float64], others: NDArray[np.float64], first: int
) -> list[NDArray[np.int64]]:
    """Return for each pose (x, y, heading) the numbers of others near it that look the same way.

    The others are numbered from `first` on.
    """
    near = cKDTree(others[:, :2]).query_ball_point(anchors[:, :2], POSITIVE)
    found = []
    for pose, rows in zip(anchors, near, strict=True):
        kept = np.array(sorted(rows), np.int64)
        turn = others[kept, 2] - pose[2]
        found.append(first + kept[np.abs(np.angle(np.exp(1j * turn))) <= ALIKE])
    return found

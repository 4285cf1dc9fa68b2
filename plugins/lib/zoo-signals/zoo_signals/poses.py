"""Poses that several cameras see: 2-D joints in, 3-D joints of the camera's frame out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from zoo_tables import open_arrays

from zoo_core import Split, fetch
from zoo_signals.cameras import VIRTUAL, Camera, normalised
from zoo_signals.skeleton import H36M16, Skeleton
from zoo_signals.specs.poses import CMU_POSE16

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Poses:
    """M poses of J joints, each seen by C cameras.

    `inputs` (M, C, J, 2) are normalised image coordinates, `targets` (M, C, J, 3) metres in the
    camera's frame (x to the right, y down, z forward) from the root joint. `rows` maps each split
    to its poses; `subjects` and `actions` have one name a pose.
    """

    inputs: Tensor
    targets: Tensor
    rows: Mapping[str, Tensor]
    subjects: Sequence[str]
    actions: Sequence[str]
    skeleton: Skeleton = H36M16
    facts: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])


def seen(positions: Array, cameras: Sequence[Camera] = VIRTUAL) -> tuple[Tensor, Tensor]:
    """Return what cameras see of poses (M, J, 3): inputs (M, C, J, 2), targets (M, C, J, 3).

    Positions are in the world's metres, y up; see `Poses`. Raises `BadInput` for joints that do not
    lie in front of a camera.
    """
    inputs, targets = [], []
    for camera in cameras:
        points = camera.sees(positions)
        inputs.append(normalised(camera.project(points), camera.width, camera.height))
        targets.append(points - points[:, :1])
    first, second = (
        torch.from_numpy(np.stack(one, axis=1).astype(np.float32)) for one in (inputs, targets)
    )
    return first, second


def cmu_pose16() -> Poses:
    """Return poses of the CMU database on the 16 joints of Human3.6M, seen by four cameras.

    Real recordings, virtual cameras. The bodies of walking test subjects are in no other split; of
    the eight other actions all are of one body, and one is in the test alone.
    """
    with open_arrays(fetch(CMU_POSE16)) as arrays:
        positions = arrays["positions"].astype(np.float64)
        split = arrays["split"]
        subjects, actions = (tuple(map(str, arrays[key])) for key in ("subject", "action"))
    inputs, targets = seen(positions)
    return Poses(
        inputs=inputs,
        targets=targets,
        rows={
            name: torch.from_numpy(np.flatnonzero(split == name))
            for name in ("train", "val", "test")
        },
        subjects=subjects,
        actions=actions,
        facts=told(subjects, actions),
    )


def told(subjects: Sequence[str], actions: Sequence[str]) -> dict[str, int | str]:
    """Return what a card says of poses."""
    return {
        "poses": len(subjects),
        "subjects": len(set(subjects)),
        "actions": len(set(actions)),
    }

"""Recordings of people in motion, of any source, to poses that cameras see, with splits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_core import BadInput
from zoo_signals.poses import Poses, seen, told
from zoo_signals.skeleton import H36M16

Array = NDArray[np.float64]

ROOM = 1.5
"""How far from the origin people walk, in metres: virtual cameras stand 6 m away."""
_TALLNESS = (0.2, 1.5)
"""From hip to head in metres: of anybody."""
OFFICIAL = {"train": ("S1", "S5", "S6", "S7"), "val": ("S8",), "test": ("S9", "S11")}
"""Subjects of Human3.6M; S8, which the usual protocol trains on, chooses the epoch here."""


@dataclass(frozen=True)
class Recording:
    """One recording: joints (n, 16, 3) in metres with y up, who it is, and what they do."""

    positions: Array
    subject: str
    action: str
    label: str


def checked(positions: object, label: str) -> Array:
    """Return the 16 joints (n, 16, 3) of an array (n, J, 3) of 16, 17 or 32 joints of Human3.6M.

    Of 17 the ninth, neck and nose, is left out, and of 32 those that are no joints of a skeleton.
    Raises `BadInput` for other shapes, and for NaN.
    """
    kept = {
        16: list(range(16)),
        17: [one for one in range(17) if one != 9],
        32: [0, 1, 2, 3, 6, 7, 8, 12, 13, 15, 17, 18, 19, 25, 26, 27],
    }
    try:
        found = np.asarray(positions, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInput(f"{label} is no array of numbers (n, 16, 3).") from None
    if found.ndim != 3 or found.shape[1] not in kept or found.shape[2] not in (2, 3):
        raise BadInput(
            f"{label} has the shape {found.shape}; expected (n, J, 3) with the 16, 17 or 32 joints "
            "of Human3.6M."
        )
    if len(found) == 0 or not np.isfinite(found).all():
        raise BadInput(f"{label} has no frames, or NaN in them; leave those frames out.")
    return found[:, kept[found.shape[1]]]


def upright(positions: Array, label: str) -> Array:
    """Return positions as they are, where they are metres with y up.

    Raises `BadInput` where the head is not that far above the hip that it is a person's.
    """
    hip, head = (H36M16.joints.index(name) for name in ("Hip", "Head"))
    rise = positions[:, head] - positions[:, hip]
    tall = float(np.median(np.linalg.norm(rise, axis=-1)))
    low, high = _TALLNESS
    if not low <= tall <= high:
        raise BadInput(
            f"{label}: from hip to head it is {tall:.3g}; expected metres ({low} to {high})."
        )
    if float(np.median(rise[:, 1])) < 0.5 * tall:
        raise BadInput(f"{label}: the head is not above the hip; expected positions with y up.")
    return positions


def centred(positions: Array) -> Array:
    """Return a recording moved to the middle of the room, its track shrunk to fit into it.

    Poses stay as they are; heights too.
    """
    track = positions[:, 0] * (1.0, 0.0, 1.0)
    away = track - track.mean(0)
    farthest = float(np.linalg.norm(away, axis=-1).max())
    moved: Array = away * (ROOM / max(farthest, ROOM)) - track
    return positions + moved[:, None]


def as_poses(recordings: Sequence[Recording], seed: int) -> Poses:
    """Return recordings as virtual cameras see them, split by subject or by recording.

    Raises `BadInput` for fewer than three recordings.
    """
    rows = dealt(recordings, seed)
    positions = np.concatenate([centred(one.positions) for one in recordings])
    inputs, targets = seen(positions)
    return named(recordings, inputs, targets, rows)


def named(
    recordings: Sequence[Recording],
    inputs: Tensor,
    targets: Tensor,
    rows: dict[str, Tensor],
) -> Poses:
    """Return poses with the subject and the action of their recordings."""
    subjects, actions = (
        tuple(getattr(one, key) for one in recordings for _ in range(len(one.positions)))
        for key in ("subject", "action")
    )
    return Poses(inputs, targets, rows, subjects, actions, facts=told(subjects, actions))


def dealt(recordings: Sequence[Recording], seed: int) -> dict[str, Tensor]:
    """Return the rows of each split: whole subjects, or else whole recordings.

    The subjects of Human3.6M have their usual parts. Otherwise a fifth of the subjects (where there
    are five or more) or of the recordings is for the test, as many choose the epoch, and a `seed`
    draws them: frames of one recording are alike, and never in two splits. Raises `BadInput` for
    fewer than three.
    """
    subjects = sorted({one.subject for one in recordings})
    if all(any(set(subjects) & set(part)) for part in OFFICIAL.values()) and set(subjects) <= {
        name for part in OFFICIAL.values() for name in part
    }:
        where = [
            next(part for part, names in OFFICIAL.items() if one.subject in names)
            for one in recordings
        ]
        return _rows(recordings, where)
    keys = (
        [one.subject for one in recordings]
        if len(subjects) >= 5
        else [str(number) for number in range(len(recordings))]
    )
    groups = sorted(set(keys))
    if len(groups) < 3:
        raise BadInput(
            f"There are {len(groups)} recordings; give three or more, one each to learn from, to "
            "choose the epoch, and to test on: frames of one recording are alike."
        )
    order = np.random.default_rng(seed).permutation(groups).tolist()
    part = max(1, len(groups) // 5)
    places = {key: ("test", "val", "train")[min(2, i // part)] for i, key in enumerate(order)}
    return _rows(recordings, [places[key] for key in keys])


def _rows(recordings: Sequence[Recording], where: Sequence[str]) -> dict[str, Tensor]:
    each = np.repeat(where, [len(one.positions) for one in recordings])
    return {
        name: torch.from_numpy(np.flatnonzero(each == name)) for name in ("train", "val", "test")
    }

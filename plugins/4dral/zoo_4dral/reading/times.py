"""Which pose belongs to which scan, by the times of both."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zoo_4dral.reading.tables import table_of
from zoo_core import BadInput, notice

Array = NDArray[np.float64]

TIMES = "times.txt"
"""A drive's file with the time of each scan in seconds, as KITTI has it."""
NEAR = 0.05
"""Seconds up to which a pose is taken as it is, before the first one and after the last one too."""
WIDEST = 1.0
"""Seconds between two poses up to which scans between them are placed."""
TOGETHER = 0.1
"""Seconds up to which scans of two sensors were taken at one place."""
_SECONDS = re.compile(r"\d{10}([._]\d{1,9})?")
_UNITS = {13: 1e3, 16: 1e6, 19: 1e9}
"""Of times since 1970 that are whole numbers, by their digits: how many are a second."""


@dataclass(frozen=True)
class Track:
    """Poses (n, 3), x and y in metres and heading in radians; their times (n,) if they are told."""

    poses: Array
    times: Array | None = None


def times_of(folder: Path, files: Sequence[Path]) -> Array | None:
    """Return when the scans of a drive were taken (n,), in seconds, or None if nothing tells it.

    The names of `files` may tell it, times since 1970 in seconds (1645513241.25, or
    1645513241_250000000), or whole numbers of milli-, micro- or nanoseconds; or else times.txt in
    the folder, a line for each scan. Raises `BadInput` for one that has not as many.
    """
    stems = [one.stem for one in files]
    if all(_SECONDS.fullmatch(one) or (one.isdecimal() and len(one) in _UNITS) for one in stems):
        return np.array([_seconds(one) for one in stems])
    path = folder / TIMES
    if not path.is_file():
        return None
    table = np.asarray(table_of(path, ("time",)).numbers(), np.float64)
    if table.shape != (len(files), 1) or not np.isfinite(table).all():
        raise BadInput(
            f"{path} has a table of {table.shape[0]:,} x {table.shape[1]} for {len(files):,} files "
            f"of {files[0].parent.name}; expected a time in seconds for each."
        )
    return table[:, 0]


def _seconds(stem: str) -> float:
    if stem.isdecimal() and len(stem) in _UNITS:
        return int(stem) / _UNITS[len(stem)]
    whole, _, rest = stem.partition("_")
    return int(whole) + int(rest) / 1e9 if rest else float(whole)


def matched(
    folder: Path, track: Track, times: Mapping[str, Array]
) -> tuple[Array, dict[str, NDArray[np.int64]]]:
    """Return the poses (n, 3) of scans, and for each sensor the numbers (n,) of these scans.

    Poses are taken between two of the track's, in proportion to the time. Of two sensors the first
    one's scans are placed, each with the scan of the other that is nearest in time, 0.1 s at most.
    What has no pose or no such scan is left out with a notice. Raises `BadInput` where nothing is
    left, and for times of poses that do not increase.
    """
    assert track.times is not None
    if len(track.times) < 2 or not (np.diff(track.times) > 0).all():
        raise BadInput(
            f"The poses of {folder} have times that do not increase; expected two poses or more, "
            "one after the other."
        )
    (first, taken), *others = times.items()
    poses, kept = _between(track.poses, track.times, taken)
    rows = {first: np.arange(len(taken))}
    for sensor, other in others:
        rows[sensor] = np.abs(other[None] - taken[:, None]).argmin(1)
        kept &= np.abs(other[rows[sensor]] - taken) <= TOGETHER
    if not kept.any():
        raise BadInput(
            f"{folder} has scans of {first} from {taken.min():.3f} to {taken.max():.3f} s and "
            f"poses from {track.times[0]:.3f} to {track.times[-1]:.3f} s, and no scan has a pose; "
            "expected times of one clock."
        )
    if not kept.all():
        notice(
            f"{folder.name}: {(~kept).sum():,} of {len(kept):,} scans of {first} have no pose"
            f"{' or no scan of the other sensor' if others else ''} near in time, and were left "
            "out."
        )
    return poses[kept], {sensor: one[kept] for sensor, one in rows.items()}


def _between(poses: Array, times: Array, asked: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return poses at the times that are asked for, and which of them are known."""
    after = np.searchsorted(times, asked, side="right").clip(1, len(times) - 1)
    before = after - 1
    begin, end = times[before], times[after]
    share = ((asked - begin) / (end - begin)).clip(0, 1)
    step = poses[after] - poses[before]
    step[:, 2] = np.angle(np.exp(1j * step[:, 2]))
    near = np.minimum(np.abs(asked - begin), np.abs(asked - end)) <= NEAR
    inside = (begin <= asked) & (asked <= end) & (end - begin <= WIDEST)
    return poses[before] + share[:, None] * step, near | inside

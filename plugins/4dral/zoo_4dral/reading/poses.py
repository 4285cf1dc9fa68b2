"""Poses in the plane, x and y in metres and heading in radians, from the formats in use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from zoo_4dral.reading.tables import in_memory, named_columns, table_of
from zoo_4dral.reading.times import Track
from zoo_core import BadInput, notice

Array = NDArray[np.float64]

FRAMES = ("camera", "body")
HEADINGS = ("heading", "yaw", "theta")
_TURN = 2 * np.pi + 1e-6


def read_poses(source: Any, frame: str = "camera") -> Array:
    """Return poses (n, 3): x and y in metres, heading in radians from x to y.

    `source` is the path of a text file, or numbers in memory. By the columns of a row: 12 or 16 are
    a matrix, row by row, as in KITTI's files; 8 are TUM's (time, x, y, z and a quaternion x, y, z,
    w); 3 are x, y and heading, and so are columns of these names. Arrays (n, 3, 4) and (n, 4, 4)
    are matrices too. `frame` tells what the axes of matrices are: those of a camera (x right, y
    down, z ahead, as in KITTI) or of a body (x ahead, y left, z up). TUM's are of a body. Raises
    `BadInput` for other shapes, for what is not finite, for rotations that are none, and for
    headings in degrees.
    """
    return read_track(source, frame).poses


def read_track(source: Any, frame: str = "camera") -> Track:
    """Return what `read_poses` returns, with the times in seconds that TUM's rows tell."""
    if frame not in FRAMES:
        raise BadInput(f"frame={frame!r}; expected {' or '.join(FRAMES)}.")
    label = Path(source).name if isinstance(source, str | Path) else "The table of poses"
    table = _table(source, label)
    if not len(table):
        raise BadInput(f"{label} has no poses; expected one for each scan.")
    if not np.isfinite(table).all():
        raise BadInput(f"{label} has numbers that are not finite.")
    width = table.shape[1]
    if width == 3:
        if np.abs(table[:, 2]).max() > _TURN:
            raise BadInput(f"{label} has headings beyond a turn; give them in radians.")
        return Track(table)
    if width == 8:
        return Track(_of_quaternions(table, label), table[:, 0])
    if width in (12, 16):
        return Track(_of_matrices(table.reshape(-1, width // 4, 4)[:, :3], frame, label))
    raise BadInput(
        f"{label} has {width} numbers a row; expected 12 (KITTI), 8 (TUM), or 3 (x, y, heading)."
    )


def _table(source: Any, label: str) -> Array:
    array = in_memory(source, label)
    if array is not None:
        if array.ndim == 3 and array.shape[1:] in ((3, 4), (4, 4)):
            return array.reshape(len(array), -1)
        if array.ndim != 2:
            raise BadInput(f"{label} has the shape {array.shape}; expected a pose in each row.")
        return array
    if isinstance(source, str | Path) and not Path(source).expanduser().is_file():
        raise BadInput(f"There is no file {source}; expected poses, one a line.")
    table = table_of(source, ("x", "y", *HEADINGS))
    names = {name.lower() for name in table.names or ()}
    turn = next((one for one in HEADINGS if one in names), None)
    if turn is not None and {"x", "y"} <= names:
        return named_columns(table, ("x", "y", turn))
    return np.asarray(table.numbers())


def _of_quaternions(table: Array, label: str) -> Array:
    norms = np.linalg.norm(table[:, 4:], axis=1)
    if np.abs(norms - 1).max() > 0.01:
        raise BadInput(f"{label} has quaternions whose norm is not 1; expected TUM's x, y, z, w.")
    matrices = Rotation.from_quat(table[:, 4:]).as_matrix()
    return np.column_stack([table[:, 1:3], np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0])])


def _of_matrices(matrices: Array, frame: str, label: str) -> Array:
    turns, places = matrices[:, :, :3], matrices[:, :, 3]
    if np.abs(turns @ turns.transpose(0, 2, 1) - np.eye(3)).max() > 0.01:
        raise BadInput(f"{label} has rotations that are none: their rows are no unit vectors.")
    if frame == "body":
        return np.column_stack([places[:, :2], np.arctan2(turns[:, 1, 0], turns[:, 0, 0])])
    notice(
        f"{label}: matrices were taken as those of KITTI's camera (z ahead); give frame='body' "
        "where x is ahead."
    )
    ahead = turns[:, :, 2]
    heading = np.arctan2(-ahead[:, 0], ahead[:, 2])
    return np.column_stack([places[:, 2], -places[:, 0], heading])

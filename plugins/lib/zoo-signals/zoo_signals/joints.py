"""Joints in and out: tables and arrays of 2-D joints that people have, rows of 3-D joints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from zoo_tables import Table, read_table

from zoo_core import BadInput, closest, notice
from zoo_signals.cameras import normalised

Array = NDArray[np.float64]
MOST = 3.0
"""How far normalised coordinates may lie from the middle of an image: it ends at 1."""


def read_joints(
    source: Any,
    names: Sequence[str],
    nodes: int,
    width: float | None,
    height: float | None,
    header: bool | None = None,
) -> NDArray[np.float32]:
    """Return poses (m, J, 2) in normalised image coordinates, of a network with `nodes` joints.

    `source` is a table (CSV, and what else `zoo_tables` reads) with the columns x and y and a row
    for each joint: in the order of `names`, or with a column "joint" that has them; poses after one
    another, or with a column "pose". Or it has a row for each pose, and the columns NAME_x and
    NAME_y for every joint. Or an array (J, 2) or (m, J, 2). Coordinates are pixels, y down, of
    images of `width` x `height`; without these they are normalised already. A table of two columns
    of numbers has names above them or, with `header` false, none.

    Raises `BadInput` for what is not known: joints that lack or have other names, NaN, pixels
    without the image's size.
    """
    if source is None:
        raise BadInput(
            f"Give the 2-D joints of a pose: a table with x and y of {nodes} joints, or an array."
        )
    if (width is None) != (height is None):
        raise BadInput("Give both width and height of the image, or neither.")
    if isinstance(source, Tensor):
        source = source.detach().cpu().numpy()
    if isinstance(source, np.ndarray | list):
        poses = _of_array(source, nodes)
    else:
        poses = _of_table(read_table(source, text=("joint",), header=header), names, nodes)
    if len(poses) == 0:
        raise BadInput("There is no pose in it.")
    wrong = np.argwhere(~np.isfinite(poses).all(-1))
    if len(wrong):
        pose, joint = wrong[0].tolist()
        name = names[joint] if names else str(joint)
        raise BadInput(
            f"Pose {pose} has no place for {name} (NaN or infinite); the network needs all {nodes} "
            "joints, so fill it in or leave the pose out."
        )
    if width is not None and height is not None:
        poses = normalised(poses, width, height)
        size = "of the image"
    else:
        size = "without width and height, which pixels need"
    if np.abs(poses).max() > MOST:
        raise BadInput(
            f"Joints lie far outside {size}: normalised coordinates reach "
            f"{np.abs(poses).max():.3g}, where an image ends at 1."
        )
    return poses.astype(np.float32)


def warn_of_size(poses: NDArray[np.float32], extent: Sequence[float] | None) -> None:
    """Say, once, where poses are smaller or larger than all that the network was trained on."""
    if extent is None:
        return
    sizes = size_of(poses)
    least, most = extent
    outside = (sizes < least) | (sizes > most)
    if bool(outside.any()):
        notice(
            f"{int(outside.sum())} of {len(sizes)} poses have another size in the image than those "
            f"trained on ({sizes[outside][0]:.3f}; expected {least:.3f} to {most:.3f}), where the "
            "network knows nothing: it was trained on whole people some 6 m from a camera with a "
            "focal length of 1.145 widths."
        )


def size_of(poses: NDArray[Any]) -> Array:
    """Return the root mean square distance (m,) of the joints of (m, J, 2) from their mean."""
    centred = poses.astype(np.float64) - poses.mean(1, keepdims=True, dtype=np.float64)
    sizes: Array = np.sqrt((centred**2).sum(-1).mean(-1))
    return sizes


def rows_of(found: Tensor, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row for each joint of poses (m, J, 3) in metres: millimetres from the root joint.

    x to the right, y down, z away from the camera. Joints without `names` have numbers.
    """
    millimetres = (1000 * (found - found[:, :1])).detach().double().cpu().numpy()
    labels = names or tuple(map(str, range(found.shape[1])))
    return [
        {"pose": number, "joint": name, "x": x, "y": y, "z": z}
        for number, pose in enumerate(millimetres.round(2))
        for name, (x, y, z) in zip(labels, pose.tolist(), strict=True)
    ]


def _of_array(source: Any, nodes: int) -> Array:
    try:
        poses = np.asarray(source, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadInput(f"This is no array of numbers ({nodes}, 2).") from None
    poses = poses[None] if poses.ndim == 2 else poses
    if poses.ndim != 3 or poses.shape[1:] != (nodes, 2):
        raise BadInput(
            f"The joints have the shape {np.shape(source)}; expected ({nodes}, 2), or (poses, "
            f"{nodes}, 2)."
        )
    return poses


def _of_table(table: Table, names: Sequence[str], nodes: int) -> Array:
    columns = table.names or ()
    if {"x", "y"} <= set(columns) or (not columns and len(table.columns) == 2):
        return _long(table, names, nodes)
    wide = [name for name in columns if name.endswith(("_x", "_y"))]
    if wide:
        return _wide(table, names, nodes)
    has = (
        f"the columns {', '.join(columns[:6])}"
        if columns
        else f"{len(table.columns)} columns without names"
    )
    raise BadInput(
        f"{table.label} has {has}; expected x and y (with a row for each joint), or "
        "NAME_x and NAME_y of every joint (with a row for each pose)."
    )


def _column(table: Table, name: str) -> NDArray[Any]:
    assert table.names is not None
    return table.columns[table.names.index(name)]


def _numbers(column: NDArray[Any], label: str, name: str) -> Array:
    try:
        return column.astype(np.float64)
    except (TypeError, ValueError):
        raise BadInput(f"{label} has words in the column {name}; expected numbers.") from None


def _long(table: Table, names: Sequence[str], nodes: int) -> Array:
    """Return poses of a table that has a row for each joint."""
    label, columns = table.label, table.names
    known = ("pose", "joint", "x", "y")
    unknown = [name for name in columns or () if name not in known]
    if unknown:
        raise BadInput(
            f"{label} has a column {unknown[0]!r}, which says nothing here; expected "
            f"{', '.join(known)}."
        )
    places = ("x", "y") if columns else (0, 1)
    xy = np.stack(
        [
            _numbers(table.columns[i] if isinstance(i, int) else _column(table, i), label, str(i))
            for i in places
        ],
        axis=1,
    )
    if columns and "pose" in columns:
        _, first, pose = np.unique(_column(table, "pose"), return_index=True, return_inverse=True)
        # Poses stay in the order in which they come.
        pose = np.argsort(np.argsort(first))[pose]
    elif len(xy) % nodes == 0:
        pose = np.arange(len(xy)) // nodes
    else:
        raise BadInput(
            f"{label} has {len(xy)} rows; expected {nodes}, one for each joint, or as many for "
            "each of several poses."
        )
    found = np.full((int(pose.max(initial=-1)) + 1, nodes, 2), np.nan)
    for number in range(len(found)):
        rows = np.flatnonzero(pose == number)
        if len(rows) != nodes:
            raise BadInput(
                f"{label}: pose {number} has {len(rows)} joints; expected {nodes}{_told(names)}."
            )
        order: Sequence[int] = range(nodes)
        if columns and "joint" in columns:
            order = _order(list(_column(table, "joint")[rows]), names, label, number)
        found[number, order] = xy[rows]
    return found


def _order(given: Sequence[Any], names: Sequence[str], label: str, pose: int) -> list[int]:
    """Return which joint each row is."""
    if not names:
        raise BadInput("This network's joints have no names; leave the column joint out.")
    known = {name.lower(): place for place, name in enumerate(names)}
    order = []
    for word in given:
        name = str(word).strip()
        if name.lower() not in known:
            raise BadInput(
                f"{label} has a joint {name!r}{closest(name, names)} Expected{_told(names)}."
            )
        order.append(known[name.lower()])
    if len(set(order)) < len(order):
        twice = next(names[one] for one in order if order.count(one) > 1)
        lost = next(name for place, name in enumerate(names) if place not in order)
        raise BadInput(f"{label}: pose {pose} has {twice} twice, and no {lost}.")
    return order


def _wide(table: Table, names: Sequence[str], nodes: int) -> Array:
    """Return poses of a table that has a row for each pose."""
    if not names:
        raise BadInput("This network's joints have no names; give a table with x and y.")
    columns = {str(name).lower(): str(name) for name in table.names or ()}
    wanted = [f"{name}_{axis}" for name in names for axis in "xy"]
    missing = [name for name in wanted if name.lower() not in columns]
    if missing:
        raise BadInput(
            f"{table.label} has no column {missing[0]}; expected NAME_x and NAME_y of all {nodes} "
            f"joints{_told(names)}."
        )
    unknown = sorted(set(columns) - {name.lower() for name in wanted} - {"pose"})
    if unknown:
        name = columns[unknown[0]]
        raise BadInput(
            f"{table.label} has a column {name!r}{closest(name, wanted)} Expected NAME_x and NAME_y"
            f"{_told(names)}."
        )
    found = [_numbers(_column(table, columns[name.lower()]), table.label, name) for name in wanted]
    return np.stack(found, axis=1).reshape(-1, nodes, 2)


def _told(names: Sequence[str]) -> str:
    return f": {', '.join(names)}" if names else ""

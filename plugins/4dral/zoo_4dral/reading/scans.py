"""One scan of a sensor: points with x ahead, y left and z up, in metres, from whatever has them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zoo_tables import open_arrays

from zoo_4dral.reading.pcd import read_pcd
from zoo_4dral.reading.tables import in_memory, named_columns, table_of
from zoo_core import BadInput, notice

COLUMNS = {
    "radar": ("x", "y", "z", "rcs", "v_r", "v_r_compensated", "time"),
    "lidar": ("x", "y", "z", "reflectance"),
}
"""Of the raw float32 files of View-of-Delft, and of KITTI's LiDAR."""
SUFFIXES = (".bin", ".pcd", ".npy", ".npz", ".csv", ".txt")
FURTHEST = 1000.0
"""Metres; numbers beyond are no coordinates of a scan."""
BEYOND = 1e6
"""Metres; such returns are no numbers, like those that are infinite."""
MOST_COLUMNS = 15
"""Of points whose columns are not named; more are pixels."""
_ARRAYS = ("points", "scan", "xyz")


def read_scan(
    source: Any, sensor: str = "radar", columns: str | None = None
) -> NDArray[np.float32]:
    """Return the points (n, 3) of a scan: x ahead, y left and z up, in metres.

    `source` is the path of a file: .bin (raw float32, the columns of View-of-Delft: 7 of a radar's
    points, 4 of a LiDAR's), .pcd, .npy, .npz (an array points, or x, y and z), .csv or .txt; or an
    array, a tensor or a table in memory. Columns without a name are x, y, z and others. `columns`
    names those of a .bin or an array otherwise, as "x,y,z,intensity"; z may be missing, and is then
    0. Returns that are no finite numbers, and those at (0, 0, 0), which stand for none, are left
    out with a notice. Raises `BadInput` for what is no scan, for an empty one, and for columns that
    do not fit.
    """
    if sensor not in COLUMNS:
        raise BadInput(f"sensor={sensor!r}; expected radar or lidar.")
    names = _named(columns)
    label = Path(source).name if isinstance(source, str | Path) else "The scan"
    if isinstance(source, str | Path):
        table = _from_file(Path(source).expanduser(), sensor, names)
    else:
        table = _from_memory(source, names, label)
    return _checked(table, label)


def _named(columns: str | None) -> tuple[str, ...] | None:
    if columns is None:
        return None
    names = tuple(one.strip().lower() for one in str(columns).split(","))
    if not {"x", "y"} <= set(names) or len(set(names)) < len(names):
        raise BadInput(
            f"columns={columns!r}; expected names, each once, with x and y, as 'x,y,z,rcs'."
        )
    return names


def _from_file(path: Path, sensor: str, names: tuple[str, ...] | None) -> NDArray[np.float64]:
    suffix = path.suffix.lower()
    if not path.is_file():
        raise BadInput(f"There is no file {path}; expected a scan ({', '.join(SUFFIXES)}).")
    if suffix not in SUFFIXES:
        raise BadInput(f"{path.name} is no scan by its suffix; expected {', '.join(SUFFIXES)}.")
    if suffix == ".bin":
        return _from_raw(path, names or COLUMNS[sensor], told=names is not None, sensor=sensor)
    if names is not None and suffix in (".pcd", ".csv"):
        notice(f"The columns of {path.name} are named in the file; those given are not used.")
    if suffix == ".pcd":
        return _stacked(read_pcd(path), path.name)
    if suffix in (".npy", ".npz"):
        with open_arrays(path) as arrays:
            found = {name: arrays[name] for name in arrays.names}
        chosen = next((name for name in _ARRAYS if name in found), None)
        if chosen is None and len(found) == 1:
            chosen = next(iter(found))
        if chosen is not None:
            return _from_memory(found[chosen], names, path.name)
        return _stacked(found, path.name)
    return _from_table(path, names, path.name)


def _from_raw(
    path: Path, names: tuple[str, ...], *, told: bool, sensor: str
) -> NDArray[np.float64]:
    content = path.read_bytes()
    width = len(names)
    if len(content) % (4 * width):
        raise BadInput(
            f"{path.name} has {len(content):,} bytes, which are no rows of {width} float32 "
            f"({', '.join(names)}); name its columns, as columns='x,y,z,intensity'."
        )
    table = np.frombuffer(content, "<f4").reshape(-1, width).astype(np.float64)
    near = np.abs(table[:, [names.index(axis) for axis in "xy"]])
    if not told and len(table) and not (np.isnan(near) | (near <= FURTHEST)).all():
        raise BadInput(
            f"{path.name} has coordinates beyond {FURTHEST:g} m when it is read as rows of {width} "
            f"numbers ({sensor}: {', '.join(names)}); name its columns, as columns='x,y,z'."
        )
    if not told and len(table):
        notice(f"Scans in .bin files were read as rows of {width} float32: {', '.join(names)}.")
    return _picked(table, names)


def _from_memory(source: Any, names: tuple[str, ...] | None, label: str) -> NDArray[np.float64]:
    if isinstance(source, np.ndarray) and source.dtype.names:
        return _stacked({name: source[name] for name in source.dtype.names}, label)
    if isinstance(source, Mapping):
        return _stacked(source, label)
    table = in_memory(source, label)
    if table is None:
        return _from_table(source, names, label)
    if table.ndim != 2:
        raise BadInput(f"{label} has the shape {table.shape}; expected points (n, 3), or more.")
    return _picked(table, names)


def _from_table(source: Any, names: tuple[str, ...] | None, label: str) -> NDArray[np.float64]:
    table = table_of(source, ("x", "y", "z"))
    if table.names is None:
        return _picked(table.numbers(), names)
    known = {name.lower() for name in table.names}
    axes = tuple(one for one in "xyz" if one in known)
    if not {"x", "y"} <= set(axes):
        raise BadInput(f"{label} has no columns x and y; it has {', '.join(table.names)[:80]}.")
    return _picked(named_columns(table, axes), axes)


def _stacked(fields: Mapping[Any, Any], label: str) -> NDArray[np.float64]:
    """Return points (n, 3) of columns by name."""
    lower = {str(name).lower(): np.asarray(values) for name, values in fields.items()}
    if not {"x", "y"} <= set(lower):
        raise BadInput(f"{label} has no x and y; it has {', '.join(lower)[:80] or 'nothing'}.")
    axes = [lower[axis] for axis in "xyz" if axis in lower]
    if len({axis.shape for axis in axes}) > 1 or axes[0].ndim != 1:
        raise BadInput(f"{label} has x, y and z of shapes that differ; expected (n,) for each.")
    if any(axis.dtype.kind not in "iuf" for axis in axes):
        raise BadInput(f"{label} has coordinates that are no numbers.")
    return _picked(np.stack(axes, 1).astype(np.float64), tuple("xyz"[: len(axes)]))


def _picked(table: NDArray[np.float64], names: tuple[str, ...] | None) -> NDArray[np.float64]:
    """Return x, y and z (n, 3) of a table; z is 0 where there is none."""
    if names is None:
        if table.shape[1] > MOST_COLUMNS:
            raise BadInput(
                f"The scan has the shape {table.shape}, and points have {MOST_COLUMNS} columns at "
                "most where these are not named; an image is a square, or a .png or .jpg file."
            )
        names = ("x", "y", "z")[: table.shape[1]]
    elif len(names) != table.shape[1]:
        raise BadInput(
            f"The scan has {table.shape[1]} columns, and {len(names)} names were given "
            f"({', '.join(names)})."
        )
    if len(names) < 2:
        raise BadInput(f"The scan has {table.shape[1]} columns; expected x, y and z at least.")
    found = np.zeros((len(table), 3))
    for place, axis in enumerate("xyz"):
        if axis in names:
            found[:, place] = table[:, names.index(axis)]
    return found


def _checked(points: NDArray[np.float64], label: str) -> NDArray[np.float32]:
    finite = (np.abs(points) < BEYOND).all(1)
    somewhere = finite & points.any(1)
    if not somewhere.any():
        raise BadInput(f"{label} has no points; expected a scan with one return at least.")
    if not finite.all():
        notice(f"{label}: {(~finite).sum():,} returns that are no finite numbers were left out.")
    if (finite & ~somewhere).any():
        notice(
            f"{label}: {(finite & ~somewhere).sum():,} returns at (0, 0, 0), which stand for none, "
            "were left out."
        )
    return points[somewhere].astype(np.float32)

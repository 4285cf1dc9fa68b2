"""What a user has of points, read: one catalogue, or many with what was known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from zoo_tables import Table, open_arrays, read_table

from zoo_clouds.box import Box
from zoo_clouds.catalogue import checked, unit_of
from zoo_clouds.clouds import Cloud, Clouds
from zoo_clouds.hdf5 import SUFFIXES, read_one
from zoo_clouds.suites import PARTS, clouds_of
from zoo_core import BadInput, notice

POSITIONS = ("positions", "pos", "points", "Pos", "coordinates")
VELOCITIES = ("velocities", "vel", "v", "Vel")
BOXES = ("box", "length", "BoxSize", "boxsize", "box_size")
LEAST = 10
"""Clouds of one's own to learn from, to choose by and to test on."""


def read_cloud(
    source: Any, *, box: Any = None, units: str = "Mpc/h", label: str = "The catalogue"
) -> Cloud:
    """Return one catalogue as a `Cloud` in Mpc/h.

    `source` is a table (a text file, a data frame) with the columns x, y, z and perhaps vx, vy, vz,
    in any case, others are left out; an .npz or a dictionary with positions (n, d), or x, y, z, and
    perhaps velocities and box; an HDF5 file of the same names; an array (n, d); a `Cloud`; or
    `Clouds`, of which the first of the test is taken. `box` is the side of the periodic box, one
    side an axis, or None for what the source says, else open space; it is in `units`, like the
    positions: Mpc/h, kpc/h, Mpc or kpc. Velocities are in km/s. Raises `BadInput` for what is none
    of these, and as `zoo_clouds.catalogue.checked` does.
    """
    unit_of(units)
    if isinstance(source, Cloud):
        return source
    if isinstance(source, Clouds):
        notice("Of these clouds the first of the test was taken.")
        return source.clouds[int(source.rows["test"][0])]
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        label = path.name
        if path.suffix.lower() in SUFFIXES:
            return _of_arrays(read_one(path), box, units, label)
        if path.suffix.lower() == ".npz":
            with open_arrays(path) as arrays:
                return _of_arrays({name: arrays[name] for name in arrays.names}, box, units, label)
    if isinstance(source, Mapping):
        return _of_arrays(source, box, units, label)
    return _of_table(source, box, units, label)


def _of_arrays(arrays: Mapping[str, Any], box: Any, units: str, label: str) -> Cloud:
    positions = _first(arrays, POSITIONS)
    velocities = _first(arrays, VELOCITIES)
    lower = {str(name).lower(): name for name in arrays}
    if positions is None:
        axes = [lower[axis] for axis in "xyz" if axis in lower]
        if not axes:
            raise BadInput(
                f"{label} has no positions; expected an array {POSITIONS[0]} (n, d), or x, y and "
                f"z. It has {', '.join(map(str, arrays)) or 'nothing'}."
            )
        positions = _stacked([arrays[axis] for axis in axes], label)
        speeds = [arrays[lower[f"v{axis}"]] for axis in "xyz" if f"v{axis}" in lower]
        if len(speeds) == len(axes):
            velocities = _stacked(speeds, label)
    stored = arrays.get("units")
    if stored is not None and str(np.asarray(stored).item()) != units:
        raise BadInput(
            f"{label} says that it is in {np.asarray(stored).item()} and units={units!r} was "
            "given; give the one that it is in."
        )
    own = _first(arrays, BOXES)
    if box is None and own is not None:
        sides = np.asarray(own, np.float64)
        box = float(sides) if sides.ndim == 0 else sides.tolist()
    return checked(positions, box, velocities, units, label)


def _of_table(source: Any, box: Any, units: str, label: str) -> Cloud:
    if isinstance(source, np.ndarray) and source.ndim == 2:
        return checked(source, box, None, units, label)
    table = read_table(source, columns=["x", "y", "z"])
    label = table.label if isinstance(source, str | Path) else label
    if table.names is None:
        return checked(table.numbers(), box, None, units, label)
    lower = {name.lower(): name for name in table.names}
    axes = [lower[axis] for axis in "xyz" if axis in lower]
    if not axes:
        raise BadInput(f"{label} has no columns x, y and z; it has {', '.join(table.names)[:80]}.")
    speeds = [lower[f"v{axis}"] for axis in "xyz" if f"v{axis}" in lower]
    others = [name for name in table.names if name not in {*axes, *speeds}]
    if others:
        notice(f"Not used of {label}: {', '.join(others)[:80]}.")
    velocities = _columns(table, speeds) if len(speeds) == len(axes) else None
    return checked(_columns(table, axes), box, velocities, units, label)


def read_clouds(
    source: Any,
    *,
    box: Any = None,
    units: str = "Mpc/h",
    test: float = 0.2,
    seed: int = 0,
) -> Clouds:
    """Return clouds of a user's own, to train on and to measure with.

    `source` is a folder with files train, val and test in CosmoBench's HDF5 layout (their names
    hold these words); a folder with a table targets.csv, whose column `file` names a catalogue (see
    `read_cloud`) and whose other columns are what is to be predicted; or an .npz or a dictionary
    with positions (m, n, d), or (N, d) with offsets (m + 1,), perhaps velocities of the same shape,
    targets (m, p), and their names (p,). `box` and `units` are those of `read_cloud`. A share
    `test` of the clouds is for the test, as many choose, drawn with `seed`. Raises `BadInput` for
    fewer than 10 clouds, for targets that do not fit, and as `read_cloud` does.
    """
    if isinstance(source, Clouds):
        return source
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if path.is_dir():
            files = _parts(path)
            if files is not None:
                return clouds_of(files, _side(box, units, path.name))
            clouds, targets, names = _listed(path, box, units)
            return _split(clouds, targets, names, test, seed)
        if path.suffix.lower() != ".npz":
            raise BadInput(
                f"{path.name} is neither an .npz nor a folder; give positions (m, n, d) and "
                "targets, or a folder with targets.csv."
            )
        with open_arrays(path) as arrays:
            source = {name: arrays[name] for name in arrays.names}
    if not isinstance(source, Mapping):
        raise BadInput(
            f"A {type(source).__name__} is no source of clouds; expected a folder, an .npz or a "
            "dictionary."
        )
    clouds, targets, names = _packed(source, box, units)
    return _split(clouds, targets, names, test, seed)


def _parts(folder: Path) -> dict[str, Path] | None:
    files = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES]
    found = {part: [path for path in files if part in path.stem] for part in PARTS}
    if not any(found.values()):
        return None
    for part, several in found.items():
        if len(several) != 1:
            raise BadInput(
                f"{folder.name} has {len(several)} HDF5 files with {part!r} in their names; "
                "expected one each for train, val and test."
            )
    return {part: several[0] for part, several in found.items()}


def _side(box: Any, units: str, label: str) -> float:
    space = Box.of(box, 3)
    sides = set(space.periods)
    if len(sides) > 1 or None in sides:
        raise BadInput(f"{label} does not tell its box; give the side of the cube, box=1000.")
    return float(space.sizes[0]) * unit_of(units)


def _listed(folder: Path, box: Any, units: str) -> tuple[list[Cloud], Any, list[str]]:
    path = folder / "targets.csv"
    if not path.is_file():
        raise BadInput(
            f"{folder.name} has neither targets.csv nor HDF5 files for train, val and test."
        )
    table = read_table(path, header=True, text=["file"])
    names = [name for name in table.names or () if name != "file"]
    if not table.has(["file"]) or not names:
        raise BadInput("targets.csv needs a column file, and a column for each target.")
    clouds = [read_cloud(folder / str(one), box=box, units=units) for one in table.column("file")]
    return clouds, _columns(table, names), names


def _packed(arrays: Mapping[str, Any], box: Any, units: str) -> tuple[list[Cloud], Any, list[str]]:
    positions = _first(arrays, POSITIONS)
    if positions is None:
        raise BadInput(
            f"There are no positions among {', '.join(map(str, arrays)) or 'nothing'}; expected "
            "positions (m, n, d), or (N, d) with offsets."
        )
    velocities = _first(arrays, VELOCITIES)
    own = _first(arrays, BOXES)
    if box is None and own is not None:
        sides = np.asarray(own, np.float64)
        box = float(sides) if sides.ndim == 0 else sides.tolist()
    pieces, speeds = _cut(positions, arrays), None
    if velocities is not None:
        speeds = _cut(velocities, arrays)
        if len(speeds) != len(pieces):
            raise BadInput(f"There are velocities of {len(speeds)} clouds for {len(pieces)}.")
    clouds = [
        checked(one, box, None if speeds is None else speeds[number], units, f"Cloud {number}")
        for number, one in enumerate(pieces)
    ]
    targets = arrays.get("targets")
    if targets is None:
        return clouds, np.zeros((len(clouds), 0)), []
    values = np.asarray(targets, np.float64)
    values = values[:, None] if values.ndim == 1 else values
    names = arrays.get("names")
    known = (
        [f"target {number}" for number in range(values.shape[-1])]
        if names is None
        else [str(one) for one in np.asarray(names).tolist()]
    )
    return clouds, values, known


def _cut(given: Any, arrays: Mapping[str, Any]) -> Sequence[Any]:
    if isinstance(given, list | tuple):
        return given
    array = np.asarray(given)
    if array.ndim == 3:
        return list(array)
    offsets = np.asarray(arrays.get("offsets", []))
    good = array.ndim == 2 and offsets.ndim == 1 and len(offsets) > 1 and offsets.dtype.kind in "iu"
    if not good or offsets[0] != 0 or offsets[-1] != len(array) or (np.diff(offsets) < 0).any():
        raise BadInput(
            f"An array of the shape {array.shape} is no list of clouds; expected (m, n, d), or (N, "
            "d) with offsets that ascend from 0 to N."
        )
    return np.split(array, offsets[1:-1])


def _split(
    clouds: Sequence[Cloud], targets: Any, names: Sequence[str], test: float, seed: int
) -> Clouds:
    count = len(clouds)
    if count < LEAST:
        raise BadInput(f"There are {count} clouds; expected {LEAST} or more to learn and to test.")
    if not 0 < test <= 0.4:
        raise BadInput(f"test={test}; expected a share above 0, of 0.4 at most.")
    values = np.asarray(targets, np.float64)
    if values.shape != (count, len(names)) or not np.isfinite(values).all():
        raise BadInput(
            f"targets have the shape {values.shape}; expected finite numbers ({count}, "
            f"{len(names)}), a row for each cloud."
        )
    boxes = {cloud.box for cloud in clouds}
    if len(boxes) > 1:
        raise BadInput(f"The clouds lie in {len(boxes)} different boxes; expected one.")
    part = max(1, round(test * count))
    order = torch.from_numpy(np.random.default_rng(seed).permutation(count))
    return Clouds(
        clouds=list(clouds),
        targets=torch.from_numpy(values).float(),
        names=list(names),
        rows={"train": order[2 * part :], "val": order[part : 2 * part], "test": order[:part]},
        facts={"clouds": count},
    )


def _first(arrays: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((arrays[name] for name in names if name in arrays), None)


def _stacked(columns: Sequence[Any], label: str) -> Any:
    arrays = [np.asarray(one) for one in columns]
    if len({one.shape for one in arrays}) > 1 or arrays[0].ndim != 1:
        raise BadInput(f"{label} has coordinates of unlike lengths; expected one number a point.")
    return np.stack(arrays, -1)


def _columns(table: Table, names: Sequence[str]) -> Any:
    return table.take([table.place(name) for name in names]).numbers()

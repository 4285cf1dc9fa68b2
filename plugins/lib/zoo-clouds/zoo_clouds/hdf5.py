"""Clouds in HDF5 files, in the layout of CosmoBench: a group of clouds, and their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from zoo_clouds.box import Box
from zoo_clouds.catalogue import checked
from zoo_clouds.clouds import Cloud
from zoo_core import BadInput, DataError

GROUPS = ("BSQ", "LH")
"""Of Quijote, and of CAMELS and CAMELS-SAM."""
PARAMETERS = ("Omega_m", "sigma_8")
AXES = ("X", "Y", "Z")
SUFFIXES = (".hdf5", ".h5", ".hdf")


def open_hdf5(path: Path) -> Any:
    """Return an open file, to be closed by ``with``.

    Raises `DataError` where h5py is not installed, `BadInput` for what is no HDF5 file.
    """
    try:
        import h5py
    except ImportError as error:
        raise DataError(
            f"{path.name} needs h5py to be read, which is not installed: pip install h5py."
        ) from error
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise BadInput(
            f"{path.name} is no HDF5 file that can be read ({_short(error)})."
        ) from error


def read_one(path: Path) -> dict[str, Any]:
    """Return the arrays of a file with one catalogue, by the names that they have in it.

    Raises `BadInput` for a file of many clouds, and for one without any array.
    """
    with open_hdf5(path) as file:
        many = next((name for name in GROUPS if name in file), None)
        if many is not None:
            raise BadInput(
                f"{path.name} has {len(file[many])} clouds under {many}; train on it, or save the "
                "X, Y and Z of one cloud to a file."
            )
        found = {name: node[()] for name, node in file.items() if hasattr(node, "shape")}
        for name, value in file.attrs.items():
            found.setdefault(name, value)
    if not found:
        raise BadInput(f"{path.name} has no array; expected X, Y and Z, or positions (n, 3).")
    return found


@dataclass(frozen=True)
class Hdf5Clouds(Sequence[Cloud]):
    """The clouds of one or more files, one after the other, read when they are asked for."""

    paths: tuple[Path, ...]
    group: str
    counts: tuple[int, ...]
    box: Box

    def __len__(self) -> int:
        return sum(self.counts)

    @overload
    def __getitem__(self, number: int) -> Cloud: ...
    @overload
    def __getitem__(self, number: slice) -> list[Cloud]: ...
    def __getitem__(self, number: int | slice) -> Cloud | list[Cloud]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        place = number
        for path, count in zip(self.paths, self.counts, strict=True):
            if 0 <= place < count:
                return self._read(path, place)
            place -= count
        raise IndexError(f"There are {len(self)} clouds and no cloud {number}.")

    def _read(self, path: Path, place: int) -> Cloud:
        label = f"{path.name}, {self.group}_{place}"
        with open_hdf5(path) as file:
            try:
                one = file[self.group][f"{self.group}_{place}"]
                positions = np.stack([one[axis][()] for axis in AXES], -1)
                speeds = [one[f"V{axis}"][()] for axis in AXES if f"V{axis}" in one]
            except (KeyError, ValueError) as error:
                raise BadInput(f"{label} has no X, Y and Z of one length.") from error
        velocities = np.stack(speeds, -1) if len(speeds) == len(AXES) else None
        # In float32 some points lie at the side of the box itself, which is 0.
        return checked(positions, self.box, velocities, label=label)


def parameters_of(path: Path, names: Sequence[str] = PARAMETERS) -> tuple[str, NDArray[Any]]:
    """Return the name of the group of clouds, and their parameters (m, p) in its order.

    Raises `BadInput` for another layout, and where clouds and parameters are not as many.
    """
    with open_hdf5(path) as file:
        group = next((name for name in GROUPS if name in file), None)
        if group is None or "params" not in file:
            raise BadInput(
                f"{path.name} is not laid out as CosmoBench's clouds are: expected a group "
                f"{' or '.join(GROUPS)} and a group params; it has {', '.join(file) or 'nothing'}."
            )
        known = file["params"]
        missing = [name for name in names if name not in known]
        if missing:
            raise BadInput(f"{path.name} has no parameter {', '.join(missing)} under params.")
        targets = np.stack([known[name][()] for name in names], -1).astype(np.float64)
        count = len(file[group])
    if targets.ndim != 2 or len(targets) != count:
        raise BadInput(f"{path.name} has {count} clouds and parameters of {len(targets)}.")
    if not np.isfinite(targets).all():
        raise BadInput(f"{path.name} has parameters that are no finite numbers.")
    return group, targets


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0][:80]

"""Files of molecules: xyz (plain and extended) and SDF, by `ase`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

_FIELD = re.compile(r"^>.*<([^>]+)>[^\n]*\n([^\n]*)", re.MULTILINE)
SUFFIXES = (".xyz", ".extxyz", ".sdf", ".mol")


@dataclass(frozen=True)
class Frame:
    """One molecule of a file: atomic numbers (n,), places (n, 3) as written, and what is told."""

    numbers: NDArray[np.int64]
    positions: NDArray[np.float64]
    name: str
    values: dict[str, float] = field(default_factory=dict)


def read_frames(path: Path) -> list[Frame]:
    """Return the molecules of an xyz or SDF file; raises `BadInput` for what is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} cannot be read: {error}.") from error
    if not text.strip():
        raise BadInput(f"{path.name} is empty; expected molecules.")
    read = _xyz if path.suffix.lower() in (".xyz", ".extxyz") else _sdf
    try:
        found = list(read(text, path))
    except ModuleNotFoundError as error:
        raise BadInput(f"Reading {path.name} needs ase: pip install ase ({error}).") from error
    if not found:
        raise BadInput(f"{path.name} has no molecule.")
    return found


def frame_of(atoms: Any, name: str) -> Frame:
    """Return the frame of an `ase.Atoms`; raises `BadInput` for a periodic one."""
    if np.any(atoms.get_pbc()):
        raise BadInput(f"{name} has periodic boundaries; expected a molecule by itself.")
    results = {} if atoms.calc is None else atoms.calc.results
    told = {**atoms.info, **results}
    values = {
        key: float(value)
        for key, value in told.items()
        if isinstance(value, int | float | np.number) and not isinstance(value, bool)
    }
    given = told.get("name", name)
    return Frame(
        atoms.get_atomic_numbers().astype(np.int64),
        atoms.get_positions().astype(np.float64),
        given if isinstance(given, str) else name,
        values,
    )


def _xyz(text: str, path: Path) -> Iterator[Frame]:
    from ase.io.extxyz import XYZError, read_xyz

    try:
        frames = list(read_xyz(io.StringIO(text), slice(None)))
    except (XYZError, ValueError, KeyError, IndexError, TypeError, AssertionError) as error:
        raise BadInput(
            f"{path.name} is no xyz file ({error or type(error).__name__}); expected the number of "
            "atoms, a comment, and a line of symbol, x, y, z for each atom."
        ) from error
    for row, atoms in enumerate(frames):
        yield frame_of(atoms, path.stem if len(frames) == 1 else f"{path.stem} {row}")


def _sdf(text: str, path: Path) -> Iterator[Frame]:
    from ase.io.sdf import read_sdf

    records = re.split(r"^\$\$\$\$[^\n]*\n?", text.replace("\r\n", "\n"), flags=re.M)
    for row, record in enumerate(one for one in records if one.strip()):
        # Title, program, comment, counts: the first three may be empty, and none may lack.
        lines = record.split("\n")
        name = lines[0].strip() or f"{path.stem} {row}"
        counts = lines[3] if len(lines) > 3 else ""
        if "V3000" in counts:
            raise BadInput(f"{name} in {path.name} is in V3000; expected V2000, which ase reads.")
        if "V2000" not in counts:
            raise BadInput(f"{name} in {path.name} has no counts in line 4; expected SDF V2000.")
        if lines[1][20:22] == "2D":
            raise BadInput(
                f"{name} in {path.name} is a drawing in two dimensions; expected a geometry."
            )
        try:
            atoms = read_sdf(io.StringIO(record))
        except (ValueError, KeyError, IndexError) as error:
            raise BadInput(f"{name} in {path.name} cannot be read: {error}.") from error
        if len(atoms) != int(counts[:3]):
            raise BadInput(
                f"{name} in {path.name} has {len(atoms)} of {int(counts[:3])} atoms; it is cut off."
            )
        whole = frame_of(atoms, name)
        values = {key: float(value) for key, value in _FIELD.findall(record) if _number(value)}
        yield Frame(whole.numbers, whole.positions, name, values)


def _number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False

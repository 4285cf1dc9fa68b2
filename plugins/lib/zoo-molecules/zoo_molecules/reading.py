"""`read_molecules`: what a person has as molecules, or one sentence about why it is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_tables import open_arrays

from zoo_core import BadInput, closest, notice
from zoo_molecules.coulomb import coulomb
from zoo_molecules.elements import SYMBOLS, atomic_number
from zoo_molecules.energies import check_energies
from zoo_molecules.files import SUFFIXES, Frame, frame_of, read_frames
from zoo_molecules.geometry import check_geometry
from zoo_molecules.molecules import Molecules, dealt
from zoo_molecules.units import ENERGIES, LENGTHS, energy_unit, length_unit

NUMBERS, POSITIONS = ("numbers", "Z", "z", "symbols"), ("positions", "R", "xyz", "pos")
COUNTS = ("counts", "n_atoms", "N")
LEAST_SPLIT = 10
"""How many molecules at least are cut into parts to learn from, to choose by, and to test."""


def read_molecules(
    source: Any,
    *,
    length: str | None = None,
    targets: str | Sequence[str] | None = None,
    units: str | Sequence[str] | Mapping[str, str] | None = None,
    seed: int = 0,
) -> Molecules:
    """Return molecules, with what is known of them.

    `source` is an xyz file (plain or extended, one molecule or many), an SDF or mol file (V2000), a
    pair of atomic numbers (or symbols) and positions, an `ase.Atoms`, an RDKit molecule with a
    conformer, a PyG graph with ``z`` and ``pos``, a list of such, or an .npz or dictionary with
    ``numbers`` and ``positions``: (n,) and (n, 3) of one molecule, (M, n) and (M, n, 3) with zeros
    after the last atom, or all atoms after one another with ``counts`` (M,).

    `length` is the unit of positions: angstrom (as files are), bohr or nm. Geometries in another
    one are refused where bonds tell it (see `zoo_molecules.geometry`).

    `targets` are names of what is to be predicted: numbers that an extended xyz or an SDF has for
    each molecule, or arrays (M,) of the dictionary; "all" takes each. `units` states the unit of
    each, in their order or by name; energies in another unit are refused where their size tells it
    (see `zoo_molecules.energies`). Ten molecules or more are cut by `seed` into 80 % to learn from,
    10 % that choose the epoch and 10 % test.

    Raises `BadInput`, in one sentence, for what is none of these.
    """
    unit = length_unit(length or "angstrom")
    frames = _frames(source)
    counts = [len(frame.numbers) for frame in frames]
    offsets = torch.from_numpy(np.cumsum([0, *counts]))
    names = [frame.name for frame in frames]
    numbers = torch.from_numpy(np.concatenate([frame.numbers for frame in frames]))
    places = np.concatenate([frame.positions for frame in frames])
    positions = torch.from_numpy(places) * LENGTHS[unit]
    if len(wrong := numbers[(numbers < 1) | (numbers > len(SYMBOLS))]):
        raise BadInput(f"{int(wrong[0])} is no atomic number; expected 1 to {len(SYMBOLS)}.")
    check_geometry(numbers, positions, offsets, names, unit, length is not None)
    matrices = coulomb(numbers, positions, offsets)
    wanted = _wanted(targets, frames)
    told = _units(units, wanted)
    columns = torch.tensor(
        [[_value(frame, name) for name in wanted] for frame in frames], dtype=torch.float64
    ).reshape(len(frames), len(wanted))
    traces = torch.zeros(len(frames), dtype=torch.float64)
    traces.index_add_(0, matrices.matrix_of_row, matrices.diagonal)
    for column, (name, one) in enumerate(told.items()):
        check_energies(name, columns[:, column], one, traces, matrices.sizes)
    return Molecules(
        matrices=matrices,
        numbers=numbers,
        positions=positions,
        names=names,
        targets=columns,
        units=told,
        rows=_rows(len(frames), seed),
    )


def _frames(source: Any) -> list[Frame]:
    """Return each molecule of a source, with positions in the unit of the source."""
    if isinstance(source, str | PathLike):
        path = Path(source).expanduser()
        if not path.is_file():
            raise BadInput(f"There is no file {path}; expected an xyz, SDF or npz file.")
        if path.suffix.lower() in SUFFIXES:
            return read_frames(path)
        if path.suffix.lower() == ".npz":
            with open_arrays(path) as arrays:
                return _of_arrays({key: arrays[key] for key in arrays.names}, path.stem)
        raise BadInput(
            f"{path.name} is no file of molecules; expected {', '.join(SUFFIXES)} or .npz."
        )
    if isinstance(source, Mapping):
        return _of_arrays(source, "molecule")
    if isinstance(source, tuple) and len(source) == 2 and not _is_one(source[0]):
        return [_pair(source[0], source[1], "molecule")]
    if _is_one(source):
        return [_one(source, "molecule")]
    if isinstance(source, list | tuple) and source:
        return [_one(each, f"molecule {row}") for row, each in enumerate(source)]
    raise BadInput(
        f"A {type(source).__name__} is no molecule; expected an xyz, SDF or npz file, atomic "
        "numbers and positions, or Atoms of ase."
    )


def _is_one(given: Any) -> bool:
    known = ("get_atomic_numbers", "GetConformer", "pos")
    return any(hasattr(given, name) for name in known)


def _one(given: Any, name: str) -> Frame:
    if hasattr(given, "get_atomic_numbers"):
        return frame_of(given, name)
    if hasattr(given, "GetConformer"):
        try:
            places = given.GetConformer().GetPositions()
        except ValueError as error:
            raise BadInput(f"{name} has no conformer; embed it in space first.") from error
        return _pair([atom.GetAtomicNum() for atom in given.GetAtoms()], places, name)
    if hasattr(given, "pos") and getattr(given, "z", None) is not None:
        return _pair(given.z, given.pos, name)
    if isinstance(given, list | tuple) and len(given) == 2:
        return _pair(given[0], given[1], name)
    raise BadInput(f"{name} is a {type(given).__name__}; expected atomic numbers and positions.")


def _pair(numbers: Any, positions: Any, name: str) -> Frame:
    try:
        charges = np.asarray(numbers)
        if charges.dtype.kind in "US":
            charges = np.array([atomic_number(str(one)) for one in charges.ravel()])
        places = np.asarray(positions, dtype=np.float64)
        whole = charges.astype(np.int64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name} has no atomic numbers and positions: {error}.") from error
    if whole.ndim != 1 or places.shape != (len(whole), 3) or not len(whole):
        raise BadInput(
            f"{name} has atomic numbers of shape {charges.shape} and positions {places.shape}; "
            "expected (n,) and (n, 3)."
        )
    if bool((whole != charges).any()):
        raise BadInput(f"{name} has atomic numbers that are not whole.")
    return Frame(whole, places, name)


def _of_arrays(given: Mapping[str, Any], label: str) -> list[Frame]:
    """Return the molecules of a dictionary, with its other arrays (M,) as their values."""
    used = [_key(given, names, label) for names in (NUMBERS, POSITIONS)]
    numbers, positions = (np.asarray(given[str(key)]) for key in used)
    pieces: Iterable[tuple[Any, Any]]
    counting = next((key for key in COUNTS if key in given), None)
    if counting is not None:
        counts = np.asarray(given[counting]).astype(np.int64)
        if counts.ndim != 1 or counts.sum() != len(numbers) or len(numbers) != len(positions):
            raise BadInput(
                f"{label}: {counting} adds up to {counts.sum()} for {len(numbers)} atomic numbers "
                f"and {len(positions)} positions."
            )
        cuts = np.cumsum(counts)[:-1]
        pieces = zip(np.split(numbers, cuts), np.split(positions, cuts), strict=True)
    elif numbers.ndim == 2 and positions.ndim == 3 and len(numbers) == len(positions):
        pieces = ((z[z != 0], r[z != 0]) for z, r in zip(numbers, positions, strict=True))
    else:
        pieces = [(numbers, positions)]
    frames = [_pair(z, r, f"{label} {row}") for row, (z, r) in enumerate(pieces)]
    for key, value in given.items():
        array = np.asarray(value)
        if key in used or key == counting or array.dtype.kind not in "iuf":
            continue
        if array.shape == (len(frames),):
            for frame, one in zip(frames, array.tolist(), strict=True):
                frame.values[key] = float(one)
        else:
            notice(f"{key} of {label} has the shape {array.shape}, not one number a molecule.")
    return frames


def _key(given: Mapping[str, Any], names: Sequence[str], label: str) -> str:
    found = [name for name in names if name in given]
    if len(found) != 1:
        raise BadInput(
            f"{label} has {', '.join(given) or 'nothing'}; expected one of {', '.join(names)}."
        )
    return found[0]


def _wanted(targets: str | Sequence[str] | None, frames: Sequence[Frame]) -> list[str]:
    """Return the names of the targets, each of which every molecule has."""
    common = [key for key in frames[0].values if all(key in one.values for one in frames)]
    if targets is None:
        return []
    asked = targets.split(",") if isinstance(targets, str) else list(targets)
    wanted = common if asked == ["all"] else [name.strip() for name in asked]
    for name in wanted:
        lacking = next((frame for frame in frames if name not in frame.values), None)
        if lacking is not None:
            raise BadInput(
                f"{lacking.name} has no number {name!r}; all molecules have "
                f"{', '.join(common) or 'none'}{closest(name, common)}"
            )
    if not wanted or len(set(wanted)) < len(wanted):
        raise BadInput(f"targets={targets!r}; expected different names of {', '.join(common)}.")
    return wanted


def _units(
    units: str | Sequence[str] | Mapping[str, str] | None, wanted: Sequence[str]
) -> dict[str, str]:
    """Return the unit of each target; energies by the names that `ENERGIES` has."""
    if not wanted:
        return {}
    told: list[str | None]
    if isinstance(units, Mapping):
        told = [units.get(name) for name in wanted]
    else:
        each = units.split(",") if isinstance(units, str) else list(units or ())
        told = [*each] * len(wanted) if len(each) == 1 else [*each]
    if len(told) != len(wanted) or not all(told):
        raise BadInput(
            f"units={units!r} for {', '.join(wanted)}; expected the unit of each, such as "
            f"{', '.join(ENERGIES)} or debye."
        )
    return {name: _unit(str(unit).strip()) for name, unit in zip(wanted, told, strict=True)}


def _unit(name: str) -> str:
    try:
        return energy_unit(name)
    except BadInput:
        return name


def _value(frame: Frame, name: str) -> float:
    value = frame.values[name]
    if not np.isfinite(value):
        raise BadInput(f"{frame.name} has {name}={value}; expected a finite number.")
    return value


def _rows(count: int, seed: int) -> dict[str, Tensor]:
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise BadInput(f"seed={seed!r}; expected a whole number from 0.")
    return dealt(count, seed) if count >= LEAST_SPLIT else {"test": torch.arange(count)}

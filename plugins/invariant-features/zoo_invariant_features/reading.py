"""What a person has: molecules in files and objects, or symmetric matrices of any kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from zoo_molecules.coulomb import charges_of
from zoo_molecules.molecules import Molecules, dealt
from zoo_molecules.reading import LEAST_SPLIT, read_molecules
from zoo_molecules.symmetric import as_symmetric, joined
from zoo_tables import open_arrays, read_table

from zoo_core import BadInput
from zoo_invariant_features.weighted import WeightedGraphs

MATRICES = ("matrices", "matrix", "X")


def read_sources(source: Any, length: str | None = None) -> Molecules:
    """Return molecules: what `read_molecules` takes, or Coulomb matrices as they are.

    One Coulomb matrix (n, n), or many (M, n, n) with zeros after the last atom, tell their atoms by
    their diagonals. Raises `BadInput` for what is none.
    """
    from zoo_molecules.coulomb import from_padded

    if isinstance(source, Molecules):
        return source
    matrix = hasattr(source, "shape") and len(source.shape) in (2, 3)
    if not matrix:
        return read_molecules(source, length=length)
    if length is not None:
        raise BadInput("A Coulomb matrix has no unit to be told; it is in atomic units.")
    given = torch.as_tensor(np.asarray(source), dtype=torch.float64)
    matrices = from_padded(given[None] if given.dim() == 2 else given, "The Coulomb matrix")
    names = [f"matrix {row}" for row in range(len(matrices))]
    return Molecules(matrices=matrices, numbers=charges_of(matrices.diagonal), names=names)


def read_training(
    source: Any,
    *,
    targets: str | Sequence[str] | None = None,
    units: str | Sequence[str] | Mapping[str, str] | None = None,
    length: str | None = None,
    seed: int = 0,
) -> Molecules | WeightedGraphs:
    """Return what to learn from: molecules, or symmetric matrices, with their targets.

    An .npz or dictionary with `matrices` (M, n, n) has symmetric matrices (weighted graphs), and
    arrays (M,) as targets; all else is read by `zoo_molecules.reading.read_molecules`. Raises
    `BadInput` for what is none, and where there is nothing to learn.
    """
    if targets is None:
        raise BadInput("Say what is to be learnt: targets=NAME (or a list, or all), with units.")
    given = _arrays(source)
    if given is not None and any(key in given for key in MATRICES):
        return read_matrices(given, targets=targets, units=units, seed=seed)
    return read_molecules(source, length=length, targets=targets, units=units, seed=seed)


def read_matrices(
    source: Any,
    *,
    targets: str | Sequence[str] | None = None,
    units: str | Sequence[str] | Mapping[str, str] | None = None,
    seed: int = 0,
) -> WeightedGraphs:
    """Return symmetric matrices, the weights of graphs with self-loops.

    `source` is an array (n, n) or (M, n, n), a list of matrices of any sizes, a table without names
    (CSV), or an .npz or dictionary with `matrices` and with arrays (M,) that `targets` may name;
    `units` states theirs (none is needed). Raises `BadInput` for what is not symmetric, has NaN, or
    is empty.
    """
    given = _arrays(source)
    found = _matrix_of(given) if given is not None else source
    if isinstance(source, str | PathLike) and given is None:
        found = read_table(source, header=False).numbers()
    single = hasattr(found, "shape")
    try:
        parts = (
            [as_symmetric(np.asarray(found, dtype=np.float64), "The matrix")]
            if single
            else [
                as_symmetric(np.asarray(one, dtype=np.float64), f"Matrix {row}")
                for row, one in enumerate(found)
            ]
        )
    except (TypeError, ValueError) as error:
        raise BadInput(f"This is no symmetric matrix: {error}.") from error
    matrices = joined(parts)
    count = len(matrices)
    wanted = _wanted(targets, given or {}, count)
    told = _units(units, wanted)
    columns = [np.asarray((given or {})[name], dtype=np.float64) for name in wanted]
    values = torch.from_numpy(np.stack(columns, 1)) if columns else torch.zeros(count, 0).double()
    if not bool(values.isfinite().all()):
        raise BadInput("A target is NaN or infinite; expected numbers.")
    return WeightedGraphs(
        matrices=matrices,
        names=[f"matrix {row}" for row in range(count)],
        targets=values,
        units=told,
        rows=dealt(count, seed) if count >= LEAST_SPLIT else {"test": torch.arange(count)},
    )


def _arrays(source: Any) -> Mapping[str, Any] | None:
    """Return the arrays of an .npz or dictionary, None for anything else."""
    if isinstance(source, Mapping):
        return source
    if isinstance(source, str | PathLike) and Path(source).suffix.lower() == ".npz":
        with open_arrays(Path(source).expanduser()) as arrays:
            return {name: arrays[name] for name in arrays.names}
    return None


def _matrix_of(given: Mapping[str, Any]) -> Any:
    found = [key for key in MATRICES if key in given]
    if len(found) != 1:
        raise BadInput(
            f"There are the arrays {', '.join(given) or 'none'}; expected one of "
            f"{', '.join(MATRICES)}."
        )
    return given[found[0]]


def _wanted(targets: str | Sequence[str] | None, given: Mapping[str, Any], count: int) -> list[str]:
    known = [key for key in given if key not in MATRICES and np.shape(given[key]) == (count,)]
    if targets is None:
        return []
    asked = targets.split(",") if isinstance(targets, str) else list(targets)
    wanted = known if asked == ["all"] else [name.strip() for name in asked]
    if not wanted or not set(wanted) <= set(known) or len(set(wanted)) < len(wanted):
        raise BadInput(
            f"targets={targets!r}; expected different names of arrays ({count},): "
            f"{', '.join(known) or 'there are none'}."
        )
    return wanted


def _units(
    units: str | Sequence[str] | Mapping[str, str] | None, wanted: Sequence[str]
) -> dict[str, str]:
    if isinstance(units, Mapping):
        return {name: str(units.get(name, "")) for name in wanted}
    each = units.split(",") if isinstance(units, str) else list(units or [""])
    each = each * len(wanted) if len(each) == 1 else each
    if len(each) != len(wanted):
        raise BadInput(f"units={units!r} for {', '.join(wanted)}; expected one of each.")
    return dict(zip(wanted, map(str.strip, each), strict=True))

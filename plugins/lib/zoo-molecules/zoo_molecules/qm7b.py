"""QM7b from its public MATLAB file: 7,211 Coulomb matrices with 14 properties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from zoo_core import BadInput, DataError, fetch
from zoo_molecules.coulomb import charges_of, from_padded
from zoo_molecules.molecules import Molecules
from zoo_molecules.specs.data import QM7B, QM7B_TARGETS

FOLDS = 10


def qm7b(fold: int = 0, seed: int = 0) -> Molecules:
    """Return QM7b with one of ten shuffled folds as its test, as the paper's protocol has it.

    A tenth of the other nine chooses the epoch. Raises `DataError` where the file is not to be had.
    """
    return read_qm7b(fetch(QM7B), fold, seed)


def read_qm7b(path: Path, fold: int = 0, seed: int = 0) -> Molecules:
    """Return the molecules of a file in QM7b's layout: X (M, n, n), T (M, 14), names.

    Raises `BadInput` for folds that there are not, and `DataError` for another layout.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    for name, value, low, high in (("fold", fold, 0, FOLDS - 1), ("seed", seed, 0, 2**32 - 1)):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not low <= value <= high:
            raise BadInput(f"{name}={value!r}; expected a whole number from {low} to {high}.")
    try:
        given: dict[str, Any] = loadmat(path)
        matrices, targets = (np.asarray(given[key], dtype=np.float64) for key in ("X", "T"))
    except (MatReadError, KeyError, ValueError, TypeError, NotImplementedError, OSError) as error:
        raise DataError(f"{path} is not QM7b's MATLAB file: {error}.") from error
    if targets.shape != (len(matrices), len(QM7B_TARGETS)) or not np.isfinite(targets).all():
        raise DataError(
            f"T in {path} has the shape {targets.shape}; expected ({len(matrices)}, "
            f"{len(QM7B_TARGETS)}), all finite."
        )
    try:
        coulomb = from_padded(torch.from_numpy(matrices), f"X in {path}")
        numbers = charges_of(coulomb.diagonal)
    except BadInput as error:
        raise DataError(str(error)) from error
    return Molecules(
        matrices=coulomb,
        numbers=numbers,
        names=tuple(f"{row:04d}" for row in range(len(coulomb))),
        targets=torch.from_numpy(targets),
        units={name: unit for name, (_, unit) in QM7B_TARGETS.items()},
        rows=folded(len(coulomb), fold, seed),
    )


def folded(count: int, fold: int, seed: int) -> dict[str, torch.Tensor]:
    """Return the split of one of ten folds: of a shuffled order each fold is a piece of it."""
    rng = np.random.default_rng(seed)
    pieces = np.array_split(rng.permutation(count), FOLDS)
    test = pieces.pop(fold)
    rest = np.concatenate(pieces)
    val = max(1, len(rest) // 10)
    parts = {"train": rest[val:], "val": rest[:val], "test": test}
    return {name: torch.from_numpy(rows) for name, rows in parts.items()}

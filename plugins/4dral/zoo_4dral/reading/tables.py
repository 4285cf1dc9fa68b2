"""Tables of points and poses, in which names are words and numbers are never names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zoo_tables import Table, read_table

from zoo_core import BadInput

_NUMBERS = re.compile(r"\b(nan|inf)\b|\d[eE][+-]?\d", re.IGNORECASE)
_TYPED = (".npy", ".npz", ".parquet", ".feather")
"""Suffixes of files that tell what their columns are."""
_FIRST = 100_000
"""Bytes in which the first line is looked for."""


def table_of(source: Any, names: tuple[str, ...]) -> Table:
    """Return the table of a text file, or of what is in memory.

    Lines that begin with # are left out. `names` are those that it may have. Raises `BadInput` for
    a file without a line, and as `zoo_tables.read_table` does.
    """
    if not isinstance(source, str | Path) or Path(source).suffix.lower() in _TYPED:
        return read_table(source, columns=list(names))
    with Path(source).expanduser().open("rb") as stream:
        lines = stream.read(_FIRST).decode("utf-8", "replace").splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    if not first:
        raise BadInput(f"{Path(source).name} has no rows; expected numbers, a row for each.")
    named = re.search(r"[A-Za-z]", _NUMBERS.sub("", first)) is not None
    return read_table(source, columns=list(names), header=named, comment="#")


def named_columns(table: Table, names: Sequence[str]) -> NDArray[np.float64]:
    """Return columns by name, in any case, as numbers (n, c).

    Raises `BadInput` for a column that is not there, or has text.
    """
    lower = {
        name.lower(): column for name, column in zip(table.names or (), table.columns, strict=True)
    }
    chosen = Table(tuple(lower[name] for name in names), tuple(names), table.label)
    return np.asarray(chosen.numbers())


def in_memory(source: Any, label: str) -> NDArray[Any] | None:
    """Return the numbers that an array, a tensor or lists hold, or None for anything else.

    Raises `BadInput` for arrays of what are no real numbers.
    """
    if hasattr(source, "detach"):
        source = source.detach().cpu().double().numpy()
    if not isinstance(source, np.ndarray | list | tuple):
        return None
    try:
        array = np.asarray(source)
    except ValueError:
        raise BadInput(f"{label} is of rows that differ in length; expected one length.") from None
    if array.dtype.kind not in "iuf" or (not array.size and array.ndim != 2):
        raise BadInput(
            f"{label} is of {array.dtype} with the shape {array.shape}; expected numbers in rows."
        )
    return array.astype(np.float64)

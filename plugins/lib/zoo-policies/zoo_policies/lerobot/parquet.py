"""Parquet files of LeRobot, read by pyarrow: rows, numbers of steps, encoded images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

Array = NDArray[Any]


def opened(path: Path, columns: Sequence[str]) -> Any:
    """Return some columns of a file as an Arrow table; raises `BadInput` where it lacks one."""
    parquet = _pyarrow()
    try:
        known = parquet.read_schema(path).names
        lacking = [name for name in columns if name not in known]
        if lacking:
            raise BadInput(
                f"{path.name} has no column {lacking[0]}; it has {', '.join(known)[:80]}."
            )
        return parquet.read_table(path, columns=list(columns), partitioning=None)
    except (OSError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{path.name} cannot be read as parquet ({type(error).__name__}).") from None


def rows_of(path: Path, *, without: str) -> list[dict[str, Any]]:
    """Return the rows of a small file, its columns that begin with `without` left out."""
    parquet = _pyarrow()
    try:
        names = [name for name in parquet.read_schema(path).names if not name.startswith(without)]
        found: list[dict[str, Any]] = parquet.read_table(
            path, columns=names, partitioning=None
        ).to_pylist()
    except (OSError, ValueError) as error:
        raise BadInput(f"{path.name} cannot be read as parquet ({type(error).__name__}).") from None
    return found


def numbers(table: Any, name: str, label: str) -> Array:
    """Return a column of numbers, or of lists of as many numbers in each row, as (n, d)."""
    column = table.column(name)
    if column.null_count:
        raise BadInput(f"{label} has {column.null_count} rows without {name}.")
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        if pa.types.is_nested(column.type):
            if len(pc.unique(pc.list_value_length(column))) > 1:
                raise ValueError("lists of unlike lengths")
            parts = [chunk.flatten() for chunk in column.chunks]
        else:
            parts = column.chunks
        flat = np.concatenate([np.asarray(part, np.float64) for part in parts])
        return flat.reshape(len(column), -1)
    except (ValueError, TypeError, NotImplementedError):
        raise BadInput(
            f"{label}: {name} is no list of numbers of the same length in each row."
        ) from None


def _pyarrow() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise BadInput(
            "Reading a LeRobot folder needs pyarrow; run `pip install pyarrow`."
        ) from None
    return pyarrow.parquet

"""What a person has in memory as a table: arrays, tensors, data frames, dictionaries, rows."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from zoo_core import BadInput, notice
from zoo_tables.dialect import UNNAMED
from zoo_tables.table import Column, Table


def from_memory(source: Any, label: str) -> Table:
    """Return an array, a tensor, a data frame, a dictionary of columns or a list as a table.

    Raises `BadInput` for what is none of these, of another shape, or of unequal lengths.
    """
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(source, pandas.Series):
        raise BadInput(
            f"{label} is a pandas Series, which may be a row or a column; give "
            "series.to_frame() for a column, or series.to_frame().T for a row."
        )
    if pandas is None or not isinstance(source, pandas.DataFrame):
        if not hasattr(source, "detach") and hasattr(source, "to_pandas"):
            source = source.to_pandas()
        elif isinstance(source, Mapping):
            return _from_columns(source, label)
    if hasattr(source, "columns") and hasattr(source, "dtypes") and hasattr(source, "iloc"):
        return from_frame(source, label)
    names = getattr(source, "columns", None)
    if isinstance(source, list | tuple) and source:
        if isinstance(source[0], Mapping):
            return _from_records(source, label)
        if any(map(has_cells, source)):
            return _from_rows(source, label)
    values = as_array(source, label)
    if values.dtype.names is not None:
        return Table(
            tuple(typed(values[name], label) for name in values.dtype.names),
            tuple(values.dtype.names),
            label,
        )
    if values.ndim != 2 or len(values) == 0 or values.shape[1] == 0:
        raise BadInput(
            f"{label} has shape {values.shape}; expected (rows, columns) with at least one of each."
        )
    return Table(
        tuple(typed(column, label) for column in values.T),
        None if names is None else tuple(map(str, names)),
        label,
    )


def as_array(source: Any, label: str) -> Any:
    """Return a numpy array of an array, tensor (bfloat16 too), sparse matrix or list.

    Masked entries become NaN. Raises `BadInput` for what is none of them and for ragged lists.
    """
    if hasattr(source, "detach"):
        source = source.detach().cpu()
        source = source.to_dense() if str(source.layout) != "torch.strided" else source
        source = source.resolve_conj() if source.is_complex() else source
        # numpy knows no bfloat16 and none of the 8-bit floats; float32 holds them all.
        return (
            source.float() if source.is_floating_point() and source.itemsize < 4 else source
        ).numpy()
    if hasattr(source, "toarray"):
        source = source.toarray()
    if isinstance(source, np.ma.MaskedArray):
        holes = np.ma.getmaskarray(source)
        source = source.data.astype(object) if holes.any() else source.data
        source[holes] = None
        return np.asarray(source)
    if isinstance(source, np.ndarray):
        return np.asarray(source)
    if isinstance(source, list | tuple):
        return _listed(source)
    if hasattr(source, "__array__") or hasattr(source, "__array_interface__"):
        return np.asarray(source)
    if hasattr(source, "__dlpack__"):
        return np.from_dlpack(source)
    raise BadInput(
        f"{label} is a {type(source).__name__}; expected a file, an array (rows, columns), a "
        "tensor, a data frame, a dictionary of columns, or a list of rows."
    )


def from_frame(frame: Any, label: str) -> Table:
    """Return a pandas frame as a table: nullable, categorical and Arrow columns as their values.

    The numbering 0, 1, 2, … that pandas gives to columns without names is no name. Raises
    `BadInput` for columns of several levels.
    """
    import pandas as pd

    if frame.shape[0] == 0 or frame.shape[1] == 0:
        raise BadInput(
            f"{label} has shape {frame.shape}; expected (rows, columns) with at least one of each."
        )
    if isinstance(frame.columns, pd.MultiIndex):
        raise BadInput(
            f"{label} has column names of {frame.columns.nlevels} levels; join them to one."
        )
    numbered = isinstance(frame.columns, pd.RangeIndex) and frame.columns.equals(
        pd.RangeIndex(frame.shape[1])
    )
    columns = tuple(
        typed(column, label) if column is not None else _from_series(frame.iloc[:, place], label)
        for place, column in enumerate(columns_of(frame))
    )
    index = None if isinstance(frame.index, pd.RangeIndex) else frame.index.to_numpy()
    if numbered:
        return Table(columns, None, label, index)
    names = tuple("" if _missing(name) else str(name) for name in frame.columns)
    if names[0] == UNNAMED and len(names) > 1 and len(set(columns[0].tolist())) == len(frame):
        notice(f"The column {UNNAMED!r} of {label} was taken for row names.")
        return Table(columns[1:], names[1:], label, columns[0])
    return Table(columns, names, label, index)


def columns_of(frame: Any) -> list[Any]:
    """Return a frame's columns of numpy's types, those of one type at once; None for others."""
    found: list[Any] = [None] * frame.shape[1]
    alike: dict[Any, list[int]] = {}
    for place, dtype in enumerate(frame.dtypes):
        if isinstance(dtype, np.dtype):
            alike.setdefault(dtype, []).append(place)
    for places in alike.values():
        whole = len(places) == frame.shape[1]
        block = (frame if whole else frame.iloc[:, places]).to_numpy()
        for number, place in enumerate(places):
            found[place] = block[:, number]
    return found


def _from_series(series: Any, label: str) -> Column:
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return typed(series.astype(object).to_numpy(), label)
    if isinstance(dtype, pd.SparseDtype):
        return typed(series.sparse.to_dense().to_numpy(), label)
    return typed(series.to_numpy(dtype=object, na_value=None), label)


def typed(given: Any, label: str) -> Column:
    """Return a column (n,): numbers as float64, whole numbers or bool, text as objects.

    None, NaN, pandas' NA and NaT are missing: NaN among numbers, None among text. Raises
    `BadInput` for more than one axis.
    """
    values: Column = np.asarray(given)
    if values.ndim != 1:
        raise BadInput(f"A column of {label} has shape {values.shape}; expected one axis.")
    kind = values.dtype.kind
    if kind == "b":
        return values
    if kind in "iu":
        return values.astype(np.uint64 if values.dtype == np.uint64 else np.int64)
    if kind == "f":
        exact = values.astype(np.float64)
        if values.itemsize > 8 and bool(((exact != values) & (values == values)).any()):
            notice(f"Numbers of {label} that are wider than float64 were rounded.")
        return exact
    if kind in "US":
        return np.array(
            [str(each, "utf-8") if kind == "S" else str(each) for each in values], object
        )
    return _from_objects(values, label) if kind == "O" else values


def _from_objects(values: Column, label: str) -> Column:
    items = [None if _missing(value) else _plain(value) for value in values.tolist()]
    there: list[Any] = [value for value in items if value is not None]
    kinds = set(map(type, there))
    if kinds == {bool} and len(there) == len(items):
        return np.array(items, dtype=bool)
    if kinds == {int} and len(there) == len(items):
        for dtype, low, high in ((np.int64, -(2**63), 2**63), (np.uint64, 0, 2**64)):
            if all(low <= value < high for value in there):
                return np.array(items, dtype=dtype)
    if there and kinds <= {bool, int, float}:
        found = np.array([np.nan if value is None else _float(value) for value in items])
        rounded = sum(type(v) is int and abs(v) > 2**53 and int(_float(v)) != v for v in there)
        if rounded:
            notice(f"{rounded} whole numbers of {label} were rounded to float64.")
        return found
    made = np.empty(len(items), dtype=object)
    made[:] = items
    return made


def _plain(value: Any) -> Any:
    """Return Python's own bool, int, float or str for what stands for one."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real) or type(value).__name__ == "Decimal":
        return float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if hasattr(value, "detach") and value.ndim == 0:
        return value.item()
    return str(value) if isinstance(value, str) else value


def _missing(value: Any) -> bool:
    """Return whether a value is None, NaN, or pandas' NA or NaT."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, Real) and value != value


def _float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise BadInput(f"{str(value)[:20]}… is beyond what float64 holds; scale it.") from error


def _from_columns(source: Mapping[Any, Any], label: str) -> Table:
    if not source:
        raise BadInput(f"{label} has no columns; give at least one.")
    indices = [values.index for values in source.values() if hasattr(values, "iloc")]
    if any(not index.equals(indices[0]) for index in indices):
        raise BadInput(
            f"The columns of {label} are pandas Series with other row names, or in another order; "
            "give a data frame."
        )
    columns = [_column_of(values, f"Column {name!r} of {label}") for name, values in source.items()]
    lengths = set(map(len, columns))
    if len(lengths) > 1 or 0 in lengths:
        raise BadInput(
            f"{label} has columns of {min(lengths)} to {max(lengths)} rows; expected as many in "
            "each, and at least one."
        )
    return Table(tuple(columns), tuple(map(str, source)), label)


def _column_of(values: Any, label: str) -> Column:
    if hasattr(values, "iloc") and not isinstance(values.dtype, np.dtype):
        return _from_series(values, label)
    array = values.to_numpy() if hasattr(values, "to_numpy") else as_array(values, label)
    if array.ndim != 1:
        raise BadInput(f"{label} has shape {array.shape}; expected one axis.")
    return typed(array, label)


def _from_records(source: Sequence[Any], label: str) -> Table:
    names = list(source[0])
    for place, row in enumerate(source):
        if not isinstance(row, Mapping) or set(row) != set(names):
            raise BadInput(
                f"Row {place} of {label} has other names than the first; give each row the same."
            )
    return _from_columns({name: [row[name] for row in source] for name in names}, label)


def _from_rows(source: Sequence[Any], label: str) -> Table:
    """Return a list of rows as a table, each column of its own type."""
    rows = [
        row if isinstance(row, list | tuple) else np.atleast_1d(as_array(row, label)).tolist()
        for row in source
    ]
    lengths = set(map(len, rows))
    if len(lengths) > 1 or 0 in lengths:
        raise BadInput(
            f"{label} has rows of {min(lengths)} to {max(lengths)} cells; expected one cell a "
            "column, as many in each row."
        )
    return Table(
        tuple(typed(_listed(cells), label) for cells in zip(*rows, strict=True)), None, label
    )


def has_cells(row: Any) -> bool:
    """Return whether an item of a list is a row of it."""
    return isinstance(row, list | tuple) or (
        not isinstance(row, str | bytes) and getattr(row, "ndim", 0) > 0
    )


def _listed(values: Sequence[Any]) -> Column:
    """Return a list's values as they are: numpy would make text of numbers beside text."""
    found = np.asarray(values) if all(map(np.isscalar, values)) else np.empty(0, dtype=object)
    if found.dtype.kind in "biu" and len(set(map(type, values))) == 1:
        return found
    if found.dtype.kind == "f" and not bool((np.abs(found) >= 2**53).any()):
        return found
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made

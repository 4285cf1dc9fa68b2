"""Tables as users have them: text files, .npz, arrays, tensors, data frames."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_pca_ols.data.table import RegressionData, permuted
from zoo_pca_ols.factorization import Array

TARGETS = ("y", "target")
DESIGNS = ("X", "x", "features")


@dataclass(frozen=True)
class Table:
    """Numbers (n, c), finite or not yet checked, with the columns' names where there are any."""

    values: Array
    names: tuple[str, ...] | None
    label: str


def read_training_table(
    path: str | PathLike[str],
    *,
    target: str | None = None,
    unit: str = "",
    repeat: int = 0,
    test_share: float = 0.25,
) -> RegressionData:
    """Return the user's own data, with a random share of the rows kept for the test.

    `path` is a text file (comma, semicolon or tab) with a header line, or an .npz with X (n, p) and
    y (n,). `target` is the column to predict, or the .npz key of it, "y" or "target" by default;
    `unit` is its unit, for predictions. `repeat` says which random split, 0, 1, …, and `test_share`
    which share of the rows is kept for the test.

    Raises `BadInput` where there is no such file or column, for text and missing values, and for
    fewer than two training rows.
    """
    file = Path(path)
    if file.suffix.lower() == ".npz":
        x, y, name, names = _read_archive(file, target)
    else:
        table = _read_text(file)
        place = _target_column(table, target)
        x, y = np.delete(table.values, place, axis=1), table.values[:, place]
        assert table.names is not None  # _target_column asks for names
        name, names = table.names[place], (*table.names[:place], *table.names[place + 1 :])
    x, y = _finite(x, file.name, names), _finite(y, file.name, (name,))
    if x.ndim != 2 or x.shape[1] == 0 or y.shape != (len(x),):
        raise BadInput(
            f"{file.name} has X of shape {x.shape} and y of shape {y.shape}; expected (n, p) and "
            "(n,) with at least one feature."
        )
    if not isinstance(test_share, int | float) or not 0 < test_share < 1:
        raise BadInput(f"test_share is {test_share!r}; expected a number between 0 and 1.")
    tests = max(1, round(test_share * len(y)))
    if len(y) - tests < 2:
        raise BadInput(
            f"{file.name} has {len(y)} rows, {tests} of them for the test; at least two must be "
            "left to fit to."
        )
    return RegressionData(
        x=x,
        y=y,
        rows=permuted(len(y), len(y) - tests, repeat),
        name=file.name,
        target=name,
        unit=unit,
        feature_names=names,
    )


def read_rows(
    source: Any, width: int, names: Sequence[str] | None = None, target: str | None = None
) -> Array:
    """Return rows (m, width) of what a person has: a file, an array, a tensor, a data frame.

    Where both sides have names, columns are found by name, in any order; a column named as the
    target is left out. Otherwise the columns must be those of the training table, in its order.

    Raises `BadInput` for what is no table or of another width, for text, missing values and
    missing columns.
    """
    table = _as_table(source)
    values = table.values
    columns: Sequence[str] | None = table.names
    if table.names is not None and names is not None and set(names) <= set(table.names):
        values, columns = values[:, [table.names.index(name) for name in names]], names
    elif table.names is not None and target in table.names and values.shape[1] == width + 1:
        values = np.delete(values, table.names.index(target), axis=1)
        columns = [name for name in table.names if name != target]
    elif table.names is not None and names is not None and set(names) & set(table.names):
        missing = [name for name in names if name not in table.names]
        raise BadInput(
            f"{table.label} lacks the columns {', '.join(map(repr, missing[:3]))}"
            f"{' …' if len(missing) > 3 else ''}; expected those that the model was fitted with."
        )
    if values.shape[1] != width:
        raise BadInput(
            f"{table.label} has {values.shape[1]} columns; this model was fitted with {width}: "
            "give the same features in the same order."
        )
    return _finite(values, table.label, columns)


def _as_table(source: Any) -> Table:
    if isinstance(source, RegressionData):
        return Table(source.x, source.feature_names, source.name)
    if isinstance(source, str | PathLike):
        file = Path(source)
        if file.suffix.lower() == ".npz":
            with _archive(file) as arrays:
                return Table(_design(arrays, file), None, file.name)
        return _read_text(file)
    names = tuple(map(str, source.columns)) if hasattr(source, "columns") else None
    if hasattr(source, "detach"):
        source = source.detach().cpu()
    try:
        values = np.asarray(source, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"The table is not made of numbers ({error}); encode or remove columns of text."
        ) from error
    if values.ndim != 2 or len(values) == 0:
        raise BadInput(
            f"The table has shape {values.shape}; expected (rows, features) with at least one row."
        )
    return Table(values, names, "The table")


def _finite(values: Array, label: str, names: Sequence[str] | None) -> Array:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"{label} is not made of numbers ({error}); encode or remove columns of text."
        ) from error
    bad = np.argwhere(~np.isfinite(numbers))
    if len(bad):
        column = int(bad[0, 1]) if numbers.ndim == 2 else 0
        where = f"column {names[column]!r}" if names else f"column {column}"
        raise BadInput(
            f"{label} has no finite number in row {int(bad[0, 0])}, {where}; fill or remove what "
            "is missing."
        )
    return numbers


def _target_column(table: Table, target: str | None) -> int:
    names = table.names
    if names is None:
        raise BadInput(
            f"{table.label} has no header line; name its columns in the first line, the target as "
            "'y' or by --option target=NAME."
        )
    found = [name for name in ([target] if target is not None else TARGETS) if name in names]
    if not found:
        asked = f"column {target!r}" if target is not None else "column 'y' or 'target'"
        raise BadInput(
            f"{table.label} has no {asked} to predict; name one by --option target=NAME "
            f"(it has {', '.join(names[:5])}{' …' if len(names) > 5 else ''})."
        )
    return names.index(found[0])


def _read_text(path: Path) -> Table:
    """Return a text table; its first line is a header if any cell of it is not a number."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {str(path)!r}; give a table of numbers.") from error
    except IsADirectoryError as error:
        raise BadInput(f"{str(path)!r} is a folder; give a table of numbers.") from error
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadInput(
            f"{str(path)[:80]!r} cannot be read as text ({type(error).__name__}); give a .csv or "
            "an .npz file."
        ) from error
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines = [line for line in csv.reader(text.splitlines(), delimiter=delimiter) if line]
    names = None
    if lines and not all(_is_number(cell) for cell in lines[0]):
        names = tuple(cell.strip() for cell in lines[0])
        lines = lines[1:]
    if not lines:
        raise BadInput(f"{path.name} has no rows; expected a header line and one row a sample.")
    width = len(names) if names else len(lines[0])
    values = np.empty((len(lines), width))
    for row, line in enumerate(lines):
        if len(line) != width:
            raise BadInput(
                f"{path.name} has {len(line)} cells in row {row}, but {width} columns; expected "
                "one cell a column."
            )
        for column, cell in enumerate(line):
            values[row, column] = _number(cell, path.name, row, names[column] if names else column)
    return Table(values, names, path.name)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell: str, label: str, row: int, column: str | int) -> float:
    if not cell.strip():
        return float("nan")
    try:
        return float(cell)
    except ValueError as error:
        raise BadInput(
            f"{label} has the text {cell[:30]!r} in row {row}, column {column!r}; expected "
            "numbers: encode or remove the column."
        ) from error


def _archive(path: Path) -> Any:
    try:
        found = np.load(path, allow_pickle=False)
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {str(path)!r}; give a table of numbers.") from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise BadInput(f"{path.name} is not an .npz archive of plain arrays ({error}).") from error
    return found


def _member(arrays: Any, key: str, path: Path) -> Array:
    try:
        return np.asarray(arrays[key])
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise BadInput(
            f"{path.name} holds no plain array under {key!r}; save numbers, never objects."
        ) from error


def _design(arrays: Any, path: Path) -> Array:
    key = next((key for key in DESIGNS if key in arrays), None)
    if key is None:
        raise BadInput(f"{path.name} has no array X (n, p); it has {', '.join(arrays) or 'none'}.")
    design = _member(arrays, key, path)
    if design.ndim != 2 or len(design) == 0:
        raise BadInput(f"{path.name} has X of shape {design.shape}; expected (n, p), n from 1.")
    return design


def _read_archive(path: Path, target: str | None) -> tuple[Array, Array, str, None]:
    with _archive(path) as arrays:
        wanted = (target,) if target is not None else TARGETS
        key = next((key for key in wanted if key in arrays), None)
        if key is None:
            raise BadInput(
                f"{path.name} has no array {' or '.join(wanted)} (n,) to predict; name one by "
                f"--option target=KEY (it has {', '.join(arrays)})."
            )
        return _design(arrays, path), _member(arrays, key, path), key, None

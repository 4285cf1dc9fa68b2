"""Tables as users have them, read by `zoo_tables`: rows for a model, and a table to train on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from zoo_tables import Arrays, Table, open_arrays, read_column, read_table

from zoo_core import BadInput, notice
from zoo_pca_ols.data.table import Indices, RegressionData, permuted
from zoo_pca_ols.factorization import Array
from zoo_pca_ols.parameters import whole
from zoo_pca_ols.selection import folds as cut

TARGETS = ("y", "target")
DESIGNS = ("X", "x", "features", "data")
NAMES = ("feature_names", "columns", "names")
FOLDS = ("folds", "fold")
_FOLDS_SEED = 0
"""Of the permutation that is cut into folds: the same everywhere."""


def read_training_table(
    source: Any,
    *,
    target: str | int | None = None,
    unit: str = "",
    fold: int = 0,
    folds: int | None = None,
    test_share: float = 0.25,
    header: bool | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    missing: str | float | Sequence[str | float] | None = None,
    comment: str | None = None,
    encoding: str | None = None,
    index: bool | None = None,
) -> RegressionData:
    """Return the user's own data, with some of the rows kept for the test.

    `source` is a table that has the target as a column (a file, a data frame, a dictionary of
    columns, whatever `zoo_tables.read_table` takes), an .npz or a dictionary with X (n, p) and y
    (n,) or (n, 1), or the pair (X, y). `target` is the column to predict, by its name, or by its
    number where there are no names, or the key of y; "y" or "target" by default. `unit` is its
    unit, for predictions.

    `fold` says which rows are for the test: one of the `folds` that a shuffled table is cut into,
    or of those that the source brings (an array folds (n,) of numbers from 0 beside X and y); with
    neither, the random split of that seed with the share `test_share` of the rows. The remaining
    options say how a text file is written; see `zoo_tables.read_table`.

    Raises `BadInput` where there is no such file, column or fold, for text and missing values, and
    for fewer than two training rows.
    """
    told = {
        "header": header, "separator": separator, "decimal": decimal, "thousands": thousands,
        "missing": missing, "comment": comment, "encoding": encoding, "index": index,
    }  # fmt: skip
    data = _unsplit(source, target, told)
    if unit:
        data = replace(data, unit=unit)
    brought = data.rows.get("folds")
    n, number = len(data.y), whole("fold", fold, 0)
    if folds is not None or brought is not None:
        rows = _one_fold(n, number, folds, brought, data.name)
    else:
        if not isinstance(test_share, Real) or not 0 < test_share < 1:
            raise BadInput(f"test_share is {test_share!r}; expected a number between 0 and 1.")
        rows = permuted(n, n - max(1, round(float(test_share) * n)), number, name="fold")
    if len(rows["train"]) < 2:
        raise BadInput(
            f"{data.name} has {n} rows, {len(rows['test'])} of them for the test; at least two "
            "must be left to fit to."
        )
    return replace(data, rows=rows, folds=None if brought is None else int(brought.max()) + 1)


def read_rows(
    source: Any,
    width: int,
    names: Sequence[str] | None = None,
    target: str | None = None,
    **told: Any,
) -> Array:
    """Return rows (m, width) of what a person has: a file, an array, a tensor, a data frame.

    Columns with names are found by the `names` of the training table, in any order; the target is
    left out, and so are others, with a notice. Columns without names, and those for a model that
    was fitted without, must be those of the training table, in its order. `told` says how a text
    file is written; see `zoo_tables.read_table`.

    Raises `BadInput` for what is no table or of another width, for text, missing values and
    missing columns.
    """
    if isinstance(source, RegressionData):
        source = Table(tuple(source.x.T), source.feature_names, source.name)
    table = read_table(source, columns=names or (), **told)
    return finite(arranged(table, width, names, target))


def arranged(
    table: Table, width: int, names: Sequence[str] | None, target: str | None = None
) -> Table:
    """Return a table with the columns that a model was fitted with, in their order.

    Raises `BadInput` for missing columns and another width.
    """
    if table.names is not None:
        numbers = tuple(map(str, range(width)))
        if names is None and set(table.names) == set(numbers):
            names = numbers
        if names is not None:
            found = table.arranged(names)
            assert found.names is not None
            others = [n for n in table.names if n not in found.names and n != target]
            if others:
                few = ", ".join(map(repr, others[:3])) + (" …" if len(others) > 3 else "")
                notice(
                    f"Columns of {table.label} with which the model was not fitted were left out, "
                    f"{len(others)} in all: {few}."
                )
            return found
        if len(table.names) == width + 1 and target in table.names:
            table = table.drop(table.names.index(target))
        if len(table.columns) == width:
            notice(
                f"The model was fitted without column names, so the columns of {table.label} were "
                "taken in their order."
            )
    if len(table.columns) != width:
        raise BadInput(
            f"{table.label} has {len(table.columns)} columns; this model was fitted with {width}: "
            "give the same features in the same order."
        )
    return table


def finite(table: Table) -> Array:
    """Return a table as numbers (n, c); raises `BadInput` for text and what is not finite."""
    numbers = table.numbers()
    bad = np.argwhere(~np.isfinite(numbers))
    if len(bad):
        row, column = map(int, bad[0])
        where = repr(table.names[column]) if table.names else column
        raise BadInput(
            f"{table.label} has no finite number in row {row}, column {where}; fill or remove what "
            "is missing."
        )
    return numbers


def read_target(y: Any, label: str) -> tuple[Array, str | None]:
    """Return targets (n,), of a column (n,) or (n, 1), and their name where they have one.

    Raises `BadInput` for more than one column, text and missing values.
    """
    table = read_column(y, label=label)
    return finite(table)[:, 0], table.names[0] if table.names else None


def check_same_rows(x: Any, y: Any) -> None:
    """Raise `BadInput` where X and y are pandas objects whose rows have different names.

    The numbering 0, 1, 2, … that pandas gives to rows without names fits any other names.
    """
    if not all(hasattr(getattr(each, "index", None), "to_numpy") for each in (x, y)):
        return
    first, second = (each.index.to_numpy() for each in (x, y))
    if len(first) != len(second) or np.array_equal(first, second):
        return
    counted = np.arange(len(first))
    unnamed = any(np.array_equal(each, counted) for each in (first, second))
    if not unnamed or set(first) == set(second):
        raise BadInput(
            "The rows of X and of y have different names or another order; give y.loc[X.index], "
            "or reset both indices."
        )


# What has X and y --------------------------------------------------------------------------------


def _unsplit(source: Any, target: str | int | None, told: Mapping[str, Any]) -> RegressionData:
    """Return the source's numbers; its rows have no split yet, or folds by number."""
    if isinstance(source, RegressionData):
        return replace(source, rows={})
    if isinstance(source, str | PathLike) and Path(source).suffix.lower() == ".npz":
        with open_arrays(Path(source)) as arrays:
            return _of_parts(arrays, arrays.names, arrays.label, target, told)
    if isinstance(source, Mapping) and any(_has_rows(source[k]) for k in DESIGNS if k in source):
        return _of_parts(source, tuple(source), "The dictionary", target, told)
    if isinstance(source, list | tuple) and len(source) == 2 and _has_rows(source[0]):
        if target is not None and not isinstance(target, str):
            raise BadInput(f"target is {target!r}; beside (X, y) it may only be the name of y.")
        x = read_table(source[0], **told)
        check_same_rows(*source)
        y, name = read_target(source[1], "y")
        return _made(x, y, target or name or TARGETS[0], x.label)
    wanted = TARGETS if target is None else (str(target),)
    table = read_table(source, columns=wanted, **told)
    place = _target_place(table, target)
    y = finite(table.take([place]))[:, 0]
    name = table.names[place] if table.names else f"column {place}"
    return _made(table.drop(place), y, name, table.label)


def _target_place(table: Table, target: str | int | None) -> int:
    if target is not None:
        return table.place(target)
    if table.names is None:
        raise BadInput(
            f"{table.label} has no header line or column names; say which column is to be "
            "predicted, target=NUMBER from 0 (-1 for the last), or give the pair (X, y)."
        )
    found = [name for name in TARGETS if name in table.names]
    if len(found) != 1:
        few = f"{', '.join(table.names[:5])}{' …' if len(table.names) > 5 else ''}"
        has = "both 'y' and 'target'" if found else "no column 'y' or 'target'"
        raise BadInput(
            f"{table.label} has {has} to predict; name one by --option target=NAME (it has {few})."
        )
    return table.place(found[0])


def _of_parts(
    parts: Mapping[str, Any] | Arrays,
    keys: Sequence[str],
    label: str,
    target: str | int | None,
    told: Mapping[str, Any],
) -> RegressionData:
    """Return what an archive or a dictionary has: X, y, perhaps names of columns, and folds."""
    wanted = TARGETS if target is None else (str(target),)
    found = [key for key in wanted if key in keys]
    if len(found) != 1:
        raise BadInput(
            f"{label} has {'both arrays' if found else 'no array'} {' or '.join(wanted)} (n,) to "
            f"predict; name one by --option target=KEY (it has {', '.join(map(str, keys))})."
        )
    design = next((key for key in DESIGNS if key in keys), None)
    if design is None:
        raise BadInput(f"{label} has no array X (n, p); it has {', '.join(map(str, keys))}.")
    x = read_table(parts[design], label=label, **told)
    for key in NAMES:
        if key in keys and x.names is None and len(parts[key]) == len(x.columns):
            x = replace(x, names=tuple(map(str, parts[key])))
    check_same_rows(parts[design], parts[found[0]])
    y, _ = read_target(parts[found[0]], label)
    data = _made(x, y, found[0], label)
    brought = next((key for key in FOLDS if key in keys), None)
    if brought is None:
        return data
    numbers = np.asarray(parts[brought])
    if numbers.shape != y.shape or numbers.dtype.kind not in "iu" or numbers.min() < 0:
        raise BadInput(
            f"{label} has {brought} of shape {numbers.shape} and type {numbers.dtype}; expected "
            f"the number of its fold, from 0, for each of the {len(y)} rows."
        )
    return replace(data, rows={"folds": numbers})


def _made(x: Table, y: Array, target: str, name: str) -> RegressionData:
    if not x.columns or y.shape != (len(x),):
        raise BadInput(
            f"{name} has X of shape {x.shape} and y of shape {y.shape}; expected (n, p) and (n,) "
            "with at least one feature."
        )
    return RegressionData(finite(x), y, {}, name, target, feature_names=x.names)


def _has_rows(part: Any) -> bool:
    """Return whether a part of a source is a table: a path, or something of two axes."""
    if isinstance(part, str | PathLike):
        return Path(part).suffix != "" and Path(part).is_file()
    if isinstance(part, list | tuple):
        return bool(part) and not isinstance(part[0], str) and np.ndim(part[0]) == 1
    return len(getattr(part, "shape", ())) == 2


def _one_fold(
    n: int, fold: int, folds: int | None, brought: Indices | None, label: str
) -> dict[str, Indices]:
    if brought is not None:
        count = int(brought.max()) + 1
        if folds not in (None, count):
            raise BadInput(f"{label} brings {count} folds; leave folds={folds} out.")
        tested = brought == fold
    else:
        count = whole("folds", folds, 2, n, "the number of rows")
        tested = np.zeros(n, dtype=bool)
        if fold < count:
            tested[cut(n, count, _FOLDS_SEED)[fold]] = True
    if fold >= count or not tested.any():
        raise BadInput(f"fold is {fold}; expected a fold from 0 to {count - 1}.")
    return {"train": np.flatnonzero(~tested), "test": np.flatnonzero(tested)}

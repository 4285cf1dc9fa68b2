"""What a user has, sequences with labels or numbers, to data that networks train on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zoo_asen.data import Sequences
from zoo_asen.sequences.network import LARGEST, SMALLEST
from zoo_asen.sequences.written import (
    COLUMN,
    as_codes,
    as_numbers,
    check_lengths,
    columns_of,
    rows_of,
    whole,
)
from zoo_core import BadInput, notice

TARGETS = ("labels", "label", "target")
"""A class for each position, a class for each sequence, a number for each sequence."""
KNOWN = (COLUMN, *TARGETS, "task", "split")
SPLITS = ("train", "val", "test")
LEAST = 12
"""Sequences of each task that are needed to learn from, to choose by and to test on."""
MOST = 1_000
"""Whole numbers are codes up to here; others are names, of which as many are kept as there are."""


def read_sequences(
    source: Any,
    *,
    test: float = 0.15,
    val: float = 0.15,
    seed: int = 0,
    separator: str | None = None,
) -> Sequences:
    """Return sequences of one length, with what is to be said of each.

    `source` is a table (csv, tsv, parquet …; a data frame), an .npz or a dictionary, with the
    column ``sequence``, whose cells are tokens with spaces between them, and one of: ``labels``, a
    class for each position, written alike; ``label``, a class for each sequence; ``target``, a
    number for each sequence, whose tokens are numbers then. In an .npz and a dictionary sequences
    and labels may be arrays (m, n). Where there are several tasks, ``task`` names that of each row;
    ``split`` is train, val or test. Without it shares `val` and `test` of each task are drawn with
    `seed`.

    Tokens and classes are whole numbers from 0, or else any words. `separator` is that of the
    table, where it is not plain. Raises `BadInput` that names the row for what does not fit.
    """
    dialect = {} if separator is None else {"separator": separator}
    columns = columns_of(source, (COLUMN,), **dialect)
    given = [name for name in TARGETS if name in columns]
    if len(given) != 1:
        raise BadInput(
            f"{' and '.join(given) or 'No column of targets'} "
            f"{'are' if len(given) > 1 else 'is'} given; expected one of {', '.join(TARGETS)}."
        )
    unused = [str(name) for name in columns if name not in KNOWN]
    if unused:
        notice(f"Not used: {', '.join(unused)}; the known columns are {', '.join(KNOWN)}.")
    rows = _apart(columns[COLUMN])
    n = len(rows[0]) if rows else 0
    if not SMALLEST <= n <= LARGEST:
        raise BadInput(f"The first sequence has {n} tokens; expected {SMALLEST} to {LARGEST}.")
    check_lengths(rows, n)
    names, task = _tasks(columns.get("task"), len(rows))
    (kind,) = given
    classes: int | list[str] = 2
    tokens: int | list[str] = 0
    if kind == "target":
        values = as_numbers(rows, n)
        targets = as_numbers([[one] for one in _column(columns[kind], kind, len(rows))], 1)[:, 0]
    else:
        tokens = _names([token for row in rows for token in row])
        values = as_codes(rows, n, tokens)
        targets, classes = _labels(columns[kind], kind, len(rows), n)
    split = columns.get("split")
    parts = _drawn(task, test, val, seed) if split is None else _stated(split, len(rows))
    return Sequences(
        values=values,
        targets=targets,
        task=task,
        groups={name: [] for name in names},
        rows=parts,
        tokens=tokens,
        classes=classes,
        facts={"sequences": len(rows), "positions": n, "tasks": len(names)},
    )


def _apart(cells: Any) -> list[list[Any]]:
    if isinstance(cells, np.ndarray | Tensor) and cells.ndim == 2:
        return rows_of(cells)
    found = []
    for place, cell in enumerate(cells, 1):
        one = rows_of(cell) if cell is not None else []
        if len(one) != 1:
            raise BadInput(f"Row {place} has {len(one)} sequences in a cell; expected one.")
        found.append(one[0])
    return found


def _column(cells: Any, name: str, count: int) -> list[Any]:
    found = cells.tolist() if isinstance(cells, np.ndarray | Tensor) else list(cells)
    if len(found) != count:
        raise BadInput(f"{name} has {len(found)} rows; there are {count} sequences.")
    for place, cell in enumerate(found, 1):
        if cell is None or (isinstance(cell, str) and not cell.strip()) or cell != cell:
            raise BadInput(f"Row {place} has no {name}; fill it in or leave the row out.")
    return found


def _names(found: Sequence[Any]) -> int | list[str]:
    """Return how many codes there are, where all are whole numbers from 0, or else all names."""
    for token in found:
        if isinstance(token, float) and not np.isfinite(token):
            raise BadInput(f"{token!r} is no token; leave such sequences out.")
    numbers = [whole(token) for token in found]
    if all(number is not None and 0 <= number < MOST for number in numbers):
        return max(number for number in numbers if number is not None) + 1
    return sorted({str(token) for token in found})


def _labels(cells: Any, kind: str, count: int, n: int) -> tuple[Tensor, int | list[str]]:
    if kind == "labels":
        rows = _apart(cells)
        if len(rows) != count:
            raise BadInput(f"labels has {len(rows)} rows; there are {count} sequences.")
        for place, row in enumerate(rows, 1):
            if len(row) != n:
                raise BadInput(f"Row {place} has {len(row)} labels for {n} positions.")
    else:
        rows = [[one] for one in _column(cells, kind, count)]
    classes = _names([label for row in rows for label in row])
    found = as_codes(rows, n if kind == "labels" else 1, classes)
    if bool((found == found.flatten()[0]).all()):
        raise BadInput("All labels are the same; expected two classes or more.")
    return found if kind == "labels" else found[:, 0], classes


def _tasks(cells: Any, count: int) -> tuple[list[str], Tensor]:
    if cells is None:
        return ["labels"], torch.zeros(count, dtype=torch.long)
    given = [str(one) for one in _column(cells, "task", count)]
    names = list(dict.fromkeys(given))
    return names, torch.tensor([names.index(one) for one in given])


def _drawn(task: Tensor, test: float, val: float, seed: int) -> Mapping[str, Tensor]:
    if not (test > 0 and val > 0 and test + val <= 0.8):
        raise BadInput(f"test={test}, val={val}; expected shares above 0, of 0.8 at most together.")
    rng = np.random.default_rng(seed)
    parts: dict[str, list[Tensor]] = {name: [] for name in SPLITS}
    for number in range(int(task.max()) + 1):
        rows = torch.nonzero(task == number)[:, 0]
        if len(rows) < LEAST:
            raise BadInput(
                f"There are {len(rows)} sequences of a task; expected {LEAST} or more to learn "
                "from, to choose by and to test on."
            )
        order = rows[torch.from_numpy(rng.permutation(len(rows)))]
        counts = [max(1, round(share * len(rows))) for share in (test, val)]
        for name, part in zip(
            ("test", "val", "train"),
            torch.split(order, [*counts, len(rows) - sum(counts)]),
            strict=True,
        ):
            parts[name].append(part)
    return {name: torch.cat(found) for name, found in parts.items()}


def _stated(cells: Any, count: int) -> Mapping[str, Tensor]:
    given = [str(one) for one in _column(cells, "split", count)]
    for place, one in enumerate(given, 1):
        if one not in SPLITS:
            raise BadInput(f"Row {place} is in the split {one!r}; expected {', '.join(SPLITS)}.")
    found = {
        name: torch.tensor([i for i, one in enumerate(given) if one == name], dtype=torch.long)
        for name in SPLITS
    }
    for name in SPLITS:
        if not len(found[name]):
            raise BadInput(f"No row is in the split {name}; expected some in each.")
    return found

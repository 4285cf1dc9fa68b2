"""Speeds of sensors as a table: a column for each sensor, a row for each step in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from zoo_tables import Table, read_table

from zoo_core import BadInput, notice
from zoo_signals.traffic import DAY, MINUTES


@dataclass(frozen=True)
class Speeds:
    """Speeds (T, N) in mph, 0 where missing, with names, and times of day (T,) in [0, 1).

    A row is `minutes` after the one before, but at `breaks`, rows before which time jumps.
    """

    values: Tensor
    names: tuple[str, ...]
    times: Tensor
    minutes: float
    breaks: Tensor


def read_speeds(
    source: Any,
    *,
    names: Sequence[str] | None = None,
    start: str | None = None,
    minutes: float | None = None,
    label: str = "The table of speeds",
) -> Speeds:
    """Return the speeds of a table: a file, a data frame, a dictionary of columns, or an array.

    Columns are sensors by name; one more, the first or a frame's index, may be times (ISO 8601).
    Without times `start` says when the first row is, as "08:00", and `minutes` how long a step is
    (default: 5, with a notice). `names` are the sensors wanted, in this order; others are left out,
    with a notice. An array has them in this order, or else is refused.

    Raises `BadInput` for sensors that are missing, for NaN and negative speeds, for times that are
    none, that do not ascend, or are not a whole number of steps apart, and for no time at all.
    """
    if isinstance(source, Speeds):
        return source
    table, stamps = _opened(source, label)
    if table.names is None and names is not None:
        if len(table.columns) != len(names):
            raise BadInput(
                f"{table.label} has {len(table.columns)} columns; expected {len(names)} sensors, "
                f"{names[0]} first."
            )
        table = Table(table.columns, tuple(names), table.label)
    if table.names is None:
        raise BadInput(f"{table.label} does not name its sensors; give a header of their names.")
    if names is not None:
        others = len(table.columns) - len(names)
        table = table.arranged(names)
        if others:
            notice(f"{others} columns are no sensors of the model's, and were left out.")
    kept = table.names
    assert kept is not None
    values = _speeds(table, kept)
    if stamps is not None and (start is not None or minutes is not None):
        raise BadInput(f"{table.label} has times of its own; leave start and minutes out.")
    times, step, breaks = (
        _counted(len(values), start, minutes, table.label)
        if stamps is None
        else _of_stamps(stamps, table.label)
    )
    return Speeds(torch.from_numpy(values).float(), kept, times, step, breaks)


def _opened(source: Any, label: str) -> tuple[Table, NDArray[np.datetime64] | None]:
    index = getattr(getattr(source, "index", None), "values", None)
    if isinstance(index, np.ndarray) and index.dtype.kind == "M":
        return read_table(source, label=label), index
    is_file = isinstance(source, str) or hasattr(source, "__fspath__") or hasattr(source, "read")
    # The first line of a file is always names: those of sensors are often numbers.
    table = read_table(source, header=True) if is_file else read_table(source, label=label)
    for place, column in enumerate(
        [*([] if table.index is None else [table.index]), *table.columns[:1]]
    ):
        if column.dtype.kind == "M":
            found: NDArray[np.datetime64] | None = column
        elif column.dtype.kind == "O":
            found = _parsed(column, table.label)
        else:
            continue
        return (table if table.index is not None and place == 0 else table.drop(0)), found
    return table, None


def _parsed(column: NDArray[Any], label: str) -> NDArray[np.datetime64]:
    found = []
    for row, one in enumerate(column):
        try:
            moment = one if isinstance(one, datetime) else datetime.fromisoformat(str(one))
        except ValueError as error:
            raise BadInput(
                f"{label} has {str(one)[:30]!r} in row {row} of its first column, which is no "
                "number and no time; expected times such as 2012-03-01 08:05."
            ) from error
        found.append(np.datetime64(moment.replace(tzinfo=None), "s"))
    return np.array(found, "datetime64[s]")


def _speeds(table: Table, names: Sequence[str]) -> NDArray[np.float64]:
    for name, column in zip(names, table.columns, strict=True):
        if column.dtype.kind == "O":
            row = next((row for row, one in enumerate(column) if not _is_number(one)), 0)
            raise BadInput(
                f"{table.label} has {str(column[row])[:30]!r} for sensor {name} in row {row}; "
                "expected speeds in miles an hour."
            )
    values = table.numbers()
    for bad, what, remedy in (
        (~np.isfinite(values), "no speed", "write 0 where a reading is missing"),
        (values < 0, "a negative speed", "expected miles an hour from 0"),
    ):
        if bad.any():
            row, column = np.argwhere(bad)[0]
            raise BadInput(
                f"{table.label} has {what} ({values[row, column]:g}) for sensor {names[column]} in "
                f"row {row}, and {int(bad.sum()) - 1} more; {remedy}."
            )
    return values


def _is_number(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True


def _counted(
    count: int, start: str | None, minutes: float | None, label: str
) -> tuple[Tensor, float, Tensor]:
    if start is None:
        raise BadInput(
            f"{label} has no column of times; say when its first row is, as start=08:00, or give a "
            "first column of times such as 2012-03-01 08:05."
        )
    try:
        first = datetime.strptime(str(start).strip(), "%H:%M")
    except ValueError as error:
        raise BadInput(f"start={start!r}; expected a time of day such as 08:00.") from error
    if minutes is None:
        notice(f"Rows of {label} are taken to be {MINUTES} minutes apart; minutes= says otherwise.")
    step = float(MINUTES if minutes is None else minutes)
    if not 0 < step <= DAY:
        raise BadInput(f"minutes={minutes}; expected the minutes of a step, above 0.")
    begun = first.hour * 60 + first.minute
    times = (begun + step * np.arange(count)) % DAY / DAY
    return torch.from_numpy(times).float(), step, torch.zeros(0, dtype=torch.int64)


def _of_stamps(stamps: NDArray[np.datetime64], label: str) -> tuple[Tensor, float, Tensor]:
    seconds = stamps.astype("datetime64[s]").astype(np.int64)
    if np.isnat(stamps).any() or len(seconds) < 2:
        raise BadInput(f"{label} has fewer than two times, or empty ones; give each row its time.")
    apart = np.diff(seconds)
    step = int(np.median(apart))
    for row in np.flatnonzero((apart <= 0) | (apart % max(step, 1) != 0))[:1]:
        raise BadInput(
            f"{label} has {stamps[row + 1]} in row {row + 1} after {stamps[row]}; expected times "
            f"that ascend by steps of {step / 60:g} minutes."
        )
    breaks = torch.from_numpy(np.flatnonzero(apart != step) + 1)
    times = seconds % (DAY * 60) / (DAY * 60)
    return torch.from_numpy(times).float(), step / 60, breaks

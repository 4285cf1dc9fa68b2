"""A table in memory: typed columns, their names, and how they are found by name."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput, closest, notice

Column = NDArray[Any]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_EXACT = 2**53
"""Whole numbers beyond this are not all float64 numbers."""


@dataclass(frozen=True)
class Table:
    """Columns (n,) of one length, with their names where there are any.

    A column is of float64 (NaN where a number is missing), of whole numbers (int64, uint64), of
    bool, or of objects: text, with None where it is missing, or whatever else the source has
    (dates, complex numbers), which `numbers` refuses. `names` are distinct, stripped of outer
    spaces, in Unicode's form NFC; None where the source has none. `label` is what error sentences
    call the table, and `index` the row names that the source keeps apart, if it does.
    """

    columns: tuple[Column, ...]
    names: tuple[str, ...] | None = None
    label: str = "The table"
    index: Column | None = None

    def __post_init__(self) -> None:
        if self.names is None:
            return
        object.__setattr__(self, "names", tuple(map(plain_name, self.names)))
        if len(self.names) != len(self.columns):
            raise BadInput(
                f"{self.label} has {len(self.names)} names for {len(self.columns)} columns; give "
                "one name a column."
            )
        for place, name in enumerate(self.names):
            if not name:
                raise BadInput(
                    f"{self.label} has no name for column {place}; name it, or remove the column."
                )
        repeated = [name for name, count in Counter(self.names).items() if count > 1]
        if repeated:
            raise BadInput(
                f"{self.label} has more than one column named {repeated[0]!r}; rename or remove "
                "all but one."
            )

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and columns."""
        return len(self), len(self.columns)

    def place(self, name: str | int) -> int:
        """Return the place of a column: by its name, or by its number where there are no names.

        A name that is there is taken; a number matches a name that is the same number written
        otherwise (904, "904.0"). Raises `BadInput` for a column that is not there.
        """
        if self.names is None:
            if isinstance(name, int | np.integer) and -len(self.columns) <= name < len(
                self.columns
            ):
                return int(name) % len(self.columns)
            raise BadInput(
                f"{self.label} has no column names, and so no column {name!r}; give its number, 0 "
                f"to {len(self.columns) - 1}."
            )
        (found,) = self._places([str(name)])
        if found is None:
            few = f"{', '.join(self.names[:5])}{' …' if len(self.names) > 5 else ''}"
            raise BadInput(
                f"{self.label} has no column {name!r}{closest(str(name), self.names)} It has {few}."
            )
        return found

    def column(self, name: str | int) -> Column:
        """Return a column (n,); raises as `place`."""
        return self.columns[self.place(name)]

    def has(self, names: Iterable[str]) -> bool:
        """Return whether all of these columns are there."""
        return self.names is not None and None not in self._places(list(names))

    def take(self, places: Sequence[int]) -> Table:
        """Return the table of the columns at these places, in this order."""
        names = None if self.names is None else tuple(self.names[place] for place in places)
        return replace(self, columns=tuple(self.columns[place] for place in places), names=names)

    def drop(self, place: int) -> Table:
        """Return the table without the column at this place."""
        return self.take([other for other in range(len(self.columns)) if other != place])

    def arranged(self, names: Sequence[str]) -> Table:
        """Return the table of these columns, in this order; others are left out.

        Raises `BadInput` where some are lacking, or where the table has no names.
        """
        if self.names is None:
            raise BadInput(
                f"{self.label} has no column names; expected {', '.join(names[:3])}"
                f"{' …' if len(names) > 3 else ''}."
            )
        places = self._places(names)
        lacking = [name for name, place in zip(names, places, strict=True) if place is None]
        if lacking:
            raise BadInput(
                f"{self.label} lacks the columns {', '.join(map(repr, lacking[:3]))}"
                f"{' …' if len(lacking) > 3 else ''}; it has "
                f"{', '.join(map(repr, self.names[:3]))}{' …' if len(self.names) > 3 else ''}."
            )
        return self.take([place for place in places if place is not None])

    def numbers(self) -> NDArray[np.float64]:
        """Return all columns as float64 (n, c), NaN where a number is missing.

        True is 1 and False 0. Whole numbers that float64 rounds are told by a notice. Raises
        `BadInput` for text, dates, complex numbers and whatever else is no number.
        """
        values = np.empty((len(self), len(self.columns)))
        rounded = 0
        for place, column in enumerate(self.columns):
            if column.dtype.kind in "fbiu":
                values[:, place] = column
                if column.dtype.kind in "iu":
                    rounded += _rounded(column, values[:, place])
            else:
                values[:, place] = self._floats(column, place)
        if rounded:
            notice(
                f"{rounded} whole numbers of {self.label} are too large for float64 and were "
                "rounded."
            )
        return values

    def _floats(self, column: Column, place: int) -> Column:
        kinds = {"c": "complex numbers", "M": "dates", "m": "durations"}
        name = repr(self.names[place]) if self.names else str(place)
        if column.dtype.kind in kinds:
            raise BadInput(
                f"{self.label} has {kinds[column.dtype.kind]} in column {name}; expected real "
                "numbers: encode or remove the column."
            )
        missing = np.array([value is None for value in column], dtype=bool)
        bad = next(iter(np.flatnonzero(~missing)), None)
        if bad is None:
            return np.full(len(column), np.nan)
        found = column[bad]
        what = f"the text {found[:30]!r}" if isinstance(found, str) else f"{str(found)[:40]!r}"
        raise BadInput(
            f"{self.label} has {what} in row {bad}, column {name}; expected numbers: encode or "
            "remove the column."
        )

    def _places(self, names: Sequence[str]) -> list[int | None]:
        """Return where each name is: as it is written, or else as the number that it is."""
        assert self.names is not None
        exact = {name: place for place, name in enumerate(self.names)}
        wanted = list(map(plain_name, names))
        found = [exact.get(name) for name in wanted]
        if None not in found:
            return found
        taken = set(found)
        free: dict[Any, list[int]] = {}
        for place, name in enumerate(self.names):
            if place not in taken:
                free.setdefault(number_key(name), []).append(place)
        for order, name in enumerate(wanted):
            key = number_key(name)
            if found[order] is not None or key is None or key not in free:
                continue
            if len(free[key]) > 1:
                one, two = (self.names[place] for place in free[key][:2])
                raise BadInput(
                    f"{self.label} has the columns {one!r} and {two!r}, and either may be "
                    f"{name!r}; rename or remove one."
                )
            found[order] = free.pop(key)[0]
        return found


def plain_name(name: Any) -> str:
    """Return a column's name: its text without outer spaces, in Unicode's form NFC."""
    return unicodedata.normalize("NFC", str(name)).strip()


def number_key(name: str) -> Decimal | None:
    """Return the number that a name is, the same for 904, 904.0 and 9.04e2; None for others."""
    return Decimal(name).normalize() if _NUMBER.fullmatch(name) else None


def _rounded(column: Column, values: Column) -> int:
    """Return how many whole numbers are not the float64 numbers that they became."""
    large = np.flatnonzero((values >= _EXACT) | (values <= -_EXACT))
    return sum(int(column[row]) != int(values[row]) for row in large)

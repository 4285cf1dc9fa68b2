"""How a text table is written: what may be told of it, and its rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

Row = list[str]

MISSING = (
    "", "NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan",
    "NULL", "null", "None", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
)  # fmt: skip
"""The words that pandas takes for missing numbers."""
LOGICAL = ("True", "False", "TRUE", "FALSE", "true", "false")
SPACES = " "
"""The separator that stands for any run of spaces and tabs."""
WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", SPACES: "space"}

_NUMBER = {
    mark: re.compile(
        rf"[+-]?(?:(?:\d+{re.escape(mark)}?\d*|{re.escape(mark)}\d+)(?:[eE][+-]?\d+)?"
        r"|(?i:inf|infinity))",
        re.ASCII,
    )
    for mark in ".,"
}
UNNAMED = "Unnamed: 0"
"""What pandas calls a first column without a name."""


@dataclass(frozen=True)
class Told:
    """What the user says about a text table; None for what is to be inferred."""

    label: str
    header: bool | None = None
    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    missing: tuple[str, ...] = MISSING
    index: bool | None = None
    columns: tuple[str, ...] = ()

    def is_missing(self, cell: str) -> bool:
        """Return whether a cell is empty or one of the words for a missing number."""
        return cell in self.missing

    def is_typed(self, cell: str, decimal: str) -> bool:
        """Return whether a cell is a number, a truth value or missing."""
        return self.is_missing(cell) or cell in LOGICAL or self.is_number(cell, decimal)

    def is_number(self, cell: str, decimal: str) -> bool:
        """Return whether a cell is a number with this decimal mark."""
        if self.thousands:
            cell = cell.replace(self.thousands, "")
        return _NUMBER[decimal].fullmatch(cell) is not None


@dataclass(frozen=True)
class Dialect:
    """How a text table is written.

    `header` is whether its first row are names, None where that is not certain; `names` are that
    row's cells. `width` counts the cells of a row of data, `leading` is whether the first of them
    is the row's name, and `trailing` whether each row ends in a separator too many.
    """

    separator: str
    decimal: str
    width: int
    header: bool | None
    names: tuple[str, ...]
    leading: bool = False
    trailing: bool = False


def rows_of(text: str, separator: str) -> Iterator[Row]:
    """Yield the rows of a text, blank lines left out, cells without their outer spaces."""
    if separator == SPACES:
        text = re.sub(r"[ \t]+", " ", text)
        text = "\n".join(line.strip(" ") for line in re.split(r"[\r\n]+", text))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    for row in reader:
        if row:
            yield [cell.strip() for cell in row]

"""How a text table is written: separator, decimal mark, header; inferred only when certain."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from zoo_core import BadInput
from zoo_tables.table import number_key, plain_name

Row = list[str]

MISSING = (
    "", "NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan",
    "NULL", "null", "None", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
)  # fmt: skip
"""The words that pandas takes for missing numbers."""
LOGICAL = ("True", "False", "TRUE", "FALSE", "true", "false")
SPACES = " "
"""The separator that stands for any run of spaces and tabs."""
CANDIDATES = (",", ";", "\t", "|", SPACES)
WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", SPACES: "space"}

_NUMBER = {
    mark: re.compile(
        rf"[+-]?(?:(?:\d+{re.escape(mark)}?\d*|{re.escape(mark)}\d+)(?:[eE][+-]?\d+)?"
        r"|(?i:inf|infinity))",
        re.ASCII,
    )
    for mark in ".,"
}
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
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


def infer(sample: str, told: Told) -> Dialect:
    """Return how a sample of whole lines is written.

    Raises `BadInput`, which names the option, where separator or decimal mark may be several.
    """
    found = _separated(sample, told)
    rows = list(rows_of(sample, found.separator))
    first, rest = rows[0], rows[1:]
    found = _edges(found, first, rest, told)
    short = len(first) < found.width
    names = tuple([*first, ""] if short and found.trailing else ["", *first] if short else first)
    header = told.header if told.header is not None else _header(names, rest, found, told)
    if header and names[0] in ("", UNNAMED) and len(names) > 1 and told.index is None:
        found = replace(found, leading=True)
    return replace(found, names=names, header=header)


# The separator and the decimal mark -------------------------------------------------------------


def _separated(sample: str, told: Told) -> Dialect:
    """Return separator, decimal mark and the number of cells a row."""
    seen = {}
    for separator in CANDIDATES if told.separator is None else (told.separator,):
        try:
            rows = list(rows_of(sample, separator))
        except csv.Error:
            continue
        seen[separator] = rows
    if not seen:
        raise BadInput(
            f"{told.label} has a cell of more than {csv.field_size_limit():,} characters; expected "
            "a text table, or separator= where it is one."
        )
    if not any(seen.values()):
        raise BadInput(f"{told.label} has no rows; expected one row a sample.")
    even = {separator: width for separator, rows in seen.items() if (width := _even(rows))}
    if told.separator is not None:
        rows = seen[told.separator]
        width = even.get(told.separator) or len(rows[0])
        marks = _marks(told.separator, rows, told)
        return Dialect(told.separator, _one_mark(marks, rows, told), width, None, ())
    fits = [
        (separator, mark, width)
        for separator, width in even.items()
        for mark in ((told.decimal,) if told.decimal else (".", ","))
        if mark != separator
    ]
    data = {separator: rows[1:] or rows for separator, rows in seen.items()}

    def typed(fit: tuple[str, str, int]) -> bool:
        return all(told.is_typed(cell, fit[1]) for row in data[fit[0]] for cell in row)

    def clean(fit: tuple[str, str, int]) -> bool:
        """No cell that is neither number nor missing has another separator in it."""
        others = [other for other in even if other not in (fit[0], SPACES)]
        return not any(
            other in cell
            for row in data[fit[0]]
            for cell in row
            if not told.is_typed(cell, fit[1])
            for other in others
        )

    spaces = [fit for fit in fits if fit[0] == SPACES]
    others = [fit for fit in fits if fit[0] != SPACES]
    marked = any(fit[0] != "," for fit in others)  # spaces may then be within cells
    for test in (typed, clean):
        for group in (others, [] if marked and test is typed else spaces):
            kept = [fit for fit in group if test(fit)]
            separators = {fit[0] for fit in kept}
            if len(separators) > 1:
                few = " or ".join(repr(separator) for separator in separators)
                raise BadInput(
                    f"The cells of {told.label} may be separated by {few}; say "
                    f"separator={'|'.join(WORDS[one] for one in separators)}."
                )
            if kept:
                separator, _, width = kept[0]
                rows = seen[separator]
                mark = _one_mark(_marks(separator, rows, told), rows, told)
                return Dialect(separator, mark, width, None, ())
    if several := [separator for separator in even if separator != SPACES]:
        few = " or ".join(map(repr, several))
        raise BadInput(
            f"The cells of {told.label} may be separated by {few}; say separator=, and decimal= "
            "and thousands= where its numbers have a decimal comma or grouped digits."
        )
    return _uneven(seen, told)


def _even(rows: Sequence[Row]) -> int:
    """Return how many cells all rows have, the first perhaps one less; 0 where they differ."""
    first, rest = rows[0], rows[1:]
    widths = set(map(len, rest)) or {len(first)}
    width = widths.pop()
    return width if not widths and width > 1 and width - len(first) in (0, 1) else 0


def _uneven(seen: dict[str, list[Row]], told: Told) -> Dialect:
    """Return the dialect of one column, or of rows of which some have too few cells."""
    most = {separator: max(map(len, rows)) for separator, rows in seen.items()}
    separator = max((s for s in most if s != SPACES), key=lambda s: most[s])
    if most[separator] == 1 and most[SPACES] > 1:
        data = [cell for row in seen[separator][1:] for cell in row]
        if not all(told.is_typed(cell, ".") for cell in data) and not any(
            re.search(r"[^\W\d]", cell) for cell in data
        ):
            separator = SPACES
    rows = seen[separator]
    if most[separator] == 1:
        return Dialect(separator, _one_mark(_marks("", rows, told), rows, told), 1, None, ())
    return Dialect(separator, told.decimal or ".", len(rows[0]), None, ())


def _marks(separator: str, rows: Sequence[Row], told: Told) -> set[str]:
    """Return the decimal marks with which the most cells below the first row are numbers."""
    if told.decimal is not None:
        return {told.decimal}
    cells = [cell for row in rows[1:] or rows for cell in row]
    counts = {
        mark: sum(told.is_typed(cell, mark) for cell in cells) for mark in ".," if mark != separator
    }
    return {mark for mark, count in counts.items() if count == max(counts.values())}


def _one_mark(marks: set[str], rows: Sequence[Row], told: Told) -> str:
    """Return the decimal mark: a comma only where no cell can be one with grouped thousands."""
    if "." in marks or told.decimal is not None:
        return told.decimal or "."
    cells = [cell for row in rows[1:] or rows for cell in row if "," in cell]
    grouped = [cell for cell in cells if _GROUPED.fullmatch(cell)]
    if cells and len(grouped) == len(cells):
        raise BadInput(
            f"{grouped[0]!r} in {told.label} may have a decimal comma or grouped thousands; say "
            "decimal=, or thousands=,."
        )
    return ","


# Row names and the header -----------------------------------------------------------------------


def _edges(found: Dialect, first: Row, rest: Sequence[Row], told: Told) -> Dialect:
    """Return the dialect with row names before, or empty cells after, the cells of each row."""
    if told.index:
        return replace(found, leading=True)
    if found.width > 1 and told.header is not False and rest and all(r[-1] == "" for r in rest):
        named = len(first) == found.width and first[-1] != ""
        if not named:
            return replace(found, trailing=True)
    if len(first) == found.width - 1:
        if told.index is False:
            raise BadInput(
                f"{told.label} has {len(first)} names for {found.width} columns; expected a name "
                "for each."
            )
        if not _row_names([row[0] for row in rest], found, told):
            raise BadInput(
                f"{told.label} has {len(first)} names for {found.width} cells a row; say "
                "separator= and decimal=, or index=true where the first cell is the row's name."
            )
        return replace(found, leading=True)
    return found


def _row_names(cells: Sequence[str], found: Dialect, told: Told) -> bool:
    """Return whether cells without a name above them are names: words, or 0, 1, 2 …, or 1, 2 …."""
    if not any(told.is_typed(cell, found.decimal) for cell in cells):
        return True
    counted = [[str(number + start) for number in range(len(cells))] for start in (0, 1)]
    return found.width > 2 and list(cells) in counted


def _header(first: tuple[str, ...], rest: Sequence[Row], found: Dialect, told: Told) -> bool | None:
    """Return whether the first row are names; None where it may be both."""
    cells = list(enumerate(first))
    if found.trailing:
        cells = cells[:-1]
    if found.leading:
        return True if len(first) and first[0] == "" else _certain(cells[1:], rest, found, told)
    if len(cells) > 1 and cells[0][1] == "":
        # Names above row names, as pandas writes them, or a first number that is missing.
        cells = cells[1:]
        names = _certain(cells, rest, found, told)
        return names or None
    return _certain(cells, rest, found, told)


def _certain(
    cells: Sequence[tuple[int, str]], rest: Sequence[Row], found: Dialect, told: Told
) -> bool | None:
    if expected(told.columns, [cell for _, cell in cells]):
        return True
    texts = [(place, cell) for place, cell in cells if not told.is_typed(cell, found.decimal)]
    if not texts:
        # An empty cell, and a word that is told to be missing, are no names.
        holes = [c for _, c in cells if told.is_missing(c) and (c == "" or c not in MISSING)]
        keys = [number_key(cell) or cell for _, cell in cells]
        return False if holes or len(set(keys)) < len(keys) else None
    words = [cell for _, cell in texts if any(map(str.isalpha, cell))]
    others = [
        cell
        for _, cell in cells
        if cell == "" or cell in LOGICAL or told.is_number(cell, found.decimal)
    ]
    if others or len(words) < len(texts):
        return None
    if not rest:
        return True
    return any(_is_typed_column(place, rest, found, told) for place, _ in texts) or None


def _is_typed_column(place: int, rest: Sequence[Row], found: Dialect, told: Told) -> bool:
    """Return whether a column has numbers or truth values only, at least one."""
    column = [row[place] for row in rest if place < len(row)]
    return all(told.is_typed(cell, found.decimal) for cell in column) and not all(
        map(told.is_missing, column)
    )


def expected(columns: Sequence[str], cells: Sequence[str]) -> bool:
    """Return whether a row has the names that are expected: all as numbers, or one as a word."""
    if not columns:
        return False
    names = set(map(plain_name, cells))
    wanted = list(map(plain_name, columns))
    if any(name in names for name in wanted if number_key(name) is None):
        return True
    keys = {number_key(name) for name in names} - {None}
    return len(wanted) > 1 and all(number_key(name) in keys for name in wanted)

"""Separator, decimal mark and header of a text table, inferred only when they are certain."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace

from zoo_core import BadInput
from zoo_tables.dialect import SPACES, UNNAMED, WORDS, Dialect, Row, Told, rows_of
from zoo_tables.header import edges, has_header

CANDIDATES = (",", ";", "\t", "|", SPACES)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)


def infer(sample: str, told: Told) -> Dialect:
    """Return how a sample of whole lines is written.

    Raises `BadInput`, which names the option, where separator or decimal mark may be several.
    """
    found = _separated(sample, told)
    rows = list(rows_of(sample, found.separator))
    first, rest = rows[0], rows[1:]
    found = edges(found, first, rest, told)
    short = len(first) < found.width
    names = tuple([*first, ""] if short and found.trailing else ["", *first] if short else first)
    header = told.header if told.header is not None else has_header(names, rest, found, told)
    if header and names[0] in ("", UNNAMED) and len(names) > 1 and told.index is None:
        found = replace(found, leading=True)
    return replace(found, names=names, header=header)


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

"""Whether the first row of a text table are names, and its first column row names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from zoo_core import BadInput
from zoo_tables.dialect import LOGICAL, MISSING, Dialect, Row, Told
from zoo_tables.table import number_key, plain_name


def edges(found: Dialect, first: Row, rest: Sequence[Row], told: Told) -> Dialect:
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


def has_header(
    first: tuple[str, ...], rest: Sequence[Row], found: Dialect, told: Told
) -> bool | None:
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
        if holes:
            return False
        # No two columns have one name; but names that are expected may be written twice.
        wanted = set(map(number_key, map(plain_name, told.columns)))
        return False if len(set(keys)) < len(keys) and not wanted & set(keys) else None
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

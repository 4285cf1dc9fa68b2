"""Tables of texts that a person has, in files or in memory, to rows of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo_core import BadInput
from zoo_triples.reading.files import existing, rows_of, text_of

MISSING = ("None", "nan", "<NA>", "NaT")


def table_of(source: Any, what: str) -> tuple[list[list[str]], str]:
    """Return the cells of each line, the names of a data frame's columns first, and a label.

    `source` is a file, a data frame or a list of rows; `what` says what is read from it. Raises
    `BadInput` for anything else, and for rows of several lengths.
    """
    if isinstance(source, str | Path):
        path = existing(source)
        return rows_of(text_of(path), str(path), "\t" if path.suffix == ".tsv" else None), str(path)
    if hasattr(source, "to_numpy") and hasattr(source, "columns"):
        cells = [list(source.columns), *source.to_numpy().tolist()]
    elif isinstance(source, list | tuple) and source:
        cells = [list(row) if isinstance(row, list | tuple) else [row] for row in source]
    else:
        raise BadInput(
            f"{what} are not read from a {type(source).__name__}; give a table of them: a file, a "
            "data frame, or a list of rows."
        )
    for number, row in enumerate(cells, 1):
        if len(row) != len(cells[0]):
            raise BadInput(f"{what}: row {number} has {len(row)} cells, the first {len(cells[0])}.")
    return [[_text(cell) for cell in row] for row in cells], "The table"


def _text(cell: Any) -> str:
    """Return a cell as a text; one that is missing, as data frames have them, is empty."""
    text = str(cell).strip()
    return "" if not isinstance(cell, str) and text in MISSING else text


def by_header(row: Sequence[str], words: Mapping[str, str]) -> dict[str, int]:
    """Return the place of each meaning that a first line names, of the `words` for each."""
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        for meaning, known in words.items():
            if cell.lower() in known.split():
                found.setdefault(meaning, place)
    return found

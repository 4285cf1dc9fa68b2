"""Tables on a terminal: as many columns as there is room for, names whole, numbers on the right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from zoo_core._shell.printing import cell, short

GAP = 2
LEAST = 14
"""A text that is cut, or that goes on in the next line, keeps so much."""
_NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?( ± [\d.]+)?( [^\W\d]+| %)?")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: how it is called and shown, and when it gives way.

    Where there is no room for all, columns of low `rank` come first. `overflow` is
    what becomes of a text that is too long: "whole" keeps it so, "cut" ends it with an ellipsis,
    "fold" goes on in the next line.
    """

    name: str
    rank: int = 0
    right: bool = False
    overflow: str = "whole"
    style: str = ""
    shown: Callable[[Any], str] = cell
    heading: str | None = None

    @property
    def title(self) -> str:
        """The heading."""
        return self.name if self.heading is None else self.heading


def columns_of(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Return columns for rows of any kind: the first whole, numbers whole and on the right."""
    found = []
    for rank, name in enumerate(dict.fromkeys(name for row in rows for name in row)):
        texts = [cell(row.get(name)) for row in rows]
        number = any(texts) and all(_NUMBER.fullmatch(text) for text in texts if text)
        overflow = "whole" if number or rank == 0 else "fold"
        found.append(Column(name=name, rank=rank, right=number, overflow=overflow))
    return found


def fitted(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], width: int
) -> dict[Column, int]:
    """Return the columns that there is room for, and how wide each is."""
    wanted, least = {}, {}
    columns = [one for one in columns if _is_used(one, rows)]
    for column in columns:
        texts = [short(column.shown(row.get(column.name))) for row in rows]
        wanted[column] = max(cell_len(text) for text in (column.title, *texts))
        words = [word for text in (column.title, *texts) for word in text.split(" ")]
        floor = {"whole": wanted[column], "cut": LEAST}
        longest = max(map(cell_len, words))
        least[column] = min(wanted[column], floor.get(column.overflow, max(LEAST, longest)))
    kept: list[Column] = []
    room = width + GAP
    for column in sorted(columns, key=lambda column: column.rank):
        if not kept or least[column] + GAP <= room:
            kept.append(column)
            room -= least[column] + GAP
    widths = {column: min(least[column], width) for column in columns if column in kept}
    for column in kept:
        more = max(min(wanted[column] - widths[column], room), 0)
        widths[column] += more
        room -= more
    return widths


def _is_used(column: Column, rows: Sequence[Mapping[str, Any]]) -> bool:
    return not rows or any(column.shown(row.get(column.name)) for row in rows)


def table(
    widths: Mapping[Column, int], rows: Sequence[Mapping[str, Any]], *, header: bool = True
) -> Table:
    """Return a table of columns that were fitted before."""
    made = Table(
        box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=header, header_style="bold"
    )
    for column, width in widths.items():
        made.add_column(
            Text(short(column.title)),
            width=width,
            justify="right" if column.right else "left",
            no_wrap=column.overflow != "fold",
            overflow="fold" if column.overflow == "fold" else "ellipsis",
            style=column.style,
        )
    for row in rows:
        # A Text is shown as it is; in a str, rich would read what is in brackets as its markup.
        made.add_row(*[Text(short(one.shown(row.get(one.name)))) for one in widths])
    return made


def left_out(
    columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], widths: Mapping[Column, int]
) -> str:
    """Return which columns there was no room for, for people; "" for none."""
    missing = (one for one in columns if one not in widths and _is_used(one, rows))
    return ", ".join(column.title or column.name for column in missing)

"""What is measured, as a list that prints as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, SupportsIndex, TypeVar, overload

from zoo_core.errors import BadInput

GAP = "  "


class Told(Protocol):
    """What a row of a table is made from."""

    def as_row(self) -> Mapping[str, str]:
        """Return what people read of it, by the names of the columns."""
        ...


Row = TypeVar("Row", bound=Told)


class Rows(list[Row]):
    """A list of results, comparisons or checks that prints as a table, in notebooks as well.

    `zoo.evaluate` returns one; ``zoo.Rows(zoo.verify(name))`` and ``zoo.Rows(zoo.compare(name))``
    make one of what comes row by row.

    >>> rows = zoo.evaluate("powerembed-sbm-dense")
    >>> print(rows)  # doctest: +ELLIPSIS
    method ... measured
    powerembed-sbm-dense ... 99.1 %
    >>> round(rows.value, 2)
    0.99
    """

    @property
    def value(self) -> float:
        """The number of a single result; raises `BadInput` unless there is exactly one."""
        if len(self) != 1:
            raise BadInput(
                f"There are {len(self)} rows here, and not one value; take that of one of them, as "
                "in rows[0].value."
            )
        if not hasattr(self[0], "value"):
            raise BadInput(f"A {type(self[0]).__name__} is no number, so it has no value.")
        return float(self[0].value)

    @overload
    def __getitem__(self, place: SupportsIndex) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Rows[Row]: ...
    def __getitem__(self, place: Any) -> Any:
        """Return a row, or some of them as a list of the same kind."""
        found = super().__getitem__(place)
        return type(self)(found) if isinstance(place, slice) else found

    def __repr__(self) -> str:
        """Return the table as plain text, no wider than the terminal; notes go below it."""
        import shutil
        import textwrap

        if not self:
            return "[]"
        room = shutil.get_terminal_size().columns
        names, lines = self._cells(without="note")
        widths = [max(map(len, column)) for column in zip(names, *lines, strict=True)]
        table = [
            GAP.join(f"{word:<{width}}" for word, width in zip(line, widths, strict=True))
            for line in (names, *lines)
        ]
        notes = dict.fromkeys(row.as_row().get("note", "") for row in self)
        told = [textwrap.fill(f"Note: {note}.", room) for note in notes if note]
        return "\n".join([*(_cut(line, room) for line in table), *told])

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """Return the table as notebooks show it."""
        from html import escape

        names, lines = self._cells()
        head = "".join(f"<th>{escape(name)}</th>" for name in names)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(word)}</td>' for word in line)}</tr>" for line in lines
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _cells(self, without: str = "") -> tuple[list[str], list[list[str]]]:
        """Return the names of the columns in which anything stands, and the rows' cells."""
        rows = [row.as_row() for row in self]
        names = dict.fromkeys(
            name for row in rows for name, told in row.items() if told and name != without
        )
        return list(names), [[row.get(name, "") for name in names] for row in rows]


def _cut(line: str, room: int) -> str:
    line = " ".join(line.rstrip().splitlines())
    return line if len(line) <= room else f"{line[: room - 1]}…"

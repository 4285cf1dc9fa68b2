"""Lines of a text table that may be comments, and its first lines as a sample."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from zoo_core import BadInput
from zoo_tables.dialect import Dialect, Told, rows_of
from zoo_tables.header import expected

_SAMPLE_LINES, _SAMPLE_SIZE, _SAMPLE_MOST = 100, 1 << 16, 1 << 21
"""A sample has so many lines; of lines that are long, five and so many characters, at most."""

_HOLE = re.compile(r"\s*#N/?A( N/A)?\s*([,;|\t]|$)")
"""A line that begins with one of the words for a missing number that look like a comment."""


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it begins outside of quotation marks."""
    outside = True
    for line in io.StringIO(text, newline=""):
        yield line, outside
        outside ^= bool(line.count('"') % 2)


def without_comments(content: bytes, mark: str) -> tuple[bytes, list[tuple[str, bool]]]:
    """Return a text without its comment lines, and these, each with whether it leads."""
    if not mark or mark.encode() not in content:
        return content, []
    kept: list[str] = []
    notes: list[tuple[str, bool]] = []
    for line, outside in _lines(content.decode()):
        if outside and line.lstrip(" ").startswith(mark) and not _HOLE.match(line):
            notes.append((line.strip(" \r\n"), not any(map(str.strip, kept))))
        else:
            kept.append(line)
    return "".join(kept).encode() if notes else content, notes


def settle_comments(
    body: bytes, notes: Sequence[tuple[str, bool]], dialect: Dialect, told: Told
) -> tuple[bytes, Dialect]:
    """Return body and dialect after asking what lines that begin with # may be besides comments.

    The last line before the table may be its names, as numpy.savetxt writes them; a line with as
    many cells as all others may be a row whose first cell begins so. Raises `BadInput` there.
    """
    even = [
        (line, leads, cells)
        for line, leads in notes
        if len(cells := next(rows_of(line, dialect.separator))) == dialect.width
    ]
    if not even:
        return body, dialect
    line, leads, cells = even[-1]
    for names, written in (
        ([cells[0].lstrip("#").strip(), *cells[1:]], line.lstrip("#").lstrip()),
        (cells, line),
    ):
        if leads and told.header is not False and expected(told.columns, names):
            return f"{written}\n".encode() + body, replace(dialect, header=True, names=tuple(names))
    first, *rest = rows_of(sample_of(body), dialect.separator)
    numbers = all(told.is_typed(row[0], dialect.decimal) for row in rest)
    named = not all(told.is_typed(cell, dialect.decimal) for cell in first)
    if numbers and (not leads or told.header is False or (named and dialect.header)):
        return body, dialect
    raise BadInput(
        f"The line {line[:40]!r} of {told.label} may be a comment, or names, or a row; say "
        "comment=# where it is a comment, and comment= with no character where it is not."
    )


def sample_of(content: bytes) -> str:
    """Return the first lines of a text, whole rows of it."""
    taken, size = [], 0
    text = content[:_SAMPLE_MOST].decode(errors="ignore")  # of a character that is cut
    for number, (line, outside) in enumerate(_lines(text)):
        enough = number >= _SAMPLE_LINES or (size >= _SAMPLE_SIZE and number >= 5)
        if enough and outside:
            break
        taken.append(line)
        size += len(line)
    if size == len(text) and len(content) > _SAMPLE_MOST and len(taken) > 1:
        taken.pop()  # It is cut off.
    return "".join(taken)

"""Text tables: bytes to text, comments, and columns by pandas' parser."""

from __future__ import annotations

import codecs
import io
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput, notice
from zoo_tables.comments import sample_of, settle_comments, without_comments
from zoo_tables.dialect import LOGICAL, SPACES, UNNAMED, Dialect, Told, rows_of
from zoo_tables.inferring import infer
from zoo_tables.memory import columns_of, typed
from zoo_tables.table import Column, Table, plain_name

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Text = bool | Sequence[str | int]


def as_utf8(content: bytes, encoding: str | None, label: str) -> bytes:
    """Return the text of a file as UTF-8, without a byte order mark.

    The file is in the encoding given, that of its byte order mark, or UTF-8. Raises `BadInput` for
    an unknown encoding and for bytes that are none of its text.
    """
    found = encoding or next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        if found != "utf-8":
            content = content.decode(found).removeprefix("\ufeff").encode()
        elif not content.isascii():
            content.decode()
    except LookupError as error:
        raise BadInput(f"There is no encoding {found!r}; give one such as 'cp1252'.") from error
    except UnicodeError as error:
        raise BadInput(
            f"{label} cannot be read as text in {found.upper()}; say encoding= (cp1252, utf-16-le "
            "…), or give a .csv, .parquet, .npy or .npz file."
        ) from error
    if b"\0" in content:
        raise BadInput(
            f"{label} cannot be read as text: it has NUL characters; say encoding= (utf-16-le …), "
            "or give a .csv, .parquet, .npy or .npz file."
        )
    return content


def from_text(
    content: bytes,
    told: Told,
    *,
    comment: str | None = None,
    rows: int | None = None,
    kept: Text = (),
) -> Table:
    """Return a text as a table; see `zoo_tables.read_table`, which this does for text files."""
    body, notes = without_comments(content, "#" if comment is None else comment)
    if not body or body.isspace():
        raise BadInput(f"{told.label} has no rows; expected a header line and one row a sample.")
    dialect = infer(sample_of(body), told)
    if notes and comment is None:
        body, dialect = settle_comments(body, notes, dialect, told)
    if dialect.header is None:
        dialect = replace(dialect, header=_by_count(body, dialect, told, rows))
    columns = _columns(body, dialect, told, kept)
    names = tuple(dialect.names) if dialect.header else None
    if dialect.trailing and _holes(columns[-1]).all():
        columns, names = columns[:-1], names and names[:-1]
    index = None
    if dialect.leading:
        if names and names[0] == UNNAMED and told.index is None:
            notice(f"The column {UNNAMED!r} of {told.label} was taken for row names.")
        index, columns, names = columns[0], columns[1:], names and names[1:]
        if told.index is None and len(set(index.tolist())) < len(index):
            raise BadInput(
                f"The first column of {told.label} has no name, and repeats itself, so that it "
                "can hardly be row names; say index=true or index=false, or name it."
            )
    return Table(tuple(columns), names, told.label, index)


def _columns(content: bytes, dialect: Dialect, told: Told, kept: Text) -> list[Column]:
    """Return the columns, numbers where all of a column are numbers, and text elsewhere."""
    import pandas as pd

    common: dict[str, Any] = {
        "sep": r"\s+" if dialect.separator == SPACES else dialect.separator,
        "header": 0 if dialect.header else None,
        "names": range(dialect.width),
        "index_col": False,
        "skipinitialspace": True,
        "keep_default_na": False,
        "encoding": "utf-8",
    }
    if tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1):
        # Later versions read all float64 numbers as they were written by default.
        common["float_precision"] = "round_trip"
    as_text = _kept(kept, dialect, told)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            # Columns of several types are read again, as text.
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            frame = pd.read_csv(
                io.BytesIO(content),
                na_values=list(told.missing),
                decimal=dialect.decimal,
                thousands=told.thousands,
                dtype=dict.fromkeys(as_text, str),
                **common,
            )
            found = columns_of(frame)
            words = [place for place, column in enumerate(found) if _is_word(column)]
            if words:
                # As they are written: of text, only what is empty is surely missing.
                missing = [word for word in told.missing if word not in Told("").missing]
                texts = pd.read_csv(
                    io.BytesIO(content),
                    usecols=words,
                    dtype=str,
                    na_values=["", *missing],
                    **common,
                )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        _refuse_ragged(content, dialect, told)
        raise BadInput(f"{told.label} cannot be read as a table ({_first(error)}).") from error
    if not len(frame):
        raise BadInput(f"{told.label} has no rows; expected a header line and one row a sample.")
    for place in words:
        cells = texts[place].to_numpy(dtype=object)
        found[place] = _words(cells, place in as_text, dialect, told)
    if _holes(found[-1]).any():
        _refuse_short(content, len(frame), dialect, told)
    return found


def _kept(kept: Text, dialect: Dialect, told: Told) -> list[int]:
    """Return the places of the columns that are to stay text."""
    if isinstance(kept, bool):
        return list(range(dialect.width)) if kept else []
    names = [plain_name(name) for name in dialect.names] if dialect.header else []
    return [
        names.index(plain_name(each)) if isinstance(each, str) else int(each) + dialect.leading
        for each in kept
        if not isinstance(each, str) or plain_name(each) in names
    ]


def _is_word(column: Column | None) -> bool:
    """Return whether a column is text, or has whole numbers beside holes that float64 rounds."""
    if column is None or column.dtype.kind not in "biuf":
        return True
    size = np.abs(column) if column.dtype.kind == "f" else np.zeros(1)
    return bool(((size >= 2**53) & (size < 2**64)).any())


def _words(column: Column, stay: bool, dialect: Dialect, told: Told) -> Column:
    """Return text with None where it is missing; what pandas leaves as text and is none, typed.

    That is truth values with holes, and whole numbers that float64 rounds.
    """
    cells = [None if cell != cell or cell is None else cell.strip() for cell in column]
    there = {cell for cell in cells if cell is not None}
    if there and there <= set(LOGICAL) and not stay:
        return np.array([np.nan if c is None else float(c.lower() == "true") for c in cells])
    numbers = not stay and all(
        told.is_missing(cell) or told.is_number(cell, dialect.decimal) for cell in there
    )
    if there and numbers:
        plain = [None if c is None or told.is_missing(c) else _exact(c, told) for c in cells]
        return typed(np.array(plain, dtype=object), told.label)
    made = np.empty(len(cells), dtype=object)
    made[:] = cells
    return made


def _exact(cell: str, told: Told) -> int | float:
    cell = cell.replace(told.thousands or " ", "")
    return int(cell) if cell.lstrip("+-").isdecimal() else float(cell.replace(",", "."))


def _holes(column: Column) -> NDArray[np.bool_]:
    """Return where a column has nothing."""
    if column.dtype == object:
        return np.array([value is None for value in column], dtype=bool)
    return np.asarray(column != column)


def _by_count(content: bytes, dialect: Dialect, told: Told, rows: int | None) -> bool:
    """Return whether the first row are names, by how many rows there should be."""
    if rows is not None:
        text = content.decode()
        lines = sum(1 for _ in rows_of(text, dialect.separator))
        if lines - rows in (0, 1):
            return lines == rows + 1
    few = ", ".join(map(repr, dialect.names[:4])) + (" …" if len(dialect.names) > 4 else "")
    raise BadInput(
        f"The first line of {told.label} ({few}) may be names or data; say header=true or "
        "header=false."
    )


# Rows of other lengths ---------------------------------------------------------------------------


def _refuse_short(content: bytes, count: int, dialect: Dialect, told: Told) -> None:
    """Raise `BadInput` if a row has too few cells, which pandas fills up."""
    separator = dialect.separator.encode()
    lines = count + bool(dialect.header)
    whole = lines * (dialect.width - 1)
    if dialect.separator != SPACES and b'"' not in content and content.count(separator) == whole:
        return
    _refuse_ragged(content, dialect, told)


def _refuse_ragged(content: bytes, dialect: Dialect, told: Told) -> None:
    rows = rows_of(content.decode(), dialect.separator)
    if dialect.header:
        next(rows)
    for number, row in enumerate(rows):
        if len(row) != dialect.width:
            raise BadInput(
                f"{told.label} has {len(row)} cells in row {number}, but {dialect.width} columns; "
                "expected one cell a column."
            )


def _first(error: BaseException) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")

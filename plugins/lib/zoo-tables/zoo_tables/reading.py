"""`read_table`: what a person has as a table, or one sentence about why it is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from zoo_core import BadInput
from zoo_tables.dialect import MISSING, WORDS, Told
from zoo_tables.files import content_of, from_file, unpacked
from zoo_tables.memory import as_array, from_memory, has_cells, typed
from zoo_tables.table import Table
from zoo_tables.text import as_utf8, from_text

_SEPARATORS = {**{word: mark for mark, word in WORDS.items()}, "\\t": "\t", r"\s+": " "}


def read_table(
    source: Any,
    *,
    header: bool | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    missing: str | float | Sequence[str | float] | None = None,
    comment: str | None = None,
    encoding: str | None = None,
    index: bool | None = None,
    columns: Sequence[str] | None = None,
    rows: int | None = None,
    text: bool | Sequence[str | int] = (),
    key: str | Sequence[str] | None = None,
    label: str | None = None,
) -> Table:
    """Return a table of what a person has; what is not certain is asked for, never guessed.

    `source` is the path of a text file (csv, tsv, txt …, plain or packed by gzip, bzip2, xz or
    zip), of an .npy or .npz (array X, x or features, or `key`; names in feature_names), or of a
    parquet or feather file; an open file; or in memory a `Table`, an array (structured, masked and
    sparse ones too), a tensor of any type, a data frame (pandas; polars, pyarrow by way of it), a
    dictionary of columns, or a list of rows or of dictionaries.

    Columns keep their own type: whole numbers, float64, bool, text (see `Table`); ``.numbers()``
    makes float64 (n, c) of them. Outer spaces of cells and names do not count.

    What text files leave open is inferred from their first hundred rows, and may be told:

    * `header`: True if the first row are names. Known without it where words stand above columns of
      numbers, where it has an expected name of `columns` (or all, where they are numbers), or where
      a number repeats or a cell is empty in it; by `rows`, how many rows there must be; else
      refused.
    * `separator`: "," ";" "|", "tab", "space" (any run). Known where one alone gives as many cells
      in every row.
    * `decimal`: "." or ","; a comma where no cell can be grouped thousands. `thousands` is never
      inferred.
    * `missing`: words or numbers that stand for missing, beside the empty cell and pandas' own
      words (NA, nan, null …), which in a column of text stay text.
    * `comment`: how lines begin that are left out ("#"; "" for none), refused where such a line may
      be names or a row.
    * `encoding`: UTF-8, or what the byte order mark says.
    * `index`: True if the first column are row names, kept as ``.index``. Known where the header
      has no name for it, as pandas and R write it.
    * `text`: columns that stay text as it is written ("01"), by name or number; True for all.

    `label` is what sentences call the table (the file's name). Raises `BadInput` in one sentence
    for what is no table, and what is not certain; columns of text, dates or complex numbers are
    refused by ``.numbers()`` only.
    """
    told = {
        "header": header, "separator": separator, "decimal": decimal, "thousands": thousands,
        "missing": missing, "comment": comment, "encoding": encoding, "index": index,
    }  # fmt: skip
    if isinstance(source, str | PathLike):
        path = Path(source).expanduser()
        label = label or path.name or str(path)
        found = from_file(path, key)
        if found is not None:
            _refuse_told(told, label)
            return found
        content: bytes | str = content_of(path)
    elif callable(getattr(source, "read", None)):
        label = label or Path(str(getattr(source, "name", "The file"))).name
        content = source.read()
        if isinstance(content, bytes):
            content = unpacked(content, label)
    else:
        _refuse_told(told, label or "The table")
        if isinstance(source, Table):
            return source
        return from_memory(source, label or "The table")
    said = Told(
        label=label,
        header=_flag("header", header),
        separator=_separator(separator),
        decimal=_mark("decimal", decimal, (".", ",")),
        thousands=_mark("thousands", thousands, (".", ",", " ", "'", "_")),
        missing=(*MISSING, *_words(missing)),
        index=_flag("index", index),
        columns=tuple(map(str, columns or ())),
    )
    if isinstance(content, str):
        content, encoding = content.encode(errors="surrogateescape"), None
    return from_text(as_utf8(content, encoding, label), said, comment=comment, rows=rows, kept=text)


def read_column(source: Any, *, label: str = "The column", **told: Any) -> Table:
    """Return the one column that a source has: (n,) or (n, 1) values, a Series, a file of one.

    `told` are the options of `read_table`. Raises `BadInput` for more than one column, and what
    `read_table` raises.
    """
    if hasattr(source, "to_frame") and getattr(source, "ndim", 0) == 1:
        name = getattr(source, "name", None)
        source = source.to_frame("0" if name is None else str(name))
        table = from_memory(source, label)
        return table if name is not None else replace(table, names=None)
    frame = isinstance(source, str | PathLike | Table | Mapping) or hasattr(source, "columns")
    if not frame and not (isinstance(source, list | tuple) and any(map(has_cells, source))):
        values = as_array(source, label)
        if values.ndim == 1 and values.dtype.names is None:
            if not len(values):
                raise BadInput(f"{label} has no rows; expected one value a row.")
            return Table((typed(values, label),), None, label)
        source = values
    table = read_table(source, label=label, **told)
    if len(table.columns) != 1:
        raise BadInput(f"{label} has {len(table.columns)} columns; expected one.")
    return table


def _refuse_told(told: dict[str, Any], label: str) -> None:
    """Raise `BadInput` for options that only text files have a use for."""
    given = [name for name, value in told.items() if value is not None]
    if given:
        raise BadInput(f"{label} is no text file: {given[0]} means nothing for it; leave it out.")


def _flag(name: str, value: Any) -> bool | None:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    found = words.get(str(value).lower())
    if value is not None and found is None:
        raise BadInput(f"{name} is {value!r}; expected true or false.")
    return found


def _separator(value: Any) -> str | None:
    if value is None:
        return None
    found = _SEPARATORS.get(str(value), str(value))
    if len(found) != 1 or found in '"\n\r0123456789':
        raise BadInput(
            f"separator is {value!r}; expected one character, or one of "
            f"{', '.join(WORDS.values())}."
        )
    return found


def _mark(name: str, value: Any, known: Sequence[str]) -> str | None:
    if value is not None and value not in known:
        raise BadInput(f"{name} is {value!r}; expected one of {', '.join(map(repr, known))}.")
    return None if value is None else str(value)


def _words(missing: Any) -> list[str]:
    if missing is None:
        return []
    given = [missing] if isinstance(missing, str) or not hasattr(missing, "__iter__") else missing
    return [str(word).strip() for word in given]

"""Rows to a file while they come: as many as there are, in little memory, whole or not at all."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from zoo_core._disk import whole_file
from zoo_core._plain import plain_json
from zoo_core.errors import BadInput

SEPARATORS = {".csv": ",", ".tsv": "\t"}
SUFFIXES = (".jsonl", ".csv", ".tsv", ".parquet", ".json")
TABLES = (*SEPARATORS, ".parquet")
BATCH = 10_000
"""So many rows are in memory at a time where a format wants them by columns."""
LARGEST = 2**63
Write = Callable[[Any], None]


@contextmanager
def rows_to(path: Path) -> Iterator[Write]:
    """Give a function that takes row after row; the file stands there when all went well.

    The suffix says what is written: .jsonl, .csv, .tsv, .parquet or .json. A table takes mappings;
    it has the columns of all rows, in the order in which they come, and what is a list or a mapping
    in one is JSON. Raises `BadInput` for another suffix, and for .parquet without pyarrow.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(
            f"{path} has no suffix that is known for rows; expected {', '.join(SUFFIXES)}."
        )
    if suffix == ".parquet":
        _pyarrow()
    columns: dict[str, set[type]] = {}
    with (
        whole_file(path) as part,
        tempfile.TemporaryFile("w+", encoding="utf-8", dir=path.parent) as spool,
    ):

        def write(row: Any) -> None:
            if suffix in TABLES:
                for name, value in row.items():
                    columns.setdefault(name, set()).add(_kind(value))
            spool.write(as_line(row) + "\n")

        yield write
        spool.seek(0)
        if suffix == ".parquet":
            _write_parquet(part, columns, map(json.loads, spool))
        else:
            with part.open("w", newline="", encoding="utf-8") as stream:
                if suffix == ".jsonl":
                    stream.writelines(spool)
                elif suffix == ".json":
                    _write_list(stream, spool)
                else:
                    _write_table(stream, SEPARATORS[suffix], list(columns), map(json.loads, spool))


def as_line(value: Any) -> str:
    """Return a value as JSON on one line; numpy's numbers and arrays are as Python's."""
    return json.dumps(plain_json(value), ensure_ascii=False)


def _kind(value: Any) -> type:
    """Return the type that a value has in a table's column."""
    value = plain_json(value)
    if isinstance(value, int) and not isinstance(value, bool) and not -LARGEST <= value < LARGEST:
        return str
    return type(value) if isinstance(value, bool | int | float | None) else str


def cell(value: Any) -> Any:
    """Return a JSON value as it stands in a table's cell."""
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return value


def _write_list(stream: IO[str], lines: Iterable[str]) -> None:
    before = "["
    for line in lines:
        stream.write(f"{before}\n {line.rstrip()}")
        before = ","
    stream.write("[]\n" if before == "[" else "\n]\n")


def _write_table(
    stream: IO[str], separator: str, names: list[str], rows: Iterable[Mapping[str, Any]]
) -> None:
    writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([cell(row.get(name)) for name in names] for row in rows)


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise BadInput(
            "A .parquet file needs pyarrow, which is not installed; `pip install pyarrow`, or "
            "write .csv or .jsonl."
        ) from error
    return pyarrow


def _write_parquet(
    part: Path, columns: Mapping[str, set[type]], rows: Iterable[Mapping[str, Any]]
) -> None:
    pyarrow = _pyarrow()
    kinds = {name: _column(found) for name, found in columns.items()}
    types = {bool: pyarrow.bool_(), int: pyarrow.int64(), float: pyarrow.float64()}
    fields = [(name, types.get(kind, pyarrow.string())) for name, kind in kinds.items()]
    schema = pyarrow.schema(fields)
    with pyarrow.parquet.ParquetWriter(part, schema) as writer:
        for batch in _batches(rows):
            cells = [[_as(kind, row.get(name)) for row in batch] for name, kind in kinds.items()]
            arrays = [pyarrow.array(c, f.type) for c, f in zip(cells, schema, strict=True)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _column(kinds: set[type]) -> type:
    """Return the type of a column: that of its values, whole numbers as floats among floats."""
    found = kinds - {type(None)}
    if found == {int, float}:
        return float
    return found.pop() if len(found) == 1 else str


def _as(kind: type, value: Any) -> Any:
    if value is None:
        return None
    if kind is not str:
        return kind(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch

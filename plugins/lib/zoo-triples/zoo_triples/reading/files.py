"""Text files and archives of arrays: to rows of cells, and to columns of triples."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_triples.reading import columns as parts

OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
SEPARATORS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar", " ": "space"}
BINARY = (".parquet", ".feather", ".pkl", ".pickle", ".pt", ".rdf", ".ttl", ".nt", ".json", ".xlsx")


STEMS = {"train": "train training", "val": "valid val validation dev", "test": "test testing"}
"""What the files of a folder are called, without their suffixes."""


def existing(source: str | Path) -> Path:
    """Return the path of a file; raises `BadInput` where there is none."""
    path = Path(source).expanduser()
    if not path.is_file():
        raise BadInput(f"There is no file {path}.")
    return path


def parts_of(folder: Path) -> dict[str, Path]:
    """Return the files of a folder that are named after train, val or test.

    Raises `BadInput` for two of one split, and where there is none to train on.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        stem = path.name.split(".")[0].lower()
        for split, words in STEMS.items():
            if path.is_file() and stem in words.split():
                if split in found:
                    raise BadInput(f"{folder} has two files for {split}: {found[split].name} and "
                                   f"{path.name}; name one as the source.")  # fmt: skip
                found[split] = path
    if "train" not in found:
        raise BadInput(
            f"{folder} has no file called train; expected train, valid and test, such as train.txt."
        )
    return found


def text_of(path: Path) -> str:
    """Return a text file's content; raises `BadInput` for one that cannot be read as UTF-8."""
    if path.suffix.lower() in BINARY:
        raise BadInput(
            f"{path} is no table of text; write it as lines, with tabs between their cells (.tsv)."
        )
    try:
        opener = OPENERS.get(path.suffix.lower(), open)
        with opener(path, "rb") as file:
            content = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no text in UTF-8 ({error.reason}); save it as such.") from error
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise BadInput(f"{path} cannot be read ({error}).") from error
    if "\0" in content:
        raise BadInput(f"{path} is no text: it has zero bytes.")
    return str(content)


def rows_of(text: str, label: str, separator: str | None = None) -> list[list[str]]:
    """Return the cells of each line, without outer spaces; empty lines are left out.

    The separator is a tab where each line has one, else the comma, semicolon, bar or space that
    gives three cells or more in every line, and as many in each. Raises `BadInput` with the line,
    and for a separator of several letters.
    """
    if separator is not None and len(separator) != 1:
        raise BadInput(f"separator={separator!r} is wrong; expected one letter, such as ','.")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise BadInput(f"{label} is empty; expected a table, with a row in each line.")
    if separator is None:
        separator = _separator(lines, label)
    found = [[cell.strip() for cell in row] for row in _split(lines, separator)]
    width = len(found[0])
    for number, row in enumerate(found, 1):
        if len(row) != width:
            raise BadInput(
                f"{label}, line {number}: {len(row)} cells, where the first line has {width}."
            )
    return found


def _split(lines: list[str], separator: str) -> Iterator[list[str]]:
    if separator == " ":
        return (line.split() for line in lines)
    if separator == "\t":  # quotes in a tab-separated file are letters like others
        return (line.split("\t") for line in lines)
    return csv.reader(io.StringIO("\n".join(lines)), delimiter=separator)


def _separator(lines: list[str], label: str) -> str:
    head = lines[:200]
    for separator in SEPARATORS:
        widths = {len(row) for row in _split(head, separator)}
        if len(widths) == 1 and min(widths) >= 2:
            return separator
    if all("\t" in line for line in head):  # the line that is too short is told later
        return "\t"
    raise BadInput(
        f"It cannot be told what separates the columns of {label}: no tab, comma, semicolon, bar "
        "or space gives as many cells in each line; say separator=."
    )


def columns_of(
    path: Path,
    columns: Any = None,
    separator: str | None = None,
    usual: Sequence[str] | None = None,
) -> tuple[list[np.ndarray], Sequence[str]]:
    """Return heads, relations and tails of a file, and the order that they stood in.

    A first line that names all three columns is a header. Raises `BadInput` for anything that is
    not known: see `zoo_triples.reading.columns`.
    """
    if path.suffix.lower() == ".npz":
        return _npz(path, columns, usual)
    rows = rows_of(text_of(path), str(path), separator)
    header = parts.by_header(rows[0])
    if header is not None and len(rows) > 1:
        rows = rows[1:]
    else:
        header = None
    table = np.array(rows, dtype=object)
    _check_cells(table, str(path))
    order = parts.told(columns) if columns is not None else header
    if order is None:
        order = parts.by_content([table[:, i] for i in range(table.shape[1])], usual)
    if len(order) != table.shape[1]:
        raise BadInput(f"{path} has {table.shape[1]} columns, and {len(order)} were named.")
    return [table[:, place] for place in parts.pick(order)], order


def _check_cells(table: np.ndarray, label: str) -> None:
    bad = np.argwhere((table == "") | (table == "nan"))
    if len(bad):
        row, column = bad[0]
        raise BadInput(
            f"{label} has an empty cell (triple {row + 1}, column {column + 1}), among "
            f"{len(bad)}; give each triple a head, a relation and a tail."
        )


def _npz(
    path: Path, columns: Any, usual: Sequence[str] | None
) -> tuple[list[np.ndarray], Sequence[str]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            held = {name: archive[name] for name in archive.files}
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as an archive of arrays ({error}).") from error
    named = parts.by_header(list(held))
    if named is not None:
        arrays = list(held.values())
        return [np.asarray(arrays[place]) for place in parts.pick(named)], named
    for name in ("triples", "mapped_triples", "edges"):
        if name in held:
            return columns_of_array(held[name], f"{path} ({name})", columns, usual)
    raise BadInput(
        f"{path} has no arrays head, relation and tail, and none called triples; it has "
        f"{', '.join(held) or 'none'}."
    )


def columns_of_array(
    array: Any, label: str, columns: Any = None, usual: Sequence[str] | None = None
) -> tuple[list[np.ndarray], Sequence[str]]:
    """Return heads, relations and tails of an array (N, 3), and the order that they stood in.

    Numbers are told apart as names are, and refused where they cannot be.
    """
    values = np.asarray(array)
    if values.ndim != 2 or not len(values) or values.shape[1] < 3:
        raise BadInput(f"{label} is {values.shape}; expected (N, 3): head, relation, tail.")
    if values.dtype.kind == "f":
        if not np.isfinite(values).all() or (values != np.round(values)).any():
            raise BadInput(f"{label} has numbers that are not whole; expected ids.")
        values = values.astype(np.int64)
    order = parts.told(columns) if columns is not None else None
    if order is None:
        order = parts.by_content([values[:, i] for i in range(values.shape[1])], usual)
    if len(order) != values.shape[1]:
        raise BadInput(f"{label} has {values.shape[1]} columns, and {len(order)} were named.")
    return [values[:, place] for place in parts.pick(order)], order

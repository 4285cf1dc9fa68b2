"""Features of nodes beside a graph: arrays, and tables whose rows may be named."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import BadInput
from zoo_graphs.npz import open_npz
from zoo_graphs.reading.arrays import archive_features
from zoo_graphs.reading.files import reading, text_of
from zoo_graphs.reading.source import plain
from zoo_graphs.reading.tables import is_frame, typed_ids

ACCEPTED = "an array, a data frame, or a path to .npy, .npz, .csv, .tsv, .txt or .parquet"
_NAMES = ("id", "node", "node_id", "nodeid", "name", "index")
_CLASSES = ("label", "labels", "class", "y")
_SPACES = re.compile(r"[\s,;]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".feather", ".gz")


@dataclass(frozen=True)
class NodeTable:
    """Features (n, p), and the nodes' names and classes where the table has them."""

    features: Any
    names: Sequence[Any] | None = None
    classes: Sequence[Any] | None = None


def read_features(
    source: Any, nodes: Callable[[], int] | None = None, header: bool | None = None
) -> NodeTable:
    """Return the features that a person has beside a graph.

    A column called id, node or name says which node a row is of (so does the index of a data frame,
    unless it counts from 0), and a column called label, class or y (without an x) its class.
    `header` says whether the first line of a text is one. Where it is all numbers that may be names
    (ascending integers), the number of `nodes` decides.

    Raises `BadInput` when it is no table of numbers, and where the first line is not certain.
    """
    if is_frame(source):
        return _from_frame(source)
    if not isinstance(source, str | PathLike):
        matrix = plain(source)
        return NodeTable(matrix if sparse.issparse(matrix) else _array(matrix))
    path = Path(source).expanduser()
    kind = path.suffix.lower()
    with reading(path, ACCEPTED):
        if kind == ".npy":
            return NodeTable(_load_npy(path))
        if kind == ".npz":
            return NodeTable(_load_npz(path))
        if kind in _TABLES:
            return _from_table(path, nodes, header)
    raise BadInput(f"Features cannot be read from {path.name}; give {ACCEPTED}.")


def _array(value: Any) -> np.ndarray:
    try:
        return np.asarray(value)
    except ValueError as error:
        raise BadInput(
            f"The features cannot be read as an array ({error}); give numbers."
        ) from None


def _load_npy(path: Path) -> np.ndarray:
    try:
        return np.asarray(np.load(path, allow_pickle=False))
    except (ValueError, EOFError) as error:
        if "pickle" in str(error):
            raise BadInput(
                f"{path.name} is no array of numbers, or holds pickled objects, which are never "
                "read because they can run code; save a plain array with numpy.save."
            ) from None
        raise


def _load_npz(path: Path) -> Any:
    with open_npz(path) as archive:
        if {"format", "indptr"} <= set(archive):
            if archive["format"].item() not in (b"csr", "csr"):
                raise ValueError("the sparse matrix is not CSR; save it with .tocsr()")
            try:
                parts = (archive["data"], archive["indices"], archive["indptr"])
                matrix = sparse.csr_array(parts, shape=tuple(archive["shape"].tolist()))
                matrix.check_format(full_check=True)
            except (KeyError, TypeError) as error:
                raise ValueError(f"it holds no whole sparse matrix ({error})") from None
            return matrix
        return archive_features(archive, path.name)


def _from_table(path: Path, nodes: Callable[[], int] | None, header: bool | None) -> NodeTable:
    from zoo_tables import read_table

    told: dict[str, Any] = {}
    if _is_text(path):
        known = _known_header(path, nodes) if header is None else header
        told = {"comment": "#", "header": known}
    table = read_table(path, **told)
    if not len(table):
        raise BadInput(f"{path.name} has no rows of numbers; give one row for each node.")
    names = [name.lower() for name in table.names or ()]
    named = next((names.index(name) for name in _NAMES if name in names), None)
    if named is None and table.columns[0].dtype == object and len(table.columns) > 1:
        named = 0  # a first column of texts
    if named is not None:
        # Again, with names as they are written: "01" is not 1.
        if told:
            told["header"] = table.names is not None
        table = read_table(path, text=[table.names[named] if table.names else named], **told)
    classes = _class_column(names)
    used = [place for place in (named, classes) if place is not None]
    rest = table.take([place for place in range(len(table.columns)) if place not in used])
    ids = None if named is None else _ids(table.columns[named])
    return NodeTable(
        rest.numbers() if rest.columns else np.zeros((len(table), 0)),
        table.index.tolist() if ids is None and table.index is not None else ids,
        None if classes is None else table.columns[classes].tolist(),
    )


def _known_header(path: Path, nodes: Callable[[], int] | None) -> bool | None:
    """Tell whether a first line of numbers is a header; None where it holds words."""
    lines = [line for line in text_of(path).splitlines() if line.partition("#")[0].strip()]
    words = _SPACES.split(lines[0].partition("#")[0].strip(" \t,;")) if lines else [""]
    if not all(map(_NUMBER.fullmatch, words)):
        return None
    numbers = [float(word) for word in words]
    rising = all(a < b for a, b in pairwise(numbers))
    if not rising or any(word.strip("+-0123456789") for word in words):
        return False
    count = nodes() if nodes is not None else None
    if count in (len(lines), len(lines) - 1):
        return count == len(lines) - 1
    raise BadInput(
        f"The first line of {path.name}, {' '.join(words)[:40]!r}, may be names of columns or the "
        "first node's features; say features_header=True or features_header=False."
    )


def _ids(column: np.ndarray) -> list[Any]:
    """Return names of nodes, as integers where all are."""
    words = list(map(str, column.tolist()))
    found = typed_ids(words)
    return words if found is None else list(found)


def _is_text(path: Path) -> bool:
    return path.suffix.lower() not in (".parquet", ".pq", ".feather")


def _class_column(names: Sequence[str]) -> int | None:
    found = [name for name in _CLASSES if name in names and not (name == "y" and "x" in names)]
    return names.index(found[0]) if found else None


def _from_frame(frame: Any) -> NodeTable:
    labels = [str(column).lower() for column in frame.columns]
    named = next((labels.index(name) for name in _NAMES if name in labels), None)
    classes = _class_column(labels)
    index = list(frame.index)
    names = None if index == list(range(len(index))) else index
    if named is not None:
        names = frame.iloc[:, named].tolist()
    rest = [place for place in range(len(labels)) if place not in (named, classes)]
    numbers = frame.iloc[:, rest]
    if any(getattr(kind, "kind", "O") not in "biuf" for kind in numbers.dtypes):
        column = next(c for c, kind in numbers.dtypes.items() if kind.kind not in "biuf")
        raise BadInput(
            f"The column {column!r} of the features is of type {numbers.dtypes[column]}, expected "
            "numbers; encode or remove it."
        )
    return NodeTable(
        numbers.to_numpy(dtype=np.float64),
        names,
        None if classes is None else frame.iloc[:, classes].tolist(),
    )

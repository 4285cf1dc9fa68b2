"""Edges as a table with named columns, and adjacency matrices with named rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_graphs.reading.arrays import from_adjacency
from zoo_graphs.reading.source import ABSENT, WEIGHTS, Ids, Source, from_ids, from_nodes

ENDS = (
    ("source", "target"), ("src", "dst"), ("from", "to"), ("u", "v"), ("i", "j"),
    ("node1", "node2"), ("node_1", "node_2"), ("id1", "id2"), ("id_1", "id_2"), ("tail", "head"),
    ("start", "end"), ("fromnodeid", "tonodeid"), ("source_id", "target_id"), ("src", "dest"),
)  # fmt: skip
_WEIGHTS = (*WEIGHTS, "w")
_LABELS = ("label", "labels", "edge_label", "type", "relation")
_DIRECTIONS = {"directed", "undirected"}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_FRACTION = re.compile(r"[+-]?[0-9]*\.[0-9]+")
_NUMBER = re.compile(r"[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|inf|Inf)")
_MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")


def is_frame(source: Any) -> bool:
    """Tell whether something is a pandas data frame, or behaves as one."""
    return all(hasattr(source, name) for name in ("columns", "iloc", "index", "to_numpy"))


def ends_of(names: Sequence[str]) -> tuple[str, str] | None:
    """Return which columns are the ends of edges, by their names; None where they do not say."""
    plain = {name.strip().lower(): name for name in names}
    for tail, head in ENDS:
        if tail in plain and head in plain:
            return plain[tail], plain[head]
    return None


def is_header(words: Sequence[str]) -> bool:
    """Tell whether words name the columns of an edge table for certain."""
    return len(set(words)) == len(words) and ends_of(words) is not None


def from_columns(
    columns: Mapping[str, Sequence[Any]],
    ends: tuple[str, str],
    name: str,
    ids: Ids | None,
    num_nodes: int | None,
    alone: Sequence[Any] = (),
) -> Source:
    """Return the graph of an edge table: two columns are `ends`, the others are attributes.

    A column of weights or labels is known by its name. Nodes that stand `alone` have no edge.
    Raises `BadInput` for ids that are neither integers nor texts.
    """
    tails, heads = (columns[end] for end in ends)
    if isinstance(tails, np.ndarray) and tails.dtype == np.int64 and not alone:
        pairs = np.stack([tails, heads])
        _check_start(pairs, ids, num_nodes, alone, name)
        return from_ids(pairs, ids, num_nodes, name)
    every = [*tails, *heads, *alone]
    if any(isinstance(node, float) and not float(node).is_integer() for node in every):
        raise BadInput(f"{name} has nodes that are no integers or texts; correct or remove them.")
    if any(isinstance(node, float) for node in every):
        tails, heads = ([int(n) if isinstance(n, float) else n for n in e] for e in (tails, heads))
    pairs = list(zip(tails, heads, strict=True))
    if all(isinstance(node, int | np.integer) for node in every):
        _check_start(np.array([tails, heads], dtype=object), ids, num_nodes, alone, name)
    found = from_nodes(pairs, ids, num_nodes, name, alone)
    for column, values in columns.items():
        if column in ends or all(value is ABSENT for value in values):
            continue
        plain = column.strip().lower()
        if plain == "type" and {str(value).lower() for value in values} <= _DIRECTIONS:
            found.directed = str(values[0]).lower() == "directed"  # as Gephi writes it
            continue
        key = "weight" if plain in _WEIGHTS else "label" if plain in _LABELS else column
        found.edges[column if key in found.edges else key] = list(values)
    return found


def _check_start(
    pairs: np.ndarray, ids: Ids | None, num_nodes: int | None, alone: Sequence[Any], name: str
) -> None:
    """Raise `BadInput` where ids may count from 0 or from 1, and features have more rows."""
    if ids is not None or num_nodes is None or not pairs.size or 0 in alone:
        return
    if pairs.min() > 0 and pairs.max() < num_nodes:
        raise BadInput(
            f"The nodes of {name} start at {pairs.min()}, and there are {num_nodes} rows of "
            "features: whether row 0 is node 0 or node 1 is not certain; say ids='positions' if "
            "nodes count from 0, or write a node without edges alone on a line."
        )


def typed(words: Sequence[str]) -> list[Any]:
    """Return cells as integers where all are, or as numbers where all are; else as texts.

    An empty cell is `ABSENT`. Only numbers that are written in their usual way count, so that "01"
    stays a text.
    """
    words = [word if word not in _MISSING else "" for word in words] if _numeric(words) else words
    there = [word for word in words if word]
    if there and all(map(_INTEGER.fullmatch, there)):
        return [int(word) if word else ABSENT for word in words]
    if there and all(map(_NUMBER.fullmatch, there)) and not any(_padded(word) for word in there):
        return [float(word) if word else ABSENT for word in words]
    return [word or ABSENT for word in words]


def _numeric(words: Sequence[str]) -> bool:
    """Tell whether some cells are numbers, and all others are words for a missing one."""
    return any(map(_NUMBER.fullmatch, words)) and all(
        _NUMBER.fullmatch(word) or word in _MISSING for word in words
    )


def _padded(word: str) -> bool:
    return len(word) > 1 and word.lstrip("+-")[:1] == "0" and word.lstrip("+-")[1:2].isdigit()


def typed_ids(words: Sequence[str]) -> Sequence[Any] | None:
    """Return node ids as integers where all are, else as texts; None where one is a fraction."""
    if all(map(_INTEGER.fullmatch, words)):
        return [int(word) for word in words]
    return None if any(map(_FRACTION.fullmatch, words)) else words


def from_frame(frame: Any, name: str, ids: Ids | None, num_nodes: int | None) -> Source:
    """Return the graph of a data frame: an edge table, or an adjacency matrix with named rows.

    Raises `BadInput` when it does not say which columns are the ends of edges.
    """
    names = [str(column) for column in frame.columns]
    if frame.shape[0] == frame.shape[1] and list(frame.index) == list(frame.columns):
        matrix = frame.to_numpy()
        matrix = matrix.astype(float) if matrix.dtype == object else matrix
        labels = list(frame.columns)
        numbered = labels == list(range(len(labels)))
        return from_adjacency(matrix, name, None if numbered else labels)
    if len(set(names)) != len(names):
        raise BadInput(f"The columns of {name} repeat a name; rename one.")
    ends = ends_of(names) or ((names[0], names[1]) if len(names) == 2 else None)
    if ends is None:
        raise BadInput(
            f"{name} has the columns {', '.join(names)}, and none are called 'source' and "
            "'target'; rename those that hold the ends of edges."
        )
    columns = {}
    for place, column in enumerate(names):
        values = frame.iloc[:, place]
        missing = values.isna().tolist()
        if column in ends and any(missing):
            raise BadInput(
                f"Row {missing.index(True)} of {name} has no {column}; give two nodes for each "
                "edge, or remove it."
            )
        listed = values.tolist()
        columns[column] = [
            ABSENT if gone else value for value, gone in zip(listed, missing, strict=True)
        ]
    return from_columns(columns, ends, name, ids, num_nodes)

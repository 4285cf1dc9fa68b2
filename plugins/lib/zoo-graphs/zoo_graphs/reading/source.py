"""One graph as its source tells it, before it becomes a `Graph` or a `GraphSet`."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from scipy import sparse

from zoo_core import BadInput

Ids = Literal["names", "positions"]
Column = Any
"""One value for each node or edge: an array, a scipy matrix, or a list with `ABSENT` in it."""

FEATURES = ("features", "x", "node_features")
CLASSES = ("labels", "y", "label", "node_labels")
WEIGHTS = ("weight", "weights", "edge_weight", "edge_weights")
EDGE_ATTRIBUTES = "edge_attr"

_WIDE = 2**63
_CERTAIN = 10_000_000  # so many nodes are taken at their word


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT = _Absent()
"""Stands in a column where a node or edge has no such attribute."""


@dataclass
class Source:
    """A graph, or several as one disjoint union, with all that its source says about it.

    - `ends` (2, m) int64: the nodes of each edge as positions 0 .. n - 1, as often as it is given;
    - `num_nodes`: n; `names` what they are called, None for 0, 1, ...;
    - `directed`: whether edges have a direction; None where the source does not say, so that they
      have one if an edge is there without its reverse;
    - `nodes` and `edges`: attributes, by name;
    - `node_label` and `edge_label`: which of these are labels where nobody says so;
    - `masks`, by split: (n,), or one for each fold along `fold_axis`;
    - `class_names`: what the classes of nodes 0, 1, ... are called, where it says so;
    - `offsets` (g + 1,): where each graph's nodes start, None for one graph;
    - `graph_classes` (g,): the graphs' classes;
    - `renumbered`: how the nodes got their order, where that is not their own; `by_appearance`
      whether it is that in which edges name them, so that it says nothing.
    """

    ends: np.ndarray
    num_nodes: int
    names: Sequence[Hashable] | None = None
    directed: bool | None = False
    nodes: dict[str, Column] = field(default_factory=dict)
    edges: dict[str, Column] = field(default_factory=dict)
    node_label: tuple[str, ...] = ("label",)
    edge_label: tuple[str, ...] = ("label",)
    masks: Mapping[str, np.ndarray] = field(default_factory=dict)
    fold_axis: int = 0
    class_names: tuple[str, ...] = ()
    offsets: np.ndarray | None = None
    graph_classes: Any = None
    name: str = "graph"
    renumbered: str = ""
    by_appearance: bool = False


def check_ids(ids: Any) -> Ids | None:
    """Return `ids` if it says what node ids are, or raise `BadInput`."""
    if ids is not None and ids not in get_args(Ids):
        raise BadInput(
            f"ids={ids!r} is unknown; use 'names' (ids are what nodes are called) or 'positions' "
            "(they count from 0, and nodes between them exist too)."
        )
    return ids  # type: ignore[no-any-return]  # narrowed by the test above


def check_claim(nodes: int, edges: int, name: str) -> int:
    """Return the number of nodes that a source claims, if it may be believed.

    Raises `BadInput` for one that would fill the memory for the sake of a few bytes.
    """
    if nodes > _CERTAIN and nodes > 100 * (edges + 1):
        raise BadInput(
            f"{name} claims {nodes} nodes, but has {edges} edge(s) only; number the nodes without "
            "gaps."
        )
    return nodes


def from_ids(
    ends: np.ndarray, ids: Ids | None, num_nodes: int | None, name: str, alone: Iterable[int] = ()
) -> Source:
    """Return the graph of integer ids (2, m) and of nodes that stand `alone`.

    Ids are positions where that is told, or where the source tells the number of nodes and all ids
    are below it; otherwise they are names, in ascending order. Raises `BadInput` for ids that are
    neither.
    """
    loose = np.array(list(alone), dtype=np.int64)
    every = np.concatenate([ends.ravel(), loose])
    low, high = (int(every.min()), int(every.max())) if every.size else (0, -1)
    if low < 0 and num_nodes is None:
        raise BadInput(
            f"{name} has the node {low}, expected node indices from 0, or names that are no "
            "numbers; remove edges that only fill the array."
        )
    if ids == "positions" or (ids is None and num_nodes is not None):
        n = check_claim(high + 1 if num_nodes is None else num_nodes, ends.shape[1], name)
        if low >= 0 and high < n:
            return Source(ends, n, name=name)
        if ids == "positions" or low < 0 or np.unique(every).size != n:
            _refuse_ids(ends, n, name)
    called, places = np.unique(every, return_inverse=True)
    if num_nodes not in (None, called.size):
        raise BadInput(
            f"{name} names {called.size} nodes, but there are {num_nodes}; say ids='positions' if "
            "they count from 0, or name every node."
        )
    places = places.ravel().astype(np.int64)
    found = Source(places[: ends.size].reshape(2, -1), called.size, name=name)
    if not np.array_equal(called, np.arange(called.size)):
        found.names = called.tolist()
        found.renumbered = (
            f"The node ids of {name}, from {low} to {high}, were numbered from 0 in ascending order"
        )
    return found


def _refuse_ids(ends: np.ndarray, n: int, name: str) -> None:
    wrong = np.flatnonzero(((ends < 0) | (ends >= n)).any(axis=0))
    what = "a node that stands alone"
    if wrong.size:
        u, v = ends[:, wrong[0]].tolist()
        what = f"the first at position {wrong[0]}: ({u}, {v})"
    raise BadInput(
        f"{wrong.size} edge(s) of {name} are wrong, {what}, expected node indices from 0 to "
        f"{n - 1}; number the nodes from 0, and give every node a row of features."
    )


def from_names(
    pairs: Sequence[Sequence[Hashable]], name: str, alone: Iterable[Hashable] = ()
) -> Source:
    """Return the graph of edges between nodes of any names, in the order in which they come."""
    place: dict[Hashable, int] = {}
    ends = [[place.setdefault(node, len(place)) for node in pair] for pair in pairs]
    for node in alone:
        place.setdefault(node, len(place))
    return Source(
        np.array(ends, dtype=np.int64).reshape(-1, 2).T,
        len(place),
        list(place),
        name=name,
        renumbered=f"The nodes of {name} were numbered from 0 in the order in which they come",
        by_appearance=True,
    )


def from_nodes(
    pairs: Sequence[Sequence[Hashable]],
    ids: Ids | None,
    num_nodes: int | None,
    name: str,
    alone: Iterable[Hashable] = (),
) -> Source:
    """Return the graph of edges between integers, as `from_ids`, or between other names.

    Raises `BadInput` as `from_ids` does, and for names that are told to be positions.
    """
    loose = list(alone)
    every = [*(node for pair in pairs for node in pair), *loose]
    if all(isinstance(node, int | np.integer) and -_WIDE < node < _WIDE for node in every):
        ends = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        numbers = [int(node) for node in loose]  # type: ignore[call-overload]  # by the test above
        return from_ids(ends, ids, num_nodes, name, numbers)
    if ids == "positions":
        word = next(node for node in every if not isinstance(node, int | np.integer))
        raise BadInput(f"{name} has the node {word!r}, which is no position; leave ids out.")
    return from_names(pairs, name, loose)


def columns_of(rows: Sequence[Mapping[Any, Any]]) -> dict[str, list[Any]]:
    """Return the attributes of nodes or edges, each with `ABSENT` where one has it not."""
    keys = dict.fromkeys(key for row in rows for key in row)
    return {str(key): [row.get(key, ABSENT) for row in rows] for key in keys}


def plain(value: Any) -> Any:
    """Return a NumPy array or scipy matrix of a torch tensor; anything else as it is.

    Raises `BadInput` for an array with masked entries.
    """
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.getmaskarray(value).any():
            raise BadInput("An array has masked entries; fill or remove them.")
        return value.filled()
    if not (hasattr(value, "detach") and hasattr(value, "layout")):
        return value
    tensor = value.detach().cpu()
    if "strided" in str(tensor.layout):
        return tensor.float().numpy() if "bfloat16" in str(tensor.dtype) else tensor.numpy()
    entries = tensor.to_sparse_coo().coalesce()
    position = entries.indices().numpy()
    values = plain(entries.values())
    return sparse.coo_array((values, tuple(position)), shape=tuple(tensor.shape)).tocsr()


def first(columns: Mapping[str, Column], keys: Iterable[str]) -> str | None:
    """Return the first of these attributes that is there, or None."""
    return next((key for key in keys if key in columns), None)

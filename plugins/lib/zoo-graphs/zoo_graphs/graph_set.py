"""A set of small graphs, such as molecules, with their classes: what graph classifiers take."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from zoo_core import BadInput, Split
from zoo_graphs.edge_arrays import Layout, edge_columns


@dataclass(frozen=True, eq=False)
class GraphSet:
    """g graphs as one disjoint union of n nodes and m edges; graph i has the i-th run of nodes.

    Make one with `GraphSet.from_edges`, which validates and canonicalises. The arrays of graph i
    alone are those of `graphs[i]`, a set of one; a slice, a mask or indices select several, and
    iterating gives one after the other. Its fields are

    - `edges` (2, m) int64: no loops, each edge once, in lexicographic order. Undirected edges have
      u < v; directed ones go from u to v;
    - `offsets` (g + 1,) int64: graph i has the nodes offsets[i] to offsets[i + 1] - 1;
    - `node_labels` (n,) int64 codes, or None;
    - `edge_labels` (m,) int64 codes from 0, or None;
    - `labels` (g,) int64 classes in 0 .. C-1, or None;
    - `splits`: names to (k,) int64 indices of graphs;
    - `class_names`: the C names;
    - `node_label_names` and `edge_label_names`: what the labels 0, 1, ... stand for, where that is
      known;
    - `directed`: whether edges have a direction;
    - `name`: what to call the set in messages;
    - `ignored`: what the graphs' source had and the set has not: "self-loops", "repeated edges",
      "edge weights", ...;
    - `folds`: how many splits its source brings, of which `splits` is one; None where it brings one
      or none.
    """

    edges: np.ndarray
    offsets: np.ndarray
    node_labels: np.ndarray | None = None
    edge_labels: np.ndarray | None = None
    labels: np.ndarray | None = None
    splits: Mapping[str, np.ndarray] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    node_label_names: tuple[str, ...] = ()
    directed: bool = False
    name: str = "graphs"
    edge_label_names: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    folds: int | None = None

    @classmethod
    def from_edges(
        cls,
        edges: Any,
        offsets: Any,
        node_labels: Any = None,
        edge_labels: Any = None,
        labels: Any = None,
        splits: Mapping[str, Any] | None = None,
        *,
        class_names: Sequence[str] = (),
        node_label_names: Sequence[str] = (),
        edge_label_names: Sequence[str] = (),
        directed: bool = False,
        name: str = "graphs",
        layout: Layout | None = None,
    ) -> GraphSet:
        """Validate and canonicalise a set of graphs.

        `edges` are (2, m) or (m, 2) integers in the numbering of the union; a (2, 2) array needs
        the `layout` "columns" or "rows", unless both give the same edges. Loops are dropped, and
        repeated edges counted once; undirected edges may be given in one or both directions, each
        with one of the `edge_labels`, (m,) integers from 0. `offsets` are (g + 1,) integers from 0,
        not decreasing; `node_labels` (n,) integers; `labels` the graphs' classes, (g,) integers
        from 0, which are called "0", "1", ... if `class_names` is empty; `splits` names with
        indices of graphs. For the rest see the class.

        Raises `BadInput` when something is malformed; the message says what, and what to do.
        """
        starts = _integers(offsets, "offsets")
        good = starts.ndim == 1 and starts.size and starts[0] == 0
        if not (good and bool((np.diff(starts) >= 0).all())):
            raise BadInput(
                f"The offsets of {name} do not start at 0 and grow; give the number of nodes "
                "before each graph, and of all nodes at the end."
            )
        g, n = starts.size - 1, int(starts[-1])
        given = edge_columns(_integers(edges, "edges"), layout)
        _check_edges(given, starts, name)
        codes = None if edge_labels is None else _of_size(edge_labels, given.shape[1], "edge")
        if codes is not None and codes.min(initial=0) < 0:
            raise BadInput(f"The edge labels of {name} go below 0; number them from 0.")
        canonical, codes = _canonical(given, codes, n, directed, name)
        classes = None if labels is None else _of_size(labels, g, "class")
        names = tuple(class_names)
        if classes is not None:
            top = int(classes.max(initial=-1)) + 1
            names = names or tuple(map(str, range(top)))
            if classes.min(initial=0) < 0 or top > len(names):
                raise BadInput(f"The classes of {name} are not 0 to {len(names) - 1}; number them.")
        return cls(
            edges=canonical,
            offsets=starts,
            node_labels=None if node_labels is None else _of_size(node_labels, n, "node"),
            edge_labels=codes,
            labels=classes,
            splits=_checked_splits(splits or {}, g, name),
            class_names=names,
            node_label_names=tuple(node_label_names),
            edge_label_names=tuple(edge_label_names),
            directed=directed,
            name=name,
        )

    @classmethod
    def concatenate(cls, sets: Iterable[GraphSet], name: str = "graphs") -> GraphSet:
        """Return all graphs of several sets as one set, without classes and splits.

        Undirected graphs get both directions when others are directed.

        Raises `BadInput` when some have labels and others have not, or labels of other names.
        """
        parts = list(sets)
        directed = any(part.directed for part in parts)
        parts = [part.as_directed() if directed else part for part in parts]
        shifts = np.cumsum([0, *(part.num_nodes for part in parts)])
        starts = [part.offsets[:-1] + shift for part, shift in zip(parts, shifts, strict=False)]
        return cls(
            edges=np.concatenate(
                [part.edges + shift for part, shift in zip(parts, shifts, strict=False)]
                or [np.empty((2, 0), np.int64)],
                axis=1,
            ),
            offsets=np.concatenate([*starts, shifts[-1:]]),
            node_labels=_joined([(part.node_labels, part.num_nodes) for part in parts], "node"),
            edge_labels=_joined([(part.edge_labels, part.num_edges) for part in parts], "edge"),
            node_label_names=_common([part.node_label_names for part in parts], "node"),
            edge_label_names=_common([part.edge_label_names for part in parts], "edge"),
            directed=directed,
            name=name,
            ignored=tuple(dict.fromkeys(what for part in parts for what in part.ignored)),
        )

    def __len__(self) -> int:
        return self.num_graphs

    def __getitem__(self, graphs: Any) -> GraphSet:
        """Return one graph, for an integer, or those of a slice, a mask or indices, as a set."""
        if isinstance(graphs, slice):
            return self.select(np.arange(self.num_graphs)[graphs])
        return self.select(graphs)

    def __iter__(self) -> Iterator[GraphSet]:
        return (self.select(i) for i in range(self.num_graphs))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        # Without it NumPy would take sets for nested sequences, one in another without an end.
        if dtype not in (None, object):
            raise TypeError("graphs are no numbers; their array is one of objects")
        array = np.empty(self.num_graphs, dtype=object)
        for i, one in enumerate(self):
            array[i] = one
        return array

    @property
    def num_graphs(self) -> int:
        """The number of graphs, g."""
        return int(self.offsets.size - 1)

    @property
    def num_nodes(self) -> int:
        """The number of nodes of all graphs, n."""
        return int(self.offsets[-1])

    @property
    def num_edges(self) -> int:
        """The number of edges of all graphs, m."""
        return int(self.edges.shape[1])

    @property
    def num_classes(self) -> int:
        """The number of classes, C (0 where nothing is labelled)."""
        return len(self.class_names)

    @property
    def sizes(self) -> np.ndarray:
        """The number of nodes of each graph, (g,)."""
        return np.diff(self.offsets)

    @property
    def facts(self) -> dict[str, int]:
        """What a card says of the graphs."""
        counts = {"graphs": self.num_graphs, "nodes": self.num_nodes, "edges": self.num_edges}
        return {**counts, "classes": self.num_classes} if self.labels is not None else counts

    @property
    def metric_options(self) -> dict[str, int]:
        """What a metric of this task must know about the data."""
        return {"num_classes": self.num_classes}

    @cached_property
    def graph_of_node(self) -> np.ndarray:
        """The graph that each node belongs to, (n,) int64."""
        return np.repeat(np.arange(self.num_graphs), self.sizes)

    def split(self, name: str) -> Split:
        """Return the set with the indices of one split's graphs."""
        return Split(self, name, self.splits[name])

    def select(self, graphs: Any) -> GraphSet:
        """Return the graphs with these indices, in this order, with their classes; no splits.

        `graphs` are indices (negative ones count from the end), one or many, or a mask (g,). Raises
        `IndexError` as NumPy does.
        """
        wanted = np.asarray(graphs)
        wanted = wanted.astype(np.int64) if wanted.size == 0 else wanted
        chosen = np.atleast_1d(np.arange(self.num_graphs)[wanted])
        sizes = self.sizes[chosen]
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        nodes = np.repeat(self.offsets[chosen] - offsets[:-1], sizes) + np.arange(offsets[-1])
        # An edge belongs to the graph of its first node, and edges are sorted by it.
        bounds = self._edge_bounds
        counts = np.diff(bounds)[chosen]
        ends = np.concatenate([[0], np.cumsum(counts)])
        lines = np.repeat(bounds[chosen] - ends[:-1], counts) + np.arange(ends[-1])
        shift = np.repeat(offsets[:-1] - self.offsets[chosen], counts)
        return replace(
            self,
            edges=self.edges[:, lines] + shift,
            offsets=offsets,
            node_labels=None if self.node_labels is None else self.node_labels[nodes],
            edge_labels=None if self.edge_labels is None else self.edge_labels[lines],
            labels=None if self.labels is None else self.labels[chosen],
            splits={},
            folds=None,
        )

    @cached_property
    def _edge_bounds(self) -> np.ndarray:
        """Where each graph's edges start, (g + 1,)."""
        return np.searchsorted(self.edges[0], self.offsets)

    def as_directed(self) -> GraphSet:
        """Return the set with each undirected edge as two directed ones."""
        if self.directed:
            return self
        both = np.concatenate([self.edges, self.edges[::-1]], axis=1)
        order = np.lexsort(both[::-1])
        labels = None if self.edge_labels is None else np.tile(self.edge_labels, 2)[order]
        return replace(self, edges=both[:, order], edge_labels=labels, directed=True)

    def permuted(self, seed: int) -> GraphSet:
        """Return isomorphic copies: the nodes of each graph in a random order."""
        rng = np.random.default_rng(seed)
        # Sorted by graph, then by a random number: new place of each node.
        order = np.lexsort([rng.random(self.num_nodes), self.graph_of_node])
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        copy = GraphSet.from_edges(
            place[self.edges],
            self.offsets,
            None if self.node_labels is None else self.node_labels[order],
            self.edge_labels,
            directed=self.directed,
            layout="columns",
        )
        return replace(
            self, edges=copy.edges, node_labels=copy.node_labels, edge_labels=copy.edge_labels
        )

    def adjacency(self, graph: int) -> np.ndarray:
        """Return one graph's adjacency matrix (k, k) of int64: 0, or 1 + the edge's label."""
        one = self.select([graph])
        matrix = np.zeros((one.num_nodes, one.num_nodes), dtype=np.int64)
        u, v = one.edges
        matrix[u, v] = 1 if one.edge_labels is None else 1 + one.edge_labels
        return matrix if self.directed else np.maximum(matrix, matrix.T)

    def fingerprint(self) -> str:
        """Return the SHA-256, in hexadecimal, of graphs and labels, without splits and names."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        digest = hashlib.sha256(b"zoo-graph-set-1" + bytes([self.directed]))
        for name in ("offsets", "edges", "node_labels", "edge_labels", "labels"):
            array = getattr(self, name)
            size = "absent" if array is None else str(array.size)
            digest.update(f"\n{name} {size}\n".encode())
            if array is not None:
                digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
        return digest.hexdigest()


_EXACT = {2: 2**11, 4: 2**24, 8: 2**53, 16: 2**63 - 1}
"""Up to which number a float of so many bytes tells all integers apart."""


def _integers(value: Any, what: str) -> np.ndarray:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise BadInput(f"The {what} cannot be read as an array ({error}); give integers.") from None
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise BadInput(f"The {what} hold values that are not finite (NaN); give integers.")
        if (array != np.floor(array)).any():
            raise BadInput(f"The {what} hold fractions; give integers.")
        if (np.abs(array) > _EXACT[array.dtype.itemsize]).any():
            raise BadInput(
                f"The {what} hold floats that are too large to be exact; give them as integers."
            )
    elif array.dtype.kind not in "biu":
        raise BadInput(f"The {what} are of type {array.dtype}, expected integers; number them.")
    elif array.dtype.kind == "u" and array.max() > np.iinfo(np.int64).max:
        raise BadInput(f"The {what} go beyond 63 bits; number them from 0.")
    return array.astype(np.int64)


def _of_size(value: Any, size: int, what: str) -> np.ndarray:
    array = _integers(value, f"{what} labels")
    if array.shape != (size,):
        raise BadInput(
            f"The {what} labels have shape {array.shape}, expected ({size},); give one for each."
        )
    return array


def _check_edges(edges: np.ndarray, offsets: np.ndarray, name: str) -> None:
    if not edges.size:
        return
    n = int(offsets[-1])
    if edges.min() < 0 or edges.max() >= n:
        raise BadInput(
            f"The edges of {name} have node indices from {edges.min()} to {edges.max()}, expected "
            f"0 to {n - 1}; number the nodes from 0."
        )
    of = np.searchsorted(offsets, edges, side="right")
    if (of[0] != of[1]).any():
        line = int(np.flatnonzero(of[0] != of[1])[0])
        raise BadInput(f"Edge {line} of {name} joins two graphs; correct edges or offsets.")


def _canonical(
    edges: np.ndarray, labels: np.ndarray | None, n: int, directed: bool, name: str
) -> tuple[np.ndarray, np.ndarray | None]:
    keep = edges[0] != edges[1]
    edges = edges[:, keep]
    if not directed:
        edges = np.sort(edges, axis=0)
    if labels is None:
        keys = np.unique(edges[0] * n + edges[1])
        return np.stack(np.divmod(keys, max(n, 1))), None
    keys, first, place = np.unique(edges[0] * n + edges[1], return_index=True, return_inverse=True)
    canonical = edges[:, first]
    labels = labels[keep]
    if (labels[first][place] != labels).any():
        u, v = divmod(int(keys[place[np.flatnonzero(labels[first][place] != labels)[0]]]), n)
        raise BadInput(f"Edge ({u}, {v}) of {name} has two different labels; give it one.")
    return canonical, labels[first]


def _checked_splits(splits: Mapping[str, Any], g: int, name: str) -> dict[str, np.ndarray]:
    checked = {split: _integers(graphs, f"{split} split") for split, graphs in splits.items()}
    for split, graphs in checked.items():
        if graphs.size and (graphs.min() < 0 or graphs.max() >= g):
            raise BadInput(f"The {split} split of {name} has graphs beyond 0 to {g - 1}.")
    return checked


def _joined(parts: Sequence[tuple[np.ndarray | None, int]], what: str) -> np.ndarray | None:
    if all(labels is None for labels, _ in parts):
        return None
    bare = [i for i, (labels, size) in enumerate(parts) if labels is None and size]
    if bare:
        raise BadInput(
            f"Set {bare[0]} of graphs has no {what} labels, and others have; give all graphs "
            f"{what} labels, or none."
        )
    return np.concatenate([np.empty(0, np.int64) if x is None else x for x, _ in parts])


def _common(names: Sequence[tuple[str, ...]], what: str) -> tuple[str, ...]:
    known = [one for one in names if one]
    if known and (len(set(known)) > 1 or len(known) < len(names)):
        raise BadInput(
            f"The {what} labels of the sets are not called the same; read them with the same names."
        )
    return known[0] if known else ()

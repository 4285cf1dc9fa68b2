"""The graph that every graph plugin of the zoo takes and returns."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from scipy import sparse

from zoo_core import BadInput, Split
from zoo_graphs.edge_arrays import Layout, edge_columns

if TYPE_CHECKING:
    import torch

Symmetrize = Literal["union", "upper"]
SPLITS = ("train", "val", "test")

_MAX_NODES = 3_000_000_000  # u * n + v must fit into int64


@dataclass(frozen=True, eq=False)
class Graph:
    """An undirected graph with node features and, where known, labels and a split.

    Make one with `Graph.from_edges`, which validates and canonicalises; the constructor itself
    takes arrays that are canonical already, and only checks that they are. Its fields are

    - `edges` (2, m) int64: every undirected edge once with u < v, in lexicographic order;
    - `features` (n, p): a float32 CSR array, finite, sorted indices, no stored zeros;
    - `labels` (n,) int64 in 0 .. C-1, or None;
    - `masks`: "train", "val" and "test" to (n,) bool; disjoint; may be empty;
    - `class_names`: the C names; derived as "0", "1", ... by `from_edges`;
    - `edge_weights` (m,) float32, or None for an unweighted graph;
    - `node_names`: what the n nodes are called where the graph came from, or None for 0, 1, ...;
    - `unlabelled` (n,) bool: which nodes have no class, so that their label, 0, says nothing; None
      where all have one, or none;
    - `folds`: how many splits its source brings, of which `masks` is one; None where it brings one
      or none;
    - `name`: what to call the graph in messages.
    """

    edges: np.ndarray
    features: sparse.csr_array
    labels: np.ndarray | None = None
    masks: Mapping[str, np.ndarray] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    edge_weights: np.ndarray | None = None
    name: str = "graph"
    node_names: tuple[Any, ...] | None = None
    folds: int | None = None
    unlabelled: np.ndarray | None = None

    def __post_init__(self) -> None:
        edges, n = self.edges, self.features.shape[0]
        good = edges.dtype == np.int64 and edges.ndim == 2 and edges.shape[0] == 2
        if good and edges.shape[1]:
            u, v = edges
            good = u.min() >= 0 and v.max() < n and bool((u < v).all())
            good = good and bool((np.diff(u * n + v) > 0).all())
        if not good:
            raise BadInput(
                "The edges given to Graph() are not canonical (int64, shape (2, m), u < v, sorted, "
                "each once); make the graph with Graph.from_edges(), which sees to that."
            )

    @classmethod
    def from_edges(
        cls,
        edges: Any,
        features: Any,
        labels: Any = None,
        masks: Mapping[str, Any] | None = None,
        *,
        num_nodes: int | None = None,
        symmetrize: Symmetrize = "union",
        class_names: Sequence[str] = (),
        edge_weights: Any = None,
        name: str = "graph",
        layout: Layout | None = None,
    ) -> Graph:
        """Validate and canonicalise a graph.

        `edges` are (2, m) or (m, 2) integers, directed or not, in any order; loops are dropped. A
        (2, 2) array needs the `layout` "columns", (2, m) as in PyTorch Geometric, or "rows", unless
        both give the same edges. `symmetrize` says when u and v are
        joined: "union" when either direction is given; "upper" keeps only the lines with u < v, as
        some old converters did to directed data. `edge_weights` are (m,) finite numbers, one for
        each given edge; of several lines that give the same undirected edge the largest weight is
        kept.

        `features` are (n, p) numbers, dense or scipy sparse; n is their row count, and must be
        `num_nodes` if that is given. `labels` are (n,) integers from 0, and their classes are
        called "0", "1", ... if `class_names` is empty. `masks` has any of "train", "val", "test",
        each with (n,) booleans, disjoint.

        Raises `BadInput` when something is malformed; the message says what, where, and what to do.
        """
        matrix = _checked_features(features)
        n = _checked_num_nodes(num_nodes, matrix.shape[0])
        given = _checked_edges(edges, n, layout)
        weights = _checked_weights(edge_weights, given.shape[1])
        codes = _checked_labels(labels, n, len(class_names))
        canonical, weights = _canonical(given, weights, n, check_symmetrize(symmetrize))
        names = tuple(class_names)
        if codes is not None and not names:
            names = tuple(str(c) for c in range(int(codes.max(initial=-1)) + 1))
        checked = _checked_masks(masks or {}, n)
        return cls(canonical, matrix, codes, checked, names, weights, name)

    @property
    def num_nodes(self) -> int:
        """The number of nodes, n."""
        return int(self.features.shape[0])

    @property
    def num_edges(self) -> int:
        """The number of undirected edges, m."""
        return int(self.edges.shape[1])

    @property
    def num_features(self) -> int:
        """The number of feature columns, p."""
        return int(self.features.shape[1])

    @property
    def num_classes(self) -> int:
        """The number of classes, C (0 where nothing is labelled)."""
        return len(self.class_names)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits that it has."""
        return tuple(self.masks)

    def split(self, name: str) -> Split:
        """Return the graph with the indices of one split's nodes, ascending."""
        return Split(self, name, np.flatnonzero(self.masks[name]))

    @property
    def facts(self) -> dict[str, int]:
        """What a card says of the graph."""
        counts = {"nodes": self.num_nodes, "edges": self.num_edges, "features": self.num_features}
        return {**counts, "classes": self.num_classes} if self.labels is not None else counts

    @property
    def metric_options(self) -> dict[str, int]:
        """What a metric of this task must know about the data."""
        return {"num_classes": self.num_classes}

    def edge_homophily(self) -> float:
        """Return the share of edges between nodes with a class that join one class (NaN: none).

        Raises `BadInput` when the graph has no labels.
        """
        if self.labels is None:
            raise BadInput(f"{self.name} has no labels, which edge homophily needs; give labels.")
        edges = self.edges
        if self.unlabelled is not None:
            edges = edges[:, ~self.unlabelled[edges].any(axis=0)]
        if not edges.size:
            return float("nan")
        return float(np.mean(self.labels[edges[0]] == self.labels[edges[1]]))

    def fingerprint(self) -> str:
        """Return the SHA-256, in hexadecimal, of the graph's content, the same on every machine.

        It covers shape, edges, features, labels and edge weights, but neither the split (ten folds
        share one graph) nor names.
        """
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        matrix = self.features
        digest = hashlib.sha256(b"zoo-graph-1")
        shape = np.array([self.num_nodes, self.num_features, self.num_edges])
        for name, array, kind in (
            ("shape", shape, "<i8"),
            ("edges", self.edges, "<i8"),
            ("indptr", matrix.indptr, "<i8"),
            ("indices", matrix.indices, "<i8"),
            ("data", matrix.data, "<f4"),
            ("labels", self.labels, "<i8"),
            ("weights", self.edge_weights, "<f4"),
        ):
            size = "absent" if array is None else str(array.size)
            digest.update(f"\n{name} {size}\n".encode())
            if array is not None:
                digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
        return digest.hexdigest()

    def edge_index(self) -> torch.Tensor:
        """Return the (2, 2m) int64 tensor of both directions, sorted (PyTorch Geometric's form)."""
        import torch

        both = np.concatenate([self.edges, self.edges[::-1]], axis=1)
        order = np.argsort(both[0] * self.num_nodes + both[1])
        return torch.from_numpy(np.ascontiguousarray(both[:, order]))

    def feature_tensor(self, dtype: torch.dtype | None = None) -> torch.Tensor:
        """Return the features as an (n, p) sparse CSR tensor (float32 unless `dtype` is given)."""
        import torch

        matrix = self.features
        with warnings.catch_warnings():
            # PyTorch tells every first user of the layout that it is in beta.
            warnings.filterwarnings("ignore", message=".*[Ss]parse.*", category=UserWarning)
            return torch.sparse_csr_tensor(
                torch.from_numpy(matrix.indptr.astype(np.int64)),
                torch.from_numpy(matrix.indices.astype(np.int64)),
                torch.from_numpy(matrix.data.copy()).to(dtype or torch.float32),
                size=matrix.shape,
            )


def check_symmetrize(value: Any) -> Symmetrize:
    """Return `value` if it is a way to symmetrise, or raise `BadInput`."""
    if value not in get_args(Symmetrize):
        raise BadInput(
            f"symmetrize={value!r} is unknown; use 'union' (join u and v when either direction is "
            "given) or 'upper' (keep only the lines with u < v)."
        )
    return value  # type: ignore[no-any-return]  # narrowed by the test above


def _array(value: Any, what: str) -> np.ndarray:
    try:
        return np.asarray(value)
    except (ValueError, TypeError) as error:
        raise BadInput(f"The {what} cannot be read as an array ({error}); give numbers.") from None


def _checked_features(features: Any) -> sparse.csr_array:
    if features is None:
        raise BadInput(
            "The graph has no node features, and the models here need some; give an array with one "
            "row for each node (for instance an identity matrix)."
        )
    given = features if sparse.issparse(features) else _array(features, "features")
    if given.ndim != 2:
        raise BadInput(
            f"The features have shape {given.shape}, expected (nodes, columns); reshape them so "
            "that each node has one row."
        )
    if given.dtype.kind not in "biuf":
        raise BadInput(
            f"The features are of type {given.dtype}, expected real numbers; convert them."
        )
    with np.errstate(over="ignore"):  # what overflows float32 is reported below, as not finite
        matrix = sparse.csr_array(given, dtype=np.float32, copy=True)
    matrix.sum_duplicates()
    bad = np.flatnonzero(~np.isfinite(matrix.data))
    if bad.size:
        row = int(np.searchsorted(matrix.indptr, bad[0], side="right")) - 1
        raise BadInput(
            f"The features hold {bad.size} value(s) that are not finite in float32, the first at "
            f"node {row}, column {matrix.indices[bad[0]]}: {matrix.data[bad[0]]}; replace or "
            "remove them."
        )
    matrix.eliminate_zeros()
    return matrix


def _checked_num_nodes(num_nodes: int | None, rows: int) -> int:
    if num_nodes is not None and num_nodes != rows:
        raise BadInput(
            f"The features have {rows} rows, but the graph has {num_nodes} nodes; give one row of "
            "features for each node, in the order of the node indices."
        )
    if rows > _MAX_NODES:
        raise BadInput(f"The graph has {rows} nodes, expected at most {_MAX_NODES}; take a part.")
    return rows


def _checked_edges(edges: Any, n: int, layout: Layout | None) -> np.ndarray:
    given = edge_columns(_array(edges, "edges"), layout)
    if given.dtype.kind not in "iuf":
        raise BadInput(f"The edges are of type {given.dtype}, expected integers; give indices.")
    if given.dtype.kind == "f":
        _reject_edge(given, given != np.floor(given), "expected two integers; give node indices")
    # NaN fails every comparison, so test for what is right and not for what is wrong.
    what = f"expected node indices from 0 to {n - 1}; number the nodes from 0, and give every node "
    _reject_edge(given, ~((given >= 0) & (given < n)), what + "a row of features")
    return given.astype(np.int64)


def _reject_edge(edges: np.ndarray, wrong: np.ndarray, expected: str) -> None:
    columns = np.flatnonzero(wrong.any(axis=0))
    if columns.size:
        u, v = edges[:, columns[0]].tolist()
        raise BadInput(
            f"{columns.size} edge(s) are wrong, the first at position {columns[0]}: ({u}, {v}), "
            f"{expected}."
        )


def _checked_weights(weights: Any, m: int) -> np.ndarray | None:
    if weights is None:
        return None
    given = _array(weights, "edge weights")
    if given.shape != (m,) or given.dtype.kind not in "biuf":
        raise BadInput(
            f"The edge weights have shape {given.shape} and type {given.dtype}, expected ({m},) "
            "real numbers; give one weight for each edge."
        )
    with np.errstate(over="ignore"):
        given = given.astype(np.float32)
    bad = np.flatnonzero(~np.isfinite(given))
    if bad.size:
        raise BadInput(
            f"{bad.size} edge weight(s) are not finite, the first at position {bad[0]}: "
            f"{given[bad[0]]}; replace or remove them."
        )
    return given


def _checked_labels(labels: Any, n: int, classes: int) -> np.ndarray | None:
    if labels is None:
        return None
    given = _array(labels, "labels")
    if given.shape != (n,):
        raise BadInput(
            f"The labels have shape {given.shape}, expected ({n},); give one label for each node."
        )
    if given.dtype.kind not in "iuf":
        raise BadInput(
            f"The labels are of type {given.dtype}, expected integers; number the classes from 0."
        )
    # Without names the largest label sets the number of classes; a far larger one is some code.
    top = classes or max(n, 1000)
    bad = np.flatnonzero(~((given >= 0) & (given < top) & (given == np.floor(given))))
    if bad.size:
        raise BadInput(
            f"{bad.size} label(s) are out of range, the first at node {bad[0]}: {given[bad[0]]}, "
            f"expected integers from 0 to {top - 1}; number the classes from 0, and give nodes "
            "without a label class 0 and leave them out of the masks."
        )
    return given.astype(np.int64)


def _checked_masks(masks: Mapping[str, Any], n: int) -> dict[str, np.ndarray]:
    checked: dict[str, np.ndarray] = {}
    for split, value in masks.items():
        if split not in SPLITS:
            raise BadInput(f"The mask {split!r} is unknown; name masks 'train', 'val' and 'test'.")
        mask = _array(value, f"{split} mask")
        if mask.shape != (n,):
            raise BadInput(
                f"The {split} mask has shape {mask.shape}, expected ({n},); give one boolean for "
                "each node."
            )
        if mask.dtype.kind not in "biu" or not np.isin(mask, (0, 1)).all():
            raise BadInput(
                f"The {split} mask is not boolean (type {mask.dtype}); give True for each node of "
                "the split, and False for the others."
            )
        mask = mask.astype(bool)
        for other, earlier in checked.items():
            both = np.flatnonzero(mask & earlier)
            if both.size:
                raise BadInput(
                    f"{both.size} node(s) are in both the {other} and the {split} mask, the first "
                    f"is node {both[0]}; put each node into one split."
                )
        checked[split] = mask
    return checked


def _canonical(
    edges: np.ndarray, weights: np.ndarray | None, n: int, symmetrize: Symmetrize
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return sorted unique edges with u < v, and their weights."""
    keep = edges[0] < edges[1] if symmetrize == "upper" else edges[0] != edges[1]
    low, high = edges[:, keep].min(axis=0), edges[:, keep].max(axis=0)
    if weights is None:
        return np.stack(np.divmod(np.unique(low * n + high), max(n, 1))), None
    keys, place = np.unique(low * n + high, return_inverse=True)
    canonical = np.stack(np.divmod(keys, max(n, 1)))
    merged = np.full(keys.size, -np.inf, dtype=np.float32)
    np.maximum.at(merged, place, weights[keep])
    return canonical, merged

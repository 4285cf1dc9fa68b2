"""Edges and adjacency matrices as arrays, and graphs as named arrays: an .npz, a dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import BadInput
from zoo_graphs.edge_arrays import edge_columns
from zoo_graphs.graph import SPLITS
from zoo_graphs.npz import Archive, directed_edges
from zoo_graphs.reading.source import (
    CLASSES,
    EDGE_ATTRIBUTES,
    FEATURES,
    WEIGHTS,
    Ids,
    Source,
    check_claim,
    from_ids,
    from_names,
    plain,
)

EDGE_KEYS = ("edges", "edge_index", "edges_directed", "edges_undirected")
_MATRIX_KEYS = ("adjacency", "adj", "A")
_FEATURE_CSR = ("feat", "attr")
_EDGE_LABELS = ("edge_labels", "edge_label", "edge_type")
# The first that is there is taken; stacked masks have one row a fold.
_MASK_PATTERNS = ("{}_mask", "{}_masks", "geom_{}_masks", "public_{}_mask")


def is_mapping_of_arrays(source: Mapping[Any, Any]) -> bool:
    """Tell whether a dictionary has the keys of an .npz, and not those of nodes."""
    return any(key in source for key in (*EDGE_KEYS, *_MATRIX_KEYS, "adj_indptr"))


def from_array(array: Any, ids: Ids | None, num_nodes: int | None, name: str) -> Source:
    """Return the graph of a matrix: a square one is an adjacency, any other a list of edges.

    Raises `BadInput` for other shapes, and for small square ones that may be either.
    """
    if sparse.issparse(array):
        return from_adjacency(array, name)
    if array.ndim == 2 and array.shape[0] == array.shape[1] and array.size:
        small = array.shape[0] in (2, 3)
        if num_nodes in (None, array.shape[0]) and not (small and _may_be_edges(array)):
            return from_adjacency(array, name)
        if small and num_nodes in (None, array.shape[0]):
            raise BadInput(
                f"The {array.shape} array {array.tolist()} may be an adjacency matrix or edges; "
                "give a scipy matrix for the one, or a list of tuples for the other."
            )
    if array.ndim != 2 or (array.size and not {2, 3} & {array.shape[0], array.shape[1]}):
        raise BadInput(
            f"An array of shape {array.shape} is neither an adjacency matrix, expected a square "
            "one, nor edges, (2, m), (m, 2) or (m, 3); give one of these."
        )
    return from_edge_array(array, ids, num_nodes, name)


def _may_be_edges(array: np.ndarray) -> bool:
    """Tell whether a small square array can be edges, rather than an adjacency matrix."""
    if array.dtype.kind not in "iuf" or np.isin(array, (0, 1)).all():
        return False
    symmetric = np.array_equal(array, array.T) and not np.diag(array).any()
    ends = array[:, :2]
    whole = array.dtype.kind in "iu" or bool((ends == np.floor(ends)).all())
    return whole and not (symmetric and array.dtype.kind == "f")


def from_edge_array(array: Any, ids: Ids | None, num_nodes: int | None, name: str) -> Source:
    """Return the graph of edges (2, m), (m, 2), or (m, 3) with a weight in the third column.

    Raises `BadInput` for other shapes, for (2, 2) and (3, 3), which may be read in two ways, and
    for nodes that are no integers.
    """
    given = np.asarray(array)
    if given.shape == (3, 3):
        raise BadInput(
            f"The edges of {name} are {given.tolist()}, which may be (u, v, weight) in each row or "
            "an adjacency matrix; give the weights by themselves, and edges of shape (2, m)."
        )
    if given.shape == (2, 2) and bool(given[0, 1] != given[1, 0]):
        (a, b), (c, d) = given.tolist()
        raise BadInput(
            f"The edges {[[a, b], [c, d]]} of {name} are ({a}, {c}) and ({b}, {d}) read as (2, m), "
            f"but ({a}, {b}) and ({c}, {d}) read as (m, 2); call them edge_index for the one, or "
            "give a list of tuples (u, v) for the other."
        )
    weights = None
    if given.ndim == 2 and given.shape[1] == 3 and given.shape[0] != 2:
        given, weights = given[:, :2], given[:, 2]
        ends = given.T
    else:
        ends = edge_columns(given)
    if ends.dtype.kind in "US":
        found = from_names(ends.T.tolist(), name)
    else:
        found = from_ids(_whole(ends, name), ids, num_nodes, name)
    if weights is not None:
        found.edges["weight"] = weights
    return found


def _whole(ends: np.ndarray, name: str) -> np.ndarray:
    """Return node ids as integers."""
    if ends.dtype.kind in "iu" and (ends.dtype.kind == "i" or ends.max(initial=0) < 2**63):
        return ends.astype(np.int64)
    if ends.dtype == object and all(isinstance(end, int | np.integer) for end in ends.ravel()):
        return np.array(ends.tolist(), dtype=np.int64)
    if ends.dtype.kind != "f":
        raise BadInput(f"The edges of {name} are of type {ends.dtype}, expected integers.")
    wrong = np.flatnonzero(~(np.abs(ends) < 2**53).all(axis=0) | (ends != np.floor(ends)).any(0))
    if wrong.size:
        u, v = ends[:, wrong[0]].tolist()
        raise BadInput(
            f"{wrong.size} edge(s) of {name} are wrong, the first at position {wrong[0]}: ({u}, "
            f"{v}), expected two integers; give node indices."
        )
    return ends.astype(np.int64)


def from_adjacency(matrix: Any, name: str, names: Any = None) -> Source:
    """Return the graph of a square matrix: entries other than 0 are edges, and their weights.

    It is directed unless the matrix is symmetric, and unweighted where all entries are 1. Raises
    `BadInput` for a matrix that is not square, or holds NaN or what is no real number.
    """
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise BadInput(
            f"The adjacency matrix has shape {matrix.shape}, expected a square one; give (n, n)."
        )
    if matrix.dtype.kind not in "biuf":
        raise BadInput(f"The adjacency matrix is of type {matrix.dtype}; give real numbers.")
    entries = sparse.csr_array(matrix)
    ends, weights = directed_edges(entries)
    if weights.dtype.kind == "f" and np.isnan(weights).any():
        raise BadInput("The adjacency matrix holds NaN; give 0 where there is no edge.")
    n = check_claim(int(matrix.shape[0]), ends.shape[1], name)
    symmetric = (entries != entries.T).nnz == 0
    found = Source(ends, n, names, directed=not symmetric, name=name)
    if not (weights == 1).all():
        found.edges["weight"] = weights
    return found


def from_mapping(arrays: Mapping[str, Any], name: str, ids: Ids | None, rows: int | None) -> Source:
    """Return the graph of named arrays; `rows` is how many rows features given beside it have.

    Keys are those that `zoo_graphs.reading.read_graph` lists. Raises `BadInput` when there are no
    edges, or `num_nodes` is no number.
    """
    get = _getter(arrays)
    key = next((one for one in EDGE_KEYS if one in arrays), None)
    features = _features(arrays)
    columns = {one: get(one) for one in CLASSES if one in arrays}
    if features is not None:
        columns["features"] = features
    known = rows if rows is not None else _num_nodes(arrays, columns)
    if key is not None:
        edges = get(key)
        if key == "edge_index" and edges.ndim == 2 and edges.shape == (2, 2):
            found = from_ids(_whole(edges, name), ids, known, name)
        else:
            found = from_edge_array(edges, ids, known, name)
    else:
        found = from_adjacency(_adjacency(arrays, name), name)
        if known is not None and known != found.num_nodes:
            raise BadInput(
                f"The features have {known} rows, but the graph has {found.num_nodes} nodes; give "
                "one row of features for each node, in the order of the node indices."
            )
    found.nodes = columns
    for one in (*WEIGHTS, *_EDGE_LABELS, EDGE_ATTRIBUTES):
        if one in arrays:
            found.edges[one] = get(one)
    found.node_label, found.edge_label = ("node_labels",), (*_EDGE_LABELS, EDGE_ATTRIBUTES)
    found.masks = _masks(arrays)
    if "class_names" in arrays:
        names = get("class_names")
        if names.ndim != 1:
            raise BadInput(f"class_names has shape {names.shape}; give a plain list of texts.")
        found.class_names = tuple(str(item) for item in names)
    return found


def _getter(arrays: Mapping[str, Any]) -> Any:
    def get(key: str) -> Any:
        value = plain(arrays[key])
        return value if sparse.issparse(value) else np.asarray(value)

    return get


def archive_features(arrays: Mapping[str, Any], name: str) -> Any:
    """Return the features (n, p) among named arrays; raises `BadInput` when there are none."""
    matrix = _features(arrays)
    if matrix is None:
        raise BadInput(
            f"{name} has no features (features, x, feat_* or attr_*), only {sorted(arrays)}; add "
            "them."
        )
    return matrix


def _features(arrays: Mapping[str, Any]) -> Any:
    get = _getter(arrays)
    for key in FEATURES:
        if key in arrays and arrays[key] is not None:
            return get(key)
    return next(
        (
            found
            for prefix in _FEATURE_CSR
            if isinstance(arrays, Archive) and (found := arrays.csr(prefix)) is not None
        ),
        None,
    )


def _adjacency(arrays: Mapping[str, Any], name: str) -> Any:
    for key in _MATRIX_KEYS:
        if key in arrays:
            return _getter(arrays)(key)
    found = arrays.csr("adj") if isinstance(arrays, Archive) else None
    if found is None:
        raise BadInput(
            f"{name} has no edges (edges, edge_index or adj_*), only {sorted(arrays)}; add them."
        )
    return found


def _num_nodes(arrays: Mapping[str, Any], columns: Mapping[str, Any]) -> int | None:
    """Return how many nodes named arrays say there are; features and labels tell too."""
    if "features" in columns:
        return int(columns["features"].shape[0])
    if "num_nodes" not in arrays:
        sizes = [column.shape[0] for column in columns.values() if column.ndim]
        return int(sizes[0]) if sizes else None
    number = np.asarray(arrays["num_nodes"])
    if number.size != 1 or number.dtype.kind not in "iu" or number.item() < 0:
        raise BadInput(f"num_nodes is {number.tolist()!r:.60}; expected one integer from 0.")
    return int(number.item())


def _masks(arrays: Mapping[str, Any]) -> dict[str, np.ndarray]:
    for pattern in _MASK_PATTERNS:
        keys = {split: pattern.format(split) for split in SPLITS}
        found = {split: _getter(arrays)(key) for split, key in keys.items() if key in arrays}
        if found:
            return found
    return {}

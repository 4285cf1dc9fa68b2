"""Graphs of other libraries: NetworkX, igraph, PyTorch Geometric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_graphs.graph import SPLITS
from zoo_graphs.reading.source import EDGE_ATTRIBUTES, WEIGHTS, Source, columns_of, plain

_GRAPH_CLASSES = ("y", "label", "class")
_NO_ATTRIBUTES = {"edge_index", "adj_t", "num_nodes", "batch", "ptr"}


def is_networkx(source: Any) -> bool:
    """Tell whether something is a NetworkX graph, or behaves as one."""
    return all(hasattr(source, name) for name in ("nodes", "edges", "is_directed", "graph"))


def is_igraph(source: Any) -> bool:
    """Tell whether something is an igraph graph."""
    return all(hasattr(source, name) for name in ("vs", "es", "get_edgelist"))


def is_pyg(source: Any) -> bool:
    """Tell whether something is a PyTorch Geometric `Data` or `Batch`, or has its `edge_index`."""
    return hasattr(source, "edge_index")


def is_heterogeneous(source: Any) -> bool:
    """Tell whether something is a `HeteroData` of PyTorch Geometric."""
    return type(source).__name__ == "HeteroData" and hasattr(source, "to_homogeneous")


def from_networkx(graph: Any) -> Source:
    """Return the graph of NetworkX, with its nodes in the order of `graph.nodes`."""
    nodes = list(graph.nodes)
    index = {node: i for i, node in enumerate(nodes)}
    lines = list(graph.edges(data=True))
    ends = np.array([(index[u], index[v]) for u, v, _ in lines], dtype=np.int64)
    found = Source(
        ends.reshape(-1, 2).T,
        len(nodes),
        None if nodes == list(range(len(nodes))) else nodes,
        bool(graph.is_directed()),
        columns_of([graph.nodes[node] for node in nodes]),
        columns_of([data for _, _, data in lines]),
        name=str(graph.graph.get("name") or "graph"),
    )
    given = [graph.graph[key] for key in _GRAPH_CLASSES if key in graph.graph]
    found.graph_classes = given[:1] or None
    return found


def from_igraph(graph: Any) -> Source:
    """Return the graph of igraph; the attribute "name" is what its nodes are called."""
    nodes = {key: list(graph.vs[key]) for key in graph.vs.attributes()}
    ends = np.array(graph.get_edgelist(), dtype=np.int64).reshape(-1, 2).T
    return Source(
        ends,
        graph.vcount(),
        nodes.pop("name", None),
        bool(graph.is_directed()),
        nodes,
        {key: list(graph.es[key]) for key in graph.es.attributes()},
        name=str(graph["name"]) if "name" in graph.attributes() else "graph",
    )


def from_pyg(data: Any) -> Source:
    """Return the graph of a `Data`, or the graphs of a `Batch`.

    An edge that is given in both directions is an undirected one. Raises `BadInput` when there is
    no `edge_index`, or what nodes and edges carry is not as many rows.
    """
    if data.edge_index is None:
        raise BadInput(f"The {type(data).__name__} has no edge_index; set it.")
    ends = np.asarray(plain(data.edge_index))
    if ends.ndim != 2 or ends.shape[0] != 2:
        if ends.ndim == 2 and ends.shape[1] == 2:
            ends = ends.T
        else:
            raise BadInput(f"The edge_index has shape {ends.shape}, expected (2, m).")
    if ends.dtype.kind not in "iu":
        raise BadInput(f"The edge_index is of type {ends.dtype}, expected integers.")
    values = {key: plain(value) for key, value in _attributes(data)}
    features = values.get("x")
    count = getattr(data, "num_nodes", None)
    if count is None:
        count = len(features) if features is not None else int(ends.max(initial=-1)) + 1
    if features is not None and features.shape[0] != count:
        raise BadInput(
            f"The features have {features.shape[0]} rows, but the graph has {count} nodes; give "
            "one row of features for each node, in the order of the node indices."
        )
    found = Source(ends.astype(np.int64), int(count), directed=None, fold_axis=1)
    wrong = np.flatnonzero(((ends < 0) | (ends >= count)).any(axis=0))
    if wrong.size:
        u, v = ends[:, wrong[0]].tolist()
        raise BadInput(
            f"{wrong.size} edge(s) are wrong, the first at position {wrong[0]}: ({u}, {v}), "
            f"expected node indices from 0 to {count - 1}."
        )
    found.node_label, found.edge_label = ("x",), (EDGE_ATTRIBUTES, "edge_type", "edge_label")
    pointers = getattr(data, "ptr", None)
    found.offsets = None if pointers is None else np.asarray(plain(pointers)).astype(np.int64)
    graphs = 1 if found.offsets is None else found.offsets.size - 1
    masks = {}
    for key, value in values.items():
        split = key.removesuffix("_mask")
        if split in SPLITS and key != split:
            masks[split] = value
            continue
        size = np.shape(value)[0] if np.ndim(value) else None
        if key == "y" and np.size(value) == graphs and size != found.num_nodes:
            found.graph_classes = np.ravel(value).tolist()
        elif key.startswith("edge_") and size is not None:
            if size != ends.shape[1]:
                raise BadInput(
                    f"The {key} has {size} rows for {ends.shape[1]} edges; give each edge one."
                )
            found.edges[key] = value
        elif size == found.num_nodes and not (size == ends.shape[1] and key in WEIGHTS):
            found.nodes[key] = value
        elif size == ends.shape[1] and key not in ("x", "y"):
            found.edges[key] = value
        elif key in ("x", "y"):
            found.nodes[key] = value
    found.masks = masks
    return found


def _attributes(data: Any) -> Sequence[tuple[str, Any]]:
    """Return what a `Data`, or an object with attributes like one, carries."""
    keys = data.keys() if callable(getattr(data, "keys", None)) else vars(data)
    pairs = [(str(key), getattr(data, key, None)) for key in keys if key not in _NO_ATTRIBUTES]
    return [(key, value) for key, value in pairs if value is not None]

"""What kind of thing a person has, and the graph or graphs in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from zoo_core import BadInput
from zoo_graphs.graph import Graph
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import files, foreign
from zoo_graphs.reading.arrays import from_array, from_mapping, is_mapping_of_arrays
from zoo_graphs.reading.source import Ids, Source, columns_of, from_nodes, plain
from zoo_graphs.reading.tables import from_frame, is_frame

ACCEPTED = (
    "a Graph or GraphSet, an .npz file, an edge-list file (.txt, .csv, .tsv, .edges), another file "
    "of a graph (.graphml, .gml, .gexf, .net, .adjlist, .g6, .s6, .mtx, .npy), edges or an "
    "adjacency matrix as an array, a list or a dictionary, a pair (edges, features), a data frame, "
    "a PyTorch Geometric Data, a NetworkX or igraph graph"
)


def open_one(
    source: Any,
    ids: Ids | None = None,
    num_nodes: int | None = None,
    header: bool | None = None,
    label_names: Sequence[str] = (),
) -> Source | None:
    """Return the one graph that something is, or None where it is no single graph.

    `num_nodes` is how many rows features beside it have. Raises `BadInput` when it is one, and
    malformed.
    """
    if isinstance(source, Graph):
        return _from_graph(source)
    if isinstance(source, GraphSet):
        return _from_set(source) if len(source) == 1 else None
    if isinstance(source, str | PathLike):
        path = Path(source).expanduser()
        with files.reading(path, ACCEPTED):
            return files.from_file(path, ids, num_nodes, header, label_names)
    if foreign.is_heterogeneous(source):
        raise BadInput(
            "A HeteroData has several kinds of nodes and edges, which no model here knows; give "
            "data.to_homogeneous()."
        )
    if foreign.is_pyg(source):
        return foreign.from_pyg(source)
    if foreign.is_igraph(source):
        return foreign.from_igraph(source)
    if foreign.is_networkx(source):
        return foreign.from_networkx(source)
    if is_frame(source):
        return from_frame(source, "The data frame", ids, num_nodes)
    array = plain(source)
    if sparse.issparse(array):
        return from_array(array, ids, num_nodes, "The matrix")
    if isinstance(source, Mapping):
        return _from_dictionary(source, ids, num_nodes)
    if hasattr(array, "shape") and np.ndim(array) == 2:
        return from_array(np.asarray(array), ids, num_nodes, "The array")
    if isinstance(source, Sequence | set | frozenset) and not isinstance(source, bytes):
        lines = list(source)
        if not lines and num_nodes is not None:
            return Source(np.empty((2, 0), np.int64), num_nodes)
        if _is_matrix(lines):
            return from_array(np.asarray(lines), ids, num_nodes, "The list")
        if lines and all(map(_is_edge, lines)):
            return _from_lines(lines, ids, num_nodes)
    return None


def depth(value: Any) -> int:
    """Return how deep numbers or texts lie: 0 for one, 1 for a list of them, and so on."""
    if sparse.issparse(value) or is_frame(value):
        return 2
    if hasattr(value, "shape"):
        return len(value.shape)
    if isinstance(value, list | tuple):
        return 1 + depth(value[0]) if value else 1
    return 0


def is_edge_array(value: Any) -> bool:
    """Tell whether something can only be edges, rather than an adjacency matrix or features."""
    return depth(value) == 2 and not sparse.issparse(value) and 2 in np.shape(value)


def _is_matrix(lines: list[Any]) -> bool:
    """Tell whether something is a list of lists of as many numbers each, as arrays print them."""
    return (
        depth(lines) == 2
        and all(isinstance(line, list) and len(line) == len(lines[0]) for line in lines)
        and all(isinstance(part, int | float | np.number) for line in lines for part in line)
    )


def _is_edge(line: Any) -> bool:
    """Tell whether something is (u, v), (u, v, weight), or (u, v, {attribute: value})."""
    if not isinstance(line, list | tuple) or len(line) not in (2, 3):
        return False
    ends = all(isinstance(end, str | int | float | np.generic | tuple) for end in line[:2])
    third = line[2] if len(line) == 3 else 0
    return ends and isinstance(third, int | float | str | np.generic | Mapping | None)


def _from_lines(lines: list[Any], ids: Ids | None, num_nodes: int | None) -> Source:
    """Return the graph of a list of edges; a third part is a weight or a label."""
    pairs = [tuple(line[:2]) for line in lines]
    found = from_nodes(pairs, ids, num_nodes, "The list of edges")
    thirds = [line[2] if len(line) == 3 else {} for line in lines]
    key = "label" if any(isinstance(third, str) for third in thirds) else "weight"
    found.edges = columns_of(
        [third if isinstance(third, Mapping) else {key: third} for third in thirds]
    )
    return found


def _from_dictionary(source: Mapping[Any, Any], ids: Ids | None, num_nodes: int | None) -> Source:
    """Return the graph of named arrays, of neighbours by node, or of weights by edge."""
    if is_mapping_of_arrays(source):
        return from_mapping(source, "The dictionary", ids, num_nodes)
    name = "The dictionary of edges"
    if source and all(isinstance(key, tuple) and len(key) == 2 for key in source):
        return _from_lines([(*key, value) for key, value in source.items()], ids, num_nodes)
    pairs, data = [], []
    for node, others in source.items():
        graph = foreign.is_networkx(others) or foreign.is_pyg(others) or foreign.is_igraph(others)
        if graph or isinstance(others, GraphSet):
            raise BadInput("A dictionary of graphs has no order; give list(graphs.values()).")
        if isinstance(others, str | bytes) or not hasattr(others, "__iter__"):
            raise BadInput(
                f"The dictionary has {others!r:.40} for {node!r:.40}; give each node a list of its "
                "neighbours, each edge (u, v) its weight, or named arrays such as 'edges'."
            )
        for other in others:
            value = others[other] if isinstance(others, Mapping) else {}
            pairs.append((node, other))
            data.append(value if isinstance(value, Mapping) else {"weight": value})
    found = from_nodes(pairs, ids, num_nodes, name, source)
    found.edges = columns_of(data)
    return found


def _from_graph(graph: Graph) -> Source:
    found = Source(graph.edges, graph.num_nodes, graph.node_names, directed=False, name=graph.name)
    if graph.num_features:
        found.nodes["features"] = graph.features
    if graph.labels is not None:
        found.nodes["labels"] = graph.labels
    if graph.edge_weights is not None:
        found.edges["weight"] = graph.edge_weights
    found.node_label = ()
    return found


def _from_set(graphs: GraphSet) -> Source:
    found = Source(graphs.edges, graphs.num_nodes, directed=graphs.directed, name=graphs.name)
    for key, labels, names in (
        ("nodes", graphs.node_labels, graphs.node_label_names),
        ("edges", graphs.edge_labels, graphs.edge_label_names),
    ):
        if labels is not None:
            getattr(found, key)["label"] = [names[i] for i in labels] if names else labels
    return found

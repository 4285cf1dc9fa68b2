"""Connected components, and the part of a graph on some of its nodes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from zoo_graphs.graph import Graph


def adjacency_matrix(graph: Graph) -> sparse.csr_array:
    """Return A (n, n) in float64: symmetric, no loops, edge weights where the graph has them."""
    low, high = graph.edges
    weights = np.ones(low.size) if graph.edge_weights is None else graph.edge_weights
    places = np.concatenate([low, high]), np.concatenate([high, low])
    values = np.tile(weights.astype(np.float64), 2)
    return sparse.csr_array((values, places), shape=(graph.num_nodes, graph.num_nodes))


def components(graph: Graph) -> tuple[int, np.ndarray]:
    """Return how many connected components there are, and each node's as (n,) numbers from 0."""
    low, high = graph.edges
    links = np.ones(low.size, dtype=bool)
    matrix = sparse.csr_array((links, (low, high)), shape=(graph.num_nodes, graph.num_nodes))
    count, labels = connected_components(matrix, directed=False)
    return int(count), labels


def induced(graph: Graph, nodes: np.ndarray) -> Graph:
    """Return the part of a graph on the nodes of a (n,) boolean mask, which keep their order."""
    number = np.cumsum(nodes) - 1
    kept = nodes[graph.edges].all(axis=0)
    weights = graph.edge_weights
    return replace(
        graph,
        edges=number[graph.edges[:, kept]].astype(np.int64),
        features=graph.features[np.flatnonzero(nodes)],
        labels=None if graph.labels is None else graph.labels[nodes],
        masks={split: mask[nodes] for split, mask in graph.masks.items()},
        edge_weights=None if weights is None else weights[kept],
    )


def largest_component(graph: Graph) -> Graph:
    """Return the part of a graph on its largest connected component, of equal ones the first."""
    count, labels = components(graph)
    if count <= 1:
        return graph
    return induced(graph, labels == np.argmax(np.bincount(labels)))

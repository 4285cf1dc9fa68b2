"""Components and parts of graphs, against NetworkX and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.components import adjacency_matrix, components, induced, largest_component
from zoo_graphs.graph import Graph


def random_graph(seed, n=12, m=9):
    rng = np.random.default_rng(seed)
    masks = {"train": np.arange(n) % 2 == 0}
    return Graph.from_edges(
        rng.integers(0, n, (2, m)),
        np.arange(n)[:, None],
        np.arange(n) % 3,
        masks,
        edge_weights=rng.random(m),
    )


@given(st.integers(0, 10**6))
def test_largest_component_is_that_of_networkx(seed):
    networkx = pytest.importorskip("networkx")
    graph = random_graph(seed)
    reference = networkx.Graph(graph.edges.T.tolist())
    reference.add_nodes_from(range(graph.num_nodes))
    found = [sorted(part) for part in networkx.connected_components(reference)]
    assert components(graph)[0] == len(found)
    part = largest_component(graph)
    # Features are node numbers, so they tell which nodes were kept.
    kept = part.features.toarray().ravel().astype(int).tolist()
    assert kept in found and len(kept) == max(map(len, found))
    assert part.labels.tolist() == [node % 3 for node in kept]
    assert part.masks["train"].tolist() == [node % 2 == 0 for node in kept]
    whole = adjacency_matrix(graph).toarray()
    assert np.array_equal(adjacency_matrix(part).toarray(), whole[np.ix_(kept, kept)])


def test_adjacency_is_symmetric_and_weighted():
    graph = random_graph(1)
    matrix = adjacency_matrix(graph).toarray()
    assert np.array_equal(matrix, matrix.T) and not matrix.diagonal().any()
    low, high = graph.edges
    assert np.array_equal(matrix[low, high], graph.edge_weights)
    assert matrix.sum() == pytest.approx(2 * graph.edge_weights.sum())


def test_a_part_without_nodes_or_edges():
    graph = random_graph(2)
    empty = induced(graph, np.zeros(12, dtype=bool))
    assert (empty.num_nodes, empty.num_edges) == (0, 0)
    single = induced(graph, np.arange(12) == 3)
    assert (single.num_nodes, single.num_edges) == (1, 0)

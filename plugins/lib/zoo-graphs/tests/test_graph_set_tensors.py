"""Sets of graphs as tensors: there and back, features of labels, checks and the symmetry."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.graph_set_tensors import (
    check_shapes,
    check_values,
    example_graphs,
    graph_of_node,
    one_hot_labels,
    permute_nodes,
    to_graphs,
    to_tensors,
)

from zoo_core import BadInput


@pytest.mark.parametrize("num_labels", [0, 3])
def test_there_and_back(num_labels):
    graphs = example_graphs(1, [6, 7, 5], num_labels=num_labels)
    again = to_graphs(*to_tensors(graphs, node_labels=bool(num_labels)))
    assert again.fingerprint() == graphs.fingerprint()
    edges, offsets, labels = to_tensors(graphs, node_labels=True)
    assert edges.dtype == offsets.dtype == labels.dtype == torch.int64
    assert labels.tolist() == ([0] * 18 if not num_labels else graphs.node_labels.tolist())


def test_examples_are_the_same_for_a_seed_and_copies_are_isomorphic():
    first, second = (example_graphs(4, [8, 8], num_labels=3, copies=True) for _ in range(2))
    assert first.fingerprint() == second.fingerprint()
    assert first.fingerprint() != example_graphs(5, [8, 8], num_labels=3, copies=True).fingerprint()
    assert first.sizes.tolist() == [8] * 4
    for graph in (0, 2):
        one, copy = first.select([graph]), first.select([graph + 1])
        assert sorted(one.node_labels) == sorted(copy.node_labels)
        assert one.num_edges == copy.num_edges


def test_the_batch_vector_is_that_of_the_graphs():
    graphs = GraphSet.from_edges([[], []], [0, 2, 2, 5])
    found = graph_of_node(torch.from_numpy(graphs.offsets), 5)
    assert found.tolist() == graphs.graph_of_node.tolist() == [0, 0, 2, 2, 2]


def test_labels_become_one_hot_features():
    graphs = GraphSet.from_edges([[0], [1]], [0, 2, 3], [1, 0, 2])
    assert one_hot_labels(graphs, 3).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert one_hot_labels(graphs, 1).tolist() == [[1.0]] * 3
    with pytest.raises(BadInput, match="Node 0 of graph 1 has the label 2"):
        one_hot_labels(graphs, 2)
    with pytest.raises(BadInput, match="no node labels"):
        one_hot_labels(GraphSet.from_edges([[0], [1]], [0, 2]), 3)
    with pytest.raises(BadInput, match="Graph 1 has no nodes"):
        one_hot_labels(GraphSet.from_edges([[0], [1]], [0, 2, 2]), 1)


def test_what_is_no_set_of_graphs_is_refused():
    edges, offsets = to_tensors(example_graphs(0, [5, 6]))
    features = torch.ones(11, 2)
    check_shapes(edges, offsets, features)
    check_values(edges, offsets, features)
    wrong_shapes = [
        (edges[0], offsets),
        (edges, offsets[:0]),
        (edges, offsets, features, features[:4]),
    ]
    wrong_values = [
        (edges + 6, offsets),
        (edges, torch.tensor([0, 5, 4])),
        (edges, torch.tensor([0, 5, 5, 11])),
        (edges, offsets, features[:4]),
        (edges, offsets, features / 0 - features / 0),
    ]
    for given in wrong_shapes:
        with pytest.raises(BadInput):
            check_shapes(*given)
    for given in [*wrong_shapes, *wrong_values]:
        with pytest.raises(BadInput):
            check_values(*given)


def test_permuting_keeps_each_graph_and_moves_what_its_nodes_carry():
    graphs = example_graphs(2, [6, 7], num_labels=4)
    inputs = to_tensors(graphs, node_labels=True)
    moved, act = permute_nodes(inputs, torch.Generator().manual_seed(0))
    assert act(inputs[1]) is inputs[1]
    again = to_graphs(*moved)
    assert again.fingerprint() != graphs.fingerprint()
    for graph in range(2):
        one, other = graphs.select([graph]), again.select([graph])
        assert degrees_by_label(one) == degrees_by_label(other)


def degrees_by_label(graph):
    degrees = np.bincount(graph.edges.ravel(), minlength=graph.num_nodes)
    return sorted(zip(graph.node_labels.tolist(), degrees.tolist(), strict=True))

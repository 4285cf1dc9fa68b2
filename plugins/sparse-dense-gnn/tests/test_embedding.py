"""Spectral embeddings of graph and features."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_graphs.graph import Graph
from zoo_graphs.operators import operator_matrix
from zoo_sparse_dense_gnn.embedding import feature_embedding, graph_embedding

N, P = 60, 20  # of `labelled_graph`
examples = settings(max_examples=30)


def dense_operator(data, kind):
    return operator_matrix(
        torch.from_numpy(data.edges), data.num_nodes, kind, dtype=torch.float64
    ).to_dense()


@examples
@given(st.integers(0, 50), st.sampled_from(["adj", "lap"]), st.integers(1, N))
def test_graph_embedding_has_the_leading_eigenvectors(labelled_graph, seed, kind, k):
    data = labelled_graph(seed, seed)
    vectors, values = graph_embedding(data, k, kind)
    matrix = dense_operator(data, kind)
    torch.testing.assert_close(matrix @ vectors, vectors * values)
    torch.testing.assert_close(vectors.T @ vectors, torch.eye(k).double())
    every = torch.linalg.eigvalsh(matrix).abs().sort(descending=True).values
    torch.testing.assert_close(values.abs(), every[:k])


def test_no_copy_of_a_repeated_eigenvalue_is_missed():
    """Isolated nodes: as many eigenvalues 1 of the normalised operator, as iteration overlooks."""
    edges = np.random.default_rng(0).integers(0, 600, (2, 150))
    data = Graph.from_edges(edges, np.ones((600, 1)))
    vectors, values = graph_embedding(data, 100, "lap")
    torch.testing.assert_close(values, torch.ones(100).double())
    assert torch.linalg.matrix_rank(vectors) == 100


@pytest.mark.parametrize("rank", [2, 5])
def test_feature_embedding_spans_the_features(rank):
    rng = np.random.default_rng(0)
    # Whole numbers, which float32 holds exactly: the rank is not a matter of rounding.
    features = rng.integers(-9, 9, (30, rank)) @ rng.integers(-9, 9, (rank, 8))
    data = Graph.from_edges([[0], [1]], features)
    columns, values = feature_embedding(data, 6)
    gram = torch.from_numpy(data.features.toarray().astype(float))
    gram = gram @ gram.T
    torch.testing.assert_close(gram @ columns, columns * values**2, rtol=1e-5, atol=1e-5)
    assert values[:rank].min() > 1e-3
    assert (columns[:, rank:] == 0).all() and (values[rank:] == 0).all()
    assert feature_embedding(data, 0)[0].shape == (30, 0)


def test_embedding_follows_relabelled_nodes_up_to_signs(labelled_graph):
    data = labelled_graph()
    order = np.random.default_rng(1).permutation(N)
    moved = Graph.from_edges(np.argsort(order)[data.edges], data.features[order])
    for found, expected in (
        (graph_embedding(moved, 5, "adj")[0], graph_embedding(data, 5, "adj")[0][order]),
        (feature_embedding(moved, 5)[0], feature_embedding(data, 5)[0][order]),
    ):
        overlap = (found.T @ expected).abs()
        torch.testing.assert_close(overlap, torch.eye(5).double(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("k", "kappa"), [(0, 1), (N + 1, 1), (1, P + 1)])
def test_too_many_columns(labelled_graph, k, kappa):
    data = labelled_graph()
    with pytest.raises(ValueError, match="expected 1 to"):
        graph_embedding(data, k, "adj")
        feature_embedding(data, kappa)

"""Held-out edges, and the ranking of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_graphs.components import adjacency_matrix
from zoo_graphs.graph import Graph
from zoo_spectral_failure_gcn.autoencoder import GraphAutoencoder
from zoo_spectral_failure_gcn.data import two_blocks
from zoo_spectral_failure_gcn.link_prediction import hold_out_links, link_prediction
from zoo_spectral_failure_gcn.spectral_embedding import SpectralEmbedding

from zoo_core import BadInput

examples = settings(max_examples=25)
GRAPH = two_blocks(n=80, a=0.6, b=0.05, seed=0)


def pairs_of(edges):
    return set(map(tuple, edges.T.tolist()))


@examples
@given(st.integers(0, 10**6), st.floats(0.02, 0.9))
def test_edges_are_split_and_others_are_none(seed, share):
    smaller, held, others = hold_out_links(GRAPH, seed, share)
    kept, held, others = pairs_of(smaller.edges), pairs_of(held), pairs_of(others)
    assert kept | held == pairs_of(GRAPH.edges) and not kept & held
    assert not others & pairs_of(GRAPH.edges) and all(u < v for u, v in others)
    assert len(held) == len(others) == round(share * GRAPH.num_edges)
    assert smaller.num_nodes == GRAPH.num_nodes and smaller.labels is None


def test_blocks_tell_links_and_regular_structure_does_not():
    found = {
        name: link_prediction(module, GRAPH, seed=1)
        for name, module in {
            "ase": SpectralEmbedding(k=2),
            "identity": GraphAutoencoder(k=4, features="identity"),
            "ones": GraphAutoencoder(k=4, features="ones"),
        }.items()
    }
    # Two thirds of the absent pairs are across the blocks, nearly all edges within.
    assert min(found["ase"].values()) > 0.75 and found["identity"]["auc"] > 0.75
    assert found["ones"]["auc"] < 0.65


def test_scores_of_an_embedding_are_entries_of_its_approximation():
    module = SpectralEmbedding(k=80, scaled=False).double().fit(two_blocks(n=80, a=0.1, b=0.5))
    pairs = torch.tensor([[0, 3, 70], [41, 9, 2]])
    matrix = adjacency_matrix(two_blocks(n=80, a=0.1, b=0.5)).toarray()
    np.testing.assert_allclose(module.link_scores(pairs), matrix[tuple(pairs)], atol=1e-8)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1e-9])
def test_bad_shares(share):
    with pytest.raises(BadInput, match="holds out"):
        hold_out_links(GRAPH, 0, share)


def test_too_few_absent_edges():
    nearly = Graph.from_edges(
        [(i, j) for i in range(6) for j in range(i) if (i, j) != (1, 0)], np.zeros((6, 0))
    )
    with pytest.raises(BadInput, match="1 absent ones"):
        link_prediction(SpectralEmbedding(k=2), nearly, share=0.5)

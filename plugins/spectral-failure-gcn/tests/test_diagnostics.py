"""The report: R², angles and regularity, against references and in plain cases."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_graphs.components import adjacency_matrix
from zoo_spectral_failure_gcn.autoencoder import GraphAutoencoder
from zoo_spectral_failure_gcn.data import two_blocks
from zoo_spectral_failure_gcn.diagnostics import diagnose, explained
from zoo_spectral_failure_gcn.spectral_embedding import SpectralEmbedding

from zoo_core import BadInput

examples = settings(max_examples=30)
GRAPH = two_blocks(n=300, a=0.3, b=0.1, seed=0)


@examples
@given(st.integers(0, 10**6))
def test_r2_is_that_of_scikit_learn(seed):
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(seed)
    regressors = np.column_stack([np.ones(30), 1e4 * rng.random((30, 2))])
    columns = rng.standard_normal((30, 3)) + 1e-4 * regressors[:, 1:2]
    model = linear.LinearRegression().fit(regressors, columns)
    residual = ((columns - model.predict(regressors)) ** 2).sum(axis=0)
    reference = 1 - residual / ((columns - columns.mean(axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose(explained(columns, regressors), reference, atol=1e-9)
    assert explained(np.ones((30, 1)), regressors) == [1.0]


def test_spectral_embedding_spans_the_leading_eigenspace():
    found = diagnose(GRAPH, SpectralEmbedding(k=2).fit(GRAPH).embed())
    assert found["angles"] == pytest.approx([0, 0], abs=1e-3)
    assert found["r2"][0] > 0.99 and found["r2"][1] < 0.6
    assert "know more" in found["reading"]


def test_structural_features_are_explained_and_miss_the_second_eigenvector():
    module = GraphAutoencoder(k=2).fit(GRAPH, epochs=20)
    found = module.report(GRAPH)
    assert min(found["r2"]) > 0.9
    # One independent column, between the two leading eigenvectors and closer to the first.
    assert len(found["angles"]) == 1 and found["angles"][0] < 10
    assert "knows little" in found["reading"]
    assert module.predict(GRAPH, give="report") == found
    degrees = adjacency_matrix(GRAPH).sum(axis=1)
    assert found["degree_variation"] == pytest.approx(degrees.std() / degrees.mean())
    assert (found["nodes"], found["edges"], found["components"]) == (300, GRAPH.num_edges, 1)


def test_own_embeddings_of_any_kind():
    constant = diagnose(GRAPH, np.ones((300, 3)))
    assert constant["r2"] == [1.0] * 3 and len(constant["angles"]) == 1
    assert diagnose(GRAPH, torch.zeros(300, 2, requires_grad=True))["angles"] == []
    cycle = np.stack([np.arange(9), (np.arange(9) + 1) % 9])
    assert diagnose(cycle, np.eye(9))["degree_variation"] == 0


@pytest.mark.parametrize("points", [np.ones((299, 2)), np.ones(300), np.full((300, 1), np.nan)])
def test_bad_points_are_one_sentence(points):
    with pytest.raises(BadInput, match="expected \\(300, k\\)"):
        diagnose(GRAPH, points)


def test_a_report_needs_the_graph():
    with pytest.raises(BadInput, match="needs the graph"):
        SpectralEmbedding(k=2).fit(GRAPH).predict(give="report")

"""The dense-sparse graph model: statistics, closed forms, fixed bytes, bad arguments."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_graphs.operators import operator_matrix
from zoo_sparse_dense_gnn import dsgm
from zoo_sparse_dense_gnn.dsgm import degree_corrected, expected_matrix, grid, sample_dsgm

import zoo
from zoo_core.errors import BadInput

DENSE, SPARSE = 0.002, 0.01
examples = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def test_grid_has_midpoints():
    assert grid(4, 1.0).tolist() == [-1.5, -0.5, 0.5, 1.5]
    assert grid(3, 2.0).tolist() == [-1.0, 1.0, 3.0]  # u_1 = -floor(3 / 2) 2 + 1
    assert grid(1000, 0.1).size == 1000  # where a range of floats may have a point too many
    np.testing.assert_allclose(grid(1000, DENSE), -grid(1000, DENSE)[::-1], atol=1e-15)


@pytest.mark.parametrize(("gamma", "mean_degree"), [(DENSE, 51.5), (SPARSE, 5.65)])
def test_number_of_edges(gamma, mean_degree):
    probability = expected_matrix(degree_corrected, grid(1000, gamma))[np.triu_indices(1000, 1)]
    spread = np.sqrt((probability * (1 - probability)).sum())
    for seed in range(5):
        graph = sample_dsgm(gamma=gamma, seed=seed)
        assert abs(graph.num_edges - probability.sum()) < 5 * spread
        assert 2 * graph.num_edges / 1000 == pytest.approx(mean_degree, rel=0.1)


def test_every_pair_has_the_probability_of_the_kernel():
    points = grid(12, 0.2)
    counts = np.zeros((12, 12))
    for seed in range(1000):
        u, v = sample_dsgm(gamma=0.2, nodes=12, seed=seed).edges
        counts[u, v] += 1
    upper = np.triu_indices(12, 1)
    p = expected_matrix(degree_corrected, points)[upper]
    scores = (counts[upper] - 1000 * p) / np.sqrt(1000 * p * (1 - p))
    assert np.abs(scores).max() < 4.5
    assert scores.std() == pytest.approx(1, abs=0.3)


def test_adjacency_is_symmetric_binary_with_loops():
    graph = sample_dsgm(gamma=SPARSE, seed=0)
    matrix = operator_matrix(torch.from_numpy(graph.edges), 1000, "adj").to_dense()
    assert torch.equal(matrix, matrix.T)
    assert set(matrix.unique().tolist()) == {0, 1}
    assert (matrix.diagonal() == 1).all()


def test_labels_features_and_split():
    graphs = [sample_dsgm(gamma=SPARSE, seed=seed) for seed in range(5)]
    labels = np.concatenate([graph.labels for graph in graphs])
    features = np.concatenate([graph.features.toarray() for graph in graphs])
    assert np.array_equal(graphs[0].labels, np.repeat([0, 1], 500))
    for label, sign in ((0, -1), (1, 1)):
        part = features[labels == label]
        assert np.allclose(part.mean(axis=0), sign, atol=4 * 2 / np.sqrt(len(part)))
        assert np.allclose(np.cov(part.T), 4 * np.eye(2), atol=0.5)
    # The best classifier of features alone reads their sum.
    assert round(dsgm.FEATURES_ALONE, 3) == 0.760
    found = np.mean((features.sum(axis=1) > 0) == labels)
    assert found == pytest.approx(dsgm.FEATURES_ALONE, abs=0.02)
    sizes = [int(graphs[0].masks[split].sum()) for split in ("train", "val", "test")]
    assert sizes == [500, 100, 400]


def test_expected_matrix_has_rank_two_and_the_kernels_eigenvectors():
    points = grid(200, 0.01)
    eigenvalues, vectors = np.linalg.eigh(expected_matrix(degree_corrected, points))
    assert np.abs(eigenvalues[:-2]).max() < 1e-13 * eigenvalues[-1]
    theta = dsgm.theta(points)
    for vector, exact in zip(vectors.T[::-1], (theta, np.sign(points) * theta), strict=False):
        assert abs(vector @ exact) / np.linalg.norm(exact) == pytest.approx(1, abs=1e-12)


def test_eigenvalues_times_gamma_are_the_integral_operators():
    found = np.linalg.eigvalsh(expected_matrix(degree_corrected, grid(1000, DENSE)))
    assert DENSE * found[::-1][:2] == pytest.approx((0.121528, 0.024306), abs=2e-6)
    exact = np.array(dsgm.integral_eigenvalues(reach=1.0))
    assert dsgm.integral_eigenvalues() == pytest.approx((5 / 36, 1 / 36))
    errors = []
    for nodes in (50, 100, 200):
        values = np.linalg.eigvalsh(expected_matrix(degree_corrected, grid(nodes, 2 / nodes)))
        errors.append(np.abs(2 / nodes * values[::-1][:2] - exact).max())
    # The midpoint rule converges quadratically: half the step, a quarter of the error.
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.1)


def test_same_seed_same_bytes_on_every_machine():
    graph = sample_dsgm(gamma=SPARSE, nodes=100, seed=7)
    assert graph.fingerprint() == sample_dsgm(gamma=SPARSE, nodes=100, seed=7).fingerprint()
    assert graph.fingerprint() == "de3fff31db4397cac5317aa332f4710cbfc0c61af7288e403b828cd582eccae6"
    assert graph.fingerprint() != sample_dsgm(gamma=SPARSE, nodes=100, seed=8).fingerprint()


def test_streams_are_independent_of_each_other():
    one, two = (sample_dsgm(gamma=gamma, nodes=50, seed=1) for gamma in (DENSE, 1.0))
    assert (one.features != two.features).nnz == 0
    assert np.array_equal(one.masks["train"], two.masks["train"])


@examples
@given(st.integers(1, 40), st.floats(1e-3, 10), st.integers(0, 9))
def test_any_size_is_a_graph(nodes, gamma, seed):
    graph = sample_dsgm(gamma=gamma, nodes=nodes, seed=seed)
    assert graph.num_nodes == nodes
    assert sum(mask.sum() for mask in graph.masks.values()) == nodes


def test_own_kernels():
    def near(u, v):
        return np.abs(u - v) < 0.15

    graph = sample_dsgm(near, gamma=0.1, nodes=10, seed=0)
    assert graph.edges.tolist() == [list(range(9)), list(range(1, 10))]
    constant = sample_dsgm(lambda u, v: 1.0, gamma=0.1, nodes=10, seed=0)
    assert constant.num_edges == 45
    assert sample_dsgm(lambda u, v: 0 * u * v, gamma=0.1, nodes=10, seed=0).num_edges == 0


@pytest.mark.parametrize(
    ("kernel", "message"),
    [
        (lambda u, v: 0 * u * v + 1.5, "1.5, which is no probability"),
        (lambda u, v: 0 * u * v - 0.1, "-0.1, which is no probability"),
        (lambda u, v: np.nan * u * v, "nan, which is no probability"),
        (lambda u, v: np.where(v > u, 0.5, 0.1), "not symmetric"),
        (lambda u, v: np.ones((3, 3, 3)), r"shape \(3, 3, 3\)"),
        (lambda u, v: "often", "shape"),
        (3, "no kernel"),
        ("degre-corrected", "did you mean 'degree-corrected'"),
    ],
)
def test_bad_kernels(kernel, message):
    with pytest.raises(BadInput, match=message):
        sample_dsgm(kernel, gamma=0.1, nodes=10, seed=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gamma": 0}, "step of a grid"),
        ({"gamma": -1.0}, "step of a grid"),
        ({"gamma": float("nan")}, "step of a grid"),
        ({"gamma": "dense"}, "step of a grid"),
        ({"nodes": 0}, "number of nodes"),
        ({"nodes": 10.5}, "number of nodes"),
        ({"fold": -1}, "integer from 0"),
        ({"p": 1.5}, "p=1.5 is no probability"),
        ({"q": "low"}, "q='low' is no probability"),
        ({"kernel": "blocks"}, "did you mean 'block'"),
        ({"step": 1}, "no option 'step'"),
    ],
)
def test_bad_options_are_one_sentence(options, message):
    with pytest.raises(BadInput, match=message) as caught:
        zoo.dataset("dsgm", **options)
    assert "\n" not in str(caught.value)


def test_registered_dataset_is_the_sampler():
    found = zoo.dataset("dsgm", gamma=SPARSE, nodes=60, fold=3, kernel="block", p=0.9, q=0.1)
    expected = sample_dsgm(
        lambda u, v: np.where(np.multiply(u, v) >= 0, 0.9, 0.1), gamma=SPARSE, nodes=60, seed=3
    )
    assert found.fingerprint() == expected.fingerprint()
    assert found.edge_homophily() > 0.7

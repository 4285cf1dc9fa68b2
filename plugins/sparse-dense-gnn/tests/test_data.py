"""Sampled graphs: statistics, fixed bytes, bad arguments; and real graphs with edges removed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_graphs.operators import operator_matrix
from zoo_sparse_dense_gnn.data import FEATURES_ALONE, sample_dsgm
from zoo_sparse_dense_gnn.dsgm import degree_corrected, expected_matrix, grid
from zoo_sparse_dense_gnn.specs.data import DATASETS

import zoo
from zoo_core import BadInput

DENSE, SPARSE = 0.002, 0.01
examples = settings(max_examples=40)


def sentence(text: str) -> str:
    assert text and "\n" not in text and "Traceback" not in text and "a bug" not in text
    return text


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
    assert round(FEATURES_ALONE, 3) == 0.760
    found = np.mean((features.sum(axis=1) > 0) == labels)
    assert found == pytest.approx(FEATURES_ALONE, abs=0.02)
    sizes = [int(graphs[0].masks[split].sum()) for split in ("train", "val", "test")]
    assert sizes == [500, 100, 400]


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


# --- real graphs with edges removed ---


@pytest.mark.parametrize("base", ["chameleon", "cora", "citeseer"])
def test_thinned_graphs_keep_nodes_and_splits(data_or_skip, base):
    whole = data_or_skip(base, fold=2, symmetrize="upper")
    options = {"fold": 2, "symmetrize": "upper", "thinning": 1}
    for drop in (0, 20, 50, 70):
        thin = data_or_skip(f"{base}-thinned", drop=drop, **options)
        assert thin.num_edges == whole.num_edges - whole.num_edges * drop // 100
        assert np.array_equal(thin.labels, whole.labels)
        assert all(np.array_equal(thin.masks[s], mask) for s, mask in whole.masks.items())
    assert data_or_skip(f"{base}-thinned", drop=0, **options).fingerprint() == whole.fingerprint()
    local = data_or_skip(f"{base}-thinned", keep=5, **options)
    before, after = (np.bincount(g.edges.ravel(), minlength=g.num_nodes) for g in (whole, local))
    assert local.num_edges < whole.num_edges
    assert (after >= np.minimum(before, 5)).all()


def test_chameleon_is_the_graph_of_the_papers_runs(data_or_skip):
    assert data_or_skip("chameleon", symmetrize="upper").num_edges == 23370
    thin = data_or_skip("chameleon-thinned", symmetrize="upper")
    assert thin.num_edges == 23370 - 16359  # 70 percent by default


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"drop": 101}, "0 to 100"),
        ({"drop": "most"}, "0 to 100"),
        ({"keep": -1}, "from 0"),
        ({"thinning": -1}, "thinning=-1 is no seed"),
        ({"fold": 10}, "0 to 9"),
        ({"percent": 3}, "no option 'percent'"),
    ],
)
def test_bad_thinning_is_one_sentence(data_or_skip, options, message):
    data_or_skip("cora")
    with pytest.raises(BadInput, match=message) as caught:
        zoo.dataset("cora-thinned", **options)
    sentence(str(caught.value))


def test_datasets_say_what_they_are():
    for spec in DATASETS:
        assert set(spec.config).isdisjoint(spec.options)
        assert all(spec.options.values())

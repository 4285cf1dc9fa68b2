"""Block models: statistics, exactness of the vectorised sampler, and fixed bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.sbm import _pairs, _successes, sample_sbm

from zoo_core import BadInput

TWO = {"sizes": [250, 250], "probs": [[1 / 2, 1 / 3], [1 / 3, 1 / 2]]}


@pytest.mark.parametrize(
    ("name", "p", "q"),
    [
        ("sbm-dense", 1 / 2, 1 / 3),
        ("sbm-sparse", 1 / 20, 1 / 30),
        ("sbm-dense-heterophilous", 1 / 3, 1 / 2),
        ("sbm-sparse-heterophilous", 1 / 30, 1 / 20),
    ],
)
def test_edge_densities_features_and_split(data_or_skip, name, p, q):
    graphs = [data_or_skip(name, fold=fold) for fold in range(10)]
    inside = across = 0
    for graph in graphs:
        same = graph.labels[graph.edges[0]] == graph.labels[graph.edges[1]]
        inside, across = inside + int(same.sum()), across + int((~same).sum())
    for found, trials, prob in ((inside, 10 * 2 * 250 * 249 // 2, p), (across, 10 * 250**2, q)):
        assert abs(found - trials * prob) < 4 * np.sqrt(trials * prob * (1 - prob))
    features = np.concatenate([graph.features.toarray() for graph in graphs])
    labels = np.concatenate([graph.labels for graph in graphs])
    for block, mean in ((0, 1.0), (1, -1.0)):
        part = features[labels == block]
        assert np.allclose(part.mean(axis=0), mean, atol=4 * 2 / np.sqrt(len(part)))
        assert np.allclose(np.cov(part.T), 4 * np.eye(2), atol=0.5)
    assert [int(graphs[0].masks[s].sum()) for s in ("train", "val", "test")] == [50, 225, 225]
    assert len({graph.fingerprint() for graph in graphs}) == 10


def test_degrees_spread_as_they_should():
    """Edges are independent: the variance of degrees is the binomial one."""
    degrees = np.concatenate(
        [
            np.bincount(sample_sbm(**TWO, seed=seed).edges.ravel(), minlength=500)
            for seed in range(10)
        ]
    )
    variance = 249 / 4 + 250 * 2 / 9
    assert degrees.var() == pytest.approx(variance, rel=0.1)


def test_same_seed_same_bytes_on_every_machine():
    graph = sample_sbm(**TWO, seed=7)
    assert graph.fingerprint() == sample_sbm(**TWO, seed=7).fingerprint()
    assert graph.fingerprint() == "09c0f6338a6efb5bfa7d2b62eb93f024675c8dd5c787b7f9076dbe5b1b01d407"


def test_streams_are_independent_of_each_other():
    one = sample_sbm([5, 5], [[0.9, 0.1], [0.1, 0.9]], seed=1)
    two = sample_sbm([5, 5], [[0.1, 0.9], [0.9, 0.1]], seed=1)
    assert (one.features != two.features).nnz == 0
    assert np.array_equal(one.masks["train"], two.masks["train"])


def test_extreme_probabilities_and_sizes():
    full = sample_sbm([3, 4], [[1, 1], [1, 1]], seed=0)
    assert full.num_edges == 21
    blocks = sample_sbm([3, 4], [[1, 0], [0, 1]], seed=0)
    assert blocks.num_edges == 3 + 6 and blocks.edge_homophily() == 1
    assert sample_sbm([3, 4], np.zeros((2, 2)), seed=0).num_edges == 0
    assert sample_sbm([0, 1], np.ones((2, 2)), seed=0).num_nodes == 1
    assert sample_sbm([3, 4], np.full((2, 2), 1e-300), seed=0).num_edges == 0


def test_three_blocks_need_means():
    probs = np.full((3, 3), 0.5)
    assert sample_sbm([2, 3, 4], probs, seed=0, feature_mean=np.eye(3)).num_features == 3
    with pytest.raises(BadInput, match="one row for each block"):
        sample_sbm([2, 3, 4], probs, seed=0)


def test_large_sparse_graphs_are_cheap():
    p, q = 1e-4, 1e-5
    graph = sample_sbm([50_000, 50_000], [[p, q], [q, p]], seed=0)
    expected = 50_000 * 49_999 * p + 50_000**2 * q
    assert graph.num_edges == pytest.approx(expected, rel=0.02)


def test_pair_numbers_cover_the_triangle():
    pairs = _pairs(np.arange(45))
    assert {tuple(p) for p in pairs.T} == {(u, v) for v in range(10) for u in range(v)}


@given(st.integers(2, 2_000_000_000), st.integers(-2, 2))
def test_pair_numbers_are_exact_at_the_corners(v, offset):
    index = v * (v - 1) // 2 + offset
    if index < 0:
        return
    u, w = (int(x[0]) for x in _pairs(np.array([index])))
    assert 0 <= u < w and w * (w - 1) // 2 + u == index


@given(st.integers(0, 500), st.floats(0, 1), st.integers(0, 9))
def test_successes_are_distinct_positions(trials, p, seed):
    places = _successes(trials, p, np.random.Generator(np.random.PCG64(seed)))
    assert (np.diff(places) > 0).all()
    assert not places.size or (places[0] >= 0 and places[-1] < trials)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sizes": [1.5, 2]},
        {"sizes": []},
        {"sizes": [-1, 2]},
        {"probs": [[0.5]]},
        {"probs": [[0.5, 0.1], [0.2, 0.5]]},
        {"probs": [[1.5, 0.1], [0.1, 0.5]]},
        {"probs": [[np.nan, 0.1], [0.1, 0.5]]},
        {"seed": -1},
        {"seed": 0.5},
        {"train_fraction": 1.1},
        {"feature_std": -1},
        {"feature_mean": [[0.0]]},
    ],
)
def test_bad_arguments(wrong):
    with pytest.raises(BadInput):
        sample_sbm(**{**TWO, "seed": 0, **wrong})

"""Kernels: against their definitions, and as scikit-learn transformers."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, LinearSVC
from zoo_graphs.graph_set import GraphSet
from zoo_wl_tutorial import kernels
from zoo_wl_tutorial.features import assignment_features, histograms
from zoo_wl_tutorial.kernels import WLFeatures, WLKernel, cross_gram, gram, kernel_features
from zoo_wl_tutorial.refinement.rounds import refine

from zoo_core import BadInput

rounds = st.integers(0, 3)
both = pytest.mark.parametrize("kernel", ["subtree", "assignment"])


def by_definition(graphs, h, kernel, variant="1-wl"):
    """The kernel from dictionaries of exact colours, round by round."""
    found = refine(graphs, variant, h, exact=True, edge_labels=False)
    size = len(graphs)
    matrix = np.zeros((size, size))
    for round_ in range(h + 1):
        counts = [Counter(found.flat(i, round_).tolist()) for i in range(size)]
        for i, ours in enumerate(counts):
            for j, theirs in enumerate(counts):
                shared = ours.keys() & theirs.keys()
                together = (lambda a, b: a * b) if kernel == "subtree" else min
                matrix[i, j] += sum(together(ours[key], theirs[key]) for key in shared)
    return matrix


@both
@given(data=st.data(), h=rounds)
def test_kernels_are_their_definitions(graph_sets, kernel, data, h):
    graphs = data.draw(graph_sets())
    found = kernel_features(graphs, h, kernel=kernel)
    expected = by_definition(graphs, h, kernel)
    assert np.array_equal(gram(found), expected)
    assert np.array_equal(cross_gram(found, found), expected)


@given(data=st.data())
def test_pair_colours_as_features(graph_sets, data):
    graphs = data.draw(graph_sets(nodes=st.integers(1, 4)))
    found = kernel_features(graphs, 2, "2-fwl")
    assert np.array_equal(gram(found), by_definition(graphs, 2, "subtree", "2-fwl"))


@pytest.mark.parametrize(("share", "narrow"), [(0.0, True), (0.02, False), (1.0, True)])
def test_all_ways_through_the_matrix_product_agree(monkeypatch, share, narrow):
    rng = np.random.default_rng(0)
    graphs = GraphSet.concatenate(
        GraphSet.from_edges(rng.integers(0, 9, (2, 12)), [0, 9], rng.integers(0, 3, 9))
        for _ in range(60)
    )
    found = histograms(graphs, 3)
    monkeypatch.setattr(kernels, "_DENSE_SHARE", share)
    monkeypatch.setattr(kernels, "_EXACT_IN_FLOAT32", 2.0**24 if narrow else 0.0)
    dense = found.counts.toarray()
    assert np.array_equal(gram(found), dense @ dense.T)


@given(data=st.data(), h=rounds)
def test_what_must_hold_of_kernels(graph_sets, data, h):
    graphs = data.draw(graph_sets(graphs=st.integers(2, 4)))
    found = histograms(graphs, h)
    matrix, oa = gram(found), gram(assignment_features(found))
    for one in (matrix, oa):
        assert np.array_equal(one, one.T)
        assert np.linalg.eigvalsh(one).min() > -1e-8 * one.max()
    assert np.array_equal(np.diag(matrix), found.squared_norms())
    sizes = graphs.sizes
    assert np.array_equal(np.diag(oa), (h + 1) * sizes)
    assert (oa >= 0).all() and (oa <= (h + 1) * np.minimum.outer(sizes, sizes)).all()


def test_known_sums_and_vocabularies(data_or_skip):
    """GraKeL's figures for WeisfeilerLehman(n_iter=5, base_graph_kernel=VertexHistogram)."""
    sizes = {"mutag": 3_749, "ptc": 12_613, "imdb-binary": 13_782, "proteins": 133_531}
    for name, size in sizes.items():
        found = histograms(data_or_skip(name), 5)
        assert found.vocabulary.size == size
    assert gram(histograms(data_or_skip("mutag"), 5)).sum() == 10_152_522


# --- scikit-learn ---


@pytest.fixture(scope="module")
def two_kinds():
    """Thirty cycles with a chord and thirty trees, in random orders, and their kind."""
    rng = np.random.default_rng(0)
    graphs = []
    for i in range(60):
        n = int(rng.integers(6, 12))
        graph = nx.cycle_graph(n) if i % 2 else nx.random_labeled_tree(n, seed=i)
        if i % 2:
            graph.add_edge(0, int(rng.integers(2, n - 1)))
        graphs.append(graph)
    return graphs, np.arange(60) % 2


@pytest.mark.parametrize("variant", ["1-wl", "2-fwl"])
@both
def test_transformers_in_pipelines(two_kinds, kernel, variant):
    graphs, kinds = two_kinds
    options = {"rounds": 2, "kernel": kernel, "variant": variant}
    machine = make_pipeline(WLKernel(normalise=True, **options), SVC(kernel="precomputed", C=10))
    linear = make_pipeline(WLFeatures(**options), LinearSVC(C=0.1, max_iter=20_000))
    for model in (machine, linear):
        accuracy = np.mean(
            [clone(model).fit(graphs[:40], kinds[:40]).score(graphs[40:], kinds[40:])]
        )
        assert accuracy > 0.9


def test_transform_agrees_with_fit_transform(two_kinds):
    graphs, kinds = two_kinds
    for normalise in (False, True):
        kernel = WLKernel(rounds=3, normalise=normalise)
        every = kernel.fit_transform(graphs)
        assert np.array_equal(kernel.transform(graphs), every)
        kernel.fit(graphs[:40])
        assert np.array_equal(kernel.transform(graphs[40:]), every[40:, :40])
        alone = np.vstack([kernel.transform([graph]) for graph in graphs[40:45]])
        assert np.array_equal(alone, every[40:45, :40])
    assert cross_val_score(
        make_pipeline(WLFeatures(3), LinearSVC(C=0.1, max_iter=20_000)),
        np.array(graphs, dtype=object).tolist(),
        kinds,
    ).shape == (5,)


def test_features_have_names_and_drop_rare_ones(two_kinds):
    graphs, _ = two_kinds
    full, pruned = WLFeatures(2).fit(graphs), WLFeatures(2, min_graphs=2).fit(graphs)
    assert 0 < pruned.vocabulary_.size < full.vocabulary_.size
    names = full.get_feature_names_out()
    assert len(set(names)) == full.transform(graphs).shape[1] and len(names[0]) == 16
    assert clone(pruned).get_params()["min_graphs"] == 2


def test_a_matrix_that_is_too_large_is_refused(monkeypatch, two_kinds):
    monkeypatch.setattr(kernels, "MAX_GIGABYTES", 5e-5)
    with pytest.raises(BadInput, match=r"60 and 60 graphs takes 0 GB .* use WLFeatures"):
        WLKernel(1).fit_transform(two_kinds[0])
    assert WLKernel(1).fit(two_kinds[0]).transform(two_kinds[0][:10]).shape == (10, 60)


def test_unknown_kernel(two_kinds):
    with pytest.raises(BadInput, match="no kernel 'linear'"):
        WLKernel(kernel="linear").fit(two_kinds[0])

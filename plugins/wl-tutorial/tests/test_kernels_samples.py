"""Graphs as scikit-learn's samples: its own suite, and what the suite cannot try without rows."""

from __future__ import annotations

import pickle

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, LinearSVC
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    check_do_not_raise_errors_in_init_or_set_params,
    check_estimator_cloneable,
    check_estimator_repr,
    check_get_params_invariance,
    check_mixin_order,
    check_no_attributes_set_in_init,
    check_parameters_default_constructible,
    check_set_params,
    parametrize_with_checks,
)
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graphs
from zoo_wl_tutorial.kernels import WLFeatures, WLKernel

from zoo_core import BadInput

ESTIMATORS = [WLFeatures(), WLKernel(), WLKernel(normalise=True, kernel="assignment")]
every = pytest.mark.parametrize("one", ESTIMATORS, ids=lambda one: type(one).__name__)


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_suite(estimator, check):
    check(estimator)


@every
@pytest.mark.parametrize(
    "check",
    [
        check_do_not_raise_errors_in_init_or_set_params,
        check_estimator_cloneable,
        check_estimator_repr,
        check_get_params_invariance,
        check_mixin_order,
        check_no_attributes_set_in_init,
        check_parameters_default_constructible,
        check_set_params,
    ],
    ids=lambda check: check.__name__,
)
def test_checks_that_need_no_rows(one, check):
    """The suite leaves these out for samples that are not rows of numbers."""
    check(type(one).__name__, clone(one))


@pytest.fixture(scope="module")
def graphs():
    """Forty cycles with a chord and trees, and their kind."""
    rng = np.random.default_rng(0)
    found = []
    for i in range(40):
        n = int(rng.integers(6, 12))
        graph = nx.cycle_graph(n) if i % 2 else nx.random_labeled_tree(n, seed=i)
        if i % 2:
            graph.add_edge(0, int(rng.integers(2, n - 1)))
        found.append(graph)
    return found, np.arange(40) % 2


def dense(found):
    return found.toarray() if sparse.issparse(found) else np.asarray(found)


@every
def test_tags(one):
    tags = get_tags(one)
    assert not tags.input_tags.two_d_array and tags.no_validation and tags.requires_fit


@every
def test_every_container_of_graphs_is_read_alike(one, graphs):
    plain, _ = graphs
    array = np.empty(len(plain), dtype=object)
    array[:] = plain
    expected = dense(clone(one).fit_transform(plain))
    for other in (
        tuple(plain),
        array,
        pd.Series(plain),
        read_graphs(plain),
        list(read_graphs(plain)),
    ):
        assert np.array_equal(dense(clone(one).fit_transform(other)), expected)
    fitted = clone(one).fit(plain)
    assert np.array_equal(dense(fitted.transform(array[:3])), dense(fitted.transform(plain[:3])))


@every
def test_fitting_again_forgets_pickling_keeps_and_nothing_is_changed(one, graphs):
    plain, labels = graphs
    found = read_graphs(plain)
    before = found.fingerprint(), one.get_params()
    fitted = clone(one).fit(plain[:20], labels[:20])
    with pytest.raises(NotFittedError):
        clone(one).transform(plain)
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(dense(again.transform(found)), dense(fitted.transform(found)))
    anew = clone(fitted).fit(plain[20:])
    assert np.array_equal(
        dense(fitted.fit(plain[20:]).transform(plain)), dense(anew.transform(plain))
    )
    # A row does not depend on its companions, nor on their order.
    rows = dense(fitted.transform(plain))
    assert np.array_equal(np.vstack([dense(fitted.transform([graph])) for graph in plain]), rows)
    assert np.array_equal(dense(fitted.transform(plain[::-1])), rows[::-1])
    assert (found.fingerprint(), one.get_params()) == before


@every
def test_names_and_frames(one, graphs):
    plain, _ = graphs
    fitted = clone(one).fit(plain)
    names = fitted.get_feature_names_out()
    assert names.dtype == object and len(set(names)) == dense(fitted.transform(plain)).shape[1]
    fitted.set_output(transform="pandas")
    if isinstance(one, WLFeatures):
        with pytest.raises(ValueError, match="sparse"):
            fitted.transform(plain)
    else:
        assert (
            list(fitted.transform(plain).columns)
            == list(names)
            == [f"wlkernel{i}" for i in range(40)]
        )


def test_cross_validation_of_a_data_set(data_or_skip):
    data = data_or_skip("mutag")
    machine = make_pipeline(WLKernel(3, normalise=True), SVC(kernel="precomputed", C=10))
    scores = cross_val_score(machine, data, data.labels, cv=KFold(3, shuffle=True, random_state=0))
    assert scores.shape == (3,) and scores.mean() > 0.75
    train, test, y, truth = train_test_split(data, data.labels, random_state=0)
    assert machine.fit(train, y).score(test, truth) > 0.7


def test_search_over_rounds(graphs):
    plain, labels = graphs
    machine = make_pipeline(WLFeatures(), LinearSVC(C=0.1, max_iter=20_000))
    grid = {"wlfeatures__rounds": [0, 2], "wlfeatures__kernel": ["subtree", "assignment"]}
    search = GridSearchCV(machine, grid, cv=KFold(4), error_score="raise")
    assert search.fit(read_graphs(plain), labels).best_score_ > 0.9
    assert search.best_params_["wlfeatures__rounds"] == 2


@every
@pytest.mark.parametrize("rounds", [-1, 2.5, "3", True])
def test_rounds_are_checked(one, graphs, rounds):
    with pytest.raises(BadInput, match="no number of rounds"):
        clone(one).set_params(rounds=rounds).fit(graphs[0])


def test_other_options_are_checked(graphs):
    for least in (0, 1.5, "2", True):
        with pytest.raises(BadInput, match="no number of graphs"):
            WLFeatures(min_graphs=least).fit(graphs[0])
    with pytest.raises(BadInput, match="There is no variant"):
        WLKernel(variant="4-wl").fit(graphs[0])
    assert WLKernel(rounds=np.int64(2)).fit(graphs[0]).rounds_ == 2


@every
def test_rounds_none_are_settled_when_fitting(one, graphs):
    """As many as the fitted graphs need: a row must not depend on what is transformed with it."""
    plain, _ = graphs
    fitted = clone(one).set_params(rounds=None).fit(plain[:10])
    assert 1 <= fitted.rounds_ <= 10
    alone = dense(fitted.transform([nx.path_graph(4)]))
    ends = np.arange(99)
    long = GraphSet.from_edges(np.stack([ends, ends + 1]), [0, 100], layout="columns")
    assert np.array_equal(dense(fitted.transform([nx.path_graph(4), long]))[:1], alone)


@pytest.mark.parametrize("X", [[], [1.0, 2.0], np.ones((5, 4)), [None], "no such folder"])
def test_what_is_no_graph_is_refused(X):
    with pytest.raises(BadInput):
        WLKernel().fit(X)

"""Graphs as samples and as a user's own: scikit-learn's checks, names of labels and classes."""

from __future__ import annotations

import pickle

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
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
from zoo_fine_grained_expressivity.idm.transformer import DistancesToGraphs
from zoo_fine_grained_expressivity.specs.models import MODELS
from zoo_graphs.reading import read_graphs

import zoo
from zoo_core import BadInput


@parametrize_with_checks([DistancesToGraphs()])
def test_scikit_learns_suite(estimator, check):
    check(estimator)


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
def test_checks_that_need_no_rows(check):
    """The suite leaves these out for samples that are not rows of numbers."""
    check("DistancesToGraphs", DistancesToGraphs())


@pytest.fixture(scope="module")
def graphs():
    """Dense and sparse graphs by turns, with labels that do not matter, and their kinds."""
    found = [nx.gnp_random_graph(7 + i % 3, 0.25 + 0.4 * (i % 2), seed=i) for i in range(24)]
    nx.set_node_attributes(found[0], "C", "label")
    return found, np.array(["sparse", "dense"])[np.arange(24) % 2]


def test_every_container_of_graphs_is_read_alike(graphs):
    plain, _ = graphs
    array = np.empty(len(plain), dtype=object)
    array[:] = plain
    expected = DistancesToGraphs(level=2).fit_transform(plain)
    read = read_graphs(plain, node_label=None)
    for other in (tuple(plain), array, pd.Series(plain), read, list(read)):
        assert np.array_equal(DistancesToGraphs(level=2).fit_transform(other), expected)


def test_fitted_ones_are_pickled_named_and_told(graphs):
    plain, _ = graphs
    one = DistancesToGraphs(level=2)
    with pytest.raises(NotFittedError):
        one.transform(plain)
    fitted = clone(one).fit(plain[:5])
    rows = fitted.transform(plain)
    assert np.array_equal(pickle.loads(pickle.dumps(fitted)).transform(plain), rows)
    alone = np.vstack([fitted.transform([graph]) for graph in plain])
    np.testing.assert_allclose(alone, rows, atol=1e-15)
    frame = fitted.set_output(transform="pandas").transform(plain)
    assert list(frame.columns) == [f"distancestographs{i}" for i in range(5)]
    for option, value in (("level", 0), ("level", "3"), ("kind", "cut"), ("workers", 1.5)):
        with pytest.raises(BadInput, match=option if option != "kind" else "no distance"):
            clone(one).set_params(**{option: value}).fit(plain)


def test_cross_validation_and_search(graphs):
    plain, kinds = graphs
    machine = make_pipeline(DistancesToGraphs(), KNeighborsClassifier(1, metric="precomputed"))
    grid = {"distancestographs__level": [1, np.int64(2)]}
    search = GridSearchCV(machine, grid, cv=KFold(3), error_score="raise")
    assert search.fit(read_graphs(plain, node_label=None), kinds).best_score_ > 0.8
    assert cross_val_score(search.best_estimator_, plain, kinds, cv=3).mean() > 0.8


def test_classes_have_the_words_of_their_data(data_or_skip):
    for spec in MODELS:
        if spec.architecture == "idm-metric":
            continue
        module, data = zoo.load(spec.name), data_or_skip(spec.dataset)
        assert module.class_names == list(data.class_names)
        assert not any(one.isdecimal() for one in module.class_names)
        if spec.architecture.startswith("mpnn-"):
            assert module.label_names == list(data.node_label_names)


def test_own_graphs_in_memory(graphs, tmp_path):
    plain, kinds = graphs
    for label in ("C", "N"):
        for graph in plain:
            nx.set_node_attributes(
                graph, {v: label for v in graph if v % 2 == "CN".index(label)}, "label"
            )
    source = (plain, kinds)
    with pytest.raises(BadInput, match="expected two classes"):
        zoo.train("idm-nearest", (plain[:6], kinds[:6]), out=tmp_path / "few")
    nearest = zoo.train("idm-nearest", source, out=tmp_path / "nearest", config={"level": 1})
    assert nearest.class_names == ["dense", "sparse"]
    assert {row["label"] for row in zoo.predict(nearest, plain)} == {"dense", "sparse"}
    assert 0 <= zoo.evaluate(nearest, source)[0].value <= 1
    small = {"epochs": 1, "hidden": 4}
    network = zoo.train("mpnn-gin", source, out=tmp_path / "gin", config=small)
    assert network.label_names == ["C", "N"] and network.class_names == ["dense", "sparse"]
    assert zoo.predict(network, plain[0])[0]["label"] in ("dense", "sparse")
    with pytest.raises(BadInput, match="labels are needed here: C, N"):
        zoo.predict(network, nx.path_graph(3))


def test_labels_that_are_large_numbers_are_no_inputs(tmp_path):
    graphs = [nx.path_graph(3 + i % 2) for i in range(40)]
    for graph in graphs:
        nx.set_node_attributes(graph, {v: 10**6 + v for v in graph}, "label")
    with pytest.raises(BadInput, match="at most 1000; number them from 0, or give texts"):
        zoo.train("mpnn-gin", (graphs, [i % 2 for i in range(40)]), out=tmp_path / "gin")

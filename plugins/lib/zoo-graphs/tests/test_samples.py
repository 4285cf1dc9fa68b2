"""Graphs as samples: one set, whatever they come in."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from zoo_graphs.reading import read_graphs
from zoo_graphs.samples import GraphSamples, read_samples

from zoo_core import BadInput


def test_containers_of_graphs_are_one_set():
    graphs = [nx.cycle_graph(n) for n in (3, 4, 5)]
    for graph in graphs:
        nx.set_node_attributes(graph, "C", "label")
    array = np.empty(3, dtype=object)
    array[:] = graphs
    whole = read_graphs(graphs)
    assert read_samples(whole) is whole
    for one in (graphs, tuple(graphs), array, list(whole), np.asarray(whole)):
        assert read_samples(one).fingerprint() == whole.fingerprint()
    assert read_samples(graphs, node_labels=False).node_labels is None
    with pytest.raises(BadInput, match="numbers cannot be read as graphs"):
        read_samples([1.0, 2.0])


def test_tags_say_that_samples_are_no_rows():
    sklearn = pytest.importorskip("sklearn.base")

    class Estimator(GraphSamples, sklearn.BaseEstimator):
        pass

    tags = Estimator().__sklearn_tags__()
    assert tags.no_validation and not tags.input_tags.two_d_array

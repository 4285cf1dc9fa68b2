"""Features: what the histograms count."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graphs
from zoo_wl_tutorial.features import histograms

rounds = st.integers(0, 3)


@given(data=st.data(), h=rounds)
def test_disjoint_union_adds_features(graph_sets, data, h):
    graphs = data.draw(graph_sets(graphs=st.just(2)))
    union = GraphSet.from_edges(
        graphs.edges,
        [0, graphs.num_nodes],
        graphs.node_labels,
        directed=graphs.directed,
        layout="columns",
    )
    parts, whole = histograms(graphs, h), histograms(union, h)
    assert np.array_equal(parts.vocabulary, whole.vocabulary)
    assert np.array_equal(parts.counts.toarray().sum(axis=0), whole.counts.toarray()[0])


def test_no_rounds_count_labels_and_one_counts_degrees():
    graph = nx.star_graph(4)
    nx.set_node_attributes(graph, {v: v % 2 for v in graph}, "label")
    labelled, plain = read_graphs(graph), read_graphs(graph, node_label=None)
    assert sorted(histograms(labelled, 0).counts.data) == [2, 3]
    degrees = histograms(plain, 1).without_rare(1).counts.data
    assert sorted(degrees) == [1, 4, 5]  # the centre, the leaves, and all nodes in round 0


@given(data=st.data(), h=rounds)
def test_other_columns_drop_what_they_lack(graph_sets, data, h):
    graphs = data.draw(graph_sets(graphs=st.integers(3, 4)))
    every = histograms(graphs, h)
    some = histograms(graphs.select([0, 1]), h)
    found = every.onto(some.vocabulary)
    assert found.shape == (len(graphs), some.vocabulary.size)
    assert np.array_equal(found.toarray()[:2], some.counts.toarray())
    assert np.array_equal(found.toarray(), found.sorted_indices().toarray())
    wide = some.onto(every.vocabulary).toarray()
    assert np.array_equal(wide, every.counts.toarray()[:2])
    assert every.onto(np.empty(0, np.int64)).shape == (len(graphs), 0)


def test_rare_colours_are_pruned():
    graphs = GraphSet.concatenate(
        GraphSet.from_edges([[0], [1]], [0, 2], labels) for labels in ([0, 0], [0, 1], [0, 2])
    )
    found = histograms(graphs, 0)
    assert found.vocabulary.size == 3
    assert found.without_rare(2).counts.toarray().ravel().tolist() == [2, 1, 1]

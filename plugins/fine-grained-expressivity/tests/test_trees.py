"""Tree densities and the tree distance: counts by hand, blow-ups, and agreement with 1-WL."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_fine_grained_expressivity.data import blown_up
from zoo_fine_grained_expressivity.idm.distance import distance
from zoo_fine_grained_expressivity.trees.classifier import TreeHomClassifier
from zoo_fine_grained_expressivity.trees.distance import tree_distance_l1, tree_distance_l2
from zoo_fine_grained_expressivity.trees.homomorphisms import all_trees, densities, trees
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graphs

from zoo_core import BadInput

from .conftest import graphs

SEVEN = all_trees(7)


def test_number_of_trees():
    assert [len(trees(nodes)) for nodes in range(1, 9)] == [1, 1, 1, 2, 3, 6, 11, 23]
    assert len(SEVEN) == 24 and len(set(SEVEN)) == 24


@given(graphs())
def test_densities_of_small_trees(graph):
    n = graph.num_nodes
    adjacent = graph.adjacency(0)
    degrees = adjacent.sum(axis=1)
    found = densities(graph, all_trees(4))[0]
    walks = (adjacent @ adjacent @ adjacent).sum()
    assert found[0] == pytest.approx(2 * graph.num_edges / n**2)
    assert found[1] == pytest.approx((degrees**2).sum() / n**3)
    assert sorted(found[2:]) == pytest.approx(sorted([walks / n**4, (degrees**3).sum() / n**4]))


@given(graphs(5), st.integers(2, 3))
def test_blow_ups_have_the_same_densities(graph, times):
    both = densities(GraphSet.concatenate([graph, blown_up(graph, times)]), SEVEN)
    np.testing.assert_allclose(both[0], both[1], rtol=1e-12)


def test_what_1_wl_does_not_see():
    triangles = nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3))
    same = densities(read_graphs([nx.cycle_graph(6), triangles]), SEVEN)
    np.testing.assert_allclose(same[0], same[1], rtol=1e-12)
    other = densities(read_graphs([nx.cycle_graph(6), nx.path_graph(6)]), SEVEN)
    assert (other[0] > other[1]).all()


def test_tree_distances_by_hand():
    ring, complete = read_graphs(nx.cycle_graph(5)), read_graphs(nx.complete_graph(5))
    for measure in (tree_distance_l1, tree_distance_l2):
        found = measure(ring, complete)
        # Every coupling maps constants to constants: the densities 0.4 and 0.8 remain.
        assert found.value == pytest.approx(0.4) and found.lower == pytest.approx(0.4, abs=1e-6)
        np.testing.assert_allclose(found.coupling.sum(axis=0), 0.2)


@settings(max_examples=10)
@given(graphs(5), graphs(5))
def test_tree_distances_are_0_with_delta(first, second):
    exact, smooth = tree_distance_l1(first, second), tree_distance_l2(first, second)
    assert (exact.value < 1e-9) == (distance(first, second, 5) == 0)
    assert tree_distance_l1(second, first).value == pytest.approx(exact.value, abs=1e-9)
    # On a space of measure 1 the L1 norm is at most the L2 norm, whatever the coupling.
    assert exact.value <= smooth.value + 1e-9
    assert smooth.lower <= smooth.value + 1e-12
    assert exact.lower == pytest.approx(exact.value, abs=1e-9)


def test_blow_ups_are_at_tree_distance_0():
    path = read_graphs(nx.path_graph(3))
    assert tree_distance_l1(path, blown_up(path, 2)).value < 1e-9
    assert tree_distance_l2(path, blown_up(path, 2), steps=3000).value < 0.01


def test_refusals():
    path, pair = read_graphs(nx.path_graph(16)), read_graphs([nx.path_graph(2)] * 2)
    with pytest.raises(BadInput, match="16 nodes, and the linear programme is offered up to 15"):
        tree_distance_l1(path, path)
    with pytest.raises(BadInput, match="2 graphs were given, expected one"):
        tree_distance_l1(pair, path)
    with pytest.raises(BadInput, match="steps=0"):
        tree_distance_l2(path, path, steps=0)
    with pytest.raises(BadInput, match="Trees on 11 nodes"):
        trees(11)
    with pytest.raises(BadInput, match="has no nodes"):
        densities(GraphSet.from_edges(np.empty((2, 0), int), [0, 0]), SEVEN)


def test_the_constructor_refuses():
    with pytest.raises(ValueError, match="2 classes"):
        TreeHomClassifier(class_names=["a"])
    with pytest.raises(ValueError, match="largest_tree is 1"):
        TreeHomClassifier(largest_tree=1)

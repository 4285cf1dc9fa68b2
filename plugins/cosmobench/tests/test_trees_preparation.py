"""Trimmed, contracted, binary and coarse trees, against definitions node by node."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_cosmobench.trees.forest import Forest
from zoo_cosmobench.trees.preparation import (
    binarised,
    coarsened,
    contracted,
    kept_times,
    trimmed,
)

TIMES = np.array([1.0, 0.9, 0.8, 0.7, 0.6, 0.5], np.float32)


@st.composite
def forests(draw):
    """Trees whose haloes are at levels of `TIMES`, in any order within a tree."""
    features, parent, offsets = [], [], [0]
    for _ in range(draw(st.integers(1, 3))):
        levels, above = [0], [-1]
        for _ in range(draw(st.integers(0, 24))):
            possible = [node for node, level in enumerate(levels) if level < len(TIMES) - 1]
            node = draw(st.sampled_from(possible))
            levels.append(levels[node] + 1)
            above.append(node)
        order = draw(st.permutations(range(len(levels))))
        place = {node: number for number, node in enumerate(order)}
        low = offsets[-1]
        parent += [-1 if above[node] < 0 else low + place[above[node]] for node in order]
        for node in order:
            mass = draw(st.integers(100, 140)) / 10
            features.append([mass, 1.0, 2.0, TIMES[levels[node]]])
        offsets.append(low + len(levels))
    return Forest.of(np.array(features), parent, offsets)


def graph_of(forest):
    """The forest as a directed graph from parent to child, each node with its features."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(forest.parent)))
    graph.add_edges_from((int(above), int(node)) for node, above in forest.edges.T)
    return graph


def counts(forest):
    return np.bincount(forest.children, minlength=3)


@given(forests())
def test_trimming_keeps_what_has_a_heavy_halo_above_it(forest):
    graph, heavy = graph_of(forest), forest.features[:, 0] >= 12
    keep = [
        forest.parent[node] < 0 or any(heavy[one] for one in {node, *nx.descendants(graph, node)})
        for node in graph
    ]
    found = trimmed(forest, 12)
    found.check()
    assert (found.features == forest.features[keep]).all()
    again = trimmed(found, 12)
    assert (again.parent == found.parent).all() and (again.features == found.features).all()


@given(forests())
def test_contraction_keeps_leaves_mergers_and_the_length_of_every_path(forest):
    found = contracted(forest, 12)
    found.check()
    child = found.children
    assert (child == 0).sum() == (forest.children == 0).sum()
    assert (np.sort(child[child > 1]) == np.sort(forest.children[forest.children > 1])).all()
    inner = found.parent >= 0
    assert (found.lengths[inner] - 1).sum() == (forest.parent >= 0).sum()
    linear = (child == 1) & inner
    assert (found.features[linear, 0] >= 12).all()
    assert (contracted(found, 12).lengths == found.lengths).all()


@given(forests())
def test_binary_trees_have_the_two_heaviest(forest):
    found = binarised(forest)
    found.check()
    assert found.children.max(initial=0) <= 2
    graph, dropped = graph_of(forest), set()
    for node in graph:
        below = sorted(graph.successors(node), key=lambda one: (-forest.features[one, 0], one))
        for one in below[2:]:
            dropped |= {one, *nx.descendants(graph, one)}
    keep = [node not in dropped for node in graph]
    assert (found.features == forest.features[keep]).all()
    assert (binarised(found).parent == found.parent).all()


@given(forests())
def test_coarse_trees_join_each_halo_to_the_first_that_stayed(forest):
    times = kept_times(forest)
    found, hidden = coarsened(forest, times, None)
    found.check()
    stays = np.isin(forest.features[:, 3], times) | (forest.parent < 0)
    kept = np.flatnonzero(stays)
    place = {int(node): number for number, node in enumerate(kept)}
    for number, node in enumerate(kept):
        above, length = int(forest.parent[node]), 2.0
        while above >= 0 and not stays[above]:
            above, length = int(forest.parent[above]), length + 2
        assert found.parent[number] == (place[above] if above >= 0 else -1)
        if above >= 0:
            assert found.lengths[number] == length
        dropped = [
            one
            for one in np.flatnonzero(forest.parent == node)
            if not stays[one] and forest.children[one] == 2
        ]
        assert hidden[number] == bool(dropped)


def test_every_second_time_is_kept_from_the_latest_and_never_the_earliest():
    def line(levels):
        return Forest.of(
            np.stack([np.full(levels, 12.0), np.ones(levels), np.ones(levels), TIMES[:levels]], 1),
            np.arange(levels) - 1,
            [0, levels],
        )

    assert kept_times(line(6)) == pytest.approx([1.0, 0.8, 0.6])
    assert kept_times(line(5)) == pytest.approx([1.0, 0.8])
    assert kept_times(line(1)) == pytest.approx([1.0])


def test_times_that_round_to_a_kept_one_stay():
    features = np.array([[12, 1, 2, a] for a in (1.0, 0.2105, 0.2051, 0.19)])
    forest = Forest.of(features, [-1, 0, 1, 2], [0, 4])
    times = np.array([1.0, 0.2105], np.float32)
    assert coarsened(forest, times)[0].features[:, 3] == pytest.approx([1.0, 0.2105, 0.2051])
    assert coarsened(forest, times, None)[0].features[:, 3] == pytest.approx([1.0, 0.2105])


def test_a_path_is_contracted_to_an_edge_that_counts_its_haloes():
    features = np.array([[13, 1, 2, 1.0], [11, 1, 2, 0.9], [11, 1, 2, 0.8], [12.5, 1, 2, 0.7]])
    found = contracted(Forest.of(features, [-1, 0, 1, 2], [0, 4]), 12)
    assert found.parent.tolist() == [-1, 0] and found.lengths[1] == 4

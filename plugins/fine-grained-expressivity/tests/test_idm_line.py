"""Transport on a line: the values of the general solver, for all pairs at once."""

from __future__ import annotations

import math
import time

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_fine_grained_expressivity.idm import distance as one_by_one
from zoo_fine_grained_expressivity.idm import line
from zoo_fine_grained_expressivity.idm.distance import KINDS, pairwise, profile
from zoo_fine_grained_expressivity.idm.measures import degree_measures
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graphs

import zoo

both = pytest.mark.parametrize("kind", KINDS)


def general(measures, rows, columns, ground, kind):
    return one_by_one._one_by_one(measures, rows, columns, ground, kind, 1, None)


@both
@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    density=st.floats(0, 1),
    seed=st.integers(0, 10**6),
    exact=st.booleans(),
)
def test_as_by_the_network_simplex(kind, sizes, density, seed, exact):
    graphs = read_graphs([nx.gnp_random_graph(n, density, seed=seed + n) for n in sizes])
    first, second = degree_measures(graphs, 2).nodes
    ground = one_by_one._first_table(first)
    rows, columns = np.indices((len(second.measures),) * 2).reshape(2, -1)
    with pytest.MonkeyPatch.context() as patch:
        if not exact:  # places as floats, as where the sizes have a large common multiple
            patch.setattr(line, "_EXACT", 0)
        found = line.line_distances(first.measures, second.measures, rows, columns, kind)
    expected = np.array(general(second.measures, rows, columns, ground, kind))
    np.testing.assert_allclose(found, expected, atol=1e-15)
    assert np.array_equal(found == 0, rows == columns)


@both
def test_many_places_go_one_by_one(kind, monkeypatch):
    graphs = read_graphs([nx.gnp_random_graph(n, 0.4, seed=n) for n in range(5, 12)])
    expected = pairwise(graphs, 3, kind)
    monkeypatch.setattr(line, "MAX_PLACES", 3)
    np.testing.assert_allclose(pairwise(graphs, 3, kind), expected, atol=1e-15)


def test_all_levels_at_once_are_each_by_itself():
    pair = read_graphs([nx.gnp_random_graph(n, 0.4, seed=n) for n in (9, 11)])
    found = profile(pair, 4)
    for kind in KINDS:
        alone = [pairwise(pair, level, kind)[0, 1] for level in range(1, 5)]
        assert found[kind] == alone


def test_two_graphs_of_500_nodes_at_level_2():
    """One by one they take 16 seconds and, for Prokhorov's distance, a minute."""
    pair = read_graphs([nx.gnp_random_graph(500, 0.02, seed=seed) for seed in (0, 1)])
    start = time.process_time()
    answer = zoo.predict("idm-distance", pair, level=2)
    spent = time.process_time() - start
    assert answer["wasserstein"] == pytest.approx([3.44e-4, 3.68656e-4], rel=1e-12)
    assert answer["prokhorov"] == pytest.approx([0.002, 0.004], rel=1e-12)
    assert spent < 12


def test_what_would_take_long_is_refused_with_an_estimate():
    pair = read_graphs([nx.gnp_random_graph(60, 0.3, seed=seed) for seed in (0, 1)])
    with pytest.raises(zoo.BadInput, match=r"at level 3 would take about 0 minutes"):
        zoo.predict("idm-distance", pair, max_minutes=0.001)
    found = zoo.predict("idm-distance", pair, level=2, max_minutes=math.inf)
    assert found["separated"] == 1


def test_measures_of_single_nodes_and_without_edges():
    graphs = GraphSet.from_edges(np.empty((2, 0), int), [0, 1, 3])
    for kind in KINDS:
        assert pairwise(graphs, 2, kind).tolist() == [[0, 0], [0, 0]]

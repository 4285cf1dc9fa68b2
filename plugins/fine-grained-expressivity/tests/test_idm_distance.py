"""Measures and distances of graphs, against closed forms, bounds and 1-WL."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance
from zoo_fine_grained_expressivity.data import (
    blown_up,
    closed_forms,
    regular_distance,
    small_graphs,
)
from zoo_fine_grained_expressivity.idm import distance as module
from zoo_fine_grained_expressivity.idm import line
from zoo_fine_grained_expressivity.idm.distance import between, distance, pairwise
from zoo_fine_grained_expressivity.idm.measures import degree_measures
from zoo_fine_grained_expressivity.idm.transformer import DistancesToGraphs
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graphs

from zoo_core import BadInput

from .conftest import graphs

KINDS = ("wasserstein", "prokhorov")
both = pytest.mark.parametrize("kind", KINDS)
levels = st.integers(1, 4)

C5, K5 = nx.cycle_graph(5), nx.complete_graph(5)
PETERSEN, K33 = nx.petersen_graph(), nx.complete_bipartite_graph(3, 3)
STAR, HEXAGON = nx.star_graph(4), nx.cycle_graph(6)
TRIANGLES = nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3))


def of(first, second, kind="wasserstein", count=3):
    one, other = read_graphs(first), read_graphs(second)
    return [distance(one, other, level, kind) for level in range(1, count + 1)]


def test_worked_examples():
    assert of(C5, K5) == pytest.approx([0.4, 0.56, 0.624], abs=1e-14)
    assert of(PETERSEN, K33) == pytest.approx([0.2, 0.26, 0.278], abs=1e-14)
    assert of(STAR, C5) == pytest.approx([0.24, 0.32, 0.3392], abs=1e-14)
    assert of(C5, K5, "prokhorov") == pytest.approx([0.4] * 3, abs=1e-14)
    assert of(STAR, C5, "prokhorov") == pytest.approx([0.2, 0.4, 0.4], abs=1e-14)
    assert of(C5, K5, count=80)[-1] == pytest.approx(2 / 3, abs=1e-14)
    for kind in KINDS:
        assert of(HEXAGON, TRIANGLES, kind) == [0.0] * 3
        assert of(nx.cycle_graph(3), nx.complete_multipartite_graph(2, 2, 2), kind) == [0.0] * 3


@both
@pytest.mark.parametrize("level", [1, 4])
def test_regular_graphs(kind, level):
    known = closed_forms(level, kind)
    found = [
        distance(known.graphs.select([2 * i]), known.graphs.select([2 * i + 1]), level, kind)
        for i in range(len(known.distances))
    ]
    np.testing.assert_allclose(found, known.distances, atol=1e-14)
    assert regular_distance(0.4, 0.8, 2, "wasserstein") == pytest.approx(0.56)


@both
@given(first=graphs(), second=graphs(), third=graphs(), level=levels)
def test_metric_axioms(kind, first, second, third, level):
    found = pairwise(GraphSet.concatenate([first, second, third]), level, kind)
    assert np.array_equal(found, found.T) and not np.diag(found).any()
    assert (found >= 0).all() and (found <= 1).all()
    assert (found[:, None, :] <= found[:, :, None] + found[None] + 1e-12).all()
    other = between(first.permuted(1), second.permuted(2), level, kind)
    assert other[0, 0] == pytest.approx(found[0, 1], abs=1e-12)
    assert distance(first, first.permuted(3), level, kind) == 0


@both
@given(first=graphs(5), second=graphs(5), times=st.integers(2, 3), level=levels)
def test_blow_ups_are_the_same(kind, first, second, times, level):
    twins = blown_up(first, times)
    assert distance(first, twins, level, kind) == 0
    expected = distance(first, second, level, kind)
    assert distance(twins, second, level, kind) == pytest.approx(expected, abs=1e-12)


@given(first=graphs(), second=graphs())
def test_level_1_compares_degrees_on_a_line(first, second):
    degrees = [
        np.bincount(one.edges.ravel(), minlength=one.num_nodes) / one.num_nodes
        for one in (first, second)
    ]
    expected = wasserstein_distance(*degrees)
    assert distance(first, second, 1) == pytest.approx(expected, abs=1e-12)


@given(first=graphs(), second=graphs())
def test_growth_and_lower_bound(first, second):
    found = [distance(first, second, level) for level in range(1, 6)]
    largest = max(
        np.bincount(one.edges.ravel(), minlength=1).max() / one.num_nodes for one in (first, second)
    )
    for level, growth in enumerate(np.diff(found), start=1):
        assert -1e-12 <= growth <= largest ** (level + 1) + 1e-12
    gap = abs(2 * first.num_edges / first.num_nodes**2 - 2 * second.num_edges / second.num_nodes**2)
    assert found[0] >= gap - 1e-12


@both
def test_zero_exactly_where_refinement_fails(kind):
    graphs_ = small_graphs(5)
    for level in (1, 2, 3):
        found = pairwise(graphs_, level, kind)
        numbers = degree_measures(graphs_, level).graphs.owners
        assert np.array_equal(found == 0, numbers[:, None] == numbers[None, :])


def test_equal_measures_have_one_number():
    found = degree_measures(read_graphs([nx.cycle_graph(4), nx.complete_graph(2)]), 2)
    # Degree 2 of 4 is degree 1 of 2: one is a blow-up of the other.
    assert len(found.nodes[0].measures) == 1 and found.graphs.owners.tolist() == [0, 0]
    assert found.nodes[0].measures[0].mass == 0.5 and found.level == 2


def test_parts_of_a_matrix_and_pairs_agree():
    rng = np.random.default_rng(0)
    parts = [GraphSet.from_edges(rng.integers(0, n, (2, 2 * n)), [0, n]) for n in range(4, 12)]
    every = GraphSet.concatenate(parts)
    for kind in KINDS:
        full = pairwise(every, 3, kind)
        alone = [[distance(a, b, 3, kind) for b in parts] for a in parts]
        np.testing.assert_allclose(full, alone, atol=1e-14)
        some = between(every.select([0, 1]), every.select([5, 6, 7]), 3, kind)
        np.testing.assert_allclose(some, full[:2, 5:], atol=1e-14)


def test_workers_progress_and_cache(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_WORTH_PROCESSES", 20)
    monkeypatch.setattr(module, "_CHUNK", 10)
    graphs_ = small_graphs(4)
    expected = pairwise(graphs_, 3)
    seen = []

    def progress(items, desc, total):
        seen.append((desc, total))
        return items

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "MAX_PLACES", 0)
        assert np.array_equal(pairwise(graphs_, 1, workers=2), pairwise(graphs_, 1))
    found = pairwise(graphs_, 3, cache=tmp_path / "kept", progress=progress)
    assert np.array_equal(found, expected)
    assert [desc for desc, _ in seen] == ["level 3", "graphs"]
    (kept,) = (tmp_path / "kept").iterdir()
    labelled = GraphSet.from_edges(graphs_.edges, graphs_.offsets, np.arange(graphs_.num_nodes))
    assert np.array_equal(between(labelled, graphs_, 1), pairwise(graphs_, 1))
    np.save(kept, expected + 1)
    assert np.array_equal(pairwise(labelled, 3, cache=tmp_path / "kept"), expected + 1)
    assert np.array_equal(pairwise(graphs_, 1, cache=tmp_path / "kept") > 0.9, expected > 0.9)
    np.save(kept, expected[:1])  # of another shape: made anew
    assert np.array_equal(pairwise(graphs_, 3, cache=tmp_path / "kept"), expected)


def test_as_a_transformer():
    from sklearn.base import clone
    from sklearn.model_selection import cross_val_score
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    every = [
        nx.gnp_random_graph(int(rng.integers(7, 10)), 0.25 + 0.4 * label, seed=i)
        for i, label in enumerate(labels)
    ]
    machine = make_pipeline(
        DistancesToGraphs(level=2), KNeighborsClassifier(1, metric="precomputed")
    )
    assert cross_val_score(clone(machine), every, labels, cv=4).mean() > 0.8
    fitted = DistancesToGraphs().fit(every[:5])
    assert fitted.transform(every[:5]) == pytest.approx(fitted.fit_transform(every[:5]), abs=1e-14)


def test_pairs_of_mutag_at_distance_0(data_or_skip):
    data = data_or_skip("mutag")
    numbers = degree_measures(data, 3).graphs.owners
    equal = numbers[:, None] == numbers[None, :]
    assert (equal.sum() - 188) // 2 == 94
    some = np.arange(0, 188, 4)
    found = pairwise(data.select(some))
    assert np.array_equal(found == 0, equal[np.ix_(some, some)])


def test_refusals(monkeypatch):
    one, ring = read_graphs(nx.path_graph(2)), read_graphs(C5)
    for level in (0, -1, 2.0, True, "2", None):
        with pytest.raises(BadInput, match="is no level of a distance"):
            pairwise(ring, level)
    with pytest.raises(BadInput, match="no distance 'wasserstien'; did you mean 'wasserstein'"):
        pairwise(ring, 1, "wasserstien")
    with pytest.raises(BadInput, match="workers=0 is no number"):
        pairwise(ring, 1, workers=0)
    with pytest.raises(BadInput, match="has no nodes"):
        between(ring, GraphSet.from_edges(np.empty((2, 0), int), [0, 0]))
    with pytest.raises(BadInput, match="are directed"):
        pairwise(read_graphs(nx.DiGraph([(0, 1)])))
    with pytest.raises(BadInput, match="2 and 1 graphs were given, expected one and one"):
        distance(GraphSet.concatenate([one, ring]), ring)
    with pytest.raises(BadInput, match=r"about \d+ minutes with workers=1, and max_minutes=1e-09"):
        pairwise(small_graphs(5), max_minutes=1e-9)
    monkeypatch.setattr(module, "MAX_MEASURES", 2)
    with pytest.raises(BadInput, match="different measures on one level"):
        pairwise(read_graphs(nx.path_graph(9)))

"""What is said of graphs from one round at a time: the same as of all rounds, in linear memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.graph_set import GraphSet
from zoo_wl_tutorial.features import histograms
from zoo_wl_tutorial.refinement import comparison
from zoo_wl_tutorial.refinement.rounds import refine
from zoo_wl_tutorial.refinement.variants import VARIANTS, check_rounds

import zoo
from zoo_core import BadInput

ALL = pytest.mark.parametrize("variant", VARIANTS)
SMALL = st.integers(1, 4)


def paths(nodes, copies=2):
    ends = np.arange(nodes - 1)
    one = GraphSet.from_edges(np.stack([ends, ends + 1]), [0, nodes], layout="columns")
    return GraphSet.concatenate([one] * copies)


@ALL
@given(data=st.data(), limit=st.sampled_from([None, 0, 1, 2]))
def test_two_graphs_as_with_all_rounds_kept(graph_sets, variant, data, limit):
    graphs = data.draw(graph_sets(graphs=st.just(2), nodes=SMALL))
    kept = refine(graphs, variant)
    last = kept.rounds if limit is None else min(limit, kept.rounds)
    for exact in (False, True):
        found = comparison.compare(graphs, variant, limit, exact=exact)
        assert list(found.counts) == [kept.counts(i)[: last + 1] for i in (0, 1)]
        first = kept.first_difference(0, 1)
        assert found.round == (None if first is None or first > last else first)
        if found.round is not None and not exact:
            for i in (0, 1):
                colours = found.colours[i]
                assert np.array_equal(colours, kept.flat(i, found.round))
                node = found.nodes(i, colours[-1])
                assert kept.of(i, found.round)[tuple(node)] == colours[-1]


@ALL
@given(data=st.data())
def test_many_graphs_as_with_all_rounds_kept(graph_sets, variant, data):
    graphs = data.draw(graph_sets(graphs=st.sampled_from([2, 4]), nodes=SMALL))
    kept = refine(graphs, variant)
    firsts = [kept.first_difference(i, i + 1) for i in range(0, len(graphs), 2)]
    found = comparison.first_differences(graphs, variant)
    assert found.tolist() == [-1 if one is None else one for one in firsts]
    for exact in (False, True):
        classes, counts = comparison.classes(graphs, variant, exact=exact)
        assert classes.tolist() == kept.classes().tolist()
        assert counts.tolist() == [kept.counts(i)[-1] for i in range(len(graphs))]


def test_a_long_refinement_takes_linear_memory():
    """Two paths of 1,000 nodes take 501 rounds, of which all would be 8 MB."""
    both = paths(1_000)
    zoo.predict("wl1-test", paths(3))  # what is imported and loaded once
    tracemalloc.start()
    answer = zoo.predict("wl1-test", both)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer["verdict"] == "equivalent" and len(answer["colours"][0]) == 501
    assert answer["colours"][0][:3] == [1, 2, 3] and answer["colours"][1][-1] == 500
    assert peak < 1e6


def test_a_late_difference_is_found_in_its_round():
    """Paths whose second labelled node is the last one, or the last but one."""
    one = paths(41, 1)
    tails = [np.zeros(41, int), np.zeros(41, int)]
    tails[0][[0, 40]], tails[1][[0, 38]] = 1, 1
    marked = [GraphSet.from_edges(one.edges, [0, 41], tail) for tail in tails]
    found = zoo.predict("wl1-test", GraphSet.concatenate(marked))
    kept = refine(GraphSet.concatenate(marked), "1-wl")
    assert found["round"] == kept.first_difference(0, 1)
    assert found["differing"][0]["colour"] in {f"{x:016x}" for x in kept.colours[found["round"]]}


def test_what_would_take_too_much_is_refused_with_an_estimate(monkeypatch):
    model = zoo.load("wl1-test")
    with pytest.raises(BadInput, match=r"in 1001 rounds take 0.0 GB, and up to 0.01 GB are kept"):
        model.featurize(paths(2_000), max_gigabytes=0.01)
    assert model.featurize(paths(2_000), rounds=3, max_gigabytes=0.01).rounds == 3
    with pytest.raises(BadInput, match=r"1001 rounds of 2-wl .* about 20 minutes; give rounds="):
        zoo.predict("wl2-test", paths(2_000))
    with pytest.raises(BadInput, match="may take 192 GB, and up to 16 GB"):
        histograms(paths(200), 10**7)


@pytest.mark.parametrize("rounds", [-1, 2.5, 2.0, "3", True, None, float("nan"), [1]])
def test_rounds_are_integers_from_0(rounds):
    with pytest.raises(BadInput, match=r"rounds=.* is no number of rounds; give an integer"):
        check_rounds(rounds)
    assert check_rounds(np.int32(3)) == 3


def test_rounds_of_a_prediction_are_checked():
    for rounds in (-1, "3"):
        with pytest.raises(BadInput, match="no number of rounds"):
            zoo.predict("wl1-test", rounds=rounds)
    assert zoo.predict("wl1-test", rounds=np.int64(1))["colours"] == [[1, 2]] * 2
    # It stops where nothing splits any more, however many rounds are allowed.
    assert zoo.predict("wl1-test", rounds=10**12) == zoo.predict("wl1-test")

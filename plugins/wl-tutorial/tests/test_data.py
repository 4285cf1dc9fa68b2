"""The generated families and datasets: sizes, regularity, twists, copies, truth."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.isomorphism import are_isomorphic, duplicates
from zoo_wl_tutorial.data import families
from zoo_wl_tutorial.data.sets import CFI_BASES
from zoo_wl_tutorial.refinement.rounds import refine
from zoo_wl_tutorial.specs.data import BREC

import zoo
from zoo_core import BadInput


def to_networkx(graphs, i=0):
    return nx.from_numpy_array(graphs.adjacency(i) > 0)


def test_molecules():
    for graph, rings in ((families.decalin(), [6, 6]), (families.bicyclopentyl(), [5, 5])):
        assert (graph.num_nodes, graph.num_edges) == (10, 11)
        assert sorted(map(len, nx.minimum_cycle_basis(to_networkx(graph)))) == rings


def test_strongly_regular_graphs_of_16_nodes():
    for graph in (families.rook(), families.shrikhande()):
        assert nx.is_strongly_regular(to_networkx(graph))
        table = graph.adjacency(0)
        common = table @ table
        assert set(common[table > 0]) == {2} and set(np.diag(common)) == {6}
    expected = nx.line_graph(nx.complete_bipartite_graph(4, 4))
    assert nx.is_isomorphic(to_networkx(families.rook()), expected)
    assert not nx.is_isomorphic(to_networkx(families.shrikhande()), expected)


def test_skip_links_are_circulants():
    for skip in families.CSL_SKIPS:
        graph = to_networkx(families.circular_skip_link(skip))
        assert set(dict(graph.degree).values()) == {4}
        assert nx.is_isomorphic(graph, nx.circulant_graph(41, [1, skip]))


@pytest.mark.parametrize("name", ["C3", "C5", "diamond", "K4", "K3,3"])
def test_twists_of_cfi_graphs(name):
    base = CFI_BASES[name]
    plain = families.cai_furer_immerman(base)
    degrees = np.bincount(np.array(base).ravel())
    assert plain.num_nodes == (2 ** (degrees - 1)).sum()
    once = [families.cai_furer_immerman(base, [edge]) for edge in range(len(base))]
    twice = [families.cai_furer_immerman(base, two) for two in combinations(range(3), 2)]
    every = GraphSet.concatenate([plain, *twice, *once])
    # Which edge is twisted makes no difference, and two twists cancel.
    expected = [0] * (1 + len(twice)) + [1] * len(once)
    assert refine(every, "3-fwl").classes().tolist() == expected
    if len(base) < 6:
        assert (duplicates(every) > 0).astype(int).tolist() == expected


def test_cfi_of_a_triangle_is_the_best_known_pair():
    plain, twisted = (families.cai_furer_immerman(CFI_BASES["C3"], t) for t in ((), [0]))
    sides = GraphSet.concatenate([plain, families.cycles(3, 3), twisted, families.cycles(6)])
    assert duplicates(sides).tolist() == [0, 0, 2, 2]


@pytest.mark.parametrize("base", [[], [(0, 1), (2, 3)], [(0, 0)]])
def test_unusable_bases(base):
    with pytest.raises(BadInput, match="connected graph"):
        families.cai_furer_immerman(base)


@pytest.mark.parametrize(
    ("name", "options", "count"),
    [
        ("wl-pairs", {}, 50),
        ("cfi", {"bases": ["C3", "K4"]}, 4),
        ("cfi", {"bases": "K4", "copies": False}, 1),
        ("brec", {"category": "regular", "copies": True}, 100),
        ("brec", {"category": "basic"}, 60),
    ],
)
def test_pairs_and_their_truth(data_or_skip, name, options, count):
    pairs = data_or_skip(name, **options)
    assert len(pairs) == count == len(pairs.isomorphic)
    graphs, truth = pairs.select(pairs.split("test").indices)
    assert len(graphs) == 2 * count and pairs.metric_options == {"num_classes": 2}
    small = [i for i in range(count) if graphs.sizes[2 * i] <= 16]
    for i in small[:: max(1, len(small) // 20)]:
        assert are_isomorphic(graphs, 2 * i, 2 * i + 1) == truth[i]
    for i in np.flatnonzero(truth):
        tables = [graphs.adjacency(2 * i + side) for side in (0, 1)]
        assert sorted(tables[0].sum(axis=0)) == sorted(tables[1].sum(axis=0))
    moved = [
        not np.array_equal(graphs.adjacency(2 * i), graphs.adjacency(2 * i + 1))
        for i in np.flatnonzero(truth)
    ]
    assert all(moved) or np.mean(moved) > 0.9


def test_the_whole_of_brec(data_or_skip):
    pairs = data_or_skip("brec")
    assert len(pairs) == 300 and not pairs.isomorphic.any()
    assert {name: pairs.categories.count(name) for name in BREC} == {
        name: count for name, (count, _) in BREC.items()
    }


def test_strongly_regular_families(data_or_skip):
    graphs = data_or_skip("strongly-regular")
    assert len(graphs) == 15 and set(graphs.sizes) == {25}
    assert all(nx.is_strongly_regular(to_networkx(graphs, i)) for i in range(15))
    assert len(zoo.dataset("strongly-regular", parameters="16-6-2-2")) == 2


def test_skip_links_as_a_data_set():
    graphs = zoo.dataset("csl", copies=6, fold=2)
    assert len(graphs) == 60 and graphs.num_classes == 10
    assert [len(graphs.splits[split]) for split in ("train", "test")] == [48, 12] or (
        sum(map(len, graphs.splits.values())) == 60
    )
    assert not np.array_equal(graphs.adjacency(0), graphs.adjacency(1))
    assert graphs.fingerprint() == zoo.dataset("csl", copies=6).fingerprint()
    assert graphs.fingerprint() != zoo.dataset("csl", copies=6, seed=1).fingerprint()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("cfi", {"bases": ["K9"]}),
        ("brec", {"category": "cfi"}),
        ("csl", {"copies": 4}),
        ("csl", {"fold": -1}),
        ("strongly-regular", {"parameters": "1-2-3-4"}),
    ],
)
def test_unknown_options(name, options):
    with pytest.raises(BadInput) as raised:
        zoo.dataset(name, **options)
    assert "\n" not in str(raised.value)

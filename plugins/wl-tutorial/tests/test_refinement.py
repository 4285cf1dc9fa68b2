"""The update rules: what must hold of every refinement, and mistakes that would be seen."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.colour_refinement import distinct
from zoo_graphs.graph_set import GraphSet
from zoo_wl_tutorial.data import families
from zoo_wl_tutorial.refinement import tuples
from zoo_wl_tutorial.refinement.rounds import refine
from zoo_wl_tutorial.refinement.variants import VARIANTS

from zoo_core import BadInput

SMALL = st.integers(1, 4)
ALL = pytest.mark.parametrize("variant", VARIANTS)
seeds = st.integers(0, 10**6)


def as_set(*graphs):
    """NetworkX graphs as a set."""
    found = []
    for graph in graphs:
        plain = nx.convert_node_labels_to_integers(graph)
        found.append(families.graph(list(plain.edges), len(plain), "graph"))
    return GraphSet.concatenate(found)


def partition(colours):
    """Colours as numbers by first occurrence: equal for equal partitions."""
    known: dict[int, int] = {}
    return [known.setdefault(colour, len(known)) for colour in np.ravel(colours).tolist()]


def apart(graphs, variant, first=0, second=1):
    return refine(graphs, variant).first_difference(first, second) is not None


# --- the two ways of each rule ---


@ALL
@given(data=st.data())
def test_hashes_and_sorted_rows_give_the_same_partitions(graph_sets, variant, data):
    graphs = data.draw(graph_sets(nodes=SMALL))
    hashed, exact = refine(graphs, variant), refine(graphs, variant, exact=True)
    assert hashed.rounds == exact.rounds
    for ours, theirs in zip(hashed.colours, exact.colours, strict=True):
        assert partition(ours) == partition(theirs)


def hard_sets(random_graph):
    """Sets on which every coordinate, direction and label matters."""
    rng = np.random.default_rng(0)
    for directed in (True, False):
        for density in (0.2, 0.4):
            yield GraphSet.concatenate(
                random_graph(rng, n, labels=2, directed=directed, density=density)
                for n in (4, 5, 5)
            )
    yield as_set(nx.cycle_graph(6), nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3)))
    yield as_set(nx.star_graph(4), nx.path_graph(5), nx.empty_graph(3))


def agrees(random_graph, variant):
    return all(
        partition(ours) == partition(theirs)
        for graphs in hard_sets(random_graph)
        for ours, theirs in zip(
            refine(graphs, variant, 4).colours,
            refine(graphs, variant, 4, exact=True).colours,
            strict=True,
        )
    )


MISTAKES = {
    "one mixer for both places of a pair": ("2-fwl", {"_COORDINATE": (20, 20, 20)}),
    "one mixer for all places of a triple": ("3-fwl", {"_COORDINATE": (20, 20, 20)}),
    "coordinates' multisets merged, k = 2": ("2-wl", {"_SUM": (24, 24, 24)}),
    "coordinates' multisets merged, k = 3": ("3-wl", {"_SUM": (24, 24, 24)}),
    "own colour left out": ("2-wl", {"_KEEP": np.uint64(0)}),
    "nothing mixed": ("2-wl", {"mix": lambda values, salt: values + np.uint64(salt)}),
    "equality pattern forgotten": ("2-wl", {"_EQUAL": np.uint64(1)}),
}


@ALL
def test_hard_sets_are_refined_alike(random_graph, variant):
    assert agrees(random_graph, variant)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_classic_mistakes_would_be_seen(random_graph, monkeypatch, mistake):
    variant, changes = MISTAKES[mistake]
    for name, value in changes.items():
        monkeypatch.setattr(tuples, name, value)
    assert not agrees(random_graph, variant)


def test_class_counts_are_not_histograms():
    """Two graphs with as many colours each, which are different colours."""
    graphs = as_set(nx.cycle_graph(6), nx.complete_graph(6))
    found = refine(graphs, "1-wl")
    assert found.counts(0)[-1] == found.counts(1)[-1] == 1
    assert found.first_difference(0, 1) == 1
    # Each graph by itself, with a dictionary of its own, would look the same.
    alone = [refine(graphs.select([i]), "1-wl", exact=True).flat(0, 1) for i in (0, 1)]
    assert partition(alone[0]) == partition(alone[1])


# --- invariants ---


@ALL
@given(data=st.data(), seed=seeds)
def test_relabelling_permutes_colours_and_keeps_histograms(graph_sets, variant, data, seed):
    graphs = data.draw(graph_sets(nodes=SMALL))
    order = np.random.default_rng(seed).permutation(graphs.sizes[0])
    one = graphs.select([0])
    place = np.argsort(order)
    labels = None if one.node_labels is None else one.node_labels[order]
    moved = GraphSet.from_edges(
        place[one.edges],
        one.offsets,
        labels,
        one.edge_labels,
        directed=one.directed,
        layout="columns",
    )
    ours, theirs = refine(one, variant), refine(moved, variant)
    for round_ in range(ours.rounds + 1):
        permuted = ours.of(0, round_)
        for axis in range(permuted.ndim):
            permuted = permuted.take(order, axis=axis)
        assert np.array_equal(permuted, theirs.of(0, round_))


@ALL
@given(data=st.data())
def test_rounds_refine_and_end(graph_sets, variant, data):
    graphs = data.draw(graph_sets(nodes=SMALL))
    found = refine(graphs, variant)
    for before, after in zip(found.colours[:-1], found.colours[1:], strict=True):
        assert len(set(zip(before.tolist(), after.tolist(), strict=True))) == distinct(after)
        assert distinct(before) <= distinct(after)
    assert distinct(found.colours[-1]) == distinct(found.colours[-2])
    assert found.rounds <= max(1, found.offsets[-1])


@given(seed=seeds, nodes=st.integers(2, 6), copies=st.booleans())
def test_power_chain(random_graph, seed, nodes, copies):
    rng = np.random.default_rng(seed)
    degree = int(rng.integers(1, nodes))
    if copies or nodes * degree % 2:
        graphs = GraphSet.concatenate(random_graph(rng, nodes) for _ in range(2))
    else:  # regular graphs are where the rules differ
        graphs = as_set(*(nx.random_regular_graph(degree, nodes, int(seed + i)) for i in (0, 1)))
    found = {name: apart(graphs, name) for name in VARIANTS}
    assert found["1-wl"] == found["2-wl"]
    assert found["2-fwl"] >= found["2-wl"]
    assert found["2-fwl"] == found["3-wl"]
    assert found["3-fwl"] >= found["3-wl"]


@ALL
@given(data=st.data(), seed=seeds)
def test_isomorphic_copies_are_never_separated(graph_sets, variant, data, seed):
    graphs = data.draw(graph_sets(nodes=SMALL, graphs=st.just(1)))
    assert not apart(GraphSet.concatenate([graphs, graphs.permuted(seed)]), variant)


def test_trees_and_small_graphs_are_separated_by_colour_refinement():
    for nodes in range(2, 10):
        trees = as_set(*nx.nonisomorphic_trees(nodes))
        assert refine(trees, "1-wl").classes().max() + 1 == len(trees)
    atlas = as_set(*(graph for graph in nx.graph_atlas_g() if 1 <= len(graph) <= 5))
    assert refine(atlas, "1-wl").classes().max() + 1 == len(atlas) == 1 + 2 + 4 + 11 + 34


@given(degree=st.integers(2, 4), half=st.integers(3, 7), seed=st.integers(0, 1000))
def test_regular_graphs_have_one_class(degree, half, seed):
    graph = as_set(nx.random_regular_graph(degree, 2 * half, seed))
    assert refine(graph, "1-wl").counts(0) == [1, 1]


@given(data=st.data())
def test_pair_colours_refine_node_colours_and_know_distances(graph_sets, data):
    graphs = data.draw(
        graph_sets(nodes=st.integers(2, 7), graphs=st.just(1), directed=st.just(False))
    )
    nodes, pairs = refine(graphs, "1-wl").of(0), refine(graphs, "2-fwl").of(0)
    diagonal = np.diag(pairs)
    assert len(set(zip(diagonal.tolist(), nodes.tolist(), strict=True))) == distinct(diagonal)
    table = (graphs.adjacency(0) > 0).astype(int)
    common = table @ table
    graph = nx.from_numpy_array(table)
    for values in (common, nx.floyd_warshall_numpy(graph), table):
        seen: dict[int, set[float]] = {}
        for colour, value in zip(pairs.ravel().tolist(), np.ravel(values).tolist(), strict=True):
            seen.setdefault(colour, set()).add(value)
        assert all(len(each) == 1 for each in seen.values())


@given(data=st.data())
def test_stable_partition_is_equitable(graph_sets, data):
    graphs = data.draw(
        graph_sets(nodes=st.integers(2, 9), graphs=st.just(1), directed=st.just(False))
    )
    colours = refine(graphs, "1-wl", edge_labels=False).of(0)
    table = graphs.adjacency(0) > 0
    classes = np.unique(colours)
    counts = np.stack([table[:, colours == other].sum(axis=1) for other in classes])
    for one in classes:
        assert (counts[:, colours == one] == counts[:, colours == one][:, :1]).all()


def equal_pairs():
    atlas = as_set(*(graph for graph in nx.graph_atlas_g() if len(graph) == 7))
    classes = refine(atlas, "1-wl").classes()
    for number in np.flatnonzero(np.bincount(classes) > 1):
        yield atlas.select(np.flatnonzero(classes == number)[:2])


def test_what_equivalent_graphs_share():
    pairs = list(equal_pairs())
    assert len(pairs) >= 20
    for pair in pairs:
        first, second = ((pair.adjacency(i) > 0).astype(float) for i in (0, 1))
        assert first.sum() == second.sum()
        assert sorted(first.sum(axis=0)) == sorted(second.sum(axis=0))
        radii = [np.linalg.eigvalsh(table).max() for table in (first, second)]
        assert radii[0] == pytest.approx(radii[1])
        for length in range(1, 8):
            walks = [np.linalg.matrix_power(table, length).sum() for table in (first, second)]
            assert walks[0] == walks[1]


def test_graphs_equal_under_folklore_2_wl_are_cospectral():
    pair = GraphSet.concatenate([families.rook(), families.shrikhande()])
    assert not apart(pair, "2-fwl")
    tables = [(pair.adjacency(i) > 0).astype(float) for i in (0, 1)]
    spectra = [np.linalg.eigvalsh(table) for table in tables]
    np.testing.assert_allclose(*spectra, atol=1e-9)
    for length in (3, 4):
        traces = {np.trace(np.linalg.matrix_power(table, length)) for table in tables}
        assert len(traces) == 1


@pytest.mark.parametrize("variant", ["1-wl", "2-wl", "2-fwl"])
def test_an_isolated_node_more_keeps_graphs_equivalent(variant):
    pair = families.rook(), families.shrikhande()
    larger = [GraphSet.from_edges(one.edges, [0, one.num_nodes + 1]) for one in pair]
    assert not apart(GraphSet.concatenate(larger), variant)
    mixed = GraphSet.concatenate([pair[0], larger[1]])
    assert refine(mixed, variant).first_difference(0, 1) == 0


def test_directions_and_labels_count():
    arrow = [(0, 1), (1, 2)]
    path, sink = (
        GraphSet.from_edges(edges, [0, 3], directed=True, layout="rows")
        for edges in (arrow, [(0, 1), (2, 1)])
    )
    both = GraphSet.concatenate([path, sink])
    for variant in VARIANTS:
        assert apart(both, variant)
    single, double = (
        GraphSet.from_edges(arrow, [0, 3], None, labels, layout="rows")
        for labels in ([0, 0], [0, 1])
    )
    bonds = GraphSet.concatenate([single, double])
    for variant in VARIANTS:
        assert apart(bonds, variant)
        assert refine(bonds, variant, edge_labels=False).first_difference(0, 1) is None


def test_colours_are_the_same_numbers_everywhere():
    """Stored vocabularies depend on these very numbers."""
    found = refine(as_set(nx.path_graph(3)), "1-wl", 2).of(0)
    pairs = refine(as_set(nx.path_graph(3)), "2-fwl", 1).of(0)
    assert [f"{int(one):016x}" for one in found] == NODES
    assert f"{int(pairs[0, 1]):016x}" == PAIR
    union = as_set(nx.cycle_graph(5), nx.path_graph(3))
    assert np.array_equal(refine(union, "1-wl", 2).of(1), found)


NODES = ["90bb709683da0045", "b18614dc9a58d0e3", "90bb709683da0045"]
PAIR = "09d89ba44f7d71b3"


# --- refusals ---


@pytest.mark.parametrize("name", ["4-wl", "2wl", "", None, 3])
def test_unknown_variants(name):
    with pytest.raises(BadInput, match="There is no variant"):
        refine(families.rook(), name)


def test_too_large_graphs():
    ring = families.cycles(151)
    for variant in ("3-wl", "3-fwl"):
        with pytest.raises(BadInput, match="151 nodes, which is too large"):
            refine(ring, variant)
    with pytest.raises(BadInput, match="its limit is 10"):
        refine(ring, "1-wl", max_nodes=10)
    with pytest.raises(BadInput, match="exact way"):
        refine(families.cycles(60), "3-wl", exact=True)


def test_single_nodes_and_graphs_without_nodes():
    graphs = GraphSet.from_edges(np.empty((2, 0)), [0, 1, 1, 3])
    for variant in VARIANTS:
        for exact in (False, True):
            found = refine(graphs, variant, exact=exact)
            assert [found.of(i).size for i in range(3)] == [1, 0, 2 ** VARIANTS[variant].k]
            assert found.classes().tolist() == [0, 1, 2]

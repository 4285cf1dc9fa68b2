"""Edge removal: exact counts, what stays, and reproducibility."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.graph import Graph
from zoo_graphs.thinning import drop_edges, keep_neighbours

from zoo_core import BadInput


def graph(n=30, m=120, seed=0, weighted=False):
    rng = np.random.default_rng(seed)
    edges = rng.integers(0, n, (2, m))
    weights = rng.random(m) if weighted else None
    masks = {"train": np.arange(n) < n // 2}
    return Graph.from_edges(
        edges, rng.random((n, 3)), rng.integers(0, 2, n), masks, edge_weights=weights
    )


def pairs(found):
    return set(map(tuple, found.edges.T.tolist()))


def degrees(found):
    return np.bincount(found.edges.ravel(), minlength=found.num_nodes)


@given(st.integers(0, 200), st.integers(0, 100), st.integers(0, 5))
def test_exactly_so_many_edges_go(m, percent, seed):
    before = graph(m=m)
    after = drop_edges(before, percent, seed)
    assert before.num_edges - after.num_edges == before.num_edges * percent // 100
    assert pairs(after) <= pairs(before)
    assert (after.features != before.features).nnz == 0
    assert np.array_equal(after.labels, before.labels)
    assert np.array_equal(after.masks["train"], before.masks["train"])


def test_shares_are_exact_where_floats_are_not():
    full = Graph.from_edges(np.stack(np.triu_indices(16, 1))[:, :100], np.ones((16, 1)))
    assert 100 * 0.29 < 29
    assert drop_edges(full, 29, 0).num_edges == 71
    assert drop_edges(full, 2.5, 0).num_edges == 98


def test_nothing_and_everything():
    before = graph()
    assert drop_edges(before, 0, 0).fingerprint() == before.fingerprint()
    assert drop_edges(before, 100, 0).num_edges == 0
    assert drop_edges(graph(m=0), 50, 0).num_edges == 0
    assert keep_neighbours(before, 30, 0).fingerprint() == before.fingerprint()
    assert keep_neighbours(before, 0, 0).num_edges == 0
    assert keep_neighbours(graph(m=0), 5, 0).num_edges == 0


@pytest.mark.parametrize("thin", [drop_edges, keep_neighbours])
def test_the_seed_decides(thin):
    first, again, other = (thin(graph(), 5, seed).fingerprint() for seed in (1, 1, 2))
    assert first == again != other
    given = thin(graph(), 5, np.random.Generator(np.random.PCG64(1)))
    assert given.fingerprint() == first


def test_fixed_bytes_on_every_machine():
    found = drop_edges(graph(), 50, 0), keep_neighbours(graph(), 2, 0)
    assert [one.edges.sum().item() for one in found] == [1598, 1391]


def test_smaller_shares_are_part_of_larger_ones():
    kept = [pairs(drop_edges(graph(), percent, 3)) for percent in (0, 20, 50, 70)]
    assert all(more > less for more, less in pairwise(kept))


@given(st.integers(1, 200), st.integers(0, 8), st.integers(0, 5))
def test_no_node_ends_with_fewer_neighbours_than_it_may_keep(m, neighbours, seed):
    before = graph(m=m)
    after = keep_neighbours(before, neighbours, seed)
    assert pairs(after) <= pairs(before)
    assert (degrees(after) >= np.minimum(degrees(before), neighbours)).all()
    # A kept edge was kept by an end, and an end keeps no more than it may.
    assert after.num_edges <= neighbours * before.num_nodes


def test_a_hub_keeps_the_edges_that_its_leaves_keep():
    star = Graph.from_edges([[0] * 9, range(1, 10)], np.ones((10, 1)))
    assert keep_neighbours(star, 1, 0).num_edges == 9
    assert keep_neighbours(star, 1, 0).fingerprint() == star.fingerprint()


def test_all_edges_are_as_likely_to_go():
    before = graph(n=8, m=60)
    lost = sum(len(pairs(before) - pairs(drop_edges(before, 50, seed))) for seed in range(400))
    each = [
        sum(edge not in pairs(drop_edges(before, 50, seed)) for seed in range(400))
        for edge in pairs(before)
    ]
    expected = lost / before.num_edges
    assert max(abs(count - expected) for count in each) < 5 * np.sqrt(400 / 4)


@pytest.mark.parametrize(("thin", "amount"), [(drop_edges, 50), (keep_neighbours, 2)])
def test_weights_stay_with_their_edges(thin, amount):
    before = graph(weighted=True)
    known = dict(zip(map(tuple, before.edges.T.tolist()), before.edge_weights, strict=True))
    after = thin(before, amount, 0)
    found = dict(zip(map(tuple, after.edges.T.tolist()), after.edge_weights, strict=True))
    assert found == {edge: known[edge] for edge in found}
    assert 0 < after.num_edges < before.num_edges


@pytest.mark.parametrize("percent", [-1, 100.5, float("nan"), "70", True, None])
def test_bad_shares(percent):
    with pytest.raises(BadInput, match="0 to 100"):
        drop_edges(graph(), percent, 0)


@pytest.mark.parametrize("neighbours", [-1, 1.5, "2", True, None])
def test_bad_counts(neighbours):
    with pytest.raises(BadInput, match="from 0"):
        keep_neighbours(graph(), neighbours, 0)


@pytest.mark.parametrize("rng", [-1, 0.5, "0", None])
def test_bad_seeds(rng):
    with pytest.raises(BadInput, match="Generator nor a seed"):
        drop_edges(graph(), 50, rng)

"""Views of any graph: each edge in one of them, PyG's graphs, quantiles, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_graph_tuple.views import graph_tuple, quantile_thresholds

from zoo_core import BadInput

EDGES = torch.tensor([[0, 1, 2, 0], [1, 2, 0, 2]])
WEIGHTS = [3.0, -2.0, 0.5, 1.0]


def test_strong_and_weak_edges():
    strong, weak = graph_tuple(EDGES, [2.0], weights=WEIGHTS)
    assert strong.edges.tolist() == [[0, 1], [1, 2]] and weak.edges.tolist() == [[2, 0], [0, 2]]
    assert strong.values[:, 0].tolist() == [3.0, -2.0]


def test_near_and_far_edges():
    views = graph_tuple(EDGES, [0.5, 2.0], weights=np.abs(WEIGHTS), distances=True)
    assert [view.values[:, 0].tolist() for view in views] == [[0.5], [2.0, 1.0], [3.0]]


@given(
    st.lists(st.integers(-4, 4), min_size=1, max_size=20),
    st.lists(st.integers(0, 5), max_size=3, unique=True),
    st.booleans(),
)
def test_each_edge_is_in_one_view(weights, thresholds, distances):
    edges = torch.stack([torch.arange(len(weights)), torch.arange(len(weights)) + 1])
    measure = np.abs(weights) if distances else np.array(weights)
    order = sorted(thresholds, reverse=not distances)
    views = graph_tuple(edges, order, weights=measure, distances=distances)
    assert len(views) == len(thresholds) + 1
    assert sorted(torch.cat([v.edges[0] for v in views]).tolist()) == list(range(len(weights)))
    for place, bound in enumerate(order):
        before = torch.cat([v.values for v in views[: place + 1]]).abs()
        after = torch.cat([v.values for v in views[place + 1 :]]).abs()
        inside, outside = (before <= bound, after > bound) if distances else (
            before >= bound, after < bound)  # fmt: skip
        assert bool(inside.all()) and bool(outside.all())


def test_both_directions_stay_together():
    weights = np.random.default_rng(0).random(6)
    pairs = np.array([[0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 0]])
    both = np.concatenate([pairs, pairs[::-1]], 1)
    for view in graph_tuple(both, [0.3, 0.6], weights=np.tile(weights, 2), quantiles=True):
        found = set(map(tuple, view.edges.T.tolist()))
        assert found == {(b, a) for a, b in found}


def test_quantiles_split_off_shares():
    weights = np.random.default_rng(0).permutation(100)
    edges = np.stack([np.arange(100), np.arange(100)])
    sizes = [len(v.values) for v in graph_tuple(edges, [0.1, 0.5], weights=weights, quantiles=True)]
    assert sizes == [10, 40, 50]
    near = graph_tuple(edges, [0.1, 0.5], weights=weights, quantiles=True, distances=True)
    assert [len(v.values) for v in near] == [10, 40, 50]
    assert float(near[0].values.max()) == 9
    assert quantile_thresholds([1, 1, 1], [0.5]) == [1.0]


def test_a_graph_of_pyg():
    data = pytest.importorskip("torch_geometric.data").Data(
        edge_index=EDGES, edge_attr=torch.tensor(WEIGHTS)[:, None]
    )
    assert [v.edges.shape[1] for v in graph_tuple(data, [2.0])] == [2, 2]
    data.edge_attr = torch.randn(4, 5)
    strong, weak = graph_tuple(data, [2.0], weights=WEIGHTS)
    assert torch.equal(strong.values, data.edge_attr[:2]) and weak.values.shape == (2, 5)
    with pytest.raises(BadInput, match="one for each"):
        graph_tuple(data, [2.0])


@pytest.mark.parametrize(
    ("edges", "thresholds", "more", "told"),
    [
        (EDGES, [2.0], {}, "how strong"),
        (EDGES.T, [2.0], {"weights": WEIGHTS}, "expected \\(2, E\\)"),
        (EDGES.float(), [2.0], {"weights": WEIGHTS}, "whole numbers"),
        (EDGES, [2.0], {"weights": [1.0, 2.0]}, "4 edges"),
        (EDGES, [2.0], {"weights": [1.0, 2.0, float("nan"), 0.0]}, "NaN"),
        (EDGES, [1.0, 2.0], {"weights": WEIGHTS}, "falling"),
        (EDGES, [2.0, 1.0], {"weights": WEIGHTS, "distances": True}, "growing"),
        (EDGES, [-1.0], {"weights": WEIGHTS}, "0 or more"),
        (EDGES, [0.5, 0.2], {"weights": WEIGHTS, "quantiles": True}, "between 0 and 1"),
        (EDGES[:, :0], [0.5], {"weights": [], "quantiles": True}, "no edges"),
    ],
    ids=range(10),
)
def test_what_makes_no_views_is_refused(edges, thresholds, more, told):
    with pytest.raises(BadInput, match=told):
        graph_tuple(edges, thresholds, **more)

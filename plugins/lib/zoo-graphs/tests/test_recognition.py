"""A graph is known again by its structure, from whatever source, and no other graph is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.graph import Graph
from zoo_graphs.recognition import feature_hash, fingerprint, structure_hash

EDGES = np.array([[0, 1, 2, 0, 4], [1, 2, 3, 3, 5]])
X = np.random.default_rng(0).random((7, 3)).astype(np.float32)


def graph(edges=EDGES, features=X, **more):
    return Graph.from_edges(edges, features, layout="columns", **more)


@given(st.permutations(range(5)), st.lists(st.booleans(), min_size=5, max_size=5))
def test_the_order_and_direction_of_edges_do_not_count(order, turned):
    edges = EDGES[:, list(order)].copy()
    edges[:, turned] = edges[::-1, turned]
    assert fingerprint(graph(edges)) == fingerprint(graph())


def test_names_labels_masks_and_weights_of_one_do_not_count():
    labels = np.arange(7) % 2
    masks = {"train": labels == 0}
    other = graph(labels=labels, masks=masks, name="other", edge_weights=np.ones(5))
    assert fingerprint(other) == fingerprint(graph())


def test_everything_else_counts():
    weights = np.ones(5)
    weights[2] = np.nextafter(np.float32(1), 2)
    others = {
        "an edge": graph(np.concatenate([EDGES[:, :4], [[4], [6]]], axis=1)),
        "an edge fewer": graph(EDGES[:, :4]),
        "a node": graph(features=np.vstack([X, X[:1]])),
        "a weight": graph(edge_weights=weights),
        "its sign": graph(edge_weights=[1, 1, -1, 1, 1]),
    }
    hashes = {structure_hash(one) for one in others.values()}
    assert len(hashes) == len(others) and structure_hash(graph()) not in hashes


def test_features_count_in_the_whole_alone():
    changed = X.copy()
    changed[3, 1] = 0
    other = replace(graph(), features=graph(features=changed).features)
    assert structure_hash(other) == structure_hash(graph())
    assert feature_hash(other) != feature_hash(graph())
    assert fingerprint(graph()) == f"{structure_hash(graph())}-{feature_hash(graph())}"

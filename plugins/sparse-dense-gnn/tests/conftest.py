"""Labelled graphs to train on, and no downloads."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_graphs.graph import Graph


@pytest.fixture(autouse=True)
def offline(no_network):
    """Data come from the mirror and the cache alone."""


@pytest.fixture(scope="session")
def labelled_graph():
    """A graph of 60 nodes with 20 features, three classes and a split, all of them seeded."""
    return _labelled_graph


def _labelled_graph(seed=0, edge_seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(60) % 3
    edges = np.random.default_rng(edge_seed).integers(0, 60, (2, 360))
    edges = edges[:, (labels[edges[0]] == labels[edges[1]]) | (edges.sum(axis=0) % 10 == 0)]
    features = rng.normal(size=(60, 20)) + 2 * np.eye(3, 20)[labels]
    order = rng.permutation(60)
    masks = {split: np.zeros(60, bool) for split in ("train", "val", "test")}
    for split, part in zip(masks, np.split(order, [30, 45]), strict=True):
        masks[split][part] = True
    return Graph.from_edges(edges, features, labels, masks, class_names=("a", "b", "c"))

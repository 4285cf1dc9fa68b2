"""What the tests share: random graphs, and no downloads."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import strategies as st
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graphs
from zoo_graphs.stratified import stratified_split


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    """Tests read the mirror and the cache, but download nothing; errors are one sentence."""
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


@st.composite
def graphs(draw, largest=7):
    """One random graph, a set of one; it may have no edges."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    nodes, density = draw(st.integers(1, largest)), draw(st.sampled_from([0.0, 0.3, 0.5, 0.8]))
    adjacent = np.triu(rng.random((nodes, nodes)) < density, k=1)
    return GraphSet.from_edges(np.stack(adjacent.nonzero()), [0, nodes], layout="columns")


def two_classes(graphs=40):
    """Random graphs that are denser in class 1."""
    rng = np.random.default_rng(0)
    labels = np.arange(graphs) % 2
    every = [
        nx.gnp_random_graph(int(rng.integers(6, 9)), 0.3 + 0.35 * label, seed=i)
        for i, label in enumerate(labels)
    ]
    data = read_graphs(every)
    return replace(
        data, labels=labels, class_names=("thin", "dense"), splits=stratified_split(labels, 0)
    )

"""What the tests share: graphs, a user's folder, fitted models, and no downloads."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import strategies as st
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.stratified import stratified_split
from zoo_wl_tutorial.train import train_classifier

from zoo_core.testing import make_run


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    """Tests read the mirror and the cache, but download nothing; errors are one sentence."""
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user's folder with two graphs, and a set of graphs in the TU layout."""
    monkeypatch.chdir(tmp_path)
    nx.write_graphml(nx.cycle_graph(6), tmp_path / "A.graphml")
    nx.write_graphml(
        nx.disjoint_union(nx.cycle_graph(3), nx.cycle_graph(3)), tmp_path / "B.graphml"
    )
    nx.write_graphml(nx.path_graph(6), tmp_path / "C.graphml")
    return tmp_path


def _random_graph(rng, nodes, *, labels=1, edge_labels=0, directed=False, density=0.4):
    """One random graph as a set of one."""
    adjacent = rng.random((nodes, nodes)) < density
    np.fill_diagonal(adjacent, False)
    if not directed:
        adjacent = np.triu(adjacent)
    edges = np.stack(adjacent.nonzero())
    return GraphSet.from_edges(
        edges,
        [0, nodes],
        rng.integers(0, labels, nodes) if labels > 1 else None,
        rng.integers(0, edge_labels, edges.shape[1]) if edge_labels else None,
        directed=directed,
        layout="columns",
    )


FEW, NODES, EITHER = st.integers(1, 4), st.integers(1, 6), st.booleans()


@st.composite
def _graph_sets(draw, graphs=FEW, nodes=NODES, directed=EITHER):
    """Small random sets, labelled or not, directed or not."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    labels, edge_labels = draw(st.integers(1, 3)), draw(st.sampled_from([0, 0, 2]))
    way, density = draw(directed), draw(st.sampled_from([0.2, 0.4, 0.7]))
    return GraphSet.concatenate(
        _random_graph(
            rng,
            draw(nodes),
            labels=labels,
            edge_labels=edge_labels,
            directed=way,
            density=density,
        )
        for _ in range(draw(graphs))
    )


def _labelled(classes=3, graphs=60, seed=0):
    """Random graphs whose density and labels depend on their class."""
    rng = np.random.default_rng(seed)
    labels = np.arange(graphs) % classes
    parts = []
    for label in labels:
        one = _random_graph(rng, int(rng.integers(5, 9)), density=0.2 + 0.25 * label)
        tags = (rng.random(one.num_nodes) < 0.3 + 0.2 * label).astype(int)
        parts.append(GraphSet.from_edges(one.edges, one.offsets, tags, layout="columns"))
    every = GraphSet.concatenate(parts)
    return GraphSet.from_edges(
        every.edges,
        every.offsets,
        every.node_labels,
        labels=labels,
        splits=stratified_split(labels, 0),
        class_names=list("abc")[:classes],
        layout="columns",
    )


def _trained(data, architecture="wl-subtree", *, recipe=None, **shape):
    run = make_run(architecture, data, shape={"rounds": 2, **shape}, recipe=recipe)
    return train_classifier(run, lambda x, **_: x)


@pytest.fixture(scope="session")
def random_graph():
    """The function that makes one random graph."""
    return _random_graph


@pytest.fixture(scope="session")
def graph_sets():
    """The strategy of small random sets."""
    return _graph_sets


@pytest.fixture
def labelled():
    """The function that makes random graphs of several classes."""
    return _labelled


@pytest.fixture
def trained():
    """The function that fits a classifier."""
    return _trained

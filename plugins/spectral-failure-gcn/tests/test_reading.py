"""Graphs in the forms that people have them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_spectral_failure_gcn.data import two_blocks

import zoo
from zoo_core import BadInput

N = 60
GRAPH = two_blocks(n=N, a=0.6, b=0.1, seed=0)  # that of the files in `home`
EDGES, LABELS = GRAPH.edges, GRAPH.labels


def geometric():
    data = pytest.importorskip("torch_geometric.data")
    both = torch.from_numpy(np.hstack([EDGES, EDGES[::-1]]))
    return data.Data(edge_index=both, num_nodes=N, y=torch.from_numpy(LABELS))


def networkx_graph():
    networkx = pytest.importorskip("networkx")
    graph = networkx.Graph()
    graph.add_nodes_from((i, {"label": "ab"[label]}) for i, label in enumerate(LABELS))
    graph.add_edges_from(EDGES.T.tolist())
    return graph


SOURCES = {
    "npz": lambda home: home / "plain.npz",
    "edge list": lambda home: str(home / "edges.txt"),
    "array": lambda home: EDGES,
    "directed array": lambda home: np.hstack([EDGES[::-1], EDGES[:, :5]]),
    "pair with features": lambda home: (EDGES, np.eye(N)),
    "labelled": lambda home: home / "labelled.npz",
    "Graph": lambda home: GRAPH,
    "PyTorch Geometric": lambda home: geometric(),
    "NetworkX": lambda home: networkx_graph(),
}


@pytest.mark.parametrize("form", SOURCES)
def test_forms_of_a_graph(home, form):
    source = SOURCES[form](home)
    for name, config in (("ase", {"k": 2}), ("gae", {"k": 2, "features": "ones"})):
        reference = zoo.create(name, **config).fit(GRAPH).embed()
        module = zoo.create(name, **config).fit(source)
        np.testing.assert_allclose(module.embed(), reference, atol=1e-4)
        assert module.embed(source).shape == (N, 2)


def test_weights_that_are_not_numbers(home, tmp_path):
    weights = np.ones(EDGES.shape[1])
    weights[3] = np.nan
    np.savez(tmp_path / "bad.npz", edges=EDGES, edge_weights=weights)
    with pytest.raises(BadInput, match="1 of the 625 edges"):
        zoo.create("gae").fit(tmp_path / "bad.npz")

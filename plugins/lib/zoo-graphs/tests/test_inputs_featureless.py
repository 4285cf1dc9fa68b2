"""Graphs without node features: read where that is asked for, refused where it is not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_graphs.reading import read_graph

from zoo_core import BadInput, Notice

EDGES = np.array([[0, 1, 2], [1, 2, 4]])


def npz(folder, **fields):
    np.savez(folder / "graph.npz", **fields)
    return folder / "graph.npz"


def edge_list(folder, text="# a comment\n0 1\n1 2\n2 4\n"):
    (folder / "edges.txt").write_text(text)
    return folder / "edges.txt"


def geometric(folder):
    data = pytest.importorskip("torch_geometric.data")
    return data.Data(edge_index=torch.from_numpy(EDGES), num_nodes=6)


def networkx_graph(folder):
    networkx = pytest.importorskip("networkx")
    graph = networkx.Graph()
    graph.add_nodes_from(range(6))
    graph.add_edges_from(EDGES.T.tolist())
    return graph


SOURCES = {
    "npz": (lambda folder: npz(folder, edges=EDGES), 4),
    "npz with num_nodes": (lambda folder: npz(folder, edges=EDGES, num_nodes=7), 7),
    "npz with labels": (lambda folder: npz(folder, edges=EDGES, labels=np.zeros(8, int)), 8),
    "edge list": (edge_list, 4),
    "array": (lambda folder: EDGES, 4),
    "tensor": (lambda folder: torch.from_numpy(EDGES), 4),
    "pair": (lambda folder: (EDGES, None), 4),
    "PyTorch Geometric": (geometric, 6),
    "NetworkX": (networkx_graph, 6),
}


@pytest.mark.parametrize("form", SOURCES)
def test_forms_without_features(tmp_path, form):
    make, nodes = SOURCES[form]
    graph = read_graph(make(tmp_path), featureless=True)
    assert (graph.num_nodes, graph.num_features) == (nodes, 0)
    expected = EDGES.tolist() if nodes > 4 else [[0, 1, 2], [1, 2, 3]]
    assert graph.edges.tolist() == expected
    assert graph.node_names == (None if nodes > 4 else (0, 1, 2, 4))


@pytest.mark.parametrize("form", ["npz", "edge list", "array", "tensor", "pair"])
def test_ids_are_positions_where_that_is_told(tmp_path, form):
    make = SOURCES[form][0]
    graph = read_graph(make(tmp_path), featureless=True, ids="positions")
    assert (graph.num_nodes, graph.node_names) == (5, None)
    assert graph.edges.tolist() == EDGES.tolist()
    with pytest.warns(Notice, match="from 0 to 4, were numbered from 0 in ascending order"):
        read_graph(make(tmp_path), featureless=True)


@pytest.mark.parametrize("form", [form for form in SOURCES if form != "pair"])
def test_without_asking_they_are_refused(tmp_path, form):
    with pytest.raises(BadInput):
        read_graph(SOURCES[form][0](tmp_path))


def test_features_that_are_there_are_kept(tmp_path):
    path = npz(tmp_path, edges=EDGES, features=np.ones((6, 2)), num_nodes=99)
    graph = read_graph(path, featureless=True)
    assert (graph.num_nodes, graph.num_features) == (6, 2)
    graph = read_graph(edge_list(tmp_path), np.ones((9, 3)), featureless=True)
    assert (graph.num_nodes, graph.num_features) == (9, 3)


BAD = {
    "no edges at all": (lambda folder: edge_list(folder, ""), "no nodes"),
    "NaN": (lambda folder: np.array([[0, np.nan], [1, 2]]), "edge"),
    "negative": (lambda folder: np.array([[0, -1, 1], [1, 2, 2]]), "node indices from 0"),
    "too few nodes": (lambda folder: npz(folder, edges=EDGES, num_nodes=3), "node indices"),
    "nodes in words": (lambda folder: npz(folder, edges=EDGES, num_nodes="five"), "one integer"),
    "negative nodes": (lambda folder: npz(folder, edges=EDGES, num_nodes=-1), "one integer"),
    "label for each edge": (
        lambda folder: npz(folder, edges=EDGES, labels=np.zeros(3, int)),
        "node indices",
    ),
    "no edges key": (lambda folder: npz(folder, features=np.ones((3, 1))), "no edges"),
    "a number": (lambda folder: 5, "cannot be read as a graph"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(tmp_path, case):
    make, message = BAD[case]
    with pytest.raises(BadInput, match=message) as caught:
        read_graph(make(tmp_path), featureless=True)
    assert "\n" not in str(caught.value)

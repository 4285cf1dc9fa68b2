"""Graphs in the forms that people have them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from zoo_spectral_failure_gcn.data import two_blocks
from zoo_spectral_failure_gcn.discriminant import LinearDiscriminant
from zoo_spectral_failure_gcn.reading import read_own_graph

import zoo
from zoo_core import BadInput

N = 60
GRAPH = two_blocks(n=N, a=0.6, b=0.1, seed=0)  # that of the files in `home`
EDGES, LABELS = GRAPH.edges, GRAPH.labels
GRAPH_WITHOUT_MASKS = replace(GRAPH, masks={})


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


@pytest.mark.parametrize("name", ["ase", "lse", "gae", "structural-gcn"])
def test_training_takes_what_prediction_takes_and_keeps_names(tmp_path, name):
    networkx = pytest.importorskip("networkx")
    club = networkx.karate_club_graph()
    graph = networkx.Graph(club.edges)
    networkx.set_node_attributes(graph, dict(club.nodes("club")), "label")
    recipe = {"epochs": np.int64(3)} if name in ("gae", "structural-gcn") else {}
    zoo.train(name, graph, out=tmp_path / "it", config=recipe, seed=np.int64(0))
    module = zoo.load(tmp_path / "it")
    assert module.class_names == ["Mr. Hi", "Officer"]
    assert {row["label"] for row in zoo.predict(module, graph, top=2)} == {"Mr. Hi", "Officer"}
    assert 0 <= zoo.evaluate(module, graph)[0].value <= 1


def test_folds_are_made_or_chosen():
    parts = [read_own_graph(GRAPH_WITHOUT_MASKS, fold=fold, folds=5) for fold in range(5)]
    tests = np.stack([part.masks["test"] for part in parts])
    assert (tests.sum(axis=0) == 1).all()
    masks = {
        f"{split}_masks": np.stack([p.masks[split] for p in parts]) for split in parts[0].masks
    }
    own = read_own_graph({"edges": EDGES, "num_nodes": N, "labels": LABELS, **masks}, fold=3)
    assert own.folds == 5
    np.testing.assert_array_equal(own.masks["test"], tests[3])


@pytest.mark.parametrize("options", [{"fold": 1}, {"folds": 5}, {"fold": -1}, {"fold": True}])
def test_folds_of_nothing_are_refused(options):
    with pytest.raises(BadInput, match="fold"):
        read_own_graph(EDGES, **options)


def test_unlabelled_nodes_are_no_class():
    labels = LABELS.astype(int).copy()
    labels[:5] = -1
    whole = zoo.create("ase", k=2).fit({"edges": EDGES, "num_nodes": N, "labels": LABELS})
    module = zoo.create("ase", k=2).fit({"edges": EDGES, "num_nodes": N, "labels": labels})
    assert module.class_names == whole.class_names
    known = LinearDiscriminant(2, 2).fit(module.embed()[5:], torch.from_numpy(LABELS[5:]).long())
    torch.testing.assert_close(module.head.weight, known.weight)

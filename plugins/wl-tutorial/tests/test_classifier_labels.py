"""Labels and classes: their names travel with the weights, and nothing is guessed."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_training_graphs
from zoo_wl_tutorial.specs.models import MODELS

import zoo
from zoo_core import BadInput, Notice

ATOMS = ["C"] * 6 + ["N", "O", "O"]
CODES = {"C": 0, "N": 1, "O": 2}
FITTED = ["wl-mutag", "wloa-mutag", "fwl2-mutag"]
models = pytest.mark.parametrize("name", FITTED)


def nitrobenzene(attribute="label", values=ATOMS):
    graph = nx.cycle_graph(6)
    graph.add_edges_from([(0, 6), (6, 7), (6, 8)])
    if attribute:
        nx.set_node_attributes(graph, dict(enumerate(values)), attribute)
    return graph


def pyg(x=None, **more):
    data = pytest.importorskip("torch_geometric.data")
    edges = torch.tensor(list(nitrobenzene(None).edges)).T
    both = torch.cat([edges, edges.flip(0)], dim=1)
    return data.Data(edge_index=both, x=x, num_nodes=9, **more)


@models
def test_graphs_without_labels_are_refused(tmp_path, name):
    nx.write_gml(nitrobenzene("element"), tmp_path / "a.gml")
    bare = [
        nitrobenzene(None),
        nitrobenzene("element"),
        tmp_path / "a.gml",
        [(0, 1), (1, 2)],
        np.eye(4)[::-1],
        pyg(),
        GraphSet.from_edges([[0, 1], [1, 2]], [0, 3], layout="rows"),
    ]
    for one in bare:
        with pytest.raises(BadInput, match="labels"):
            zoo.predict(name, one)
    with pytest.raises(BadInput, match="'elemnt'"):
        zoo.predict(name, nitrobenzene("element"), node_label="elemnt")


@models
def test_the_same_molecule_is_the_same_in_every_form(tmp_path, name):
    expected = zoo.predict(name, nitrobenzene())
    nx.write_graphml(nitrobenzene(), tmp_path / "a.graphml")
    nx.write_graphml(nitrobenzene("element"), tmp_path / "b.graphml")
    nx.write_gml(nitrobenzene("element"), tmp_path / "c.gml")
    assert zoo.predict(name, tmp_path / "a.graphml") == expected
    for file in ("b.graphml", "c.gml"):
        assert zoo.predict(name, tmp_path / file, node_label="element") == expected
    codes = torch.tensor([CODES[atom] for atom in ATOMS])
    for x in (codes, codes[:, None].float(), torch.nn.functional.one_hot(codes, 7).float()):
        assert zoo.predict(name, pyg(x), labels="codes") == expected
        with pytest.raises(BadInput, match="labels='codes'"):
            zoo.predict(name, pyg(x))
    folder = tmp_path / "NB"
    folder.mkdir()
    pairs = [(u + 1, v + 1) for u, v in nitrobenzene().to_directed().edges]
    parts = {"A": [f"{u}, {v}" for u, v in pairs], "graph_indicator": [1] * 9, "graph_labels": [1]}
    for part, lines in {**parts, "node_labels": codes.tolist()}.items():
        (folder / f"NB_{part}.txt").write_text("".join(f"{line}\n" for line in lines))
    assert zoo.predict(name, folder, labels="codes") == expected
    with pytest.raises(BadInput, match="labels='codes'"):
        zoo.predict(name, folder)


@models
def test_atomic_numbers_are_never_taken_for_codes(name):
    numbers = nitrobenzene(values=[{"C": 6, "N": 7, "O": 8}[atom] for atom in ATOMS])
    with pytest.raises(BadInput, match="is the number 6, and labels are called C, N, O"):
        zoo.predict(name, numbers)
    with pytest.raises(BadInput, match="expected a code from 0 to 6"):
        zoo.predict(name, numbers, labels="codes")


def test_the_shell_takes_codes_when_told(zoo_here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nx.write_graphml(nitrobenzene(), "names.graphml")
    nx.write_graphml(nitrobenzene(values=[CODES[atom] for atom in ATOMS]), "codes.graphml")
    names = zoo_here("predict", "wl-mutag", "names.graphml", "--json")
    codes = zoo_here("predict", "wl-mutag", "codes.graphml", "--labels", "codes", "--json")
    assert names.code == codes.code == 0 and names.json == codes.json
    refused = zoo_here("predict", "wl-mutag", "codes.graphml")
    assert refused.code == 2 and "labels='codes'" in refused.err


def test_a_model_of_graphs_without_labels_reads_none():
    plain = zoo.predict("wl-imdb-binary", nitrobenzene(None))
    assert zoo.predict("wl-imdb-binary", nitrobenzene()) == plain
    assert plain[0]["known"] > 0


def test_classes_have_the_words_of_their_data(data_or_skip):
    for spec in MODELS:
        if spec.architecture != "wl-test":
            names = zoo.load(spec.name).class_names
            assert not any(one.isdecimal() for one in names), spec.name
            data = data_or_skip(spec.dataset)
            assert names == list(data.class_names)
            assert zoo.load(spec.name).label_names == list(data.node_label_names)
    assert zoo.load("wl-ptc").class_names == ["not carcinogenic", "carcinogenic"]
    assert zoo.load("wl-proteins").class_names == ["enzyme", "not an enzyme"]


# --- edge labels ---


def path(labels=None, attribute="label"):
    graph = nx.path_graph(3)
    if labels:
        nx.set_edge_attributes(graph, dict(zip(graph.edges, labels, strict=True)), attribute)
    return graph


def pyg_path(labels):
    data = pytest.importorskip("torch_geometric.data")
    edges = torch.tensor([[0, 1], [1, 0], [1, 2], [2, 1]]).T
    return data.Data(edge_index=edges, num_nodes=3, edge_attr=torch.tensor(labels))


@pytest.mark.parametrize("name", ["wl1-test", "wl2-test", "fwl2-test"])
def test_graphs_whose_edge_labels_differ_are_told_apart(name):
    pairs = [
        (path([1, 1]), path([1, 2])),
        (path(["single", "single"]), path(["single", "double"])),
        (pyg_path([1, 1, 1, 1]), pyg_path([1, 1, 2, 2])),
        (pyg_path([[1], [1], [1], [1]]), pyg_path([[1], [1], [2], [2]])),
        (pyg_path([[1, 0]] * 4), pyg_path([[1, 0]] * 2 + [[0, 1]] * 2)),
    ]
    for pair in pairs:
        answer = zoo.predict(name, *pair, confirm=True)
        assert answer["verdict"] == "distinguished" and answer["isomorphic"] is False
    with pytest.raises(BadInput, match="edge labels"):
        zoo.predict(name, path([1, 1]), path(), confirm=True)


@pytest.mark.filterwarnings("ignore::zoo_core.Notice")
def test_what_was_ignored_stands_beside_isomorphic():
    looped, twice, weighted = path(), nx.MultiGraph(path()), path([0.5, 0.7], "weight")
    looped.add_edge(0, 0)
    twice.add_edge(0, 1)
    for one, what in (
        (looped, "self-loops"),
        (twice, "repeated edges"),
        (weighted, "edge weights"),
    ):
        answer = zoo.predict("wl1-test", path(), one, confirm=True)
        assert answer["isomorphic"] == f"yes, {what} ignored" and answer["ignored"] == [what]
        other = zoo.predict("wl1-test", nx.cycle_graph(3), one, confirm=True)
        assert other["isomorphic"] is False
        with pytest.warns(Notice):
            zoo.predict("wl1-test", path(), one)
        with pytest.raises(BadInput):
            zoo.predict("wl1-test", path(), one, strict=True)
    assert zoo.predict("wl1-test", path(), path(), confirm=True)["isomorphic"] is True


# --- the user's own ---


def own_graphs(labels=("C", "N"), edge_labels=None):
    rng = np.random.default_rng(0)
    graphs = []
    for i in range(40):
        n = int(rng.integers(5, 9))
        graph = nx.cycle_graph(n) if i % 2 else nx.path_graph(n)
        nx.set_node_attributes(graph, {v: labels[v % len(labels)] for v in graph}, "label")
        if edge_labels:
            nx.set_edge_attributes(
                graph, {edge: edge_labels[i % 2] for edge in graph.edges}, "label"
            )
        graphs.append(graph)
    return graphs, ["ring" if i % 2 else "chain" for i in range(40)]


def test_names_of_own_labels_and_classes_are_kept(tmp_path):
    graphs, classes = own_graphs()
    zoo.train("wl-subtree", (graphs, classes), out=tmp_path / "run")
    module = zoo.load(str(tmp_path / "run"))
    assert module.class_names == ["chain", "ring"] and module.label_names == ["C", "N"]
    (row,) = zoo.predict(module, graphs[1])
    assert row["label"] == "ring"
    with pytest.raises(BadInput, match="'P' of node 0"):
        odd = graphs[1].copy()
        odd.nodes[0]["label"] = "P"
        zoo.predict(module, odd)
    (result,) = zoo.evaluate(module, (graphs, classes))
    assert result.value == 1.0


def test_names_of_edge_labels_travel_too(tmp_path):
    graphs, classes = own_graphs(edge_labels=("single", "double"))
    options = {"edge_labels": True}
    zoo.train("wl-subtree", (graphs, classes), out=tmp_path / "run", config=options)
    module = zoo.load(str(tmp_path / "run"))
    assert module.edge_label_names == ["double", "single"]
    assert zoo.predict(module, graphs[1])[0]["label"] == "ring"
    for change in ({"label": "triple"}, {}):
        odd = graphs[1].copy()
        for u, v in odd.edges:
            odd.edges[u, v].clear()
            odd.edges[u, v].update(change)
        with pytest.raises(BadInput, match="edge"):
            zoo.predict(module, odd)


def test_own_sets_of_graphs_in_memory(tmp_path):
    graphs, classes = own_graphs(labels=(3, 7))
    data = read_training_graphs((graphs, classes))
    module = zoo.train("wl-subtree", data, out=tmp_path / "run")
    assert module.class_names == ["chain", "ring"]
    assert zoo.evaluate(module, data)[0].value == 1.0
    rows = zoo.predict(module, data)
    assert [row["label"] for row in rows] == classes and rows[0]["known"] == 1.0
    with pytest.raises(BadInput, match="classes are"):
        zoo.evaluate(module, (graphs, ["x" if one == "ring" else "y" for one in classes]))

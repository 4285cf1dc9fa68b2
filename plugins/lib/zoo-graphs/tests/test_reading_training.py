"""What a person trains on: classes and their names, folds, and all kinds of sources."""

from __future__ import annotations

import zipfile

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from torch_geometric.data import Data
from zoo_graphs.graph import Graph
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graph, read_graphs, read_training_graph, read_training_graphs
from zoo_graphs.reading.training import split_nodes

from zoo_core import BadInput, Notice, strictly

N = 24
EDGES = np.array([range(N - 1), range(1, N)])
X = np.eye(N)
Y = np.arange(N) % 3
MASKS = {
    f"{split}_masks": np.array([(np.arange(N) + fold) % 4 == part for fold in range(10)])
    for part, split in enumerate(("train", "val", "test"))
}


def npz(folder, **arrays):
    np.savez(folder / "mine.npz", **{"edges": EDGES, "features": X, **arrays})
    return folder / "mine.npz"


# --- nodes: classes ---


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (Y, ("0", "1", "2")),
        (10 * Y, ("0", "10", "20")),
        (Y + 0.0, ("0", "1", "2")),
        (np.array(["left", "mid", "right"])[Y], ("left", "mid", "right")),
        (Y == 1, ("False", "True")),
        (10**9 * Y, ("0", "1000000000", "2000000000")),
        ((Y * 2 - 3), ("-3", "1")),
    ],
)
def test_classes_are_called_as_they_are_written(tmp_path, labels, names):
    graph = read_training_graph(npz(tmp_path, labels=labels))
    assert graph.class_names == names
    if names != ("-3", "1"):
        order = dict(zip(names, range(len(names)), strict=True))
        assert graph.labels.tolist() == [
            order[str(int(one) if isinstance(one, float) else one)] for one in labels.tolist()
        ]
        assert graph.unlabelled is None
    else:
        assert graph.unlabelled.tolist() == (Y == 1).tolist()  # -1 is no class


def test_nodes_without_a_class_are_in_no_split(tmp_path):
    sparse_labels = np.where(np.arange(N) % 4 == 3, -1, Y)
    missing = [None if one < 0 else f"c{one}" for one in sparse_labels]
    floats = np.where(sparse_labels < 0, np.nan, sparse_labels)
    graph = nx.path_graph(N)
    nx.set_node_attributes(graph, dict(enumerate(missing)), "y")
    for source, options in (
        (npz(tmp_path, labels=sparse_labels), {}),
        ((EDGES, X, missing), {}),
        (Data(edge_index=torch.from_numpy(EDGES), x=torch.eye(N), y=torch.from_numpy(floats)), {}),
        (graph, {"features": X}),
    ):
        found = read_training_graph(source, folds=3, fold=1, **options)
        assert found.num_classes == 3
        assert found.unlabelled.tolist() == (sparse_labels < 0).tolist()
        whole = np.sum(list(found.masks.values()), axis=0)
        assert whole.tolist() == (sparse_labels >= 0).astype(int).tolist()
    masked = npz(tmp_path, labels=sparse_labels, **MASKS)
    with pytest.raises(BadInput, match="of the train mask have no class, the first is node"):
        read_training_graph(masked, fold=1)


def test_homophily_leaves_out_nodes_without_a_class():
    graph = read_graph(([(0, 1), (1, 2), (2, 3)], np.eye(4), ["a", "a", None, "a"]))
    assert graph.edge_homophily() == 1.0


def test_classes_of_a_part_have_the_names_of_the_whole(tmp_path):
    part = npz(tmp_path, labels=np.where(Y == 2, "c", "a"))
    graph = read_training_graph(part, class_names=["a", "b", "c"])
    assert graph.class_names == ("a", "b", "c") and set(graph.labels.tolist()) == {0, 2}
    with pytest.raises(BadInput, match="class 'c' is unknown"):
        read_training_graph(part, class_names=["a", "b"])


def test_a_class_without_training_nodes_is_told(tmp_path):
    masks = {
        "train_mask": (Y == 0) | ((Y == 1) & (np.arange(N) < 12)),
        "val_mask": (Y == 1) & (np.arange(N) >= 12),
        "test_mask": Y == 2,
    }
    with pytest.warns(Notice, match="No node of the training split is of the class '2'"):
        read_training_graph(npz(tmp_path, labels=Y, **masks))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "no labels to train on"),
        ({"labels": np.zeros(N)}, "one class only"),
        ({"labels": np.where(Y == 1, 1, -1)}, "-1 is no class"),
        ({"labels": Y + 0.5}, "0.5, which is no class"),
        ({"labels": Y[1:]}, r"shape \(23,\)"),
        ({"labels": Y, "train_mask": Y == 0}, "no val nodes"),
    ],
)
def test_what_cannot_be_trained_on(tmp_path, fields, reason):
    with pytest.raises(BadInput, match=reason):
        read_training_graph(npz(tmp_path, **fields))


def test_the_attribute_of_classes_is_told():
    graph = nx.path_graph(N)
    nx.set_node_attributes(graph, {i: "ab"[i % 2] for i in graph}, "club")
    with pytest.raises(BadInput, match="no labels"), pytest.warns(Notice, match="'club' was not"):
        read_training_graph(graph, X)
    with strictly():
        assert read_training_graph(graph, X, label="club").class_names == ("a", "b")
    with pytest.raises(BadInput, match="no attribute 'team', only 'club'"):
        read_training_graph(graph, X, label="team")


# --- nodes: folds ---


def test_a_sources_own_folds_are_chosen_from(tmp_path):
    data = Data(edge_index=torch.from_numpy(EDGES), x=torch.eye(N), y=torch.from_numpy(Y))
    for key, stacked in MASKS.items():
        data[key.removesuffix("s")] = torch.from_numpy(stacked.T)
    for source in (npz(tmp_path, labels=Y, **MASKS), data):
        for fold in (0, 3, np.int64(9)):
            graph = read_training_graph(source, fold=fold)
            assert graph.folds == 10
            for split in graph.masks:
                assert np.array_equal(graph.masks[split], MASKS[f"{split}_masks"][int(fold)])
        assert read_training_graph(source, fold=2, folds=10).folds == 10
        with pytest.raises(BadInput, match="from 0 to 9"):
            read_training_graph(source, fold=10)
        with pytest.raises(BadInput, match="brings 10 splits of its own, not 5"):
            read_training_graph(source, folds=5)


def test_folds_are_made_and_stratified(tmp_path):
    source = npz(tmp_path, labels=Y)
    found = [read_training_graph(source, fold=fold, folds=4) for fold in range(4)]
    assert np.sum([graph.masks["test"] for graph in found], axis=0).tolist() == [1] * N
    for graph in found:
        assert graph.folds is None
        assert np.sum(list(graph.masks.values()), axis=0).tolist() == [1] * N
        assert np.bincount(Y[graph.masks["test"]]).tolist() == [2, 2, 2]
        assert np.bincount(Y[graph.masks["val"]]).tolist() == [2, 2, 2]
    again = read_training_graph(source, fold=2, folds=4)
    assert all(np.array_equal(again.masks[s], found[2].masks[s]) for s in again.masks)
    for folds, fold, reason in ((4, 4, "from 0 to 3"), (9, 0, "at least 9 nodes"), (1, 0, "from")):
        with pytest.raises(BadInput, match=reason):
            read_training_graph(source, fold=fold, folds=folds)


def test_without_folds_the_split_is_random_and_its_seed_the_fold(tmp_path):
    source = npz(tmp_path, labels=Y)
    first, second = (read_training_graph(source, fold=fold) for fold in (0, 1))
    assert [int(mask.sum()) for mask in first.masks.values()] == [16, 4, 4]
    assert not np.array_equal(first.masks["train"], second.masks["train"])
    own = npz(tmp_path, labels=Y, **{key.removesuffix("s"): m[0] for key, m in MASKS.items()})
    assert read_training_graph(own).folds is None
    with pytest.raises(BadInput, match="brings its own split"):
        read_training_graph(own, fold=1)
    with pytest.warns(Notice, match="was set aside for 4 folds"):
        assert read_training_graph(own, fold=1, folds=4).masks["test"].sum() == 6


def test_a_graph_in_memory_is_split_too():
    graph = Graph.from_edges(EDGES, X, Y)
    assert read_training_graph(graph, folds=4, fold=1).masks["test"].sum() == 6
    assert split_nodes(graph, 0, None).masks["train"].sum() == 16


# --- nodes: in memory as on disk ---


def networkx_graph():
    graph = nx.path_graph(N)
    for node in graph:
        graph.nodes[node].update(x=X[node].tolist(), label=int(Y[node]))
    return graph


def node_table(folder):
    frame = pd.DataFrame(X, columns=[f"f{i}" for i in range(N)])
    frame.assign(id=range(N), label=Y).to_csv(folder / "nodes.csv", index=False)
    np.savetxt(folder / "edges.txt", EDGES.T, fmt="%d")
    return folder / "edges.txt", folder / "nodes.csv"


SOURCES = {
    "npz": lambda folder: npz(folder, labels=Y),
    "text": lambda folder: str(npz(folder, labels=Y)),
    "dictionary": lambda _: {"edges": EDGES, "x": X, "y": Y},
    "triple": lambda _: (EDGES, X, Y),
    "lists": lambda _: (EDGES.T.tolist(), X.tolist(), Y.tolist()),
    "tensors": lambda _: tuple(map(torch.from_numpy, (EDGES, X, Y))),
    "adjacency": lambda _: (nx.to_scipy_sparse_array(nx.path_graph(N)), X, pd.Series(Y)),
    "frame": lambda _: (pd.DataFrame({"source": EDGES[0], "target": EDGES[1]}), X, Y),
    "Graph": lambda _: Graph.from_edges(EDGES, X, Y),
    "NetworkX": lambda _: networkx_graph(),
    "PyTorch Geometric": lambda _: Data(
        edge_index=torch.from_numpy(np.concatenate([EDGES, EDGES[::-1]], axis=1)),
        x=torch.eye(N),
        y=torch.from_numpy(Y),
    ),
    "files": node_table,
}


@pytest.mark.parametrize("form", SOURCES)
def test_all_forms_are_the_same_graph(tmp_path, form):
    with strictly():
        graph = read_training_graph(SOURCES[form](tmp_path), fold=3)
    expected = Graph.from_edges(EDGES, X, Y)
    assert graph.fingerprint() == expected.fingerprint()
    assert graph.splits == ("train", "val", "test")


# --- graphs ---

GRAPHS = [nx.path_graph(3 + i % 4) for i in range(40)]
CLASSES = [i % 2 for i in range(40)]


def labelled(graphs=GRAPHS, classes=CLASSES):
    copies = [graph.copy() for graph in graphs]
    for graph, label in zip(copies, classes, strict=True):
        graph.graph["y"] = label
    return copies


def geometric(graphs=GRAPHS, classes=CLASSES):
    return [
        Data(
            edge_index=torch.tensor([*graph.edges, *((v, u) for u, v in graph.edges)]).T,
            num_nodes=len(graph),
            y=torch.tensor([label]),
        )
        for graph, label in zip(graphs, classes, strict=True)
    ]


GRAPH_SOURCES = {
    "pair": lambda: (GRAPHS, CLASSES),
    "array of classes": lambda: (GRAPHS, np.array(CLASSES)),
    "tensor of classes": lambda: (GRAPHS, torch.tensor(CLASSES)),
    "column of classes": lambda: (GRAPHS, np.array(CLASSES)[:, None]),
    "frame of classes": lambda: (GRAPHS, pd.DataFrame({"y": CLASSES})),
    "Series": lambda: (pd.Series(GRAPHS), pd.Series(CLASSES)),
    "attributes": labelled,
    "PyTorch Geometric": geometric,
    "GraphSet": lambda: read_training_graphs((GRAPHS, CLASSES)),
    "GraphSet and classes": lambda: (read_graphs(GRAPHS), CLASSES),
}


@pytest.mark.parametrize("form", GRAPH_SOURCES)
def test_all_forms_are_the_same_graphs(form):
    with strictly():
        graphs = read_training_graphs(GRAPH_SOURCES[form](), fold=2, folds=5)
    expected = GraphSet.concatenate([read_graphs(graph) for graph in GRAPHS])
    assert np.array_equal(graphs.edges, expected.edges)
    assert graphs.labels.tolist() == CLASSES and graphs.class_names == ("0", "1")
    assert {split: len(chosen) for split, chosen in graphs.splits.items()} == {
        "train": 32,
        "test": 8,
    }
    assert graphs.folds is None


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        ([0, 20], ("0", "20")),
        ([-1, 1], ("-1", "1")),
        (["yes", "no"], ("no", "yes")),
        ([True, False], ("False", "True")),
        ([2.0, 1.0], ("1", "2")),
    ],
)
def test_classes_of_graphs_are_called_as_they_are_written(classes, names):
    graphs = read_training_graphs((GRAPHS, classes * 20))
    assert graphs.class_names == names
    assert [names[code] for code in graphs.labels[:2].tolist()] == [
        str(int(one) if isinstance(one, float) else one) for one in classes
    ]


def test_graphs_without_a_class_are_left_out():
    classes = [None, *CLASSES[1:-1], float("nan")]
    with pytest.warns(Notice, match="2 graphs without a class were left out"):
        graphs = read_training_graphs((GRAPHS, classes), folds=5)
    assert len(graphs) == 38 and graphs.sizes[0] == 4


def test_names_of_labels_are_kept_by_a_training_set():
    named = []
    for graph in GRAPHS:
        copy = graph.copy()
        nx.set_node_attributes(copy, {node: "CNO"[node % 3] for node in copy}, "label")
        nx.set_edge_attributes(copy, "single", "label")
        named.append(copy)
    graphs = read_training_graphs((named, CLASSES))
    assert graphs.node_label_names == ("C", "N", "O")
    assert graphs.node_labels[:3].tolist() == [0, 1, 2]
    assert graphs.edge_label_names == ("single",) and not graphs.edge_labels.any()
    given = read_training_graphs((named, CLASSES), label_names=["O", "N", "C"])
    assert given.node_labels[:3].tolist() == [2, 1, 0]
    with pytest.raises(BadInput, match="labels are needed here"):
        read_training_graphs((GRAPHS, CLASSES), label_names=["C"])


@pytest.mark.parametrize(
    ("source", "options", "reason"),
    [
        (lambda: GRAPHS, {}, "no classes to train on"),
        (lambda: (GRAPHS, CLASSES[1:]), {}, "39 labels for 40 graphs"),
        (lambda: (GRAPHS, [0] * 40), {}, "one class only"),
        (lambda: (GRAPHS, [0] * 37 + [1] * 3), {}, r"\[37, 3\].*at least 10"),
        (lambda: (GRAPHS, CLASSES), {"folds": 30}, "at least 30"),
        (lambda: (GRAPHS, CLASSES), {"folds": 5, "fold": 5}, "from 0 to 4"),
        (lambda: (GRAPHS, CLASSES), {"folds": 0}, "folds=0 is no number of folds"),
        (lambda: (GRAPHS, CLASSES), {"folds": 2.5}, "folds=2.5 is no number of folds"),
        (lambda: labelled()[:20] + GRAPHS[:20], {}, "Graph 20 has no class"),
        (lambda: 5, {}, "cannot be read"),
    ],
)
def test_graphs_that_cannot_be_trained_on(source, options, reason):
    with pytest.raises(BadInput, match=reason):
        read_training_graphs(source(), **options)


# --- the TU layout ---


def tu(folder, name, labels="0\n5\n0\n", classes="-1\n1\n", **more):
    parts = {
        "A": "1, 2\n2, 1\n",
        "graph_indicator": "1\n1\n2\n",
        "graph_labels": classes,
        "node_labels": labels,
        **more,
    }
    folder.mkdir(exist_ok=True)
    for part, text in parts.items():
        if text is not None:
            (folder / f"{name}_{part}.txt").write_text(text)
    return folder


def packed(path, *folders):
    with zipfile.ZipFile(path, "w") as archive:
        for folder in folders:
            for file in folder.iterdir():
                archive.write(file, f"{folder.name}/{file.name}")
    return path


def test_two_sets_in_one_place_do_not_mix(tmp_path):
    folder = tu(tmp_path / "both", "AAA", labels=None)
    tu(folder, "BBB")
    archive = packed(tmp_path / "both.zip", folder)
    for source in (folder, archive):
        with pytest.raises(BadInput, match=r"holds 2 data sets \(AAA, BBB\)"):
            read_graphs(source)
    assert read_graphs(folder / "AAA_A.txt").node_labels is None
    assert read_graphs(folder / "BBB_A.txt").node_labels.tolist() == [0, 5, 0]


def test_leftovers_of_macos_are_no_data(tmp_path):
    folder = tu(tmp_path / "AAA", "AAA")
    for part in ("A", "graph_labels", "edge_labels"):
        (folder / f"._AAA_{part}.txt").write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "._AAA_A.txt").write_bytes(b"\x00\x05")
    (folder / "README.txt").write_text("hello")
    found = read_graphs(folder)
    assert found.node_labels.tolist() == [0, 5, 0] and found.edge_labels is None
    archive = tmp_path / "AAA.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for file in folder.glob("AAA_*.txt"):
            out.write(file, f"AAA/{file.name}")
            out.writestr(f"__MACOSX/AAA/._{file.name}", b"\x00\x05\x16\x07")
    assert read_graphs(archive).fingerprint() == found.fingerprint()


def test_attributes_and_loops_of_a_tu_set_are_told(tmp_path):
    folder = tu(tmp_path / "AAA", "AAA", A="1, 2\n2, 1\n3, 3\n", node_attributes="0.5\n1\n2\n")
    with pytest.warns(Notice, match="self-loops and node attributes of AAA were dropped"):
        found = read_graphs(folder)
    assert found.ignored == ("self-loops", "node attributes")


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("graph_indicator", "1\n1\n900000000000\n"),
        ("graph_indicator", "0\n1\n2\n"),
        ("A", "1, 99\n"),
        ("A", "1, 2, 9\n2, 1, 9\n"),
        ("A", "1, 2, 2\n1\n"),
        ("node_labels", "0\n"),
        ("node_labels", "0, 1\n5\n"),
        ("node_labels", "0\nx\n0\n"),
        ("graph_labels", "0.5\n1\n"),
    ],
)
def test_a_damaged_set_is_one_sentence_that_deletes_nothing(tmp_path, part, text):
    for source in (
        tu(tmp_path / "AAA", "AAA", **{part: text}),
        packed(tmp_path / "AAA.zip", tmp_path / "AAA"),
    ):
        with pytest.raises(BadInput) as caught:
            read_graphs(source)
        assert "delete" not in str(caught.value) and "\n" not in str(caught.value)

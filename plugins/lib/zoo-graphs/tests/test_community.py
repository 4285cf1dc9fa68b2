"""Community graphs: counts, both routes of each, and refusals."""

from __future__ import annotations

import gzip
import zipfile

import numpy as np
import pytest
from zoo_graphs import community
from zoo_graphs.graph import Graph

from zoo_core import BadInput, DataError

TABLE = {
    "email-eu-core": (986, 16064, 42, 1005),
    "polblogs": (1222, 16714, 2, 1490),
    "karate": (34, 78, 2, 34),
}


@pytest.mark.parametrize("name", TABLE)
def test_largest_component_and_whole_graph(data_or_skip, name):
    nodes, edges, classes, every = TABLE[name]
    graph = data_or_skip(name)
    assert (graph.num_nodes, graph.num_edges, graph.num_classes) == (nodes, edges, classes)
    assert graph.num_features == 0 and graph.edge_weights is None
    whole = data_or_skip(name, component="all")
    assert whole.num_nodes == every
    fifth = nodes // 5
    sizes = [int(graph.masks[split].sum()) for split in ("train", "val", "test")]
    assert sizes == [nodes - 2 * fifth, fifth, fifth]


def test_known_facts(data_or_skip):
    blogs = data_or_skip("polblogs", component="all")
    assert np.bincount(blogs.labels).tolist() == [758, 732]
    assert blogs.edge_homophily() == pytest.approx(0.906, abs=5e-4)
    assert np.bincount(data_or_skip("karate").labels).tolist() == [17, 17]


def test_karate_is_that_of_networkx(data_or_skip):
    networkx = pytest.importorskip("networkx")
    club = networkx.karate_club_graph()
    graph = data_or_skip("karate")
    assert set(map(tuple, graph.edges.T.tolist())) == {tuple(sorted(edge)) for edge in club.edges}
    names = [graph.class_names[label] for label in graph.labels]
    assert names == [club.nodes[node]["club"] for node in club]


def test_five_folds_test_every_node_once(data_or_skip):
    for first in (0, 5):
        masks = [data_or_skip("karate", fold=first + i, split="five-fold").masks for i in range(5)]
        assert (sum(one["test"].astype(int) for one in masks) == 1).all()
        assert all(np.array_equal(one["train"], ~one["test"]) for one in masks)
        assert sorted(int(one["test"].sum()) for one in masks) == [6, 7, 7, 7, 7]
    assert data_or_skip("karate", fold=0, split="five-fold").masks.keys() == {"train", "test"}


def test_folds_and_refusals(data_or_skip):
    masks = {data_or_skip("karate", fold=fold).masks["test"].tobytes() for fold in range(5)}
    assert len(masks) == 5
    for options in ({"fold": -1}, {"component": "second"}, {"split": "public"}):
        with pytest.raises(BadInput):
            data_or_skip("karate", **options)


EMAIL_EDGES = "0 1\n1 0\n2 2\n1 2\n3 3\n"
EMAIL_LABELS = "2 5\n0 1\n1 0\n3 0\n"
BLOGS = """Creator "A [b] on 2006"
graph
[
  directed 1
  node
  [
    id 7
    label "one.example ]"
    value 0
    source "Blogarama"
  ]
  node [ id 3 label "two" value 1 source "x" ]
  node [ id 9 label "three" value 1 source "y" ]
  edge [ source 7 target 3 ]
  edge [ source 7 target 3 ]
  edge [ source 9 target 9 ]
]
"""


def zipped(text, path, member="polblogs.gml"):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("polblogs.txt", "a description")
        archive.writestr(member, text)
    return path


def test_snap_format(tmp_path):
    for name, text in (("edges", EMAIL_EDGES), ("labels", EMAIL_LABELS)):
        (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    edges, labels = community.read_snap(tmp_path / "edges", tmp_path / "labels", "email")
    assert edges.T.tolist() == [[0, 1], [1, 0], [2, 2], [1, 2], [3, 3]]
    assert labels.tolist() == [1, 0, 5, 0]
    graph = Graph.from_edges(edges, np.zeros((4, 1)), labels, num_nodes=4)
    assert graph.edges.T.tolist() == [[0, 1], [1, 2]]


@pytest.mark.parametrize(
    ("edges", "labels", "message"),
    [
        (b"0 1\n", None, "no gzipped text"),
        (None, gzip.compress(b"0 1\n2 1\n"), "one line for each node"),
        (gzip.compress(b"0 x\n"), None, "email"),
        (None, gzip.compress(EMAIL_LABELS.encode())[:-9], "no gzipped text"),
        (gzip.compress(b"0 1 2\n"), None, "email"),
    ],
    # Compressed bytes carry the time, and workers must find the same names.
    ids=["not gzipped", "missing node", "no number", "cut", "three numbers"],
)
def test_damaged_snap_files(tmp_path, edges, labels, message):
    (tmp_path / "edges").write_bytes(edges or gzip.compress(EMAIL_EDGES.encode()))
    (tmp_path / "labels").write_bytes(labels or gzip.compress(EMAIL_LABELS.encode()))
    with pytest.raises(DataError, match=message):
        community.read_snap(tmp_path / "edges", tmp_path / "labels", "email")


def test_gml_format(tmp_path):
    edges, labels = community.read_gml(zipped(BLOGS, tmp_path / "blogs.zip"), "polblogs")
    assert edges.T.tolist() == [[0, 1], [0, 1], [2, 2]]
    assert labels.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        BLOGS.replace("target 3", "target 4"),
        BLOGS.replace("value 1", ""),
        BLOGS.replace("value 0", "value zero"),
        BLOGS.replace("graph", "tree", 1),
        "graph [ node [ id",
    ],
    ids=["empty", "unknown end", "no label", "no number", "no graph", "cut"],
)
def test_damaged_gml(tmp_path, text):
    with pytest.raises(DataError, match="polblogs"):
        community.read_gml(zipped(text, tmp_path / "blogs.zip"), "polblogs")


def test_no_archive(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"no zip")
    for path in (tmp_path / "a.zip", zipped("", tmp_path / "b.zip", member="other.txt")):
        with pytest.raises(DataError, match="no zip archive"):
            community.read_gml(path, "polblogs")


@pytest.mark.parametrize("name", ["email-eu-core", "polblogs"])
def test_upstream_files_give_the_converted_graph(data_or_skip, specs, monkeypatch, tmp_path, name):
    """The converted graph, written in upstream's format, passes counts and fingerprint."""
    converted = data_or_skip(name, component="all")
    lines = "".join(f"{v} {u}\n{u} {v}\n" for u, v in converted.edges.T)
    nodes = "".join(f"{node} {label}\n" for node, label in enumerate(converted.labels))
    gml = "graph [ directed 1\n" + "".join(
        f'node [ id {node + 1} label "x" value {label} ]\n'
        for node, label in enumerate(converted.labels)
    )
    gml += "".join(f"edge [ source {u + 1} target {v + 1} ]\n" for u, v in converted.edges.T) + "]"

    def fetch(file):
        path = tmp_path / file.path.rpartition("/")[2]
        if path.suffix == ".zip":
            return zipped(gml, path)
        path.write_bytes(gzip.compress((nodes if "labels" in path.name else lines).encode()))
        return path

    monkeypatch.setattr(community, "available_path", lambda file: None)
    monkeypatch.setattr(community, "fetch", fetch)
    assert data_or_skip(name, component="all").fingerprint() == converted.fingerprint()
    lines, gml = lines.replace("\n", "\n0 900\n", 1), gml.replace("target 2 ]", "target 3 ]", 1)
    with pytest.raises(DataError, match="expected"):
        data_or_skip(name)

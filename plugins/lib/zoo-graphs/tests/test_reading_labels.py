"""Labels keep their identity, are found under their name, and are never made up."""

from __future__ import annotations

import igraph
import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch_geometric.data import Data
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graphs
from zoo_graphs.reading.labels import Naming, code_of

from zoo_core import BadInput, Notice, strictly

NAMES = ["C", "N", "O", "F"]
BOTH = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])


def path(*labels, key="label"):
    graph = nx.path_graph(len(labels))
    nx.set_node_attributes(graph, dict(enumerate(labels)), key)
    return graph


def codes(*labels):
    return read_graphs(path(*labels)).node_labels.tolist()


@pytest.mark.parametrize(
    "pair",
    [
        (2**53, 2**53 + 1),
        (2**61 - 1, 2**61),
        (2**63, 2**63 + 1),
        ("01", "1"),
        ("1", 1),
        (0.5, 0.75),
        (0.5, "0.5"),
        (-1, 1),
        (float("inf"), "inf"),
        ("a", "a "),
        ("é", "e\u0301"),
        ("", " "),
        ("\ud800", "?"),
    ],
)
def test_different_labels_are_different_numbers(pair):
    first, second = codes(*pair)
    assert first != second


@given(
    st.lists(
        st.one_of(
            st.integers(),
            st.text(),
            st.floats(allow_nan=False),
            st.sampled_from([2**53, 2**53 + 1, 2**61, -(2**61), 0.1]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_numbers_of_labels_are_equal_where_python_says_so(labels):
    found = Naming("node").codes(labels, "graph")
    assert ((found >= 0) & (found < 2**62)).all()
    for one, a in zip(labels, found, strict=True):
        for other, b in zip(labels, found, strict=True):
            assert (one == other) == (a == b)


def test_numbers_of_labels_are_the_same_everywhere():
    assert code_of("N", "node 0") == 4234582597870831476
    assert code_of(0.5, "node 0") == 3109571118689039570
    assert code_of(-1, "node 0") == 3871611907889513554
    assert codes(1, 1.0, True) == codes(np.int64(1), np.float32(1), np.bool_(True)) == [1, 1, 1]


def test_large_labels_of_arrays_are_exact():
    labels = np.array([2**53, 2**53 + 1])
    tensor = torch.from_numpy(labels)[:, None]
    for source in (
        (np.array([[0], [1]]), labels),
        Data(edge_index=torch.tensor([[0], [1]]), x=tensor),
    ):
        assert read_graphs(source).node_labels.tolist() == labels.tolist()


def test_names_become_their_numbers():
    found = read_graphs(path("N", "C", "F"), label_names=NAMES)
    assert found.node_labels.tolist() == [1, 0, 3] and found.node_label_names == tuple(NAMES)
    other = GraphSet.from_edges([[0], [1]], [0, 2], [0, 1], node_label_names=["N", "C"])
    assert read_graphs(other, label_names=NAMES).node_labels.tolist() == [1, 0]
    assert read_graphs(found, label_names=NAMES).node_labels.tolist() == [1, 0, 3]


def elements(*labels):
    return path(*labels, key="element")


def gml_without_labels(folder):
    nx.write_gml(path("C", "N"), folder / "a.gml")
    return folder / "a.gml"


def edge_list(folder):
    (folder / "a.txt").write_text("0 1\n")
    return folder / "a.txt"


REFUSED = {
    "another attribute": (lambda _: elements("C", "N"), "no labels.*attributes: 'element'.*C, N"),
    "lost in a .gml": (gml_without_labels, "no labels"),
    "an edge list": (edge_list, "no labels"),
    "a matrix": (lambda _: np.ones((4, 4)), "no labels"),
    "a set without": (lambda _: GraphSet.from_edges([[0], [1]], [0, 2]), "no labels"),
    "atomic numbers": (lambda _: path(6, 7), "the number 6.*labels='codes'"),
    "atomic numbers as texts": (lambda _: path("6", "7"), "'6' of node 0 of graph is unknown"),
    "codes of a set": (lambda _: GraphSet.from_edges([[0], [1]], [0, 2], [0, 1]), "the number 0"),
    "one-hot": (lambda _: Data(edge_index=BOTH, x=torch.eye(3)), "the number 0"),
    "a text": (lambda _: path("C", "c"), "'c' of node 1.*Expected one of C, N, O, F"),
    "some": (lambda _: nx.compose(path("C", "N"), nx.path_graph(3)), "node 2 has not"),
    "none": (lambda _: path("C", None), "node 1 of graph is missing"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_model_with_label_names_refuses(tmp_path, case):
    make, reason = REFUSED[case]
    with pytest.raises(BadInput, match=reason) as caught:
        read_graphs(make(tmp_path), label_names=NAMES)
    assert "\n" not in str(caught.value)


def test_codes_are_taken_where_that_is_told():
    for source in (path(0, 3), path("0", "3"), path("C", "F"), path(0.0, 3)):
        found = read_graphs(source, label_names=NAMES, labels="codes")
        assert found.node_labels.tolist() == [0, 3]
    with pytest.raises(BadInput, match="is 6; expected a code from 0 to 3"):
        read_graphs(path(6, 7), label_names=NAMES, labels="codes")
    with pytest.raises(BadInput, match="labels are needed here"):
        read_graphs(nx.path_graph(2), labels="codes")
    with pytest.raises(BadInput, match="labels='numbers' is unknown"):
        read_graphs(path(0), labels="numbers")


def test_numbers_may_be_names():
    assert read_graphs(path(3, 5), label_names=["3", "5"]).node_labels.tolist() == [0, 1]


def test_an_attribute_that_is_told_must_be_there():
    found = read_graphs(elements("C", "N"), node_label="element", label_names=NAMES)
    assert found.node_labels.tolist() == [0, 1] and found.ignored == ()
    with pytest.raises(BadInput, match="no attribute 'elemnt'; their attributes: 'element'"):
        read_graphs(elements("C", "N"), node_label="elemnt")
    with pytest.raises(BadInput, match="edges of graph have no attribute 'bond'"):
        read_graphs(path("C", "N"), edge_label="bond")
    with pytest.raises(BadInput, match="no attribute 'element'; their attributes: none"):
        read_graphs(np.ones((4, 4)), node_label="element")


def test_attributes_that_are_not_read_are_told():
    with pytest.warns(Notice, match="node attribute 'element' was not read; node_label"):
        found = read_graphs(elements("C", "N"))
    assert found.ignored == ("node attribute 'element'",)
    with strictly(), pytest.raises(BadInput, match="strict"):
        read_graphs(elements("C", "N"))


def test_labelled_and_bare_graphs_do_not_mix():
    with pytest.raises(BadInput, match="Set 1 of graphs has no node labels"):
        read_graphs(path("C", "N"), nx.path_graph(2))


def test_edge_labels_have_names_too():
    graph = nx.path_graph(3)
    nx.set_edge_attributes(graph, {(0, 1): "single", (1, 2): "double"}, "label")
    found = read_graphs(graph, edge_label_names=["single", "double"])
    assert found.edge_labels.tolist() == [0, 1]
    assert found.edge_label_names == ("single", "double") and found.node_labels is None
    for source, reason in ((nx.path_graph(3), "edges of graph have no labels"), (path(1), None)):
        if reason is None:
            assert read_graphs(source, edge_label_names=["single"]).num_edges == 0
            continue
        with pytest.raises(BadInput, match=reason):
            read_graphs(source, edge_label_names=["single"])


@pytest.mark.parametrize(
    ("attribute", "labels"),
    [
        (torch.tensor([1, 1, 2, 2]), [1, 2]),
        (torch.tensor([[1], [1], [2], [2]]), [1, 2]),
        (torch.tensor([1.0, 1.0, 2.0, 2.0]), [1, 2]),
        (torch.eye(2)[[0, 0, 1, 1]], [0, 1]),
    ],
)
def test_edge_labels_of_pytorch_geometric(attribute, labels):
    found = read_graphs(Data(edge_index=BOTH, num_nodes=3, edge_attr=attribute))
    assert found.edge_labels.tolist() == labels and not found.directed
    bare = read_graphs(Data(edge_index=BOTH, num_nodes=3, edge_attr=attribute), edge_label=None)
    assert bare.edge_labels is None


def test_rows_of_integers_are_labels_as_a_whole():
    rows = torch.tensor([[1, 2], [1, 2], [2, 1], [2, 1]])
    found = read_graphs(Data(edge_index=BOTH, num_nodes=3, edge_attr=rows))
    assert len(set(found.edge_labels.tolist())) == 2


def test_labels_that_depend_on_direction_make_a_directed_graph():
    found = read_graphs(Data(edge_index=BOTH, num_nodes=3, edge_attr=torch.tensor([1, 3, 2, 2])))
    assert found.directed and found.edge_labels.tolist() == [1, 3, 2, 2]


def test_labels_of_a_gml_are_told_from_names(tmp_path):
    def gml(*labels):
        nodes = "".join(f'node [ id {i} label "{one}" ]' for i, one in enumerate(labels))
        (tmp_path / "a.gml").write_text(f"graph [ {nodes} edge [ source 0 target 1 ] ]")
        return tmp_path / "a.gml"

    assert read_graphs(gml("C", "N"), label_names=NAMES).node_labels.tolist() == [0, 1]
    assert read_graphs(gml("C", "C"), label_names=NAMES).node_labels.tolist() == [0, 0]
    assert read_graphs(gml("A", "B")).node_labels is None
    assert read_graphs(gml("A", "A")).node_labels is not None


def test_names_of_a_gexf_are_no_labels(tmp_path):
    nx.write_gexf(nx.path_graph(3), tmp_path / "a.gexf")
    assert read_graphs(tmp_path / "a.gexf").node_labels is None
    nx.write_gexf(path("C", "N"), tmp_path / "a.gexf")
    assert read_graphs(tmp_path / "a.gexf", label_names=NAMES).node_labels.tolist() == [0, 1]


def test_graphs_as_grakel_writes_them():
    first = [[(1, 2), (2, 3)], {1: "C", 2: "N", 3: "C"}, {(1, 2): 4, (3, 2): 5}]
    second = [{(1, 2)}, {1: "C", 2: "O", 9: "N"}, {(1, 2): 4}]
    found = read_graphs([first, second], label_names=NAMES)
    assert found.sizes.tolist() == [3, 3]
    assert found.node_labels.tolist() == [0, 1, 0, 0, 2, 1]
    assert found.edge_labels.tolist() == [4, 5, 4]
    with pytest.raises(BadInput, match="node 2 has not"):
        read_graphs([[(1, 2), (2, 3)], {1: "C", 2: "N"}])


def test_labels_beside_edges():
    ring = np.array([[0, 1, 2, 3], [1, 2, 3, 0]])
    for labels in ([2, 0, 1, 2], np.eye(3)[[2, 0, 1, 2]], torch.tensor([[2], [0], [1], [2]])):
        assert read_graphs((ring, labels)).node_labels.tolist() == [2, 0, 1, 2]
    found = read_graphs((ring, list("NCOF"), [7, 7, 7, 8]), label_names=NAMES)
    assert found.node_labels.tolist() == [1, 0, 2, 3] and found.edge_labels.tolist() == [7, 8, 7, 7]
    assert read_graphs((ring, [0, 1, 2, 3, 3])).num_nodes == 5
    with pytest.raises(BadInput, match="expected node indices from 0 to 1"):
        read_graphs((ring, [0, 1]))


def test_labels_of_igraph():
    graph = igraph.Graph(3, [(0, 1), (1, 2)], directed=True)
    graph.vs["label"], graph.es["label"] = ["C", "N", "C"], [1, 2]
    found = read_graphs(graph, label_names=NAMES)
    assert found.directed and found.node_labels.tolist() == [0, 1, 0]
    assert found.edge_labels.tolist() == [1, 2]

"""The Graph type: canonical form, fingerprint, tensors, and every refusal."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from zoo_graphs.graph import Graph

from zoo_core import BadInput

X = np.arange(8.0).reshape(4, 2)


@st.composite
def edge_lists(draw):
    n = draw(st.integers(1, 12))
    node = st.integers(0, n - 1)
    return n, draw(st.lists(st.tuples(node, node), max_size=40))


def as_array(pairs):
    return np.array(pairs, dtype=np.int64).reshape(-1, 2).T


@given(edge_lists())
def test_union_is_the_set_of_pairs(drawn):
    n, pairs = drawn
    graph = Graph.from_edges(as_array(pairs), np.ones((n, 1)), layout="columns")
    expected = sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]})
    assert graph.edges.dtype == np.int64
    assert graph.edges.T.tolist() == [list(p) for p in expected]


@given(edge_lists())
def test_upper_keeps_the_lines_with_u_below_v(drawn):
    n, pairs = drawn
    graph = Graph.from_edges(as_array(pairs), np.ones((n, 1)), symmetrize="upper", layout="columns")
    assert graph.edges.T.tolist() == [list(p) for p in sorted({p for p in pairs if p[0] < p[1]})]


@given(edge_lists(), st.randoms())
def test_order_direction_and_repetition_do_not_matter(drawn, random):
    n, pairs = drawn
    other = [p if random.random() < 0.5 else p[::-1] for p in pairs + pairs[: len(pairs) // 2]]
    random.shuffle(other)
    features = np.arange(n * 2.0).reshape(n, 2)
    one = Graph.from_edges(as_array(pairs), features, layout="columns")
    two = Graph.from_edges(as_array(other).T, sparse.coo_array(features), layout="rows")
    assert one.fingerprint() == two.fingerprint()


@given(edge_lists())
def test_canonicalising_twice_changes_nothing_and_edge_index_round_trips(drawn):
    n, pairs = drawn
    graph = Graph.from_edges(as_array(pairs), np.ones((n, 1)), layout="columns")
    again = Graph.from_edges(graph.edge_index(), graph.features, layout="columns")
    assert graph.edge_index().shape == (2, 2 * graph.num_edges)
    assert graph.fingerprint() == again.fingerprint()


def test_fingerprint_is_fixed_and_sees_content_only():
    graph = Graph.from_edges([[0, 1], [1, 2]], X, [0, 1, 1, 0])
    assert graph.fingerprint() == (
        "7e9d21b7bbf6f8f810a5bc65be16680a99f511acd0951f948bf251baf43ba85a"
    )
    masked = Graph.from_edges(
        [[0, 1], [1, 2]], X, [0, 1, 1, 0], {"train": [1, 0, 0, 0]}, name="other"
    )
    assert masked.fingerprint() == graph.fingerprint()
    others = [
        Graph.from_edges([[0, 1], [1, 3]], X, [0, 1, 1, 0]),
        Graph.from_edges([[0, 1], [1, 2]], X + 1, [0, 1, 1, 0]),
        Graph.from_edges([[0, 1], [1, 2]], X, [0, 1, 1, 1]),
        Graph.from_edges([[0, 1], [1, 2]], X),
        Graph.from_edges([[0, 1], [1, 2]], X, [0, 1, 1, 0], edge_weights=[1, 2]),
    ]
    assert len({g.fingerprint() for g in [graph, *others]}) == 6


def test_stored_zeros_and_negative_zeros_do_not_count():
    stored = sparse.csr_array(([0.0, 1.0, -0.0], [0, 1, 0], [0, 2, 3]), shape=(2, 2))
    dense = np.array([[0.0, 1.0], [0.0, 0.0]])
    one, two = (Graph.from_edges([[0, 1]], x) for x in (stored, dense))
    assert one.features.nnz == 1
    assert one.fingerprint() == two.fingerprint()


def test_properties_and_tensors():
    graph = Graph.from_edges([[2, 0], [1, 2], [1, 1]], X, [0, 2, 0, 1], {"test": [0, 0, 1, 0]})
    assert (graph.num_nodes, graph.num_edges, graph.num_features, graph.num_classes) == (4, 2, 2, 3)
    assert graph.class_names == ("0", "1", "2")
    assert graph.metric_options == {"num_classes": 3}
    assert graph.edge_homophily() == 0.5
    assert graph.edge_index().tolist() == [[0, 1, 2, 2], [2, 2, 0, 1]]
    tensor = graph.feature_tensor()
    assert tensor.layout == torch.sparse_csr and tensor.dtype == torch.float32
    assert torch.equal(tensor.to_dense(), torch.from_numpy(X).float())
    assert graph.feature_tensor(torch.float64).dtype == torch.float64
    assert graph.masks["test"].dtype == bool


def test_graph_pickles_and_copies():
    graph = Graph.from_edges([[0, 1]], X, [0, 1, 1, 0])
    for other in (pickle.loads(pickle.dumps(graph)), copy.deepcopy(graph)):
        assert other.fingerprint() == graph.fingerprint()


def test_no_edges_and_isolated_nodes_are_legal():
    for empty in ([], np.empty((2, 0)), np.empty((0, 2), int)):
        graph = Graph.from_edges(empty, X, [0, 0, 1, 1])
        assert graph.num_edges == 0 and graph.edge_index().shape == (2, 0)
        assert np.isnan(graph.edge_homophily())
    assert Graph.from_edges([[0, 1, 1], [0, 0, 0]], X).num_edges == 1


def test_weights_follow_their_edges():
    graph = Graph.from_edges([[2, 1], [0, 1], [1, 2], [3, 3]], X, edge_weights=[5, 3, 4, 9])
    assert graph.edges.T.tolist() == [[0, 1], [1, 2]]
    assert graph.edge_weights.tolist() == [3.0, 5.0]


def test_integral_floats_are_edges():
    assert Graph.from_edges(np.array([[0.0], [3.0]]), X).edges.tolist() == [[0], [3]]


BAD = [
    (dict(features=np.where(X == 5, np.nan, X)), "node 2, column 1"),
    (dict(features=np.where(X == 6, np.inf, X)), "node 3, column 0"),
    (dict(features=np.where(X == 6, 1e300, X)), "not finite in float32"),
    (dict(features=X[0]), r"shape \(2,\)"),
    (dict(features=[["a", "b"]] * 4), "real numbers"),
    (dict(features=[[1], [1, 2]]), "cannot be read as an array"),
    (dict(features=None), "no node features"),
    (dict(num_nodes=5), "4 rows.* 5 nodes"),
    (dict(edges=[[0, 1, 1], [0, 4, 1]]), r"position 1: \(1, 4\).*0 to 3"),
    (dict(edges=[[-1], [0]]), r"\(-1, 0\)"),
    (dict(edges=[[0, 1.5, 2], [0, 1, 1]]), "two integers"),
    (dict(edges=[[0, np.nan, 2], [0, 1, 1]]), r"\(nan, 1.0\)"),
    (dict(edges=[[0, 2**70, 2], [0, 1, 1]]), "integers"),
    (dict(edges=np.array([[0.0, 1e300, 2], [0, 1, 1]])), "from 0 to 3"),
    (dict(edges=[["a"], ["b"]]), "integers"),
    (dict(edges=[[0, 1, 2]]), r"\(1, 3\)"),
    (dict(edges=[[0, 1], [2, 3]]), r"\(0, 2\) and \(1, 3\) read as \(2, m\), but \(0, 1\) and"),
    (dict(edges=[[0, 1, 2]] * 4), "third column"),
    (dict(edges=[[0, 1], [2, 3]], layout="both"), "'columns'"),
    (dict(edges=[[0, 1, 2], [1, 2, 3]], layout="rows"), r"expected \(m, 2\)"),
    (dict(edges=[0, 1, 2]), r"\(3,\)"),
    (dict(edges=np.zeros((2, 2, 2), int)), r"\(2, m\) or \(m, 2\)"),
    (dict(labels=[0, 1]), r"shape \(2,\)"),
    (dict(labels=[0, 1, -1, 0]), "node 2: -1"),
    (dict(labels=[0, 1, 2, 0], class_names=["a", "b"]), "node 2: 2, expected integers from 0 to 1"),
    (dict(labels=[0, 1, 0.5, 0]), "node 2: 0.5"),
    (dict(labels=[0, 1, np.nan, 0]), "node 2: nan"),
    (dict(labels=[0, 1, 10**9, 0]), "out of range"),
    (dict(labels=list("abab")), "number the classes"),
    (dict(masks={"train": [1, 0]}), r"train mask has shape \(2,\)"),
    (dict(masks={"train": [1, 1, 0, 0], "test": [0, 1, 0, 0]}), "both the train and the test.*1"),
    (dict(masks={"train": [0, 1, 2, 3]}), "not boolean"),
    (dict(masks={"dev": [1, 0, 0, 0]}), "'dev' is unknown"),
    (dict(symmetrize="lower"), "'union'"),
    (dict(edge_weights=[1.0, 2.0]), r"expected \(1,\)"),
    (dict(edge_weights=[np.nan]), "position 0: nan"),
]


@pytest.mark.parametrize(("wrong", "message"), BAD)
def test_bad_input_is_one_clear_sentence(wrong, message):
    with pytest.raises(BadInput, match=message) as caught:
        Graph.from_edges(**{"edges": [[0], [1]], "features": X, **wrong})
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text


def test_constructor_refuses_what_is_not_canonical():
    features = sparse.csr_array(X.astype(np.float32))
    for edges in ([[1], [0]], [[0, 0], [2, 1]], [[0, 0], [1, 1]], [[0], [4]]):
        with pytest.raises(BadInput, match="from_edges"):
            Graph(np.array(edges), features)


def test_homophily_needs_labels():
    with pytest.raises(BadInput, match="no labels"):
        Graph.from_edges([[0], [1]], X).edge_homophily()


def test_splits_are_views_of_the_whole_graph():
    masks = {"train": [True, False, False], "val": [False, True, False], "test": [False] * 3}
    graph = Graph.from_edges([[0, 1], [1, 2]], np.eye(3), [0, 1, 0], masks)
    assert graph.splits == ("train", "val", "test")
    found = graph.split("val")
    assert found.data is graph
    assert (found.name, found.indices.tolist()) == ("val", [1])
    assert graph.split("test").indices.size == 0
    assert Graph.from_edges([[0], [1]], np.eye(2)).splits == ()

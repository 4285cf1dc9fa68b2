"""Every form in which a person may have a graph, and what is refused."""

from __future__ import annotations

import types
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import sparse
from zoo_graphs.graph import Graph
from zoo_graphs.reading import read_graph

from zoo_core import BadInput, Notice

EDGES = np.array([[0, 2, 1], [1, 1, 3]])
X = np.array([[1.0, 0], [0, 2], [0, 0], [3, 4]])
Y = np.array([0, 1, 1, 0])
MASKS = {
    "train_mask": np.array([1, 0, 0, 0], bool),
    "val_mask": np.array([0, 1, 0, 0], bool),
    "test_mask": np.array([0, 0, 1, 1], bool),
}
PLAIN = Graph.from_edges(EDGES, X)
LABELLED = Graph.from_edges(EDGES, X, Y)


def same(graph, expected=PLAIN):
    assert graph.fingerprint() == expected.fingerprint()
    return graph


def csr_keys(prefix, matrix):
    matrix = sparse.csr_array(matrix)
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}
    return {f"{prefix}_{key}": a for key, a in {**parts, "shape": matrix.shape}.items()}


@pytest.fixture
def npz(tmp_path):
    def write(**arrays):
        path = tmp_path / "mine.npz"
        np.savez(path, **arrays)
        return path

    return write


def test_a_graph_is_returned_as_it_is():
    assert read_graph(PLAIN) is PLAIN


@pytest.mark.parametrize("edge_key", ["edges", "edge_index", "edges_directed", "edges_undirected"])
@pytest.mark.parametrize("feature_key", ["features", "x", "node_features"])
def test_npz_with_dense_features(npz, edge_key, feature_key):
    graph = same(read_graph(npz(**{edge_key: EDGES.T, feature_key: X})))
    assert graph.labels is None and graph.masks == {} and graph.name == "mine"


@pytest.mark.parametrize("prefix", ["feat", "attr"])
@pytest.mark.parametrize("label_key", ["labels", "y", "node_labels"])
def test_npz_with_csr_labels_and_masks(npz, prefix, label_key):
    path = npz(
        edges=EDGES, **csr_keys(prefix, X), **{label_key: Y}, **MASKS, class_names=["a", "b"]
    )
    graph = same(read_graph(str(path)), LABELLED)
    assert graph.class_names == ("a", "b")
    assert np.array_equal(graph.masks["test"], MASKS["test_mask"])


def test_npz_with_an_adjacency(npz):
    adjacency = sparse.coo_array((np.ones(3), tuple(EDGES)), shape=(4, 4)).tocsr()
    assert same(read_graph(npz(x=X, **csr_keys("adj", adjacency)))).edge_weights is None
    weighted = read_graph(npz(x=X, **csr_keys("adj", adjacency * 0.5)))
    assert weighted.edge_weights.tolist() == [0.5, 0.5, 0.5]
    keys = csr_keys("adj", adjacency)
    del keys["adj_data"]
    same(read_graph(npz(x=X, **keys)))
    with pytest.raises(BadInput, match=r"4 rows.* 5 nodes"):
        read_graph(npz(x=X, **csr_keys("adj", np.eye(5))))
    with pytest.raises(BadInput, match="square"):
        read_graph(npz(x=X, **csr_keys("adj", np.ones((4, 5)))))
    with pytest.raises(BadInput, match="CSR"):
        read_graph(npz(x=X, **{**csr_keys("adj", np.eye(4)), "adj_indices": [0, 1, 2, 99]}))


@pytest.mark.parametrize("pattern", ["{}_masks", "geom_{}_masks"])
def test_stacked_masks_give_their_first_fold(npz, pattern):
    stacked = {
        pattern.format(key.removesuffix("_mask")): np.stack([mask, ~mask])
        for key, mask in MASKS.items()
    }
    graph = read_graph(npz(edges=EDGES, x=X, labels=Y, **stacked))
    assert np.array_equal(graph.masks["val"], MASKS["val_mask"])


def test_converted_benchmark_files_are_readable(data_or_skip):
    from zoo_graphs.specs import sources

    from zoo_core import available

    for name, file in (
        ("cora", sources.planetoid_converted("cora")),
        ("texas", sources.geom_gcn_converted("texas")),
        ("cornell", sources.geom_gcn_converted("cornell")),
    ):
        expected = data_or_skip(name)
        graph = same(read_graph(available(file)), expected)
        assert np.array_equal(graph.masks["train"], expected.masks["train"])


def test_pickled_objects_are_never_read(npz):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was executed",))

    bomb = np.array([Bomb(), Bomb()], dtype=object)
    with pytest.raises(BadInput, match="pickled objects under 'edges'"):
        read_graph(npz(edges=bomb, x=X))
    same(read_graph(npz(edges=EDGES, x=X, node_names=bomb)))


def test_npz_without_what_is_needed(npz):
    with pytest.raises(BadInput, match=r"no edges.*only \['a'\]"):
        read_graph(npz(a=X))
    with pytest.raises(BadInput, match=r"no node features.*no attributes"):
        read_graph(npz(edges=EDGES))
    same(read_graph(npz(edges=EDGES), X))


@pytest.mark.parametrize(
    "text",
    [
        "0,1\n2,1\n1,3\n",
        "source,target\n0,1\n2,1\n1,3",
        "# two columns\n\n0\t1\n2\t1  # again\n1\t3\n",
        "  0 1\r\n2  1\r\n1 3\r\n",
        "\ufeffu;v\n0; 1\n2; 1\n1; 3\n",
    ],
)
def test_edge_lists(tmp_path, text):
    path = tmp_path / "edges.csv"
    path.write_text(text, encoding="utf-8", newline="")
    assert same(read_graph(path, X)).name == "edges"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,1\n1,2,3\n", "1 of the 2 edges of edges have no 'weight'"),
        ("0,1\na,b\n", "'0', and the features do not say which row"),
        ("a,b\nc,d\n", "'a', and the features do not say which row"),
        ("1,2\n2,3\n", "row 0 is node 0 or node 1"),
        ("0,1,1,1\n", "Line 1 of edges.txt has 4 parts"),
        ("0,1\n1,\n,1\n", "Line 3"),
        ("0 1 {'weight': __import__('os')}\n", "no dictionary"),
        ("0 1 heavy\n1 2 3\n", "'heavy', which is no number"),
        ("0,1.5\n", "Line 1"),
        ("0,9\n", r"\(0, 9\)"),
        (f"0,{10**30}\n", "do not say which row"),
    ],
)
def test_bad_edge_lists(tmp_path, text, message):
    path = tmp_path / "edges.txt"
    path.write_text(text)
    with pytest.raises(BadInput, match=message):
        read_graph(path, X)


def test_an_empty_edge_list_is_a_graph_without_edges(tmp_path):
    path = tmp_path / "edges.txt"
    path.write_text("# nothing\n")
    assert read_graph(path, X).num_edges == 0


def test_edge_list_needs_features(tmp_path):
    path = tmp_path / "edges.txt"
    path.write_text("0 1\n")
    with pytest.raises(BadInput, match="features="):
        read_graph(path)


def test_feature_files(tmp_path):
    np.save(tmp_path / "x.npy", X)
    np.savez(tmp_path / "dense.npz", features=X)
    np.savez(tmp_path / "keys.npz", **csr_keys("feat", X))
    sparse.save_npz(tmp_path / "scipy.npz", sparse.csr_array(X))
    np.savetxt(tmp_path / "x.csv", X, delimiter=",", header="a,b", comments="")
    np.savetxt(tmp_path / "x.tsv", X, delimiter="\t")
    for name in ("x.npy", "dense.npz", "keys.npz", "scipy.npz", "x.csv", "x.tsv"):
        same(read_graph(EDGES, tmp_path / name))
        same(read_graph((EDGES, str(tmp_path / name))))


def test_bad_feature_files(tmp_path):
    (tmp_path / "ragged.csv").write_text("1,2\n3\n")
    (tmp_path / "words.csv").write_text("1,2\n3,x\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "bad.npy").write_bytes(b"nonsense")
    (tmp_path / "bad.npz").write_bytes(b"nonsense")
    (tmp_path / "x.xlsx").write_bytes(b"nonsense")
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object))
    np.savez(tmp_path / "other.npz", a=X)
    sparse.save_npz(tmp_path / "csc.npz", sparse.csc_array(X))
    for path in [*tmp_path.iterdir(), tmp_path / "missing.npy"]:
        with pytest.raises(BadInput) as caught:
            read_graph(EDGES, path)
        assert path.stem in str(caught.value)
        assert "\n" not in str(caught.value)


def test_pairs_of_arrays_tensors_and_sparse_tensors():
    same(read_graph((EDGES, X)))
    same(read_graph([EDGES.T, sparse.csr_matrix(X)]))
    edges, x = torch.from_numpy(EDGES), torch.from_numpy(X).requires_grad_()
    same(read_graph((edges, x)))
    same(read_graph((edges, x.detach().to_sparse_coo())))
    same(read_graph((edges, PLAIN.feature_tensor())))
    same(read_graph((edges, x.detach().bfloat16())))
    assert read_graph((EDGES, X), symmetrize="upper").num_edges == 2


def data(**fields):
    return types.SimpleNamespace(**{"edge_index": torch.from_numpy(EDGES), "x": X, **fields})


def test_duck_typed_pyg_data():
    masks = {key: torch.from_numpy(mask) for key, mask in MASKS.items()}
    graph = same(read_graph(data(y=torch.from_numpy(Y)[:, None], **masks)), LABELLED)
    assert np.array_equal(graph.masks["train"], MASKS["train_mask"])
    columns = {key: torch.stack([m, ~m], dim=1) for key, m in masks.items()}
    again = read_graph(data(**columns))
    assert np.array_equal(again.masks["train"], MASKS["train_mask"])
    same(read_graph(data(x=None), X))
    with pytest.raises(BadInput, match=r"no node features \(x"):
        read_graph(data(x=None))
    with pytest.raises(BadInput, match="no edge_index"):
        read_graph(data(edge_index=None))
    with pytest.raises(BadInput, match="6 nodes"):
        read_graph(data(num_nodes=6))


def test_real_pyg_data():
    geometric = pytest.importorskip("torch_geometric.data")
    edge_index, x, y = torch.from_numpy(EDGES), torch.from_numpy(X), torch.from_numpy(Y)
    same(read_graph(geometric.Data(edge_index=edge_index, x=x)))
    graph = same(read_graph(geometric.Data(edge_index=edge_index, x=x.float(), y=y)), LABELLED)
    assert graph.masks == {}


def test_networkx_graphs():
    networkx = pytest.importorskip("networkx")
    for kind in (networkx.Graph, networkx.DiGraph, networkx.MultiGraph):
        for key, label in (("x", "y"), ("features", "label")):
            graph = kind()
            for node, row, y in zip("dcba", X, Y, strict=True):
                graph.add_node(node, **{key: row.tolist(), label: "no yes".split()[y]})
            graph.add_edges_from([("d", "c"), ("b", "c"), ("c", "a")])
            assert same(read_graph(graph), LABELLED).class_names == ("no", "yes")
    del graph.nodes["b"]["label"]
    with pytest.raises(BadInput, match="Node 'b' has no attribute 'label'"):
        read_graph(graph)
    graph.nodes["b"]["label"] = "no"
    graph.nodes["b"]["features"] = [1.0]
    with pytest.raises(BadInput, match=r"Node 'b' has features of shape \(1,\)"):
        read_graph(graph)


def test_networkx_weights_and_missing_features():
    networkx = pytest.importorskip("networkx")
    graph = networkx.Graph()
    graph.add_nodes_from(range(4))
    graph.add_weighted_edges_from([(0, 1, 2.0), (1, 3, 0.5)])
    assert read_graph(graph, X).edge_weights.tolist() == [2.0, 0.5]
    graph.add_edge(2, 1)
    with pytest.raises(BadInput, match="1 of the 3 edges of graph have no 'weight'"):
        read_graph(graph, X)
    with pytest.warns(Notice, match="1 edges of graph without a weight were given 1.5"):
        found = read_graph(graph, X, missing_weight=1.5)
    assert same(replace(found, edge_weights=None)).edge_weights is None
    assert found.edge_weights.tolist() == [2.0, 1.5, 0.5]
    with pytest.raises(BadInput, match="x or features"):
        read_graph(graph)


@pytest.mark.parametrize("source", [None, 3, (EDGES,), [], object()])
def test_unknown_input_names_the_accepted_forms(source):
    with pytest.raises(BadInput, match=r"\.npz file.*edge-list.*Geometric.*NetworkX"):
        read_graph(source)


def test_other_refusals(tmp_path):
    with pytest.raises(BadInput, match="no file"):
        read_graph(tmp_path / "missing.npz")
    with pytest.raises(BadInput, match="folder"):
        read_graph(tmp_path)
    (tmp_path / "graph.pkl").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(BadInput, match="no kind of file"):
        read_graph(tmp_path / "graph.pkl", X)
    (tmp_path / "graph.npz").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(BadInput, match=r"not an \.npz archive"):
        read_graph(tmp_path / "graph.npz")
    (tmp_path / "edges.txt").write_bytes(b"\xff\xfe0 1")
    with pytest.raises(BadInput, match=r"edges\.txt"):
        read_graph(tmp_path / "edges.txt", X)
    with pytest.raises(BadInput, match="given twice"):
        read_graph((EDGES, X), X)
    with pytest.raises(BadInput, match="its features already"):
        read_graph(PLAIN, X)
    with pytest.raises(BadInput, match="symmetrize"):
        read_graph(PLAIN, symmetrize="both")


def test_damaged_archives_are_bad_input_and_nothing_else(npz):
    path = npz(edges=EDGES, x=X, labels=Y)
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(whole)
        for place in random.integers(len(whole), size=3):
            damaged[place] = random.integers(256)
        path.write_bytes(damaged[: random.integers(1, 2 * len(whole))])
        try:
            read_graph(path)
        except BadInput as error:
            assert "\n" not in str(error)

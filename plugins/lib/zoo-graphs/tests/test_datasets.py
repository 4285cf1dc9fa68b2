"""The registered datasets: counts, homophily, splits, both routes, and refusals."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse
from zoo_graphs import geom_gcn, gnn_benchmark, integrity, planetoid
from zoo_graphs.integrity import build
from zoo_graphs.pickles import load_pickle
from zoo_graphs.specs import sources
from zoo_graphs.splits import random_masks

import zoo_core
from zoo_core import BadInput, DataError

# Nodes, undirected edges, features, classes, edge homophily, sizes of the first split.
TABLE = {
    "cora": (2708, 5278, 1433, 7, 0.810, (1192, 796, 497)),
    "citeseer": (3327, 4552, 3703, 6, 0.736, (1596, 1065, 666)),
    "texas": (183, 279, 1703, 5, 0.061, (87, 59, 37)),
    "cornell-geomgcn": (183, 277, 1703, 5, 0.296, (87, 59, 37)),
    "cornell": (183, 277, 1703, 5, 0.123, (87, 59, 37)),
    "wisconsin": (251, 450, 1703, 5, 0.178, (120, 80, 51)),
    "chameleon": (2277, 31371, 2325, 5, 0.230, (1092, 729, 456)),
    "squirrel": (5201, 198353, 2089, 5, 0.222, (2496, 1664, 1041)),
    "actor": (7600, 26659, 932, 5, 0.217, (3648, 2432, 1520)),
    "photo": (7650, 119081, 745, 8, 0.827, (4590, 1530, 1530)),
    "computers": (13752, 245861, 767, 10, 0.777, (8252, 2750, 2750)),
    "cs": (18333, 81894, 6805, 15, 0.808, (11001, 3666, 3666)),
}


def sizes(graph):
    return tuple(int(graph.masks[split].sum()) for split in ("train", "val", "test"))


@pytest.mark.parametrize("name", TABLE)
def test_counts_homophily_and_split(data_or_skip, name):
    n, m, p, c, homophily, split = TABLE[name]
    graph = data_or_skip(name)
    found = (graph.num_nodes, graph.num_edges, graph.num_features, graph.num_classes)
    assert found == (n, m, p, c)
    assert graph.edge_homophily() == pytest.approx(homophily, abs=5e-4)
    assert sizes(graph) == split
    assert graph.name == name


def test_pubmed_where_it_can_be_had(data_or_skip):
    assert data_or_skip("pubmed").num_edges == 44324


@pytest.mark.parametrize(
    ("name", "upper"), [("chameleon", 23370), ("texas", 167), ("cora", 5278), ("cs", 81894)]
)
def test_upper_keeps_the_lines_with_u_below_v(data_or_skip, name, upper):
    graph = data_or_skip(name, symmetrize="upper")
    assert graph.num_edges == upper
    assert graph.num_nodes == TABLE[name][0]


def test_upper_is_refused_where_no_directions_are_known(specs):
    with pytest.raises(BadInput, match="without directions"):
        geom_gcn.load(**specs["cornell"].config, symmetrize="upper")


def test_all_folds_differ_and_are_disjoint(data_or_skip):
    for name in ("texas", "cora", "photo"):
        tests = [data_or_skip(name, fold=fold).masks["test"].tobytes() for fold in range(10)]
        assert len(set(tests)) == 10


def test_citeseers_small_splits_and_missing_nodes(data_or_skip):
    assert (
        sizes(data_or_skip("citeseer", fold=4))
        == sizes(data_or_skip("citeseer", fold=5))
        == (1017, 679, 424)
    )
    graph = data_or_skip("citeseer")
    empty = np.diff(graph.features.indptr) == 0
    assert empty.sum() == 15 and not graph.labels[empty].any()
    assert graph.num_nodes - np.unique(graph.edges).size == 48


def test_public_splits(data_or_skip):
    assert sizes(data_or_skip("cora", split="public")) == (140, 500, 1000)
    assert sizes(data_or_skip("citeseer", split="public")) == (120, 500, 1000)


def test_the_two_cornells(data_or_skip):
    clean, benchmarked, texas = map(data_or_skip, ("cornell", "cornell-geomgcn", "texas"))
    assert np.bincount(clean.labels).tolist() == [38, 16, 30, 82, 17]
    assert np.array_equal(benchmarked.labels, texas.labels)
    assert (benchmarked.features != texas.features).nnz == 0
    assert not np.array_equal(clean.labels, benchmarked.labels)
    for split, mask in clean.masks.items():
        assert np.array_equal(mask, benchmarked.masks[split])


def test_features_are_binary(data_or_skip):
    for name in ("cora", "texas", "photo", "cs"):
        assert (data_or_skip(name).features.data == 1).all()


def test_random_masks_leave_the_global_generator_alone():
    import torch

    before = torch.random.get_rng_state()
    masks = random_masks(11, 3)
    assert torch.equal(before, torch.random.get_rng_state())
    assert [int(masks[s].sum()) for s in ("train", "val", "test")] == [7, 2, 2]
    order = torch.randperm(11, generator=torch.Generator().manual_seed(3)).tolist()
    assert sorted(order[:2]) == np.flatnonzero(masks["val"]).tolist()


def without_converted(monkeypatch):
    for module in (planetoid, geom_gcn, gnn_benchmark):
        monkeypatch.setattr(module, "available_path", lambda file: None)


@pytest.mark.parametrize("name", ["cora", "citeseer", "texas"])
@pytest.mark.parametrize("fold", [0, 4])
def test_raw_and_converted_files_give_the_same(data_or_skip, monkeypatch, name, fold):
    converted = data_or_skip(name, fold=fold)
    without_converted(monkeypatch)
    raw = data_or_skip(name, fold=fold)
    assert raw.fingerprint() == converted.fingerprint()
    for split, mask in converted.masks.items():
        assert np.array_equal(mask, raw.masks[split])


@pytest.mark.parametrize("name", ["cora", "citeseer"])
def test_raw_public_splits_are_the_converted_ones(data_or_skip, monkeypatch, name):
    converted = data_or_skip(name, split="public")
    without_converted(monkeypatch)
    raw = data_or_skip(name, split="public")
    for split, mask in converted.masks.items():
        assert np.array_equal(mask, raw.masks[split])


@pytest.mark.parametrize("name", ["cora", "texas", "photo", "sbm-dense"])
@pytest.mark.parametrize("fold", [-1, 10, 1.5, True, "x", None])
def test_bad_folds(specs, data_or_skip, name, fold):
    if name == "sbm-dense" and fold == 10:
        assert data_or_skip(name, fold=10).num_nodes == 500
        return
    with pytest.raises(BadInput, match="fold="):
        data_or_skip(name, fold=fold)


def test_other_bad_options(data_or_skip):
    with pytest.raises(BadInput, match="'geom-gcn'"):
        data_or_skip("cora", split="random")
    with pytest.raises(BadInput, match="use fold 0"):
        data_or_skip("cora", split="public", fold=1)
    for name in ("cora", "texas", "photo", "sbm-dense"):
        with pytest.raises(BadInput, match="symmetrize='lower'"):
            data_or_skip(name, symmetrize="lower")


PARTS = {"edges": [[0, 1], [1, 2]], "features": np.eye(3), "labels": [0, 1, 0]}


def test_a_changed_source_is_noticed():
    options = {"masks": {}, "symmetrize": "union"}
    good = build("toy", PARTS, counts=[3, 3, 2, 2], fingerprint=None, **options)
    build("toy", PARTS, counts=None, fingerprint=good.fingerprint(), **options)
    with pytest.raises(DataError, match=r"\[3, 3, 2, 2\], expected \[3, 3, 2, 3\]"):
        build("toy", PARTS, counts=[3, 3, 2, 3], fingerprint=None, **options)
    with pytest.raises(DataError, match="has fingerprint"):
        build("toy", PARTS, counts=None, fingerprint="0" * 64, **options)
    with pytest.raises(DataError, match="'toy' is not what it should be"):
        build("toy", {**PARTS, "labels": [0]}, counts=None, fingerprint=None, **options)


def test_malformed_files_are_data_errors(tmp_path):
    path = tmp_path / "toy.npz"
    path.write_bytes(b"not a zip archive")
    with pytest.raises(DataError, match=r"not an \.npz archive"):
        gnn_benchmark.read(path, "toy")
    np.savez(path, labels=[0])
    with pytest.raises(DataError, match="no adj"):
        gnn_benchmark.read(path, "toy")
    with pytest.raises(DataError, match="'edges_directed' is missing"):
        geom_gcn.read_converted(path, "toy", False, 0)


def csr_keys(prefix, matrix):
    matrix = sparse.csr_array(matrix)
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}
    return {f"{prefix}_{key}": a for key, a in {**parts, "shape": matrix.shape}.items()}


def test_pickled_name_arrays_of_the_originals_are_not_touched(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was executed",))

    path = tmp_path / "toy.npz"
    adjacency = np.array([[1, 1, 0], [0, 0, 0], [1, 0, 0]])
    counts = np.array([[3, 0], [0, 1], [0, 0]])
    names = np.array([Bomb()], dtype=object)
    keys = {**csr_keys("adj", adjacency), **csr_keys("attr", counts), "node_names": names}
    np.savez(path, labels=[0, 1, 0], **keys)
    parts = gnn_benchmark.read(path, "toy")
    graph = build("toy", parts, masks={}, symmetrize="union", counts=[3, 2, 2, 2], fingerprint=None)
    assert graph.edges.T.tolist() == [[0, 1], [0, 2]]
    assert graph.features.toarray().tolist() == [[1, 0], [0, 1], [0, 0]]


def test_node_file_with_dense_features_in_any_order():
    text = "node_id\tfeature\tlabel\n1\t0,2.5,0\t1\n0\t1,0,1\t0\n"
    features, labels = geom_gcn.parse_nodes(text, None)
    assert features.toarray().tolist() == [[1, 0, 1], [0, 2.5, 0]]
    assert labels.tolist() == [0, 1]


def test_node_file_with_indices_of_ones():
    text = "node_id\tfeature\tlabel\n0\t4,1\t2\n1\t0\t0\n2\t3,3\t1\n"
    features, labels = geom_gcn.parse_nodes(text, 5)
    assert features.toarray().tolist() == [[0, 1, 0, 0, 1], [1, 0, 0, 0, 0], [0, 0, 0, 1, 0]]
    assert labels.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    "text",
    [
        "a\tb\n0\t1\t0\n",
        "node_id\tfeature\tlabel\n0\t1\t0\n0\t1\t0\n",
        "node_id\tfeature\tlabel\n0\t9\t0\n",
        "node_id\tfeature\tlabel\n0\tone\t0\n",
        "",
    ],
)
def test_malformed_node_files(text):
    with pytest.raises(DataError), integrity.parsing("toy"):
        geom_gcn.parse_nodes(text, 5)


def test_the_clean_cornells_public_file(tmp_path):
    path = tmp_path / "cornell.npz"
    masks = {f"{s}_masks": np.eye(10, 3, k, bool) for k, s in enumerate(("train", "val", "test"))}
    np.savez(path, node_features=np.eye(3), node_labels=[0, 1, 0], edges=[[0, 1], [2, 1]], **masks)
    parts, found = geom_gcn.read_yandex(path, "toy", 1)
    assert parts["edges"].tolist() == [[0, 1], [2, 1]]
    assert found["train"].tolist() == [False, True, False]


def test_planetoid_with_a_gap_in_the_test_index():
    raw = {
        "allx": sparse.csr_matrix(np.eye(2, 3)),
        "ally": np.eye(2),
        "tx": sparse.csr_matrix([[0.0, 0, 7], [0, 0, 8]]),
        "ty": np.array([[0, 1], [0, 1]]),
        "graph": {0: [1, 4], 1: [0], 4: [0, 4]},
    }
    parts = planetoid.assemble(raw, np.array([4, 2]))
    assert parts["features"].toarray()[:, 2].tolist() == [0, 0, 8, 0, 7]
    assert parts["labels"].tolist() == [0, 1, 1, 0, 1]
    assert parts["edges"].tolist() == [[0, 0, 1, 4, 4], [1, 4, 0, 0, 4]]
    with pytest.raises(ValueError, match=r"test\.index"):
        planetoid.assemble(raw, np.array([2, 2]))


def test_malicious_pickles_are_refused(tmp_path):
    path = tmp_path / "ind.toy.graph"
    for payload in (
        b"cos\nsystem\n(S'exit 1'\ntR.",
        b"c__builtin__\neval\n(S'1'\ntR.",
        b"\x80\x04\x8c\x05numpy\x8c\x04load\x93.",
        b"\x80\x04\x8c\x08builtins\x8c\x0bobject.list\x93.",
        pickle.dumps(io.StringIO),
    ):
        path.write_bytes(payload)
        with pytest.raises(DataError, match="was refused"):
            load_pickle(path)


def test_malicious_planetoid_file_stops_the_factory(tmp_path, monkeypatch):
    monkeypatch.setattr(planetoid, "available_path", lambda file: None)
    path = tmp_path / "bad"
    path.write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    monkeypatch.setattr(planetoid, "fetch", lambda file: path)
    with pytest.raises(DataError, match=r"os\.system"):
        planetoid.load("cora")
    path.write_bytes(b"\x80\x02garbage")
    with pytest.raises(DataError, match="'cora' is not what it should be"):
        planetoid.load("cora")


def test_ordinary_pickles_of_both_numpys_are_read(tmp_path):
    path = tmp_path / "ind.toy.x"
    for value in (np.arange(3), sparse.csr_matrix(np.eye(2))):
        path.write_bytes(pickle.dumps(value, protocol=3))
        loaded = load_pickle(path)
        assert type(loaded) is type(value)


def test_a_csr_pickle_with_wild_indices_is_refused(tmp_path):
    matrix = sparse.csr_matrix(np.eye(2))
    matrix.indices = np.array([0, 10**6], dtype=np.int32)
    path = tmp_path / "ind.toy.x"
    path.write_bytes(pickle.dumps(matrix, protocol=3))
    with pytest.raises(DataError, match="'toy' is not what"), integrity.parsing("toy"):
        load_pickle(path)


def test_missing_files_are_data_errors(tmp_path, monkeypatch, specs):
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    for module, name in ((planetoid, "cora"), (geom_gcn, "cornell"), (gnn_benchmark, "cs")):
        with pytest.raises(DataError):
            module.load(**specs[name].config)


def test_files_are_pinned():
    files = [sources.planetoid_raw("cora", part) for part in sources.PLANETOID_PARTS]
    files += [sources.geom_gcn_split("texas", fold) for fold in range(10)]
    files += [sources.planetoid_converted("cora"), sources.geom_gcn_converted("cornell-geomgcn")]
    assert all(file.sha256 for file in files)
    assert sources.planetoid_converted("pubmed") is None
    assert sources.geom_gcn_raw("film", "graph_edges").sha256 is None


def test_specs_are_complete_and_importing_them_is_light(specs):
    assert set(TABLE) <= set(specs)
    for name, row in TABLE.items():
        assert list(specs[name].config["counts"]) == [row[0], row[2], row[3], row[1]]
    code = (
        "import sys, zoo_graphs; zoo_graphs.zoo_datasets();"
        "heavy = {'numpy', 'torch', 'scipy'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_mirror_is_read_through_the_core():
    assert planetoid.fetch is zoo_core.fetch

"""TU data sets: counts, layouts, folds, copies; and the sets of graphs that they are."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs import tudataset
from zoo_graphs.colour_refinement import mix, refine_colours
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.isomorphism import are_isomorphic, duplicates
from zoo_graphs.reading import read_graphs, read_training_graphs
from zoo_graphs.stratified import stratified_split

from zoo_core import BadInput, DataError

# Graphs, nodes, edges, graphs of each class, different node labels.
TABLE = {
    "mutag": (188, 3371, 3721, (63, 125), 7),
    "ptc": (344, 8792, 8931, (192, 152), 19),
    "proteins": (1113, 43471, 81044, (663, 450), 3),
    "nci1": (4110, 122747, 132753, (2053, 2057), 37),
    "imdb-binary": (1000, 19773, 96531, (500, 500), 1),
    "imdb-multi": (1500, 19502, 98903, (500, 500, 500), 1),
}


@pytest.mark.parametrize("name", TABLE)
def test_counts_and_split(data_or_skip, name):
    graphs = data_or_skip(name)
    n, nodes, edges, classes, labels = TABLE[name]
    assert (len(graphs), graphs.num_nodes, graphs.num_edges) == (n, nodes, edges)
    assert tuple(np.bincount(graphs.labels)) == classes
    assert np.unique(graphs.node_labels).size == labels
    assert graphs.name == name and graphs.metric_options == {"num_classes": len(classes)}
    train, test = graphs.splits["train"], graphs.splits["test"]
    assert sorted([*train, *test]) == list(range(n))
    assert (graphs.edge_labels is not None) == (name == "mutag")


def test_ten_folds_test_every_graph_once(data_or_skip):
    folds = [data_or_skip("mutag", fold=fold).splits["test"] for fold in range(10)]
    assert sorted(np.concatenate(folds)) == list(range(188))
    assert sorted(
        np.concatenate([data_or_skip("mutag", fold=f).splits["test"] for f in range(10, 20)])
    ) == [*range(188)]
    assert data_or_skip("mutag", fold=10).splits["test"].tolist() != folds[0].tolist()
    assert data_or_skip("mutag", fold=3).fingerprint() == data_or_skip("mutag").fingerprint()


@given(
    labels=st.lists(st.integers(0, 3), min_size=25, max_size=60),
    fold=st.integers(0, 29),
)
def test_splits_are_scikit_learns(labels, fold):
    selection = pytest.importorskip("sklearn.model_selection")
    y = np.array([*labels, *(10 * [0, 1, 2, 3])])
    splitter = selection.StratifiedKFold(10, shuffle=True, random_state=fold // 10)
    train, test = list(splitter.split(y, y))[fold % 10]
    found = stratified_split(y, fold)
    assert np.array_equal(found["train"], train) and np.array_equal(found["test"], test)


def test_cleaned_sets_have_no_copies(data_or_skip):
    assert len(data_or_skip("mutag", cleaned=True)) == 175
    clean = data_or_skip("ptc", cleaned=True)
    assert len(clean) < 344
    assert (duplicates(clean) == np.arange(len(clean))).all()
    assert sorted(np.concatenate(list(clean.splits.values()))) == list(range(len(clean)))


def test_refused_options(data_or_skip):
    data_or_skip("mutag")
    for options, reason in (
        ({"fold": -1}, "no fold"),
        ({"fold": "a"}, "no fold"),
        ({"files": "gin"}, "'pinned' or 'tu'"),
    ):
        with pytest.raises(BadInput, match=reason):
            data_or_skip("mutag", **options)


# --- the layouts ---

EDGES = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5)]
TU = {
    "A": "".join(f"{u + 1}, {v + 1}\n{v + 1}, {u + 1}\n" for u, v in EDGES),
    "graph_indicator": "1\n1\n1\n2\n2\n2\n",
    "graph_labels": "-1\n1\n",
    "node_labels": "0\n5\n0\n1\n1\n2\n",
    "edge_labels": "".join(f"{i}\n{i}\n" for i in (0, 1, 2, 0, 3)),
}
ONE_FILE = "2\n3 -1\n0 2 1 2\n5 2 0 2\n0 2 0 1\n3 1\n1 1 1\n1 2 0 2\n2 1 1\n"


def write(folder, parts):
    folder.mkdir(exist_ok=True)
    for part, text in parts.items():
        if text is not None:
            (folder / f"MINE_{part}.txt").write_text(text)
    return folder


def zipped(path, parts):
    with zipfile.ZipFile(path, "w") as archive:
        for part, text in parts.items():
            archive.writestr(f"MINE/MINE_{part}.txt", text)
    return path


def test_all_layouts_say_the_same(tmp_path):
    folder = tudataset.read_folder(write(tmp_path / "MINE", TU), "mine")
    archive = tudataset.read_zip(zipped(tmp_path / "MINE.zip", TU), "mine")
    assert folder.fingerprint() == archive.fingerprint()
    (tmp_path / "mine.txt").write_text(ONE_FILE)
    text = tudataset.read_one_file(tmp_path / "mine.txt", "mine")
    for found in (folder, text):
        assert found.edges.T.tolist() == [[0, 1], [0, 2], [1, 2], [3, 4], [4, 5]]
        assert found.offsets.tolist() == [0, 3, 6]
        assert found.node_labels.tolist() == [0, 5, 0, 1, 1, 2]
        assert found.labels.tolist() == [0, 1] and found.class_names == ("-1", "1")
    assert folder.edge_labels.tolist() == [0, 2, 1, 0, 3] and text.edge_labels is None


def test_the_public_archive_is_checked_by_its_counts(tmp_path, monkeypatch):
    path = zipped(tmp_path / "MUTAG.zip", TU)
    asked = []
    monkeypatch.setattr(tudataset, "fetch", lambda file: asked.append(file) or path)
    with pytest.raises(DataError, match=r"\[2, 6, 5, 2\], expected \[188"):
        tudataset.load("mutag", "MUTAG", [188, 3371, 3721, 2], layout="tu", files="tu")
    assert asked[0].url == "https://www.chrsmrrs.com/graphkerneldatasets/MUTAG.zip"
    small = tudataset.load("mutag", "MUTAG", [2, 6, 5, 2], files="tu")
    assert small.edge_labels is not None


DAMAGE = {
    "no indicator": ({"graph_indicator": None}, "_graph_indicator.txt"),
    "letters": ({"A": "a, b\n"}, "invalid literal"),
    "shuffled nodes": ({"graph_indicator": "1\n2\n1\n2\n2\n2\n"}, "graph by graph"),
    "too few labels": ({"node_labels": "0\n"}, "node labels have shape"),
    "edge between graphs": ({"A": "1, 4\n", "edge_labels": None}, "joins two graphs"),
    "node beyond": ({"A": "1, 40\n", "edge_labels": None}, "0 to 5"),
    "two labels of one edge": ({"edge_labels": "0\n1\n" * 5}, "two different labels"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_files(tmp_path, case):
    changes, reason = DAMAGE[case]
    folder = write(tmp_path / "MINE", {**TU, **changes})
    with pytest.raises(BadInput, match=reason) as caught:
        read_graphs(folder)
    assert "delete" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "2\n3 0\n", ONE_FILE + "7\n", "x", "1\n1 0\n0 1 5\n"])
def test_damaged_one_file(tmp_path, text):
    (tmp_path / "bad.txt").write_text(text)
    with pytest.raises(BadInput) as caught:
        read_training_graphs(tmp_path / "bad.txt")
    assert "delete" not in str(caught.value)


def test_a_users_own_set(tmp_path):
    copies = 12
    many = "".join(["24\n", *(ONE_FILE.partition("\n")[2] for _ in range(copies))])
    (tmp_path / "own.txt").write_text(many)
    graphs = read_training_graphs(tmp_path / "own.txt", fold=4)
    assert len(graphs) == 24 and {len(x) for x in graphs.splits.values()} == {22, 2}
    with pytest.raises(BadInput, match="at least 10 graphs each"):
        read_training_graphs(write(tmp_path / "MINE", TU))
    with pytest.raises(BadInput, match="no file or folder"):
        read_training_graphs(tmp_path / "absent")
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    with pytest.raises(BadInput, match="no whole zip archive"):
        read_training_graphs(tmp_path / "bad.zip")


# --- sets of graphs ---


@st.composite
def sets(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    parts = []
    for _ in range(draw(st.integers(1, 5))):
        n = int(rng.integers(1, 7))
        edges = rng.integers(0, n, (2, 2 * n))
        labels = (edges.min(axis=0) + edges.max(axis=0)) % 3
        parts.append(
            GraphSet.from_edges(edges, [0, n], rng.integers(0, 3, n), labels, layout="columns")
        )
    return GraphSet.concatenate(parts)


@given(graphs=sets(), seed=st.integers(0, 100))
def test_selecting_and_joining_are_inverse(graphs, seed):
    parts = [graphs.select([i]) for i in range(len(graphs))]
    assert GraphSet.concatenate(parts).fingerprint() == graphs.fingerprint()
    order = np.random.default_rng(seed).permutation(len(graphs))
    moved = graphs.select(order)
    assert moved.select(np.argsort(order)).fingerprint() == graphs.fingerprint()
    for place, i in enumerate(order.tolist()):
        assert np.array_equal(moved.adjacency(place), graphs.adjacency(i))


@given(graphs=sets(), seed=st.integers(0, 100))
def test_copies_are_isomorphic_and_found(graphs, seed):
    both = GraphSet.concatenate([graphs, graphs.permuted(seed)])
    firsts = duplicates(both)
    assert np.array_equal(firsts[len(graphs) :], firsts[: len(graphs)])
    assert are_isomorphic(both, 0, len(graphs))


def test_isomorphism_is_networkx_s():
    """On graphs that colours alone do not tell apart: the search, and its refusals, are needed."""
    nx = pytest.importorskip("networkx")
    regular = [nx.random_regular_graph(3, 8, seed) for seed in range(12)]
    graphs = read_graphs(regular)
    firsts = [
        next(j for j in range(i + 1) if nx.is_isomorphic(regular[j], regular[i]))
        for i in range(len(regular))
    ]
    assert duplicates(graphs).tolist() == firsts and 1 < len(set(firsts)) < len(firsts)


def test_isomorphism_looks_at_labels():
    path = np.array([[0, 1], [1, 2]])
    graphs = GraphSet.concatenate(
        GraphSet.from_edges(path, [0, 3], labels, edges)
        for labels, edges in (
            ([0, 0, 1], [0, 0]),
            ([1, 0, 0], [0, 0]),
            ([0, 1, 0], [0, 0]),
            ([0, 0, 1], [0, 1]),
        )
    )
    assert duplicates(graphs).tolist() == [0, 0, 2, 3]


def test_directed_and_undirected_graphs_together():
    plain = GraphSet.from_edges([[0, 1], [1, 2]], [0, 3], None, [4, 5])
    arrow = GraphSet.from_edges([[1], [0]], [0, 2], None, [0], directed=True)
    both = GraphSet.concatenate([plain, arrow])
    assert both.directed and both.num_edges == 5
    assert both.adjacency(0).tolist() == plain.adjacency(0).tolist()
    assert both.adjacency(1).tolist() == [[0, 0], [1, 0]]


def test_graphs_without_labels_are_not_labelled_zero_beside_others():
    labelled = GraphSet.from_edges([[0], [1]], [0, 2], [0, 1], [7], node_label_names=["C", "N"])
    bare = GraphSet.from_edges([[0], [1]], [0, 2])
    named = replace(labelled, node_label_names=("N", "C"))
    for other, reason in ((bare, "no node labels, and others have"), (named, "not called the")):
        with pytest.raises(BadInput, match=reason):
            GraphSet.concatenate([labelled, other])
    with pytest.raises(BadInput, match="no edge labels"):
        GraphSet.concatenate([labelled, replace(labelled, edge_labels=None)])
    lone = GraphSet.from_edges([], [0, 1], [1], node_label_names=["C", "N"])
    both = GraphSet.concatenate([labelled, replace(lone, ignored=("edge weights",))])
    assert both.node_label_names == ("C", "N") and both.ignored == ("edge weights",)
    assert both.edge_labels.tolist() == [7]


def test_sets_are_sequences_of_sets_of_one():
    graphs = GraphSet.from_edges([[0, 1, 3], [1, 2, 4]], [0, 3, 5, 6], labels=[0, 1, 1])
    assert len(graphs) == 3 and [len(one) for one in graphs] == [1, 1, 1]
    assert [one.num_nodes for one in graphs] == [3, 2, 1]
    assert graphs[-1].num_nodes == graphs[np.int64(2)].num_nodes == 1
    for chosen, sizes in (
        (slice(1, None), [2, 1]),
        (slice(None, None, -1), [1, 2, 3]),
        (np.array([True, False, True]), [3, 1]),
        ([True, True, False], [3, 2]),
        (np.array([2, 2, 0]), [1, 1, 3]),
        ([], []),
    ):
        part = graphs[chosen]
        assert part.sizes.tolist() == sizes and part.class_names == ("0", "1")
    for beyond in (3, -4, [0, 3]):
        with pytest.raises(IndexError):
            graphs[beyond]
    objects = np.asarray(graphs)
    assert objects.shape == (3,) and objects.dtype == object and objects[1].num_nodes == 2


def test_scikit_learn_indexes_sets():
    utils = pytest.importorskip("sklearn.utils")
    graphs = GraphSet.from_edges([[0, 1, 3], [1, 2, 4]], [0, 3, 5, 6])
    (chosen,) = utils.indexable(graphs)
    found = utils._safe_indexing(chosen, np.array([2, 0]))
    assert [one.num_nodes for one in found] == [1, 3]


@pytest.mark.parametrize("edges", [[[0, 1], [1, 2], [2, 3]], [[0, 1, 2], [1, 2, 3]]])
def test_edges_are_rows_or_columns(edges):
    path = GraphSet.from_edges(edges, [0, 4])
    assert path.edges.T.tolist() == [[0, 1], [1, 2], [2, 3]]


def test_cross_validation_splits_a_set(data_or_skip):
    model_selection = pytest.importorskip("sklearn.model_selection")
    base = pytest.importorskip("sklearn.base")

    class ByEdges(base.ClassifierMixin, base.BaseEstimator):
        """Large graphs are of class 1."""

        def fit(self, graphs, y):
            self.classes_ = np.unique(y)
            return self

        def predict(self, graphs):
            return (np.array([one.num_edges for one in graphs]) > 15).astype(int)

    graphs = data_or_skip("mutag")
    found = model_selection.cross_val_score(ByEdges(), graphs, graphs.labels, cv=5)
    assert len(found) == 5 and found.mean() > 0.6


def test_two_edges_are_ambiguous():
    square = [[0, 1], [2, 3]]
    with pytest.raises(BadInput, match=r"\(0, 2\) and \(1, 3\) read as \(2, m\)"):
        GraphSet.from_edges(square, [0, 4])
    for layout, expected in (("columns", [[0, 2], [1, 3]]), ("rows", [[0, 1], [2, 3]])):
        found = GraphSet.from_edges(square, [0, 4], layout=layout)
        assert found.edges.T.tolist() == expected
    with pytest.raises(BadInput, match="third column"):
        GraphSet.from_edges([[0, 1, 9], [1, 2, 9], [2, 3, 9], [3, 0, 9]], [0, 4])


BAD_SETS = {
    "offsets from 1": (([[0], [1]], [1, 2]), "do not start at 0"),
    "falling offsets": (([[0], [1]], [0, 3, 2]), "do not start at 0"),
    "NaN labels": (([[0], [1]], [0, 2], [0, np.nan]), "NaN"),
    "fractions": (([[0], [1]], [0, 2], [0, 0.5]), "fractions"),
    "words": (([[0], [1]], [0, 2], ["a", "b"]), "expected integers"),
    "inexact": (([[0], [1]], [0, 2], [0.0, 2.0**53 + 2]), "too large to be exact"),
    "64 bits": (([[0], [1]], [0, 2], np.array([0, 2**63], np.uint64)), "63 bits"),
    "edge beyond": (([[0], [2]], [0, 2]), "0 to 1"),
    "edge across": (([[0], [1]], [0, 1, 2]), "joins two graphs"),
    "labels missing": (([[0], [1]], [0, 2], [0]), "node labels have shape"),
    "edge labels missing": (([[0], [1]], [0, 2], None, []), "edge labels have shape"),
    "edge labels below 0": (([[0], [1]], [0, 2], None, [-1]), "go below 0"),
    "classes missing": (([[0], [1]], [0, 2], None, None, [0, 1]), "class labels have shape"),
    "split beyond": (([[0], [1]], [0, 2], None, None, [0], {"train": [1]}), "beyond 0 to 0"),
}


@pytest.mark.parametrize("case", BAD_SETS)
def test_malformed_sets(case):
    arguments, reason = BAD_SETS[case]
    with pytest.raises(BadInput, match=reason):
        GraphSet.from_edges(*arguments)


# --- colours ---


def test_mix_is_a_bijection_that_depends_on_its_salt():
    values = np.arange(100_000, dtype=np.uint64)
    ours, others = mix(values, 1), mix(values, 2)
    assert np.unique(ours).size == values.size
    assert not np.intersect1d(ours, others).size
    bits = np.unpackbits(ours.view(np.uint8)).mean()
    assert abs(bits - 0.5) < 0.001


def test_colours_do_not_depend_on_company():
    ring = GraphSet.from_edges([[0, 1, 2], [1, 2, 0]], [0, 3])
    both = GraphSet.concatenate([GraphSet.from_edges([[0], [1]], [0, 4]), ring])
    for alone, together in zip(refine_colours(ring, 3), refine_colours(both, 3), strict=True):
        assert np.array_equal(alone, together[4:])


# --- what a person has ---

PATH = [(0, 1), (1, 2)]


def test_forms_of_a_graph(tmp_path):
    nx = pytest.importorskip("networkx")
    graph = nx.path_graph(3)
    nx.write_graphml(graph, tmp_path / "a.graphml")
    nx.write_gml(graph, tmp_path / "a.gml")
    (tmp_path / "a.g6").write_bytes(nx.to_graph6_bytes(graph))
    nx.write_edgelist(graph, tmp_path / "a.edgelist")
    (tmp_path / "a.csv").write_text("# a path\n0, 1\n1; 2\n")
    np.savez(tmp_path / "a.npz", edges=np.array(PATH).T)
    np.save(tmp_path / "a.npy", nx.to_numpy_array(graph))
    write(
        tmp_path / "TU",
        {"A": "1, 2\n2, 3\n", "graph_indicator": "1\n1\n1\n", "graph_labels": "0\n"},
    )
    sources = [
        graph,
        nx.to_numpy_array(graph),
        nx.to_scipy_sparse_array(graph),
        *(
            tmp_path / f"a.{kind}"
            for kind in ("graphml", "gml", "g6", "edgelist", "csv", "npz", "npy")
        ),
        str(tmp_path / "TU"),
        GraphSet.from_edges(np.array(PATH).T, [0, 3]),
    ]
    for source in sources:
        found = read_graphs(source)
        assert len(found) == 1 and found.num_nodes == 3 and not found.directed
        assert found.edges.T.tolist() == [[0, 1], [1, 2]]
        assert found.node_labels is None
    assert len(read_graphs(*sources)) == len(read_graphs(sources)) == len(sources)


def test_labels_and_directions():
    nx = pytest.importorskip("networkx")
    graph = nx.DiGraph([("a", "b"), ("b", "c")])
    nx.set_node_attributes(graph, dict(zip("abc", ["N", "C", "3"], strict=True)), "label")
    nx.set_edge_attributes(graph, 2, "label")
    with pytest.raises(BadInput, match="label '3' of node 2 of graph is unknown"):
        read_graphs(graph, label_names=["C", "N"])
    names = ["C", "N", "O", "F"]
    found = read_graphs(graph, label_names=names, labels="codes")
    assert found.directed and found.node_labels.tolist() == [1, 0, 3]
    assert found.edge_labels.tolist() == [2, 2] and found.node_label_names == tuple(names)
    plain = read_graphs(graph, node_label=None, edge_label=None)
    assert plain.node_labels is None and plain.edge_labels is None
    hashed = read_graphs(graph)
    assert hashed.node_labels[0] == HASH_OF_N and hashed.node_labels[2] > 2**61
    assert read_graphs(np.array([[0, 1], [0, 0]])).directed


HASH_OF_N = 4234582597870831476


def test_pytorch_geometric():
    torch = pytest.importorskip("torch")
    data = pytest.importorskip("torch_geometric.data")
    both = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    one = data.Data(edge_index=both, x=x)
    found = read_graphs(one)
    assert found.num_edges == 2 and not found.directed and found.node_labels.tolist() == [1, 0, 1]
    batch = data.Batch.from_data_list([one, data.Data(edge_index=both, x=x)])
    assert len(read_graphs(batch)) == 2
    arrow = data.Data(edge_index=both[:, :1], num_nodes=2)
    assert read_graphs(arrow).directed
    for wrong, reason in ((x * float("nan"), "hold NaN"), (x * 0.5, "neither one column")):
        with pytest.raises(BadInput, match=reason):
            read_graphs(data.Data(edge_index=both, x=wrong))


def test_unusable_sources(tmp_path):
    nx = pytest.importorskip("networkx")
    (tmp_path / "bad.graphml").write_text("no xml")
    (tmp_path / "bad.g6").write_bytes(b"\x01\x02")
    (tmp_path / "bad.txt").write_text("0 1.5\n")
    (tmp_path / "a.pkl").write_bytes(b"\x80")
    partly = nx.path_graph(2)
    partly.nodes[0]["label"] = 1
    missing, odd = (nx.path_graph(2) for _ in range(2))
    nx.set_node_attributes(missing, float("nan"), "label")
    nx.set_node_attributes(odd, {0: [1], 1: [2]}, "label")
    cases = {
        "No graph was given": [],
        "has no nodes": [nx.Graph()],
        "is NaN": [missing],
        "is a list": [odd],
        "others?|has not; set it": [partly],
        "no file": [tmp_path / "absent.g6"],
        "cannot be read": [tmp_path / "bad.graphml"],
        "not graph6": [tmp_path / "bad.g6"],
        "Line 1 of bad.txt": [tmp_path / "bad.txt"],
        "no kind of file": [tmp_path / "a.pkl"],
        "expected a square one": [np.ones((4, 5))],
        "holds NaN": [np.full((2, 2), np.nan)],
        "A int cannot be read": [3],
    }
    for reason, sources in cases.items():
        with pytest.raises(BadInput, match=reason) as raised:
            read_graphs(*sources)
        assert "\n" not in str(raised.value)
    named = nx.path_graph(2)
    nx.set_node_attributes(named, "Xx", "label")
    with pytest.raises(BadInput, match="Expected one of C, N"):
        read_graphs(named, label_names=["C", "N"])

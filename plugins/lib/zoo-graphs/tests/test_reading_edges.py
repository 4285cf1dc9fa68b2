"""Edges: their shapes, the ids of their ends, weights, and what is dropped and told."""

from __future__ import annotations

import warnings

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import io, sparse
from torch_geometric.data import Batch, Data, HeteroData
from torch_geometric.utils import from_networkx
from zoo_graphs.graph import Graph
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graph, read_graphs

from zoo_core import BadInput, Notice, strictly

RING = np.array([[0, 1, 2, 3], [1, 2, 3, 0]])
SQUARE = [[0, 1], [0, 3], [1, 2], [2, 3]]
EYE = np.eye(4)


def npz(folder, **arrays):
    np.savez(folder / "mine.npz", **arrays)
    return folder / "mine.npz"


def text(folder, content, name="mine.csv"):
    (folder / name).write_text(content)
    return folder / name


def both(source, **options):
    """Read in both views without a word, and see that they agree."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Notice)
        graph = read_graph(source, featureless=True, **options)
        graphs = read_graphs(source, **options)
    assert graphs.num_nodes == graph.num_nodes
    if not graphs.directed:
        assert graphs.num_edges == graph.num_edges
    return graph, graphs


def isomorphic(graph, other):
    one = nx.Graph(graph.edges.T.tolist())
    one.add_nodes_from(range(graph.num_nodes))
    return nx.is_isomorphic(one, other)


# --- shapes ---


@pytest.mark.parametrize("edges", [RING, RING.T, RING.astype(float), RING[:, :3], RING[:, :3].T])
@pytest.mark.parametrize("key", ["edges", "edge_index", "edges_undirected"])
def test_edges_are_rows_or_columns(tmp_path, edges, key):
    graph, graphs = both(npz(tmp_path, **{key: edges}, num_nodes=4))
    expected = SQUARE if edges.size == 8 else [[0, 1], [1, 2], [2, 3]]
    assert graph.edges.T.tolist() == graphs.edges.T.tolist() == expected
    assert both({key: edges, "num_nodes": 4})[0].edges.T.tolist() == expected


def test_a_third_column_has_weights(tmp_path):
    rows = [[0, 1, 9], [1, 2, 9], [2, 3, 9], [3, 0, 9]]
    for source in (npz(tmp_path, edges=rows), np.array(rows), [tuple(row) for row in rows]):
        graph, graphs = both(source)
        assert graph.edges.T.tolist() == graphs.edges.T.tolist() == SQUARE
        assert graph.edge_weights.tolist() == [9, 9, 9, 9]
        assert graphs.ignored == ("edge weights",)


@pytest.mark.parametrize("edges", [[[0, 1], [2, 3]], [[0, 1, 5], [1, 2, 5], [2, 0, 5]]])
def test_shapes_that_can_be_two_things_are_refused(tmp_path, edges):
    for source in (npz(tmp_path, edges=edges), np.array(edges), edges, np.array(edges, float)):
        for read in (read_graphs, lambda one: read_graph(one, featureless=True)):
            with pytest.raises(BadInput, match=r"read as|may be") as caught:
                read(source)
            assert "\n" not in str(caught.value)


def test_two_edges_are_known_by_name_or_where_both_readings_agree(tmp_path):
    found = both(npz(tmp_path, edge_index=[[0, 1], [2, 3]]))[0]
    assert found.edges.T.tolist() == [[0, 2], [1, 3]]
    assert both(npz(tmp_path, edges=[[0, 1], [1, 2]]))[0].edges.T.tolist() == [[0, 1], [1, 2]]
    assert both([(0, 1), (2, 3)])[0].edges.T.tolist() == [[0, 1], [2, 3]]


def test_matrices_are_adjacencies(tmp_path):
    for graph in (nx.path_graph(2), nx.path_graph(3), nx.cycle_graph(5)):
        matrix = nx.to_numpy_array(graph)
        sparse.save_npz(tmp_path / "a.npz", sparse.coo_array(matrix))
        np.save(tmp_path / "a.npy", matrix)
        io.mmwrite(tmp_path / "a.mtx", sparse.coo_array(matrix))
        for source in (
            matrix,
            matrix.astype(int),
            sparse.csr_matrix(matrix),
            sparse.dok_array(matrix),
            torch.from_numpy(matrix),
            torch.from_numpy(matrix).to_sparse(),
            pd.DataFrame(matrix),
            nx.to_pandas_adjacency(graph),
            {"adjacency": matrix},
            *(tmp_path / f"a.{kind}" for kind in ("npz", "npy", "mtx")),
        ):
            found, graphs = both(source)
            assert isomorphic(found, graph) and not graphs.directed
        assert read_graph(matrix, np.eye(len(graph))).num_edges == graph.number_of_edges()
        pair = read_graph((sparse.csr_array(matrix), np.eye(len(graph))))
        assert pair.num_edges == graph.number_of_edges()


def test_matrices_have_weights_and_directions():
    matrix = np.array([[0, 2.5, 0, 0], [2.5, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    assert read_graph(matrix, featureless=True).edge_weights.tolist() == [2.5, 1]
    with pytest.warns(Notice, match="weights of 4 edges were dropped"):
        assert read_graphs(matrix).ignored == ("edge weights",)
    matrix[0, 1] = 3
    with pytest.warns(Notice, match="different weights; the largest"):
        assert read_graph(matrix, featureless=True).edge_weights.tolist() == [3, 1]
    with pytest.warns(Notice):
        assert read_graphs(matrix).directed
    for wrong, reason in ((np.full((4, 4), np.nan), "NaN"), (np.ones((4, 4)) * 1j, "real")):
        with pytest.raises(BadInput, match=reason):
            read_graphs(wrong)


# --- ids ---

TRIANGLES = {
    "from 1": "1 2\n2 3\n3 1\n",
    "with gaps": "0 2\n2 40\n40 0\n",
    "huge": "9000000000 1\n1 2\n2 9000000000\n",
    "texts": "a b\nb c\nc a\n",
    "padded": "01 1\n1 2\n2 01\n",
    "header": "source,target\nx,y\ny,z\nz,x\n",
    "numbers below words": "person,friend\n1,2\n2,3\n3,1\n",
    "headers of SNAP": "# Directed graph\n# FromNodeId\tToNodeId\n1\t2\n2\t3\n3\t1\n",
    "comments": "% konect\n1 2 # first\n\n2 3\n3 1\n",
    "quotes": '"New York","Boston, MA"\n"Boston, MA",Rome\nRome,"New York"\n',
    "weights": "1 2 0.5\n2 3 1\n3 1 2e1\n",
    "labels": "1,2,single\n2,3,double\n3,1,single\n",
    "bars": "1|2\n2|3\n3|1\n",
    "Gephi": "Source,Target,Type,Id,Label,Weight\n1,2,Undirected,0,,1\n2,3,Undirected,1,,1\n"
    "3,1,Undirected,2,,1\n",
    "named columns": "weight;to;from\n1;2;1\n1;3;2\n1;1;3\n",
    "networkx": "1 2 {}\n2 3 {'weight': 2}\n3 1 {}\n",
    "networkx with commas": "a,b,{}\nb,c,{}\nc,a,{}\n",
    "empty column": "1,2,\n2,3,\n3,1,\n",
    "windows": "1 2\r\n2 3\r\n3 1\r\n",
}


@pytest.mark.parametrize("form", TRIANGLES)
def test_ids_are_names(tmp_path, form):
    source = text(tmp_path, TRIANGLES[form])
    options = {"missing_weight": 1} if form == "networkx" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Notice)
        graph = read_graph(source, featureless=True, **options)
        graphs = read_graphs(source)
    assert graph.edges.T.tolist() == graphs.edges.T.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert (graphs.edge_labels is not None) == (form == "labels")
    weighted = form in ("weights", "networkx", "named columns", "Gephi")
    assert (graph.edge_weights is not None) == weighted


def test_ids_in_memory_are_names_too():
    for source in (
        [(0, 2), (2, 40), (40, 0)],
        {0: [2], 2: [40], 40: [0]},
        {(0, 2): 1, (2, 40): 1, (40, 0): 1},
        np.array([[0, 2, 40], [2, 40, 0]]),
        pd.DataFrame({"u": [0, 2, 40], "v": [2, 40, 0]}),
        {"edges": np.array([[0, 2, 40], [2, 40, 0]])},
        [("a", "b"), ("b", "c"), ("c", "a")],
        nx.Graph([(0, 2), (2, 40), (40, 0)]),
    ):
        graph, graphs = both(source)
        assert graph.num_nodes == 3 and graphs.num_edges == 3


def test_names_are_kept_and_numbering_is_told(tmp_path):
    with pytest.warns(Notice, match="from 0 to 40, were numbered from 0 in ascending order"):
        graph = read_graph(text(tmp_path, "40 0\n2 40\n"), featureless=True)
    assert graph.node_names == (0, 2, 40) and graph.edges.T.tolist() == [[0, 2], [1, 2]]
    with strictly(), pytest.raises(BadInput, match="strict"):
        read_graph(text(tmp_path, "40 0\n2 40\n"), featureless=True)
    with strictly():
        assert read_graphs(text(tmp_path, "40 0\n2 40\n")).num_nodes == 3
        assert read_graph(text(tmp_path, "0 1\n"), featureless=True).node_names is None


def test_isolated_nodes_can_be_written(tmp_path):
    for source in (
        text(tmp_path, "0 1\n1 2\n7\n"),
        {0: [1], 1: [2], 7: []},
        npz(tmp_path, edges=[[0, 1, 1], [1, 2, 0]], num_nodes=4),
        nx.Graph({0: [1], 1: [2], 7: []}),
        sparse.coo_array((np.ones(2), ([0, 1], [1, 2])), shape=(4, 4)),
    ):
        graph, graphs = both(source)
        assert (graph.num_nodes, graphs.num_edges) == (4, 2)


def test_ids_of_any_size_are_names(tmp_path):
    for source in (
        text(tmp_path, f"{10**30} 1\n1 2\n2 {10**30}\n"),
        [(10**30, 1), (1, 2), (2, 10**30)],
        {10**30: [1], 1: [2], 2: [10**30]},
        [(0.5, 1), (1, "a"), ("a", 0.5)],
    ):
        assert both(source)[0].num_edges == 3


def test_adjacency_lists_keep_features_in_order(tmp_path):
    ring = nx.cycle_graph(4)
    nx.write_adjlist(ring, tmp_path / "a.adjlist")
    nx.write_multiline_adjlist(ring, tmp_path / "a.multiline_adjlist")
    for kind in ("adjlist", "multiline_adjlist"):
        graph = read_graph(tmp_path / f"a.{kind}", EYE)
        assert graph.edges.T.tolist() == SQUARE
    nx.write_adjlist(nx.relabel_nodes(ring, dict(enumerate("dbca"))), tmp_path / "b.adjlist")
    with pytest.raises(BadInput, match="do not say which row"):
        read_graph(tmp_path / "b.adjlist", EYE)
    assert read_graph({0: [1, 3], 1: [2], 2: [3]}, EYE).edges.T.tolist() == SQUARE


def test_positions_are_told(tmp_path):
    source = text(tmp_path, "0 2\n2 4\n")
    graph, _ = both(source, ids="positions")
    assert graph.num_nodes == 5 and graph.node_names is None
    for wrong, reason in (
        ("a b\n", "no position"),
        ("-1 0\n", "from 0"),
        ("0 99999999999\n", "claims"),
    ):
        with pytest.raises(BadInput, match=reason):
            read_graphs(text(tmp_path, wrong), ids="positions")
    with pytest.raises(BadInput, match="ids='numbers' is unknown"):
        read_graphs(source, ids="numbers")


def test_features_find_their_nodes(tmp_path):
    one_based = text(tmp_path, "1 2\n2 3\n3 4\n")
    with pytest.warns(Notice, match="numbered from 0 in ascending order"):
        assert read_graph(one_based, EYE).edges.T.tolist() == [[0, 1], [1, 2], [2, 3]]
    with pytest.raises(BadInput, match="row 0 is node 0 or node 1 is not certain"):
        read_graph(text(tmp_path, "1 2\n2 3\n"), EYE)
    assert read_graph(text(tmp_path, "1 2\n2 3\n"), EYE, ids="positions").num_nodes == 4
    assert read_graph(text(tmp_path, "1 2\n2 3\n0\n"), EYE).num_nodes == 4
    named = text(tmp_path, "b a\nc b\n")
    with pytest.raises(BadInput, match="do not say which row is of which node"):
        read_graph(named, EYE[:3])
    (tmp_path / "nodes.csv").write_text("id,height,label\na,1,x\nb,2,y\nc,3,x\nd,4,y\n")
    frame = pd.DataFrame({"height": [1.0, 2, 3, 4]}, index=list("abcd"))
    for table in (tmp_path / "nodes.csv", frame):
        graph = read_graph(named, table)
        assert graph.node_names == tuple("abcd")
        assert graph.edges.T.tolist() == [[0, 1], [1, 2]]
        assert graph.features.toarray().ravel().tolist() == [1, 2, 3, 4]
    assert read_graph((named, tmp_path / "nodes.csv")).class_names == ("x", "y")
    with pytest.raises(BadInput, match=r"no row for 1 node.*'c'"):
        read_graph(named, frame.iloc[:2])


def test_the_first_line_of_features(tmp_path):
    edges = text(tmp_path, "0 1\n1 2\n2 3\n", "edges.txt")
    frame = pd.DataFrame(EYE + 1)
    frame.to_csv(tmp_path / "numbered.csv", index=False)  # a header of 0, 1, 2, 3
    frame.to_csv(tmp_path / "bare.csv", index=False, header=False)
    np.savetxt(tmp_path / "saved.tsv", EYE + 1, delimiter="\t")
    for name in ("numbered.csv", "bare.csv", "saved.tsv"):
        found = read_graph(edges, tmp_path / name)
        assert np.array_equal(found.features.toarray(), EYE + 1), name
    rising = text(tmp_path, "1,2\n3,4\n5,6\n7,8\n", "rising.csv")
    assert read_graph(edges, rising).features.toarray()[0].tolist() == [1, 2]
    few = text(tmp_path, "0 1\n", "few.txt")
    with pytest.raises(BadInput, match="features_header=True or features_header=False"):
        read_graph(few, rising)
    assert read_graph(few, rising, features_header=False).num_nodes == 4
    assert read_graph(few, rising, features_header=True).num_nodes == 3
    named = text(tmp_path, "id,f\n3,1\n2,2\n1,3\n0,4\n", "named.csv")
    graph = read_graph(edges, named)
    assert graph.node_names == (3, 2, 1, 0)
    assert graph.features.toarray().ravel().tolist() == [1, 2, 3, 4]


def test_a_first_line_that_may_be_both_is_refused(tmp_path):
    source = text(tmp_path, "Alice,Bob\nCarol,Dave\n")
    with pytest.raises(BadInput, match="header=True or header=False"):
        read_graphs(source)
    assert read_graphs(source, header=False).num_edges == 2
    assert read_graphs(source, header=True).num_edges == 1
    assert read_graphs(text(tmp_path, "Alice Bob\nCarol Dave\n", "a.edges")).num_edges == 2


# --- weights, loops, directions ---


def heavy(*weights):
    graph = nx.path_graph(len(weights) + 1)
    for (u, v), weight in zip(graph.edges, weights, strict=True):
        graph[u][v]["weight"] = weight
    return graph


def test_weights_are_whole_or_refused():
    graph = heavy(100, 1, 1, 50, 1)
    assert read_graph(graph, featureless=True).edge_weights.tolist() == [100, 1, 1, 50, 1]
    del graph[1][2]["weight"]
    with pytest.raises(BadInput, match="1 of the 5 edges of graph have no 'weight'"):
        read_graph(graph, featureless=True)
    for gone in (None, float("nan")):
        graph[1][2]["weight"] = gone
        with pytest.raises(BadInput, match="missing_weight"):
            read_graph(graph, featureless=True)
    with pytest.warns(Notice, match="1 edges of graph without a weight were given 2"):
        found = read_graph(graph, featureless=True, missing_weight=2)
    assert found.edge_weights.tolist() == [100, 2, 1, 50, 1]
    graph[1][2]["weight"] = "heavy"
    with pytest.raises(BadInput, match="'heavy', which is no number"):
        read_graph(graph, featureless=True)


def test_the_attribute_of_weights_is_told():
    graph = heavy(2, 3)
    nx.set_edge_attributes(graph, 7, "capacity")
    with pytest.warns(Notice, match="edge attribute 'weight' was not read"):
        found = read_graph(graph, featureless=True, weight="capacity")
    assert found.edge_weights.tolist() == [7, 7]
    with pytest.raises(BadInput, match="no attribute 'strength', only 'weight', 'capacity'"):
        read_graph(graph, featureless=True, weight="strength")


def test_weights_of_pytorch_geometric():
    edge_index = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    for attribute in (torch.tensor([0.5, 0.5, 2, 2]), torch.tensor([[0.5], [0.5], [2], [2]])):
        data = Data(edge_index=edge_index, x=torch.eye(3), edge_attr=attribute)
        assert read_graph(data).edge_weights.tolist() == [0.5, 2]
        with pytest.warns(Notice, match="weights of 4 edges were dropped"):
            assert read_graphs(data).ignored == ("edge weights",)
    with pytest.warns(Notice, match="integers in edge_attr of graph were taken for weights"):
        data = Data(edge_index=edge_index, x=torch.eye(3), edge_attr=torch.tensor([3, 3, 2, 2]))
        assert read_graph(data).edge_weights.tolist() == [3, 2]
    with pytest.warns(Notice, match="edge attribute 'edge_attr' was not read"):
        wide = Data(edge_index=edge_index, x=torch.eye(3), edge_attr=torch.rand(4, 3))
        assert read_graph(wide).edge_weights is None
    with pytest.raises(BadInput, match="edge_attr has 3 rows for 4 edges"):
        read_graph(Data(edge_index=edge_index, x=torch.eye(3), edge_attr=torch.rand(3)))
    with pytest.raises(BadInput, match="1 of the 4 edges of graph have no 'edge_attr'"):
        broken = torch.tensor([0.5, float("nan"), 2, 2])
        read_graph(Data(edge_index=edge_index, x=torch.eye(3), edge_attr=broken))


def test_weights_that_pytorch_geometric_takes_from_networkx():
    converted = from_networkx(heavy(2, 3))
    assert read_graph(converted, featureless=True).edge_weights.tolist() == [2, 3]


def test_directions_of_gephi_are_known(tmp_path):
    lines = "Source,Target,Type\n1,2,Directed\n2,3,Directed\n"
    assert read_graphs(text(tmp_path, lines)).directed


def test_columns_without_a_value_are_none(tmp_path):
    graph, graphs = both(text(tmp_path, "source,target,weight,label\n0,1,,\n1,2,,\n"))
    assert graph.edge_weights is None and graphs.edge_labels is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a->b\n", "No line of mine.csv has two nodes"),
        ("0 1 2 3\n", "4 parts"),
        ("0 1\n0 1.5\n", "Line 2"),
        ("0 1 2\n1 2 heavy\n", "'heavy', which is no number, and others"),
        ("0 1\n1 2 {'weight': open('x')}\n", "no dictionary"),
        ("a,b,c\n1,2,3\n", "none are called 'source'"),
        ("-1 0\n", "node indices from 0"),
    ],
)
def test_lines_that_are_no_edges(tmp_path, content, reason):
    for read in (read_graphs, lambda one: read_graph(one, featureless=True)):
        with pytest.raises(BadInput, match=reason):
            read(text(tmp_path, content))


def test_many_plain_lines_are_read_at_once(tmp_path):
    edges = np.random.default_rng(0).integers(0, 99, (2, 500))
    lines = "# plain\n" + "".join(f"{u}, {v}\n" for u, v in edges.T)
    plain, slow = (both(text(tmp_path, one))[1] for one in (lines, lines + "# end\n\n"))
    assert plain.fingerprint() == slow.fingerprint()
    for zero in ("01 1\n1 2\n2 01\n", "00 1\n1 2\n2 00\n"):
        assert both(text(tmp_path, zero))[0].node_names is not None


def test_a_single_column_edge_attr_of_an_npz(tmp_path):
    source = npz(tmp_path, edges=RING, edge_attr=[0.5, 1, 2, 3])
    graph, graphs = both(source)
    assert graph.edge_weights.tolist() == [0.5, 3, 1, 2] and graphs.edge_labels is None
    labelled = npz(tmp_path, edges=RING, edge_attr=[5, 6, 7, 8])
    assert both(labelled)[1].edge_labels.tolist() == [5, 8, 6, 7]


def test_negative_weights_are_refused_where_a_model_takes_none():
    graph = heavy(2, -1)
    assert read_graph(graph, featureless=True).edge_weights.tolist() == [2, -1]
    known = read_graph(graph, featureless=True)
    for source in (graph, known):
        with pytest.raises(BadInput, match=r"1 edge weight\(s\) are negative, the first is -1 of"):
            read_graph(source, signed=False) if source is known else read_graph(
                source, featureless=True, signed=False
            )


def test_what_is_dropped_is_told():
    multi = nx.MultiGraph([(0, 1), (0, 1), (1, 1), (1, 2)])
    with pytest.warns(Notice) as said:
        found = read_graphs(multi, multi)
    assert found.ignored == ("self-loops", "repeated edges")
    assert [str(one.message) for one in said] == [
        "2 self-loops were dropped.",
        "2 edges given more than once were counted once.",
    ]
    with pytest.warns(Notice) as said:
        read_graph(multi, featureless=True)
    assert len(said) == 2
    with pytest.warns(Notice, match="directions, which were dropped"):
        read_graph(nx.DiGraph([(0, 1)]), featureless=True)
    for quiet in (
        nx.path_graph(3),
        nx.DiGraph([(0, 1), (1, 0)]),
        heavy(1, 1),
        Data(edge_index=torch.tensor([[0, 1], [1, 0]]), num_nodes=2),
        nx.to_numpy_array(nx.path_graph(4)),
    ):
        with strictly():
            assert read_graphs(quiet).ignored == ()
            read_graph(quiet, featureless=True)


def test_what_was_ignored_stays_with_the_graphs():
    with pytest.warns(Notice):
        graphs = read_graphs(nx.Graph([(0, 1), (1, 1)]), nx.path_graph(2))
    assert graphs[1].ignored == graphs.select([0]).ignored == ("self-loops",)
    assert read_graphs(graphs).ignored == ("self-loops",)


def test_directions_are_told_or_known():
    arrow = np.array([[0, 1, 2, 2], [1, 2, 3, 0]])
    assert not read_graphs([(0, 1), (1, 2)]).directed
    assert read_graphs([(0, 1), (1, 2)], directed=True).directed
    data = Data(edge_index=torch.from_numpy(arrow), num_nodes=4)
    assert read_graphs(data).directed and not read_graphs(data, directed=False).directed


# --- in memory as on disk ---


def test_many_graphs_in_whatever_holds_them():
    graphs = [nx.path_graph(2), nx.path_graph(3)]
    objects = np.empty(2, dtype=object)
    objects[:] = graphs
    for source in (graphs, tuple(graphs), objects, pd.Series(graphs), iter(graphs), [graphs]):
        assert read_graphs(source).sizes.tolist() == [2, 3]
    known = read_graphs(graphs)
    assert read_graphs(list(known)).sizes.tolist() == read_graphs(known).sizes.tolist() == [2, 3]
    edge_index = torch.tensor([[0, 1], [1, 0]])
    batch = Batch.from_data_list([Data(edge_index=edge_index, num_nodes=n) for n in (2, 4)])
    assert read_graphs(batch).sizes.tolist() == [2, 4]
    assert read_graphs([batch, nx.path_graph(5)]).sizes.tolist() == [2, 4, 5]


def test_the_views_take_each_others_graphs():
    graphs = GraphSet.from_edges(RING, [0, 4], [0, 1, 0, 1])
    assert read_graph(graphs, featureless=True).class_names == ("0", "1")
    graph = Graph.from_edges(RING, EYE, [0, 1, 0, 1], edge_weights=[2, 3, 4, 5])
    with pytest.warns(Notice):
        found = read_graphs(graph)
    assert found.node_labels is None and "edge weights" in found.ignored
    with pytest.raises(BadInput, match="GraphSet cannot be read as a graph"):
        read_graph(GraphSet.from_edges([], [0, 1, 2]), featureless=True)


@pytest.mark.parametrize(
    "source",
    [
        5,
        None,
        object(),
        b"0 1",
        [1, 2, 3],
        {},
        {"a": 1},
        {"a": nx.path_graph(2)},
        np.zeros(3),
        np.ma.masked_array([[0, 1], [1, 2], [2, 3]], mask=[[0, 0], [0, 0], [0, 1]]),
        HeteroData(),
        pd.DataFrame({"a": [1], "b": [2], "c": [3]}),
        pd.DataFrame({"source": [0, None], "target": [1, 2]}),
        np.array([[0.5, 1, 2], [1, 2, 3]]),
        [("a",), ("b",)],
    ],
)
def test_what_is_no_graph_is_refused_in_one_sentence(source):
    for read in (read_graphs, read_graph, lambda one: read_graph(one, featureless=True)):
        with pytest.raises(BadInput) as caught:
            read(source)
        assert "\n" not in str(caught.value)


HOSTILE = {
    "num_nodes": lambda folder: npz(folder, edges=[[0], [1]], num_nodes=10**9),
    "positions": lambda folder: {"edges": [[0], [10**12]], "num_nodes": 10**13},
    "sparse6": lambda folder: text(folder, ":~~zzzzzz_\n", "a.s6"),
    "graph6": lambda folder: text(folder, "~~zzzzzz_\n", "a.g6"),
    "matrix market": lambda folder: text(
        folder,
        "%%MatrixMarket matrix coordinate pattern symmetric\n1000000000 1000000000 1\n2 1\n",
        "a.mtx",
    ),
    "sparse matrix": lambda folder: npz(
        folder, format=b"coo", row=[0], col=[1], data=[1.0], shape=[10**9, 10**9]
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_claims_of_many_nodes_are_not_believed(tmp_path, case):
    for read in (read_graphs, lambda one: read_graph(one, featureless=True)):
        with pytest.raises(BadInput, match=r"claims|characters"):
            read(HOSTILE[case](tmp_path))

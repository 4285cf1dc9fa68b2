"""Random graphs, written as each library writes them, read back equal in both views."""

from __future__ import annotations

import io as streams
import tempfile
import warnings
from pathlib import Path

import igraph
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import io, sparse
from torch_geometric.data import Data
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graph, read_graphs

from zoo_core import Notice

NAMES = ["C", "N", "Cl", "O"]
FEW = settings(max_examples=20)  # each of some twenty formats


@st.composite
def graphs(draw, names="any"):
    """A graph of nodes with odd names, isolated ones too, and perhaps weights and labels."""
    kind = draw(st.sampled_from([nx.Graph, nx.DiGraph]))
    graph = kind()
    some = {
        "any": st.one_of(
            st.integers(0, 10**12),
            st.sampled_from(["a", "b-1", "x_2", "01", "é", "n10", "Zeta", "1e"]),
        ),
        "integers": st.integers(0, 10**6),
        "positions": st.none(),
    }[names]
    count = draw(st.integers(1, 8))
    nodes = list(range(count))
    if names != "positions":
        nodes = draw(st.lists(some, min_size=1, max_size=8, unique_by=str))
        if len({type(node) for node in nodes}) > 1:
            nodes = [str(node) for node in nodes]
    graph.add_nodes_from(nodes)
    pair = st.tuples(st.sampled_from(nodes), st.sampled_from(nodes))
    edges = draw(st.lists(pair, max_size=14))
    graph.add_edges_from((u, v) for u, v in edges if u != v)
    if draw(st.booleans()):
        for node in nodes:
            graph.nodes[node]["label"] = draw(st.sampled_from(NAMES))
    if draw(st.booleans()):
        weights = st.one_of(st.integers(2, 9), st.floats(-4, 4, width=32).filter(bool))
        for u, v in graph.edges:
            graph[u][v]["weight"] = draw(weights)
    return graph


def bare(graph):
    """The graph without what a format cannot carry."""
    copy = graph.__class__()
    copy.add_nodes_from(graph.nodes)
    copy.add_edges_from(graph.edges)
    return copy


def without_labels(graph):
    copy = bare(graph)
    for u, v, data in graph.edges(data=True):
        copy[u][v].update(data)
    return copy


def undirected(graph):
    return nx.Graph(graph)


# How a graph is written, and what of it the format can carry.


def by_networkx(writer, suffix):
    def write(graph, folder):
        getattr(nx, writer)(graph, folder / f"a{suffix}")
        return folder / f"a{suffix}"

    return write


def listed(graph, folder, name, lines, header=None):
    """An edge list, with nodes that stand alone at its end."""
    alone = [str(node) for node in nx.isolates(graph)]
    text = "\n".join([*([header] if header else []), *lines, *alone]) + "\n"
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def edge_list(graph, folder):
    stream = streams.BytesIO()
    nx.write_edgelist(graph, stream)
    return listed(graph, folder, "a.edgelist", stream.getvalue().decode().splitlines())


def weighted_edge_list(graph, folder):
    stream = streams.BytesIO()
    nx.write_weighted_edgelist(graph, stream)
    return listed(graph, folder, "a.edges", stream.getvalue().decode().splitlines())


def comma_separated(graph, folder):
    frame = nx.to_pandas_edgelist(graph)
    lines = frame.to_csv(index=False).splitlines()
    return listed(graph, folder, "a.csv", lines[1:], lines[0])


def parquet(graph, folder):
    nx.to_pandas_edgelist(graph).to_parquet(folder / "a.parquet")
    return folder / "a.parquet"


def archive(graph, folder):
    index = {node: i for i, node in enumerate(graph)}
    ends = np.array([[index[u], index[v]] for u, v in graph.edges], dtype=int).reshape(-1, 2)
    arrays = {"edges": ends if len(ends) != 2 else ends.T, "num_nodes": len(graph)}
    if len(ends) == 2:
        arrays["edge_index"] = arrays.pop("edges")
    labels = list(nx.get_node_attributes(graph, "label").values())
    weights = list(nx.get_edge_attributes(graph, "weight").values())
    if labels:
        arrays["node_labels"] = np.array(labels)
    if weights:
        arrays["edge_weights"] = np.array(weights, dtype=float)
    np.savez(folder / "a.npz", **arrays)
    return folder / "a.npz"


def matrix(graph, folder):
    np.save(folder / "a.npy", nx.to_numpy_array(graph))
    return folder / "a.npy"


def sparse_matrix(graph, folder):
    sparse.save_npz(folder / "a.npz", nx.to_scipy_sparse_array(graph, dtype=float))
    return folder / "a.npz"


def matrix_market(graph, folder):
    io.mmwrite(folder / "a.mtx", nx.to_scipy_sparse_array(graph, dtype=float))
    return folder / "a.mtx"


def pyg(graph, folder):
    index = {node: i for i, node in enumerate(graph)}
    lines = [(index[u], index[v], data.get("weight")) for u, v, data in graph.edges(data=True)]
    if not graph.is_directed():
        lines += [(v, u, weight) for u, v, weight in lines]
    ends = torch.tensor([line[:2] for line in lines], dtype=torch.long).reshape(-1, 2).T
    data = Data(edge_index=ends, num_nodes=len(graph))
    labels = list(nx.get_node_attributes(graph, "label").values())
    if labels:
        data.x = torch.eye(len(NAMES))[[NAMES.index(label) for label in labels]]
    if lines and lines[0][2] is not None:
        data.edge_weight = torch.tensor([line[2] for line in lines], dtype=torch.float64)
    return data


def by_igraph(graph, folder):
    index = {node: i for i, node in enumerate(graph)}
    lines = [(index[u], index[v]) for u, v in graph.edges]
    made = igraph.Graph(len(graph), lines, directed=graph.is_directed())
    made.vs["name"] = list(graph)
    for key, holder, values in (
        ("label", made.vs, nx.get_node_attributes(graph, "label")),
        ("weight", made.es, nx.get_edge_attributes(graph, "weight")),
    ):
        if values:
            holder[key] = list(values.values())
    return made


def neighbours(graph, folder):
    return {node: dict(graph[node]) for node in graph}


FULL = {
    "NetworkX": lambda graph, folder: graph,
    "igraph": by_igraph,
    "GraphML": by_networkx("write_graphml", ".graphml"),
    "GEXF": by_networkx("write_gexf", ".gexf"),
}
WEIGHTED = {
    "GML": by_networkx("write_gml", ".gml"),
    "matrix": matrix,
    "sparse matrix": sparse_matrix,
    "matrix in memory": lambda graph, folder: nx.to_numpy_array(graph),
    "scipy": lambda graph, folder: nx.to_scipy_sparse_array(graph, dtype=float),
    "pandas": lambda graph, folder: nx.to_pandas_adjacency(graph),
    "Matrix Market": matrix_market,
    "packed": by_networkx("write_graphml", ".graphml.gz"),
}
UNDIRECTED = {
    "dictionary": neighbours,
    "edge list": edge_list,
    "comma-separated": comma_separated,
    "list of edges": lambda graph, folder: [
        *graph.edges(data=True),
    ],
    "frame of edges": lambda graph, folder: nx.to_pandas_edgelist(graph),
    "parquet": parquet,
}


def read(source, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Notice)
        return read_graphs(source, **options), read_graph(source, featureless=True)


def check(graph, source, *, labels, weights, number=str):
    """See that both views of a source are those of the graph, up to the order of nodes."""
    found, view = read(source)
    names = list(map(number, graph))
    called = list(map(number, view.node_names or range(view.num_nodes)))
    assert sorted(called) == sorted(names)
    place = [called.index(name) for name in names]
    at = dict(zip(graph, place, strict=True))

    assert found.directed or not graph.is_directed() or symmetric(graph)
    assert graph.is_directed() or not found.directed
    expected = {(at[u], at[v]) for u, v in graph.edges}
    if not found.directed:
        expected = {tuple(sorted(edge)) for edge in expected}
    assert set(map(tuple, found.edges.T.tolist())) == expected
    assert set(map(tuple, view.edges.T.tolist())) == {tuple(sorted(edge)) for edge in expected}

    given = nx.get_node_attributes(graph, "label")
    if labels and given:
        coded = read(source, label_names=NAMES)[0] if labels == "names" else found
        assert [NAMES[coded.node_labels[at[node]]] for node in graph] == list(given.values())
    else:
        assert found.node_labels is None

    known = nx.get_edge_attributes(graph, "weight")
    if weights and known:
        largest = {}
        for (u, v), weight in known.items():
            key = tuple(sorted((at[u], at[v])))
            largest[key] = max(largest.get(key, -np.inf), np.float32(weight))
        assert list(map(tuple, view.edges.T.tolist())) == sorted(largest)
        np.testing.assert_array_equal(view.edge_weights, [largest[key] for key in sorted(largest)])
        assert ("edge weights" in found.ignored) == any(w != 1 for w in known.values())
    elif weights:
        assert view.edge_weights is None


def symmetric(graph):
    return all(graph.has_edge(v, u) for u, v in graph.edges)


@pytest.fixture(scope="module")
def place():
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("form", FULL)
@FEW
@given(graphs())
def test_formats_that_carry_everything(place, form, graph):
    check(graph, FULL[form](graph, place), labels="names", weights=True)


@pytest.mark.parametrize("form", WEIGHTED)
@FEW
@given(graphs())
def test_formats_without_labels_of_nodes(place, form, graph):
    numbered = form in ("matrix", "sparse matrix", "matrix in memory", "scipy", "Matrix Market")
    graph = without_labels(graph)
    if numbered:
        graph = nx.convert_node_labels_to_integers(graph)
        if len(graph) in (2, 3):
            graph.add_nodes_from(range(4))  # such small matrices may be edges
    check(graph, WEIGHTED[form](graph, place), labels=None, weights=True)


@pytest.mark.parametrize("form", UNDIRECTED)
@FEW
@given(graphs())
def test_lists_of_edges(place, form, graph):
    graph = without_labels(undirected(graph))
    if form in ("list of edges", "frame of edges", "parquet"):
        graph.remove_nodes_from(list(nx.isolates(graph)))
    if not graph.number_of_edges():
        return
    check(graph, UNDIRECTED[form](graph, place), labels=None, weights=True)


@FEW
@given(graphs(names="positions"))
def test_archives(place, graph):
    graph = undirected(graph)
    graph = nx.convert_node_labels_to_integers(graph)
    check(graph, archive(graph, place), labels="names", weights=True)


@FEW
@given(graphs(names="positions"))
def test_pytorch_geometric(place, graph):
    check(graph, pyg(graph, place), labels="codes", weights=True)


@FEW
@given(graphs(names="positions"))
def test_pajek_and_adjacency_lists(place, graph):
    plain = bare(graph)
    nx.write_pajek(plain, place / "a.net")
    check(plain, place / "a.net", labels=None, weights=True)
    simple = undirected(bare(graph))
    if simple.number_of_nodes():
        nx.write_adjlist(simple, place / "a.adjlist")
        check(simple, place / "a.adjlist", labels=None, weights=True)
        nx.write_multiline_adjlist(simple, place / "a.multiline_adjlist")
        check(simple, place / "a.multiline_adjlist", labels=None, weights=True)


@FEW
@given(st.lists(graphs(names="positions"), min_size=1, max_size=4))
def test_graph6_and_sparse6(place, several):
    simple = [nx.Graph(bare(graph)) for graph in several]
    for suffix, write in ((".g6", nx.to_graph6_bytes), (".s6", nx.to_sparse6_bytes)):
        (place / f"a{suffix}").write_bytes(b"".join(map(write, simple)))
        found = read_graphs(place / f"a{suffix}")
        expected = GraphSet.concatenate([read_graphs(one) for one in simple])
        assert found.fingerprint() == expected.fingerprint()
    if len(simple) == 1:
        check(simple[0], place / "a.g6", labels=None, weights=True)


@FEW
@given(graphs(names="integers"))
def test_numbers_of_nodes_do_not_matter(place, graph):
    """Two files of one graph, numbered otherwise, are the same graph up to order."""
    graph = undirected(bare(graph))
    if not graph.number_of_edges():
        return
    numbered = nx.convert_node_labels_to_integers(graph, first_label=1, ordering="sorted")
    found = [read_graphs(edge_list(one, place)) for one in (graph, numbered)]
    assert found[0].fingerprint() == found[1].fingerprint()


@FEW
@given(st.data(), graphs(names="positions"))
def test_folders_in_the_tu_layout(data, graph):
    simple = nx.convert_node_labels_to_integers(nx.Graph(bare(graph)), first_label=1)
    labels = data.draw(
        st.lists(st.integers(0, 9), min_size=len(simple), max_size=len(simple)), label="labels"
    )
    with tempfile.TemporaryDirectory() as folder:
        parts = {
            "A": "".join(f"{u}, {v}\n{v}, {u}\n" for u, v in simple.edges),
            "graph_indicator": "1\n" * len(simple),
            "graph_labels": "1\n",
            "node_labels": "".join(f"{label}\n" for label in labels),
        }
        for part, text in parts.items():
            (Path(folder) / f"X_{part}.txt").write_text(text)
        found = read_graphs(folder)
    assert found.node_labels.tolist() == labels
    expected = read_graphs(nx.convert_node_labels_to_integers(simple))
    assert np.array_equal(found.edges, expected.edges)


def test_tables_name_their_columns_in_any_order(place):
    frame = pd.DataFrame({"weight": [2.0, 3.0], "target": ["b", "c"], "source": ["a", "b"]})
    frame.to_csv(place / "a.csv", index=False)
    for source in (frame, place / "a.csv"):
        view = read(source)[1]
        assert sorted(view.node_names) == ["a", "b", "c"]
        assert sorted(view.edge_weights.tolist()) == [2, 3]

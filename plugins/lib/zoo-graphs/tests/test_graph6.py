"""graph6, sparse6 and digraph6: as NetworkX reads them, in memory that the bits bound."""

from __future__ import annotations

import tracemalloc

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_graphs.graph6 import parse_graph6, parse_line
from zoo_graphs.reading import read_graph, read_graphs

from zoo_core import Notice


def edges_of(ends):
    return sorted(tuple(sorted(edge)) for edge in ends.T.tolist())


@st.composite
def multigraphs(draw):
    nodes = draw(st.one_of(st.integers(1, 9), st.sampled_from([31, 32, 33, 62, 63, 64, 65])))
    node = st.integers(0, nodes - 1)
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(draw(st.lists(st.tuples(node, node), max_size=40)))
    return graph


@given(multigraphs(), st.booleans())
def test_sparse6_is_networkx_s(graph, header):
    nodes, ends, directed = parse_line(nx.to_sparse6_bytes(graph, header=header))
    assert (nodes, directed) == (len(graph), False)
    assert edges_of(ends) == sorted(tuple(sorted(edge)) for edge in graph.edges())


@given(multigraphs(), st.booleans())
def test_graph6_is_networkx_s(graph, header):
    simple = nx.Graph(graph)
    simple.remove_edges_from(list(nx.selfloop_edges(simple)))
    nodes, ends, directed = parse_line(nx.to_graph6_bytes(simple, header=header))
    assert (nodes, directed) == (len(graph), False)
    assert edges_of(ends) == sorted(tuple(sorted(edge)) for edge in simple.edges)


@given(st.integers(1, 9), st.data())
def test_digraph6_is_a_matrix_by_rows(nodes, data):
    bits = data.draw(st.lists(st.booleans(), min_size=nodes**2, max_size=nodes**2))
    padded = [*bits, *[False] * (-len(bits) % 6)]
    sixes = np.reshape(padded, (-1, 6)) @ [32, 16, 8, 4, 2, 1]
    body = (63 + sixes).tolist()
    found, ends, directed = parse_line(bytes([ord("&"), 63 + nodes, *body]))
    assert (found, directed) == (nodes, True)
    assert ends.T.tolist() == np.argwhere(np.reshape(bits, (nodes, nodes))).tolist()


def test_the_example_of_the_format():
    # From the description of the formats: edges 0-2, 0-4, 1-3, 3-4, and 0-1, 0-2, 1-2, 5-6.
    assert edges_of(parse_line(b"DQc")[1]) == [(0, 2), (0, 4), (1, 3), (3, 4)]
    assert edges_of(parse_line(b":Fa@x^")[1]) == [(0, 1), (0, 2), (1, 2), (5, 6)]
    assert parse_line(b"&DI?AO?")[1].T.tolist() == [[0, 2], [0, 4], [3, 1], [3, 4]]


@pytest.mark.parametrize("line", [b"", b"~", b"~??", b"\x7f", b"B", b"Bw?", b":", b"&B"])
def test_what_is_neither_is_refused(line):
    with pytest.raises(ValueError):
        parse_line(line)


def test_memory_is_bounded_by_the_bits():
    """A sparse graph of 6000 nodes, three million bytes: it took 62 bytes for each of them."""
    nodes = 6000
    size = bytes([126, *(63 + (nodes >> shift & 63) for shift in (12, 6, 0))])
    body = bytearray(b"?" * -(-nodes * (nodes - 1) // 2 // 6))
    body[::5000] = b"_" * len(body[::5000])
    line = size + bytes(body)
    tracemalloc.start()
    graphs = parse_graph6(line)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert graphs.num_nodes == nodes and graphs.num_edges == len(body[::5000])
    assert peak < 3 * len(line)


def test_files_hold_one_graph_a_line(tmp_path):
    several = [nx.path_graph(3), nx.cycle_graph(4)]
    (tmp_path / "a.g6").write_bytes(b"".join(map(nx.to_graph6_bytes, several)))
    assert read_graphs(tmp_path / "a.g6").sizes.tolist() == [3, 4]
    multi = nx.MultiGraph([(0, 1), (0, 1), (1, 1)])
    (tmp_path / "a.s6").write_bytes(nx.to_sparse6_bytes(multi))
    with pytest.warns(Notice):
        assert read_graphs(tmp_path / "a.s6").ignored == ("self-loops", "repeated edges")
    with pytest.warns(Notice):
        assert read_graph(tmp_path / "a.s6", featureless=True).num_edges == 1

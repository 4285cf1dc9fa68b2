"""Graphs that the tests tell apart, or do not: exactly specified, without any file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations, product

import numpy as np
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput

Edges = Sequence[tuple[int, int]]

CSL_SKIPS = (2, 3, 4, 5, 6, 9, 11, 12, 13, 16)
CSL_NODES = 41


def graph(edges: Edges, nodes: int, name: str) -> GraphSet:
    """Return one graph as a set of one."""
    ends = np.array(edges, np.int64).reshape(-1, 2)
    return GraphSet.from_edges(ends, [0, nodes], name=name, layout="rows")


def cycle_edges(nodes: int, first: int = 0) -> list[tuple[int, int]]:
    """Return the edges of a cycle through the nodes first, ..., first + nodes - 1."""
    return [(first + i, first + (i + 1) % nodes) for i in range(nodes)]


def cycles(*lengths: int) -> GraphSet:
    """Return a disjoint union of cycles."""
    starts = np.cumsum([0, *lengths]).tolist()
    edges = [edge for k, s in zip(lengths, starts, strict=False) for edge in cycle_edges(k, s)]
    return graph(edges, starts[-1], " + ".join(f"C{k}" for k in lengths))


def decalin() -> GraphSet:
    """Return decalin's carbons: two hexagons that share an edge (10 nodes, 11 edges)."""
    return graph([*cycle_edges(10), (0, 5)], 10, "decalin")


def bicyclopentyl() -> GraphSet:
    """Return bicyclopentyl's carbons: two pentagons joined by an edge (10 nodes, 11 edges)."""
    return graph([*cycle_edges(5), *cycle_edges(5, 5), (0, 5)], 10, "bicyclopentyl")


def rook() -> GraphSet:
    """Return the 4 x 4 rook's graph, the line graph of K_{4,4}; strongly regular (16, 6, 2, 2)."""
    squares = list(product(range(4), repeat=2))
    edges = [
        (i, j)
        for (i, a), (j, b) in combinations(enumerate(squares), 2)
        if (a[0] == b[0]) != (a[1] == b[1])
    ]
    return graph(edges, 16, "4 x 4 rook's graph")


def shrikhande() -> GraphSet:
    """Return the Shrikhande graph: the Cayley graph of Z4 x Z4 with +-(0,1), +-(1,0), +-(1,1)."""
    edges = [
        (4 * i + j, 4 * ((i + a) % 4) + (j + b) % 4)
        for i, j in product(range(4), repeat=2)
        for a, b in ((0, 1), (1, 0), (1, 1))
    ]
    return graph(edges, 16, "Shrikhande graph")


def circular_skip_link(skip: int, nodes: int = CSL_NODES) -> GraphSet:
    """Return a cycle with chords to the node `skip` places on; 4-regular."""
    chords = [(i, (i + skip) % nodes) for i in range(nodes)]
    return graph([*cycle_edges(nodes), *chords], nodes, f"CSL({nodes}, {skip})")


def complete_edges(nodes: int) -> list[tuple[int, int]]:
    """Return the edges of a complete graph."""
    return list(combinations(range(nodes), 2))


def cai_furer_immerman(base: Edges, twisted: Collection[int] = ()) -> GraphSet:
    """Return the CFI graph of a connected base graph.

    Each node v of the base becomes the nodes (v, S), S an even subset of the edges at v. For each
    edge e = uv, (u, S) and (v, T) are joined if e is in both or in neither. A twisted edge joins
    those of which exactly one has it. An even number of twists gives an isomorphic graph, whatever
    the edges, and an odd number another one.

    `base` are the edges of the base graph, on the nodes 0, 1, ..., and `twisted` the numbers of the
    edges to twist. Raises `BadInput` for a base that is empty, has a loop, or is not connected.
    """
    nodes = 1 + max((max(edge) for edge in base), default=-1)
    _check_base(base, nodes)
    places: dict[tuple[int, frozenset[int]], int] = {}
    for v in range(nodes):
        here = [number for number, edge in enumerate(base) if v in edge]
        for size in range(0, len(here) + 1, 2):
            for subset in combinations(here, size):
                places[v, frozenset(subset)] = len(places)
    edges = [
        (first, second)
        for number, (u, v) in enumerate(base)
        for (a, s), first in places.items()
        if a == u
        for (b, t), second in places.items()
        if b == v and ((number in s) == (number in t)) != (number in twisted)
    ]
    return graph(edges, len(places), "CFI graph")


def _check_base(base: Edges, nodes: int) -> None:
    reached, ahead = {0}, [0]
    while ahead:
        here = ahead.pop()
        for u, v in base:
            for a, b in ((u, v), (v, u)):
                if a == here and b not in reached:
                    reached.add(b)
                    ahead.append(b)
    if len(reached) != nodes or any(u == v for u, v in base):
        raise BadInput("The base of a CFI graph is not a connected graph without loops; give one.")

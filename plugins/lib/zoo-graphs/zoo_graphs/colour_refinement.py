"""Colour refinement (1-WL) of many graphs at once, with colours that are 64-bit integers.

A multiset of colours is represented by the sum of its members' pseudo-random images in the ring of
integers modulo 2^64. Equal multisets have equal sums whatever their order, so isomorphic graphs
are never told apart; different multisets have equal sums with a probability of about 2^-60. The
images come from fixed arithmetic, so that a colour is the same number in every run and on every
machine, which Python's own hash is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from zoo_graphs.graph_set import GraphSet

_GOLDEN = 0x9E3779B97F4A7C15
_START, _STEP, _OUT, _IN, _EDGE = range(1, 6)
_KEEP = np.uint64(0xD1342543DE82EF95)  # odd: multiplying by it loses nothing


def mix(values: np.ndarray, salt: int) -> np.ndarray:
    """Return pseudo-random images of uint64 `values`: splitmix64's finaliser, moved by `salt`.

    A bijection for each salt; different salts give unrelated images.
    """
    mixed = np.asarray(values, dtype=np.uint64) + np.uint64((salt * _GOLDEN) % 2**64)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def label_colours(graphs: GraphSet) -> np.ndarray:
    """Return c_0, (n,) uint64: the images of the node labels (all 0 where there are none)."""
    labels = graphs.node_labels
    if labels is None:
        labels = np.zeros(graphs.num_nodes, dtype=np.int64)
    return mix(labels.view(np.uint64), _START)


def colour_rounds(graphs: GraphSet, *, edge_labels: bool = True) -> Iterator[np.ndarray]:
    """Yield c_0, c_1, ... without end: c_{t+1}(v) = HASH(c_t(v), {{c_t(u) : u in N(v)}}).

    Each is a (n,) uint64 array in the numbering of the union, and all graphs share their colours.
    With edge labels, which are used where there are any unless `edge_labels` is false, the multiset
    is of pairs (label, colour); in directed graphs there are two multisets, of the nodes that edges
    lead to and of those that they come from.
    """
    ways = neighbourhoods(graphs, edge_labels)
    colours = label_colours(graphs)
    while True:
        yield colours
        sums = colours * _KEEP
        for salt, indptr, heads, images in ways:
            if images is None:
                arriving = mix(colours, salt)[heads]
            else:
                arriving = mix(colours[heads] + images, salt)
            # Differences of running sums are exact modulo 2^64, and empty neighbourhoods give 0.
            running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(arriving)])
            sums += running[indptr[1:]] - running[indptr[:-1]]
        colours = mix(sums, _STEP)


def refine_colours(graphs: GraphSet, rounds: int, *, edge_labels: bool = True) -> list[np.ndarray]:
    """Return the colours c_0, ..., c_rounds of `colour_rounds`, 8 bytes a node and round.

    How far refining gets, and in what classes it ends, is found in less time and memory by
    `zoo_graphs.stable_colours`.
    """
    return list(islice(colour_rounds(graphs, edge_labels=edge_labels), rounds + 1))


def distinct(colours: np.ndarray) -> int:
    """Return the number of different colours."""
    ordered = np.sort(colours, axis=None)
    return int(ordered.size and 1 + np.count_nonzero(ordered[1:] != ordered[:-1]))


Neighbourhood = tuple[int, np.ndarray, np.ndarray, np.ndarray | None]
"""A multiset to sum at each node: salt, CSR pointers and neighbours, images of edge labels."""


def neighbourhoods(graphs: GraphSet, edge_labels: bool) -> list[Neighbourhood]:
    """Return the multisets that a round looks at: one, or for directed graphs ahead and behind."""
    u, v = graphs.edges
    images = None
    if edge_labels and graphs.edge_labels is not None:
        images = mix(graphs.edge_labels.view(np.uint64), _EDGE)
    if graphs.directed:
        pairs = [(_OUT, u, v, images), (_IN, v, u, images)]
    else:
        twice = None if images is None else np.tile(images, 2)
        pairs = [(_OUT, np.concatenate([u, v]), np.concatenate([v, u]), twice)]
    ways: list[Neighbourhood] = []
    for salt, tails, heads, labels in pairs:
        order = np.argsort(tails, kind="stable")
        indptr = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=graphs.num_nodes))])
        ways.append((salt, indptr, heads[order], None if labels is None else labels[order]))
    return ways

"""The k-dimensional tests, k = 2 and 3, with sums of 64-bit hashes in place of multisets.

See `zoo_graphs.colour_refinement` for why sums will do. Arrays are (b, n, ..., n): b graphs of n
nodes at once, colours of the tuples (v_1, ..., v_k) in the k axes after the first. Section and rule
numbers are those of the tutorial's definitions of oblivious k-WL and folklore k-FWL.
"""

from __future__ import annotations

import numpy as np
from zoo_graphs.colour_refinement import label_colours, mix
from zoo_graphs.graph_set import GraphSet

from zoo_wl_tutorial.refinement.variants import Variant

# Salts of the mixers. Each coordinate has its own: with one mixer for both, the pairs (a, b) and
# (b, a) would have the same image, and the folklore test could not tell them apart.
_TYPE, _STEP = 16, 17
_COORDINATE = (20, 21, 22)
_SUM = (24, 25, 26)
_EQUAL, _APART = np.uint64(0), np.uint64(1)  # entries of the table; joined nodes have 2 and more
_KEEP = np.uint64(0xD1342543DE82EF95)


def atomic_types(graphs: GraphSet, members: np.ndarray, k: int) -> np.ndarray:
    """Return c_0: the ordered isomorphism types of all k-tuples, (b, n, ..., n) uint64.

    `members` (b,) are indices of graphs that have the same number n of nodes; k is 2 or 3. The type
    of a tuple tells which of its nodes are equal, which are joined (with which label, in which
    direction), and the labels of its nodes.
    """
    n = int(graphs.sizes[members[0]])
    nodes = label_colours(graphs)
    starts = graphs.offsets[members]
    labels = nodes[starts[:, None] + np.arange(n)]
    table = np.stack([graphs.adjacency(int(i)) for i in members]).astype(np.uint64)
    table += _APART
    table[:, np.arange(n), np.arange(n)] = _EQUAL
    first, second = (
        mix(labels, _COORDINATE[0])[:, :, None],
        mix(labels, _COORDINATE[1])[:, None, :],
    )
    # Both directions of a pair: the same for undirected graphs.
    there, back = mix(table, _SUM[0]), mix(table.swapaxes(1, 2), _SUM[1])
    pairs: np.ndarray = mix(there + back + first + second, _TYPE)
    if k == 2:
        return pairs
    ab, ac, bc = (mix(pairs, salt) for salt in _COORDINATE)
    triples: np.ndarray = mix(ab[:, :, :, None] + ac[:, :, None, :] + bc[:, None, :, :], _TYPE)
    return triples


def step(colours: np.ndarray, variant: Variant) -> np.ndarray:
    """Return the next round's colours, of the same shape."""
    if not variant.folklore:
        sums = _oblivious(colours)
    elif variant.k == 2:
        sums = _folklore_pairs(colours)
    else:
        sums = _folklore_triples(colours)
    sums += colours * _KEEP
    # Mixed anew after each round: sums of sums would be linear and collapse.
    mixed: np.ndarray = mix(sums, _STEP)
    return mixed


def _oblivious(colours: np.ndarray) -> np.ndarray:
    """One multiset for each coordinate i: {{ c(v[i <- w]) : w }}, O(n^k) time."""
    images = mix(colours, _COORDINATE[0])
    total = np.zeros_like(colours)
    for axis in range(1, colours.ndim):
        # A mixer of its own for each coordinate keeps the multisets apart and in order.
        total += mix(images.sum(axis=axis, keepdims=True, dtype=np.uint64), _SUM[axis - 1])
    return total


def _folklore_pairs(colours: np.ndarray) -> np.ndarray:
    """One multiset {{ (c(w, v), c(u, w)) : w }}: the entry (u, v) of a matrix product."""
    ahead, behind = mix(colours, _COORDINATE[0]), mix(colours, _COORDINATE[1])
    product: np.ndarray = np.matmul(behind, ahead)
    return product


def _folklore_triples(colours: np.ndarray) -> np.ndarray:
    """One multiset {{ (c(w, v, x), c(u, w, x), c(u, v, w)) : w }}, O(n^4) time."""
    first, second, third = (mix(colours, salt) for salt in _COORDINATE)
    total = np.zeros_like(colours)
    for w in range(colours.shape[1]):
        pair = first[:, w][:, None, :, :] * second[:, :, w][:, :, None, :]
        pair *= third[:, :, :, w][:, :, :, None]
        total += pair
    return total

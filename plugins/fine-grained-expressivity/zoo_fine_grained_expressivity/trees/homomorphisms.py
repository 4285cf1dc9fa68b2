"""Homomorphism densities of trees: the third way, beside distances and networks, to see a graph.

t(T, G) = hom(T, G) / n^|T| is the probability that a random map of T's nodes to G's keeps edges.
Two graphs agree on all trees exactly where 1-WL with normalised masses cannot tell them apart, and
the paper proves that the two ways to compare graphs have one topology.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import sparse
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput
from zoo_fine_grained_expressivity.idm.measures import check_graphs

MAX_TREE = 10
"""The largest trees on offer: there are 106 with ten nodes, 201 with at most ten."""

Tree = tuple["Tree", ...]  # a root as the sorted tuple of what hangs below it


@functools.cache
def trees(nodes: int) -> tuple[Tree, ...]:
    """Return the trees on so many nodes, each once up to isomorphism, rooted somewhere.

    There are 1, 1, 1, 2, 3, 6, 11, 23, 47, 106 on 1 to 10 nodes. Raises `BadInput` beyond that.
    """
    if isinstance(nodes, bool) or not isinstance(nodes, int) or not 1 <= nodes <= MAX_TREE:
        raise BadInput(f"Trees on {nodes!r} nodes are not on offer; ask for 1 to {MAX_TREE}.")
    if nodes == 1:
        return ((),)
    found = set()
    for smaller in trees(nodes - 1):
        edges = _edges(smaller)
        for node in range(nodes - 1):
            found.add(_canonical([*edges, (node, nodes - 1)], nodes))
    return tuple(sorted(found))


def all_trees(largest: int) -> tuple[Tree, ...]:
    """Return the trees with at least one edge and at most `largest` nodes, small ones first."""
    return tuple(tree for nodes in range(2, largest + 1) for tree in trees(nodes))


def densities(graphs: GraphSet, chosen: tuple[Tree, ...]) -> np.ndarray:
    """Return t(T, G) for each graph and tree, (g, T) float64; labels are not used.

    The maps of a rooted tree that send its root to v are counted from the leaves up, in
    O(|T| m) for each tree; equal branches of different trees are counted once. Raises `BadInput`
    for a graph that is directed or has no nodes.
    """
    check_graphs(graphs)
    u, v = graphs.edges
    size = graphs.sizes[graphs.graph_of_node].astype(np.float64)
    rows, columns = np.concatenate([u, v]), np.concatenate([v, u])
    n = graphs.num_nodes
    step = sparse.csr_array((1 / size[rows], (rows, columns)), shape=(n, n))
    known: dict[Tree, np.ndarray] = {}

    def rooted(tree: Tree) -> np.ndarray:
        if tree not in known:
            product = np.ones(n)
            for branch in tree:
                product = product * (step @ rooted(branch))
            known[tree] = product
        return known[tree]

    columns_found = [
        np.bincount(graphs.graph_of_node, rooted(tree), len(graphs)) / graphs.sizes
        for tree in chosen
    ]
    return np.stack(columns_found, axis=1) if chosen else np.empty((len(graphs), 0))


def _edges(tree: Tree) -> list[tuple[int, int]]:
    """Return the edges of a rooted tree, its root numbered 0."""
    edges: list[tuple[int, int]] = []
    used = 1
    waiting = [(0, tree)]
    while waiting:
        parent, below = waiting.pop()
        for branch in below:
            edges.append((parent, used))
            waiting.append((used, branch))
            used += 1
    return edges


def _canonical(edges: list[tuple[int, int]], nodes: int) -> Tree:
    """Return the least of the rooted trees that an unrooted one gives."""
    around: list[list[int]] = [[] for _ in range(nodes)]
    for u, v in edges:
        around[u].append(v)
        around[v].append(u)

    def rooted(node: int, parent: int) -> Tree:
        return tuple(sorted(rooted(other, node) for other in around[node] if other != parent))

    return min(rooted(root, -1) for root in range(nodes))

"""Families of graphs on which the claims are checked: all small ones, and blow-ups."""

from __future__ import annotations

import numpy as np
from zoo_graphs.graph_set import GraphSet


def small_graphs(largest: int) -> GraphSet:
    """Return all graphs on 1 to `largest` nodes (at most 7) up to isomorphism, small ones first.

    There are 1, 2, 4, 11, 34, 156 and 1044 of each size, from NetworkX's atlas.
    """
    from networkx.generators.atlas import graph_atlas_g

    chosen = [one for one in graph_atlas_g() if 0 < len(one) <= largest]
    edges = [np.array(list(one.edges), dtype=np.int64).reshape(-1, 2).T for one in chosen]
    return GraphSet.concatenate(
        [
            GraphSet.from_edges(lines, [0, len(one)])
            for lines, one in zip(edges, chosen, strict=True)
        ],
        f"all graphs on up to {largest} nodes",
    )


def blown_up(graph: GraphSet, times: int) -> GraphSet:
    """Return one graph with each node replaced by so many twins, which are not adjacent.

    As a step function it is the same graph.
    """
    n = graph.num_nodes
    edges = [graph.edges + n * np.array([[i], [j]]) for i in range(times) for j in range(times)]
    return GraphSet.from_edges(np.concatenate(edges, axis=1), [0, n * times])

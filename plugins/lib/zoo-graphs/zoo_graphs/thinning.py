"""Edge removal: a graph made sparser, uniformly or by each node's neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_graphs.graph import Graph


def drop_edges(graph: Graph, percent: float, rng: np.random.Generator | int) -> Graph:
    """Remove floor(m percent / 100) of the m undirected edges, drawn uniformly.

    With the same seed the edges that a smaller share removes are among those of a larger one.
    Nodes, features, labels and masks stay as they are, and the other edges keep their weights.
    `percent` is from 0 to 100; `rng` is a generator, or the seed of one. Raises `BadInput` when it
    is neither, or `percent` out of range.
    """
    if not _is_number(percent) or not 0 <= percent <= 100:
        raise BadInput(
            f"percent={percent!r} is no share of the edges; give a number from 0 to 100."
        )
    # In exact arithmetic: 100 edges times 0.29 is 28.999..., whose floor is not meant.
    count = int(graph.num_edges * round(percent * 10**6)) // 10**8
    # Ranks of uniform numbers, and not Generator.permutation, whose algorithm NumPy may change.
    order = np.argsort(_generator(rng).random(graph.num_edges), kind="stable")
    kept = np.ones(graph.num_edges, dtype=bool)
    kept[order[:count]] = False
    return _subgraph(graph, kept)


def keep_neighbours(graph: Graph, neighbours: int, rng: np.random.Generator | int) -> Graph:
    """Let each node keep at most so many random neighbours; an edge stays if either end keeps it.

    A node of degree d keeps min(d, neighbours), so that no node ends with fewer. Nodes, features,
    labels and masks stay as they are, and the other edges keep their weights. `rng` is a generator,
    or the seed of one. Raises `BadInput` when it is neither, or `neighbours` is no count from 0.
    """
    if not _is_count(neighbours):
        raise BadInput(f"neighbours={neighbours!r} is no number of neighbours; give one from 0.")
    m = graph.num_edges
    ends = graph.edges.ravel()  # edge e ends at ends[e] and ends[m + e]
    order = np.lexsort((_generator(rng).random(2 * m), ends))
    degrees = np.bincount(ends, minlength=graph.num_nodes)
    first = np.repeat(np.cumsum(degrees) - degrees, degrees)  # where each node's ends begin
    chosen = order[np.arange(2 * m) - first < neighbours]
    kept = np.zeros(m, dtype=bool)
    kept[chosen % max(m, 1)] = True
    return _subgraph(graph, kept)


def _subgraph(graph: Graph, kept: np.ndarray) -> Graph:
    weights = None if graph.edge_weights is None else graph.edge_weights[kept]
    return replace(graph, edges=graph.edges[:, kept], edge_weights=weights)


def _generator(rng: Any) -> np.random.Generator:
    if isinstance(rng, np.random.Generator):
        return rng
    if _is_count(rng):
        return np.random.Generator(np.random.PCG64(int(rng)))
    raise BadInput(f"rng={rng!r} is neither a numpy Generator nor a seed; give an integer from 0.")


def _is_count(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 0)


def _is_number(value: Any) -> bool:
    good = isinstance(value, int | float | np.integer | np.floating)
    return good and not isinstance(value, bool)

"""Graphs of the paper's own, and one split of a labelled set.

There are pairs with known distances, all small graphs, blow-ups and block models.

In a regular graph all nodes have one measure. With degrees a = d/n >= b = e/m the distances are
delta_W = a - b at level 1 and (a - b) + b delta_W of the level below at each further one, which
tends to (a - b) / (1 - b); and delta_P = a - b at all levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput, Split
from zoo_fine_grained_expressivity.idm.distance import KINDS
from zoo_fine_grained_expressivity.idm.measures import check_level

REGULAR = ((5, (1,)), (5, (1, 2)), (6, (1,)), (6, (1, 3)), (9, (1, 2)), (12, (1, 4, 6)), (10, ()))
"""Circulants: nodes, and the differences modulo n at which nodes are adjacent."""


@dataclass(frozen=True, eq=False)
class DistancePairs:
    """P pairs of graphs with their distances.

    `graphs` are 2 P, of which pair i is 2i and 2i + 1; `distances` are (P,) float64, of the `kind`
    "wasserstein" or "prokhorov" and of the `level` h. The one split, "test", has all pairs.
    """

    splits: ClassVar[tuple[str, ...]] = ("test",)

    graphs: GraphSet
    distances: np.ndarray
    kind: str
    level: int

    def split(self, name: str) -> Split:
        """Return the view of one split, with the indices of its pairs."""
        return Split(self, name, np.arange(len(self.distances)))


def circulant(nodes: int, steps: Sequence[int]) -> GraphSet:
    """Return the graph on 0 .. n-1 in which nodes at these differences modulo n are adjacent."""
    every = np.arange(nodes)
    edges = [np.stack([every, (every + step) % nodes]) for step in steps]
    ends = np.concatenate([np.empty((2, 0), int), *edges], axis=1)
    return GraphSet.from_edges(ends, [0, nodes], layout="columns")


def regular_distance(first: float, second: float, level: int, kind: str) -> float:
    """Return the distance of two regular graphs whose degrees, over n, are given."""
    a, b = max(first, second), min(first, second)
    if kind == "prokhorov":
        return a - b
    found = 0.0
    for _ in range(level):
        found = (a - b) + b * found
    return found


def closed_forms(level: int = 3, kind: str = "wasserstein") -> DistancePairs:
    """Return all pairs of the regular graphs in `REGULAR`.

    Raises `BadInput` for a level below 1, or an unknown kind.
    """
    check_level(level)
    if kind not in KINDS:
        raise BadInput(f"kind={kind!r} is unknown; use {' or '.join(map(repr, KINDS))}.")
    graphs, distances = [], []
    for first, second in combinations([circulant(*one) for one in REGULAR], 2):
        a, b = (2 * one.num_edges / one.num_nodes**2 for one in (first, second))
        graphs += [first, second]
        distances.append(regular_distance(a, b, level, kind))
    return DistancePairs(
        GraphSet.concatenate(graphs, "idm-closed-forms"),
        np.array(distances),
        kind,
        level,
    )


def small_graphs(largest: int) -> GraphSet:
    """Return all graphs on 1 to `largest` nodes (at most 7) up to isomorphism, small ones first.

    There are 1, 2, 4, 11, 34, 156 and 1044 of each size, from NetworkX's atlas.
    """
    import networkx as nx  # here and below, since loading a model needs none

    chosen = [one for one in nx.graph_atlas_g() if 0 < len(one) <= largest]
    edges = [np.array(list(one.edges), dtype=np.int64).reshape(-1, 2).T for one in chosen]
    return GraphSet.concatenate(
        [
            GraphSet.from_edges(lines, [0, len(one)], layout="columns")
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
    return GraphSet.from_edges(np.concatenate(edges, axis=1), [0, n * times], layout="columns")


def block_models(count: int = 50) -> GraphSet:
    """Return the sequence of block models of the experiments, whose last graph has no blocks left.

    Thirty nodes in two blocks, joined with probability 1/2 within a block and linspace(0.1, 0.5)
    between them.
    """
    import networkx as nx

    graphs = []
    for seed, q in enumerate(np.linspace(0.1, 0.5, count)):
        graph = nx.stochastic_block_model([15, 15], [[0.5, q], [q, 0.5]], seed=seed)
        graphs.append(GraphSet.from_edges(np.array(graph.edges), [0, 30], layout="rows"))
    return GraphSet.concatenate(graphs)


def labelled(split: Any, class_names: Sequence[str]) -> tuple[GraphSet, Tensor]:
    """Return the graphs and classes (g,) int64 of a split, for a model that knows `class_names`.

    Raises `BadInput` for what is no labelled set of graphs, or classes of other names.
    """
    data = split.data
    if not isinstance(data, GraphSet) or data.labels is None:
        raise BadInput(f"A {type(data).__name__} is no labelled set of graphs; give one.")
    if list(data.class_names) != list(class_names):
        raise BadInput(
            f"The data's classes are {', '.join(data.class_names)}, but this model's are "
            f"{', '.join(class_names)}; give data with the same classes."
        )
    return data.select(split.indices), torch.from_numpy(data.labels[split.indices])

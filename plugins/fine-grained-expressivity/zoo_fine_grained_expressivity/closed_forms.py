"""Pairs of graphs whose distances are known by a formula: what `idm-distance` is evaluated on.

In a regular graph all nodes have one measure. With degrees a = d/n >= b = e/m the distances are
delta_W = a - b at level 1 and (a - b) + b delta_W of the level below at each further one, which
tends to (a - b) / (1 - b); and delta_P = a - b at all levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from zoo_graphs.graph_set import GraphSet

from zoo_core.errors import BadInput
from zoo_fine_grained_expressivity.distance import KINDS
from zoo_fine_grained_expressivity.idm import check_level

REGULAR = ((5, (1,)), (5, (1, 2)), (6, (1,)), (6, (1, 3)), (9, (1, 2)), (12, (1, 4, 6)), (10, ()))
"""Circulants: nodes, and the differences modulo n at which nodes are adjacent."""


@dataclass(frozen=True, eq=False)
class DistancePairs:
    """P pairs of graphs with their distances.

    Attributes:
        graphs: 2 P; pair i is graphs 2i and 2i + 1.
        distances: (P,) float64.
        kind: "wasserstein" or "prokhorov".
        level: h.
        splits: all pairs, as "test".
    """

    graphs: GraphSet
    distances: np.ndarray
    kind: str
    level: int
    splits: Mapping[str, np.ndarray] = field(default_factory=dict)
    metric_options: Mapping[str, Any] = field(default_factory=dict)


def circulant(nodes: int, steps: Sequence[int]) -> GraphSet:
    """Return the graph on 0 .. n-1 in which nodes at these differences modulo n are adjacent."""
    every = np.arange(nodes)
    edges = [np.stack([every, (every + step) % nodes]) for step in steps]
    return GraphSet.from_edges(np.concatenate([np.empty((2, 0), int), *edges], axis=1), [0, nodes])


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

    Raises:
        BadInput: a level below 1, or an unknown kind.
    """
    check_level(level)
    if kind not in KINDS:
        raise BadInput(f"kind={kind!r} is unknown; use {' or '.join(map(repr, KINDS))}.")
    graphs, distances = [], []
    for first, second in combinations([circulant(*one) for one in REGULAR], 2):
        degrees = [2 * one.num_edges / one.num_nodes**2 for one in (first, second)]
        graphs += [first, second]
        distances.append(regular_distance(*degrees, level, kind))
    return DistancePairs(
        GraphSet.concatenate(graphs, "idm-closed-forms"),
        np.array(distances),
        kind,
        level,
        {"test": np.arange(len(distances))},
    )

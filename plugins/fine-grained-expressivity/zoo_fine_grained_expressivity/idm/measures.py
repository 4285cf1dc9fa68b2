"""Iterated degree measures of graphs, with one dictionary for a whole set of them.

A node's measure of level 0 is the same for all nodes. Its measure of level t + 1 puts the mass 1/n
on the measure of level t of each of its neighbours, n being the size of its graph; a graph's own
measure of level h puts 1/n on the measure of level h of each of its nodes (the definition of the
authors' code, and the paper's for graphs as step functions). Equal measures get equal numbers,
whatever graph they are in, so that what is computed of two measures is computed once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput


@dataclass(frozen=True)
class Measure:
    """A finite measure whose masses are rational: weights[i] / denominator at atoms[i].

    Atoms are numbers of measures of the level below, in ascending order. The fractions have no
    factor in common, so that equal measures are equal objects.
    """

    atoms: tuple[int, ...]
    weights: tuple[int, ...]
    denominator: int

    @property
    def mass(self) -> float:
        """The total mass, at most 1."""
        return sum(self.weights) / self.denominator


@dataclass(frozen=True)
class Level:
    """The different measures of one level, by number, and who has which.

    `measures` are K measures on the level below; `owners` has the number of the measure of each
    node, (n,) int64, or of each graph, (g,), in the last level.
    """

    measures: tuple[Measure, ...]
    owners: np.ndarray


@dataclass(frozen=True)
class DegreeMeasures:
    """The measures of all nodes of a set of graphs, level by level, and of the graphs.

    `nodes` are levels 1 to h, and `offsets` says where each graph's nodes start.
    """

    nodes: tuple[Level, ...]
    offsets: np.ndarray

    @property
    def level(self) -> int:
        """The number of levels, h."""
        return len(self.nodes)

    @property
    def graphs(self) -> Level:
        """The graphs' own measures on level h."""
        return self.of_graphs(self.level)

    def of_graphs(self, level: int) -> Level:
        """Return the graphs' own measures on one of the levels."""
        known = _Dictionary()
        owners = self.nodes[level - 1].owners.tolist()
        bounds = pairwise(self.offsets.tolist())
        return known.level([known.number(owners[low:high], high - low) for low, high in bounds])


@dataclass
class _Dictionary:
    numbers: dict[Measure, int] = field(default_factory=dict)

    def number(self, atoms: Iterable[int], size: int) -> int:
        """Return the number of the measure with mass 1 / size at each atom, repeated ones added."""
        counts = sorted(Counter(atoms).items())
        factor = math.gcd(size, *(count for _, count in counts))
        measure = Measure(
            tuple(atom for atom, _ in counts),
            tuple(count // factor for _, count in counts),
            # The measure without mass is one and the same in graphs of all sizes.
            size // factor if counts else 1,
        )
        return self.numbers.setdefault(measure, len(self.numbers))

    def level(self, owners: list[int]) -> Level:
        return Level(tuple(self.numbers), np.array(owners, dtype=np.int64))


def check_level(level: Any) -> int:
    """Return a number of levels; raises `BadInput` for what is no integer from 1."""
    whole = isinstance(level, int | np.integer) and not isinstance(level, bool)
    if not whole or level < 1:
        raise BadInput(
            f"level={level!r} is no level of a distance; give an integer from 1 (level 1 compares "
            "degrees, level 3 is the paper's)."
        )
    return int(level)


def check_graphs(graphs: GraphSet) -> GraphSet:
    """Return graphs that have measures; raises `BadInput` for directed or empty ones."""
    if graphs.directed:
        raise BadInput(
            f"The graphs of {graphs.name} are directed, and measures of degrees are of undirected "
            "ones; give each edge without a direction."
        )
    empty = np.flatnonzero(graphs.sizes == 0)
    if empty.size:
        raise BadInput(
            f"Graph {empty[0]} of {graphs.name} has no nodes, so it has no measure; leave it out."
        )
    return graphs


def degree_measures(graphs: GraphSet, level: int) -> DegreeMeasures:
    """Return the iterated degree measures of levels 1 to `level`; labels are not used.

    Raises `BadInput` for a level below 1, or a graph that is directed or has no nodes.
    """
    level = check_level(level)
    check_graphs(graphs)
    sizes = graphs.sizes[graphs.graph_of_node].tolist()
    around: list[list[int]] = [[] for _ in range(graphs.num_nodes)]
    for u, v in graphs.edges.T.tolist():
        around[u].append(v)
        around[v].append(u)
    current = [0] * graphs.num_nodes
    levels = []
    for _ in range(level):
        known = _Dictionary()
        current = [
            known.number([current[other] for other in near], size)
            for near, size in zip(around, sizes, strict=True)
        ]
        levels.append(known.level(current))
    return DegreeMeasures(tuple(levels), graphs.offsets)

"""Distances of iterated degree measures beside the ways one would write them otherwise.

    python benchmarks/fine_grained.py [--quick] [--json FILE]

The other ways do the same recursion pair of graphs by pair of graphs, with a memory of the colour
pairs of that pair only: with POT's public solver `ot.emd2` for each transport problem, and with
NetworkX's `min_cost_flow_cost` on whole numbers over a common denominator, as the authors' code
does. They get a sample of the pairs, and their time for all is in proportion. Ours takes all.
CPU seconds are of all threads; on a busy machine all kinds of seconds grow: compare within a run.

The graphs are MUTAG's where its files can be had (ZOO_DATA_MIRROR or the network), else generated;
`--quick` always takes a few generated ones.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import ot
from contest import versions
from zoo_fine_grained_expressivity.idm import line as solver
from zoo_fine_grained_expressivity.idm.distance import pairwise
from zoo_graphs.graph_set import GraphSet

import zoo
from zoo_core import ZooError

LEVEL = 3
PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "POT",
    "networkx",
    "zoo-core",
    "zoo-fine-grained-expressivity",
)
TOLERANCE = 1e-9

Atoms = Mapping[int, int]
Solve = Callable[[Atoms, int, Atoms, int, Callable[[int, int], float]], float]


@dataclass(frozen=True)
class Row:
    """One line of the table; the ratios are of seconds for one pair, over those of our own way."""

    what: str
    wall: float
    cpu: float
    pairs: int
    wall_ratio: float | None = None
    cpu_ratio: float | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


def timed(function: Callable[[], Any]) -> tuple[Any, float, float]:
    """The result of a call, its wall and its CPU seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = function()
    return result, time.perf_counter() - wall, time.process_time() - cpu


# The graphs -----------------------------------------------------------------------------------


def generated(graphs: int, seed: int = 0) -> GraphSet:
    """Random trees with a ring or two: like molecules."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(graphs):
        nodes = int(rng.integers(10, 28))
        child = np.arange(1, nodes)
        parent = np.maximum(child - rng.integers(1, 4, child.size), 0)
        rings = rng.integers(0, nodes, (2, 2))
        edges = np.concatenate([np.stack([child, parent]), rings], axis=1)
        parts.append(GraphSet.from_edges(edges, [0, nodes], layout="columns"))
    return GraphSet.concatenate(parts, "generated graphs")


def molecules(quick: bool) -> GraphSet:
    """The graphs to compare."""
    if quick:
        return generated(24)
    try:
        found: GraphSet = zoo.dataset("mutag")
        return found
    except ZooError as error:
        print(f"MUTAG cannot be had ({error}); generated graphs of its size instead.")
        return generated(188)


# Other ways -----------------------------------------------------------------------------------


class PairByPair:
    """The recursion as one writes it, for two graphs: colours, and a memory of their distances."""

    def __init__(self, first: GraphSet, second: GraphSet, solve: Solve) -> None:
        self.solve = solve
        self.sizes = first.num_nodes, second.num_nodes
        self.around = [neighbours(one) for one in (first, second)]
        self.memory: dict[tuple[int, int, int], float] = {}
        self.colours: list[list[list[int]]] = [[[0] * size] for size in self.sizes]
        self.measures: list[list[list[Atoms]]] = [[[]], [[]]]
        for side in (0, 1):
            for _ in range(LEVEL):
                known: dict[tuple[tuple[int, int], ...], int] = {}
                before = self.colours[side][-1]
                keys = [
                    tuple(sorted(Counter(before[other] for other in near).items()))
                    for near in self.around[side]
                ]
                self.colours[side].append([known.setdefault(key, len(known)) for key in keys])
                self.measures[side].append([dict(key) for key in known])

    def ground(self, level: int, i: int, j: int) -> float:
        """d_level of the i-th measure of the first graph and the j-th of the second."""
        if level == 0:
            return 0.0
        if (level, i, j) not in self.memory:
            first, second = (self.measures[side][level][k] for side, k in ((0, i), (1, j)))
            below = partial(self.ground, level - 1)
            n, m = self.sizes
            self.memory[level, i, j] = self.solve(first, n, second, m, below)
        return self.memory[level, i, j]

    def distance(self) -> float:
        """delta of the two graphs."""
        first, second = (Counter(self.colours[side][-1]) for side in (0, 1))
        n, m = self.sizes
        return self.solve(first, n, second, m, partial(self.ground, LEVEL))


def neighbours(graph: GraphSet) -> list[list[int]]:
    """The neighbours of each node."""
    found: list[list[int]] = [[] for _ in range(graph.num_nodes)]
    for u, v in graph.edges.T.tolist():
        found[u].append(v)
        found[v].append(u)
    return found


def by_pot(
    first: Atoms, n: int, second: Atoms, m: int, below: Callable[[int, int], float]
) -> float:
    """One transport problem by `ot.emd2`, a point at distance 1 taking what is left."""
    a = np.array([*first.values()], dtype=float) / n
    b = np.array([*second.values()], dtype=float) / m
    costs = np.array([[below(i, j) for j in second] for i in first]).reshape(a.size, b.size)
    left = a.sum() - b.sum()
    if left < 0:
        a, b, costs, left = b, a, costs.T, -left
    if not b.size:
        return float(left)
    if left > 1e-12:
        b, costs = np.append(b, left), np.column_stack([costs, np.ones(a.size)])
    return float(ot.emd2(a, b * (a.sum() / b.sum()), costs))


def by_networkx(
    first: Atoms, n: int, second: Atoms, m: int, below: Callable[[int, int], float]
) -> float:
    """One transport problem by a min-cost flow on whole numbers; costs in units of 10^-12."""
    graph = nx.DiGraph()
    supply = sum(first.values()) * m
    demand = sum(second.values()) * n
    scale = 10**12
    for i, count in first.items():
        graph.add_node(("a", i), demand=-count * m)
    for j, count in second.items():
        graph.add_node(("b", j), demand=count * n)
    for i in first:
        for j in second:
            graph.add_edge(("a", i), ("b", j), weight=round(below(i, j) * scale))
    if supply > demand:
        graph.add_node("rest", demand=supply - demand)
        graph.add_edges_from(((("a", i), "rest") for i in first), weight=scale)
    elif demand > supply:
        graph.add_node("rest", demand=supply - demand)
        graph.add_edges_from((("rest", ("b", j)) for j in second), weight=scale)
    return nx.min_cost_flow_cost(graph) / scale / (n * m) if graph else 0.0


# The table ------------------------------------------------------------------------------------


def rows(quick: bool) -> list[Row]:
    """Time our way on all pairs, and the others on a sample; stop where they disagree."""
    graphs = molecules(quick)
    g = len(graphs)
    pairs = g * (g - 1) // 2
    print(f"delta_W, level {LEVEL}; {graphs.name}: {g} graphs, {pairs:,} pairs")
    ones = [graphs.select([i]) for i in range(g)]
    found, wall, cpu = timed(lambda: pairwise(graphs, LEVEL))
    upper = found[np.triu_indices(g, 1)]
    figures = {"mean": float(upper.mean()), "pairs at 0": float((upper == 0).sum())}
    lines = [Row("ours: one dictionary for the set", wall, cpu, pairs, figures=figures)]
    rng = np.random.default_rng(0)
    for name, solve, count in (
        (f"POT {ot.__version__}: ot.emd2, pair by pair", by_pot, 20 if quick else 200),
        ("NetworkX: min_cost_flow, pair by pair", by_networkx, 10 if quick else 60),
    ):
        chosen = [tuple(map(int, rng.choice(g, 2, replace=False))) for _ in range(count)]
        values, w, c = timed(
            lambda chosen=chosen, solve=solve: [
                PairByPair(ones[i], ones[j], solve).distance() for i, j in chosen
            ]
        )
        error = max(abs(value - found[i, j]) for value, (i, j) in zip(values, chosen, strict=True))
        if error > TOLERANCE:
            raise SystemExit(f"{name} differs by {error:.1e}: the times compare nothing.")
        ratios = w / count / (wall / pairs), c / count / (cpu / pairs)
        lines.append(Row(name, w, c, count, *ratios, {"largest difference": float(error)}))
    _, wall_p, cpu_p = timed(lambda: pairwise(graphs, LEVEL, "prokhorov"))
    lines.append(Row("(ours: Prokhorov)", wall_p, cpu_p, pairs))
    return [*lines, *large_pair(quick)]


def large_pair(quick: bool) -> list[Row]:
    """Time two larger graphs at level 2, whose problems are on a line, and the general solver."""
    nodes = 60 if quick else 500
    made = [nx.gnp_random_graph(nodes, 10 / nodes, seed=seed) for seed in (0, 1)]
    pair = GraphSet.concatenate(
        GraphSet.from_edges(np.array(one.edges), [0, nodes], layout="rows") for one in made
    )
    kinds = ("wasserstein", "prokhorov")
    ours = {kind: timed(lambda kind=kind: pairwise(pair, 2, kind)[0, 1]) for kind in kinds}
    places, solver.MAX_PLACES = solver.MAX_PLACES, 0
    other = {kind: timed(lambda kind=kind: pairwise(pair, 2, kind)[0, 1]) for kind in kinds}
    solver.MAX_PLACES = places
    rows_ = []
    for kind in kinds:
        (value, wall, cpu), (same, w, c) = ours[kind], other[kind]
        if abs(value - same) > TOLERANCE:
            raise SystemExit(f"{kind} differs by {abs(value - same):.1e}.")
        figures = {"distance": float(value)}
        rows_.append(Row(f"ours: {nodes} nodes, level 2, {kind}", wall, cpu, 1, figures=figures))
        rows_.append(Row("the same, one simplex a problem", w, c, 1, w / wall, c / cpu))
    return rows_


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small version, in seconds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows")
    arguments = parser.parse_args()
    found, load = versions(PACKAGES), os.getloadavg()[0]
    print(", ".join(f"{name} {number}" for name, number in found.items()))
    print(f"{os.cpu_count()} cores; load at the start {load:.1f}")
    lines = rows(arguments.quick)
    print(f"   {'':<42} {'pairs':>7} {'ms a pair':>10} {'CPU ms':>8} {'x wall':>8} {'x CPU':>8}")
    for line in lines:
        ratios = "".join(
            f" {ratio:>8.1f}" if ratio is not None else " " * 9
            for ratio in (line.wall_ratio, line.cpu_ratio)
        )
        wall, cpu = (1000 * part / line.pairs for part in (line.wall, line.cpu))
        print(f"   {line.what:<42} {line.pairs:>7,} {wall:>10.2f} {cpu:>8.2f}{ratios}")
    if arguments.json:
        content = {"versions": found, "load": load, "rows": [asdict(line) for line in lines]}
        arguments.json.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()

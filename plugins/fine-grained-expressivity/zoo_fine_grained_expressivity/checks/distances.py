"""The claims about distances of iterated degree measures."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from zoo_graphs.colour_refinement import refine_colours
from zoo_graphs.graph_set import GraphSet

from zoo_core import Finding, dataset
from zoo_fine_grained_expressivity.data import blown_up, circulant, closed_forms, small_graphs
from zoo_fine_grained_expressivity.idm.distance import KINDS, between, pairwise
from zoo_fine_grained_expressivity.idm.nearest import ROUNDING
from zoo_fine_grained_expressivity.idm.transport import prokhorov, wasserstein

LEVEL = 3
SPLITS = 10
EXACT = 1e-12
"""What rounding may add to a distance."""
EXAMPLES = {
    "star and C5, wasserstein": [0.24, 0.32, 0.3392],
    "star and C5, prokhorov": [0.2, 0.4, 0.4],
    "C6 and two C3, wasserstein": [0.0, 0.0, 0.0],
    "C6 and two C3, prokhorov": [0.0, 0.0, 0.0],
}
"""The distances at levels 1 to 3 by the authors' code."""


def worked_examples() -> Finding:
    """Hold distances against formulas and against the official code's values."""
    star = GraphSet.from_edges([[0] * 4, [1, 2, 3, 4]], [0, 5])
    ring, hexagon = circulant(5, (1,)), circulant(6, (1,))
    triangles = GraphSet.from_edges([[0, 1, 2, 3, 4, 5], [1, 2, 0, 4, 5, 3]], [0, 6])
    pairs = {"star and C5": (star, ring), "C6 and two C3": (hexagon, triangles)}
    figures: dict[str, Any] = {}
    for name in EXAMPLES:
        first, second = pairs[name.partition(",")[0]]
        kind = name.rpartition(" ")[2]
        figures[name] = [float(between(first, second, h, kind)[0, 0]) for h in (1, 2, 3)]
    worst = 0.0
    for kind in KINDS:
        for level in (1, 2, 3, 30):
            known = closed_forms(level, kind)
            for i, value in enumerate(known.distances):
                pair = known.graphs.select([2 * i]), known.graphs.select([2 * i + 1])
                worst = max(worst, abs(float(between(*pair, level, kind)[0, 0]) - value))
    figures["largest error on regular graphs"] = worst
    figures["C5 and K5, level 60"] = float(between(ring, circulant(5, (1, 2)), 60)[0, 0])
    return Finding(quantities=errors(figures), figures=figures)


def errors(figures: Mapping[str, Any]) -> dict[str, float]:
    """Return by how much the figures of the worked examples miss what is known."""
    rows = [(figures[name], expected) for name, expected in EXAMPLES.items()]
    return {
        "largest error on the examples": max(
            abs(found - known) for row in rows for found, known in zip(*row, strict=True)
        ),
        "largest error on regular graphs": figures["largest error on regular graphs"],
        "error of the limit of C5 and K5, 2/3": abs(figures["C5 and K5, level 60"] - 2 / 3),
    }


def equivalence() -> Finding:
    """Hold delta = 0 against 1-WL on blow-ups to one size, on all graphs on up to 6 nodes."""
    graphs = small_graphs(6)
    common = math.lcm(*range(1, 7))
    blown = GraphSet.concatenate(
        blown_up(graphs.select([i]), common // int(size)) for i, size in enumerate(graphs.sizes)
    )
    colours = refine_colours(blown, 4)
    rows, columns = np.triu_indices(len(graphs), 1)
    wrong, smallest, counts = 0, 1.0, {}
    for kind in KINDS:
        for level in range(1, 5):
            histograms = np.sort(colours[level].reshape(len(graphs), common), axis=1)
            equal = (histograms[rows] == histograms[columns]).all(axis=1)
            found = pairwise(graphs, level, kind)[rows, columns]
            wrong += int(((found == 0) != equal).sum())
            smallest = min(smallest, float(found[found > 0].min()))
            counts[f"{kind} {level}"] = int(equal.sum())
    return Finding(
        quantities={"disagreements": wrong},
        told=f"{rows.size:,} pairs at levels 1 to 4, both distances; the smallest distance above 0 "
        f"is {smallest:.1e}",
        figures={"pairs": rows.size, "equivalent": counts, "smallest": smallest},
    )


def blow_ups() -> Finding:
    """Hold the distances of graphs to their blow-ups against 0, and of both to others."""
    graphs = small_graphs(5)
    blown = GraphSet.concatenate(blown_up(graphs.select([i]), 3) for i in range(len(graphs)))
    own, change = 0.0, 0.0
    for kind in KINDS:
        found = between(graphs, blown, LEVEL, kind)
        own = max(own, float(np.diag(found).max()))
        change = max(change, float(np.abs(found - pairwise(graphs, LEVEL, kind)).max()))
    return Finding(
        quantities={
            "largest distance to a blow-up": own,
            "largest change of another distance": change,
        },
        told=f"{len(graphs)} graphs and their blow-ups by 3, both distances",
    )


def levels() -> Finding:
    """Follow delta_W over the levels on MUTAG: growing, ever less, above the edges' difference."""
    data = dataset("mutag")
    rows, columns = np.triu_indices(len(data), 1)
    found = np.stack([pairwise(data, h)[rows, columns] for h in range(1, 5)])
    degrees = np.bincount(data.edges.ravel(), minlength=data.num_nodes)
    relative = np.maximum.reduceat(degrees, data.offsets[:-1]) / data.sizes
    largest = np.maximum(relative[rows], relative[columns])
    growth = np.diff(found, axis=0)
    powers = np.stack([largest ** (h + 1) for h in range(1, 4)])
    edges = np.bincount(data.graph_of_node[data.edges[0]], minlength=len(data))
    density = 2 * edges / data.sizes**2
    gap = np.abs(density[rows] - density[columns])
    means = found.mean(axis=1).tolist()
    return Finding(
        quantities={
            "no distance falls with the level": bool((growth >= -EXACT).all()),
            "growth is at most b^(h+1)": bool((growth <= powers + EXACT).all()),
            "no distance is below that of edge densities": bool((found >= gap - EXACT).all()),
        },
        told="mean delta_W of MUTAG's pairs at levels 1 to 4: "
        + ", ".join(f"{value:.5f}" for value in means),
        figures={"means": means, "largest growth": growth.max(axis=1).tolist()},
    )


def one_space() -> Finding:
    """Hold P^2 <= W <= 2P on random measures, and on the distances of MUTAG's pairs at level 1."""
    generator = np.random.default_rng(0)
    low = high = 0.0
    for _ in range(300):
        size = int(generator.integers(2, 9))
        points = generator.random((size, 2)) / math.sqrt(2)
        costs = np.linalg.norm(points[:, None] - points[None], axis=2)
        first, second = generator.dirichlet(np.full(size, 0.5), 2)
        w, p = wasserstein(first, second, costs), prokhorov(first, second, costs)
        low, high = max(low, p * p - w), max(high, w - 2 * p)
    data = dataset("mutag")
    upper = np.triu_indices(len(data), 1)
    every_w, every_p = (pairwise(data, 1, kind)[upper] for kind in KINDS)
    low = max(low, float((every_p * every_p - every_w).max()))
    high = max(high, float((every_w - 2 * every_p).max()))
    return Finding(
        quantities={"largest P^2 - W": low, "largest W - 2P": high},
        told="300 random pairs of measures, and all pairs of MUTAG at level 1",
    )


def matrix_of_mutag() -> Finding:
    """Time all pairs of MUTAG, and count those at distance 0."""
    data = dataset("mutag")
    started = time.process_time()
    found = pairwise(data, LEVEL)
    seconds = time.process_time() - started
    values = found[np.triu_indices(len(data), 1)]
    return Finding(
        quantities={
            "pairs": values.size,
            "pairs at distance 0": int((values == 0).sum()),
            "processor time": seconds,
        },
        figures={"mean": float(values.mean()), "largest": float(values.max())},
    )


def nearest_neighbour() -> Finding:
    """Classify MUTAG by the nearest graph, in the ten splits of the authors' notebook.

    Nothing is random: what is held against the published figure is the mean over just these splits.
    """
    data = dataset("mutag")
    labels = data.labels
    found = pairwise(data, LEVEL).round(ROUNDING)
    rules: dict[str, list[float]] = {"first class": [], "first graph": [], "scikit-learn": []}
    for seed in range(SPLITS):
        train, test = train_test_split(np.arange(len(data)), test_size=0.1, random_state=seed)
        near, truth = found[np.ix_(test, train)], labels[test]
        least = near.min(axis=1, keepdims=True)
        zero = ((near == least) & (labels[train] == 0)).any(axis=1)
        rules["first class"].append(float((np.where(zero, 0, 1) == truth).mean()))
        rules["first graph"].append(float((labels[train][near.argmin(axis=1)] == truth).mean()))
        machine = KNeighborsClassifier(1, metric="precomputed")
        machine.fit(found[np.ix_(train, train)], labels[train])
        rules["scikit-learn"].append(float(machine.score(near, truth)))
    figures = {"accuracies": rules}
    return Finding(
        quantities=extreme_means(figures),
        told=told_of_rules(figures),
        figures=figures,
        seeds=tuple(range(SPLITS)),
    )


def extreme_means(figures: Mapping[str, Any]) -> dict[str, float]:
    """Return the lowest and the highest mean accuracy, in percent, of the ways to break ties."""
    means = [100 * statistics.fmean(row) for row in figures["accuracies"].values()]
    return {
        "lowest mean of three ways to break ties": min(means),
        "highest mean of three ways to break ties": max(means),
    }


def told_of_rules(figures: Mapping[str, Any]) -> str:
    """Return mean and deviation, as the notebook has them, of each way to break ties."""
    words = {
        "first class": "the first class",
        "first graph": "the first graph",
        "scikit-learn": "scikit-learn's choice",
    }
    return ", ".join(
        f"{100 * statistics.fmean(row):.1f} ({100 * statistics.pstdev(row):.1f}) % with ties to "
        f"{words[name]}"
        for name, row in figures["accuracies"].items()
    )

"""The claims about distances of iterated degree measures."""

from __future__ import annotations

import math
import statistics
import time
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from zoo_graphs.colour_refinement import refine_colours
from zoo_graphs.graph_set import GraphSet

from zoo_core import Finding, dataset
from zoo_fine_grained_expressivity.checks.exact import EXACT, all_hold
from zoo_fine_grained_expressivity.data import blown_up, circulant, closed_forms, small_graphs
from zoo_fine_grained_expressivity.idm.distance import KINDS, between, pairwise
from zoo_fine_grained_expressivity.idm.nearest import ROUNDING
from zoo_fine_grained_expressivity.idm.transport import prokhorov, wasserstein

LEVEL = 3
SPLITS = 10


def worked_examples() -> Finding:
    """Hold distances against formulas and against the official code's values."""
    star = GraphSet.from_edges([[0] * 4, [1, 2, 3, 4]], [0, 5])
    ring, hexagon = circulant(5, (1,)), circulant(6, (1,))
    triangles = GraphSet.from_edges([[0, 1, 2, 3, 4, 5], [1, 2, 0, 4, 5, 3]], [0, 6])
    expected = {
        "star and C5, wasserstein": (star, ring, [0.24, 0.32, 0.3392]),
        "star and C5, prokhorov": (star, ring, [0.2, 0.4, 0.4]),
        "C6 and two C3, wasserstein": (hexagon, triangles, [0.0, 0.0, 0.0]),
        "C6 and two C3, prokhorov": (hexagon, triangles, [0.0, 0.0, 0.0]),
    }
    figures: dict[str, Any] = {}
    parts = {}
    for name, (first, second, values) in expected.items():
        kind = name.rpartition(" ")[2]
        found = [float(between(first, second, h, kind)[0, 0]) for h in (1, 2, 3)]
        figures[name] = found
        parts[f"{name} as expected"] = np.allclose(found, values, rtol=0, atol=EXACT)
    worst = 0.0
    for kind in KINDS:
        for level in (1, 2, 3, 30):
            known = closed_forms(level, kind)
            for i, value in enumerate(known.distances):
                pair = known.graphs.select([2 * i]), known.graphs.select([2 * i + 1])
                worst = max(worst, abs(float(between(*pair, level, kind)[0, 0]) - value))
    figures["largest error on regular graphs"] = worst
    parts["regular graphs as expected"] = worst <= EXACT
    limit = float(between(ring, circulant(5, (1, 2)), 60)[0, 0])
    figures["C5 and K5, level 60"] = limit
    parts["C5 and K5 tend to 2/3"] = math.isclose(limit, 2 / 3, abs_tol=EXACT)
    shown = figures["star and C5, wasserstein"], figures["star and C5, prokhorov"]
    words = " and ".join(", ".join(f"{value:.4g}" for value in row) for row in shown)
    return all_hold(
        parts,
        f"star and C5: {words}; C5 and K5 tend to {limit:.6f}; largest error on pairs of regular "
        f"graphs {worst:.1e}",
        figures,
    )


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
    return all_hold(
        {"delta = 0 exactly for equivalent pairs": wrong == 0},
        f"{rows.size:,} pairs at levels 1 to 4, both distances: {wrong} disagreements; smallest "
        f"distance above 0 is {smallest:.1e}",
        {"pairs": rows.size, "equivalent": counts, "disagreements": wrong, "smallest": smallest},
    )


def blow_ups() -> Finding:
    """Hold the distances of graphs to their blow-ups against 0, and of both to others."""
    graphs = small_graphs(5)
    blown = GraphSet.concatenate(blown_up(graphs.select([i]), 3) for i in range(len(graphs)))
    figures: dict[str, float] = {}
    parts = {}
    for kind in KINDS:
        found = between(graphs, blown, LEVEL, kind)
        own = float(np.diag(found).max())
        error = float(np.abs(found - pairwise(graphs, LEVEL, kind)).max())
        figures |= {f"{kind}: largest to its blow-up": own, f"{kind}: largest change": error}
        parts[f"{kind} is that of the step functions"] = own == 0 and error <= EXACT
    return all_hold(
        parts,
        f"{len(graphs)} graphs and their blow-ups by 3: distances 0, and those to other graphs "
        f"change by at most {max(figures.values()):.1e}",
        figures,
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
    parts = {
        "no distance falls with the level": bool((growth >= -EXACT).all()),
        "growth is at most b^(h+1)": bool((growth <= powers + EXACT).all()),
        "no distance is below that of edge densities": bool((found >= gap - EXACT).all()),
    }
    means = found.mean(axis=1).tolist()
    return all_hold(
        parts,
        "mean delta_W of MUTAG's pairs at levels 1 to 4: "
        + ", ".join(f"{value:.5f}" for value in means),
        {"means": means, "largest growth": growth.max(axis=1).tolist()},
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
    return all_hold(
        {"P^2 <= W": low <= EXACT, "W <= 2 P": high <= EXACT},
        f"300 random pairs of measures and all pairs of MUTAG at level 1: P^2 - W is at most "
        f"{low:.1e}, W - 2P at most {high:.1e}",
        {"P^2 - W": low, "W - 2P": high},
    )


def matrix_of_mutag() -> Finding:
    """Time all pairs of MUTAG, and count those at distance 0."""
    data = dataset("mutag")
    started = time.process_time()
    found = pairwise(data, LEVEL)
    seconds = time.process_time() - started
    values = found[np.triu_indices(len(data), 1)]
    zero = int((values == 0).sum())
    figures = {
        "pairs": values.size,
        "pairs at distance 0": zero,
        "mean": float(values.mean()),
        "largest": float(values.max()),
        "CPU seconds": seconds,
    }
    return all_hold(
        {"94 pairs at 0": zero == 94, "at most 150 CPU seconds": seconds <= 150},
        f"{values.size:,} pairs in {seconds:.1f} CPU seconds, {zero} of them at distance 0",
        figures,
    )


def nearest_neighbour() -> Finding:
    """Classify MUTAG by the nearest graph, in the ten splits of the paper's code."""
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
    means = {name: statistics.fmean(values) for name, values in rules.items()}
    spreads = {name: statistics.pstdev(values) for name, values in rules.items()}
    shown = ", ".join(
        f"{100 * means[name]:.1f} ({100 * spreads[name]:.1f}) % with ties to {words}"
        for name, words in (
            ("first class", "the first class"),
            ("first graph", "the first graph"),
            ("scikit-learn", "scikit-learn's choice"),
        )
    )
    inside = all(0.86 <= mean <= 0.885 for mean in means.values())
    return Finding(
        verdict="holds" if inside else "fails",
        measured=shown,
        figures={"accuracies": rules, "means": means, "deviations": spreads},
        seeds=tuple(range(SPLITS)),
    )

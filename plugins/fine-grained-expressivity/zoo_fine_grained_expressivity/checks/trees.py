"""The claims about trees: what their densities and the tree distance separate, and a classifier."""

from __future__ import annotations

import numpy as np

from zoo_core import Finding, estimate, protocol
from zoo_core.statistics import at_least
from zoo_fine_grained_expressivity.checks.exact import EXACT, all_hold
from zoo_fine_grained_expressivity.data import circulant, small_graphs
from zoo_fine_grained_expressivity.idm.distance import pairwise
from zoo_fine_grained_expressivity.trees.distance import tree_distance_l1
from zoo_fine_grained_expressivity.trees.homomorphisms import all_trees, densities

_TEN_FOLDS = [{"fold": fold} for fold in range(10)]


def tree_densities() -> Finding:
    """Compare what trees on up to 7 nodes and delta separate, of all graphs on up to 6 nodes."""
    graphs = small_graphs(6)
    found = densities(graphs, all_trees(7))
    rows, columns = np.triu_indices(len(graphs), 1)
    gaps = np.abs(found[rows] - found[columns])
    scale = np.maximum(found[rows], found[columns])
    relative = np.divide(gaps, scale, out=np.zeros_like(gaps), where=scale > 0).max(axis=1)
    distances = pairwise(graphs, 6)[rows, columns]
    equal = distances == 0
    figures = {
        "pairs": rows.size,
        "pairs at delta_W = 0": int(equal.sum()),
        "largest relative difference of these": float(relative[equal].max()),
        "smallest relative difference of the others": float(relative[~equal].min()),
    }
    return all_hold(
        {
            "equivalent graphs have the same densities": bool((relative[equal] <= EXACT).all()),
            "other graphs have not": bool((relative[~equal] > 1e-9).all()),
        },
        f"{int(equal.sum())} of {rows.size:,} pairs have delta_W = 0, and densities that differ "
        f"by {figures['largest relative difference of these']:.1e} at most; all others differ by "
        f"{figures['smallest relative difference of the others']:.1e} at least (relative)",
        figures,
    )


def tree_distances() -> Finding:
    """Compare where the tree distance and delta are 0, on all pairs of graphs up to 4 nodes."""
    graphs = small_graphs(4)
    ones = [graphs.select([i]) for i in range(len(graphs))]
    delta = pairwise(graphs, 4)
    wrong, smallest, pairs = 0, 1.0, 0
    for j, second in enumerate(ones):
        for i, first in enumerate(ones[:j]):
            value = tree_distance_l1(first, second).value
            pairs += 1
            wrong += (value <= 1e-9) != (delta[i, j] == 0)
            if delta[i, j] > 0:
                smallest = min(smallest, value)
    hexagon = circulant(6, (1,))
    triangles = circulant(6, (2,))
    equal = tree_distance_l1(hexagon, triangles).value
    return all_hold(
        {"0 for the same pairs": wrong == 0, "C6 and two C3 at 0": equal <= 1e-9},
        f"{pairs} pairs: {wrong} disagreements, smallest tree distance where delta_W > 0 is "
        f"{smallest:.3f}; C6 and two C3: {equal:.1e}",
        {"pairs": pairs, "disagreements": int(wrong), "smallest": smallest, "C6, 2 C3": equal},
    )


def tree_head() -> Finding:
    """Cross-validate the linear head on tree densities on MUTAG."""
    values = protocol("tree-densities", "mutag", _TEN_FOLDS)
    found = estimate(values)
    return Finding(
        verdict=at_least(found, 0.80),
        measured=f"{100 * found.mean:.1f} ± {100 * found.reach:.1f} % over ten folds "
        "(the larger class: 66.5 %)",
        figures={"accuracies": values, "mean": found.mean, "reach": found.reach},
        seeds=tuple(range(len(values))),
    )

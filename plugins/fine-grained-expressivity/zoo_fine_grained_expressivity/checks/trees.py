"""The claims about trees: what their densities and the tree distance separate, and a classifier."""

from __future__ import annotations

import numpy as np

from zoo_core import Finding, protocol
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
    equal = pairwise(graphs, 6)[rows, columns] == 0
    return Finding(
        quantities={
            "largest relative difference where delta_W is 0": float(relative[equal].max()),
            "smallest relative difference elsewhere": float(relative[~equal].min()),
        },
        told=f"{int(equal.sum())} of {rows.size:,} pairs have delta_W = 0",
        figures={"pairs": rows.size, "pairs at delta_W = 0": int(equal.sum())},
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
            wrong += int((value <= 1e-9) != (delta[i, j] == 0))
            if delta[i, j] > 0:
                smallest = min(smallest, value)
    triangles = tree_distance_l1(circulant(6, (1,)), circulant(6, (2,))).value
    return Finding(
        quantities={"disagreements": wrong, "tree distance of C6 and two C3": triangles},
        told=f"{pairs} pairs; the smallest tree distance where delta_W > 0 is {smallest:.3f}",
        figures={"pairs": pairs, "smallest": smallest},
    )


def tree_head() -> Finding:
    """Cross-validate the linear head on tree densities on MUTAG."""
    values = protocol("tree-densities", "mutag", _TEN_FOLDS)
    return Finding(
        quantities={"accuracy": [100 * one for one in values]},
        told="the larger class: 66.5 %",
        figures={"accuracies": values},
        seeds=tuple(range(len(values))),
    )

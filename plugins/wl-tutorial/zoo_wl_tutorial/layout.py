"""Where to draw the nodes of a small graph; the same places for the same graph."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, shortest_path
from zoo_graphs.graph_set import GraphSet

_STEPS = 300


def place_nodes(graph: GraphSet) -> np.ndarray:
    """Return the places (n, 2) of the nodes of one graph, components side by side.

    Within a component, distances on the page follow those in the graph (stress majorisation,
    started from a circle).
    """
    n = graph.num_nodes
    u, v = graph.edges
    matrix = sparse.coo_array((np.ones(u.size), (u, v)), shape=(n, n)).tocsr()
    count, component = connected_components(matrix, directed=False)
    places = np.zeros((n, 2))
    edge = 0.0
    for number in range(count):
        nodes = np.flatnonzero(component == number)
        inside = _by_distances(
            shortest_path(matrix[nodes][:, nodes], directed=False, unweighted=True)
        )
        inside -= inside.min(axis=0)
        places[nodes] = inside - [-edge, inside[:, 1].max() / 2]
        edge += inside[:, 0].max() + 1.0
    return places


def _by_distances(distances: np.ndarray) -> np.ndarray:
    """Return places (k, 2) whose distances are close to the given ones, wide side across."""
    k = len(distances)
    if k == 1:
        return np.zeros((1, 2))
    angle = 2 * np.pi * np.arange(k) / k
    places = np.stack([np.cos(angle), np.sin(angle)], axis=1) * distances.max() / 2
    weight = np.divide(1.0, distances**2, out=np.zeros_like(distances), where=distances > 0)
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.pinv(laplacian)
    for _ in range(_STEPS):  # SMACOF: each step is exact and the stress never grows
        gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
        pull = -np.divide(weight * distances, gaps, out=np.zeros_like(weight), where=gaps > 1e-9)
        np.fill_diagonal(pull, 0)
        np.fill_diagonal(pull, -pull.sum(axis=1))
        places = inverse @ (pull @ places)
    centred = places - places.mean(axis=0)
    axes = np.linalg.svd(centred, full_matrices=False)[2]
    # The sign of a singular vector is arbitrary: let the largest entry be positive.
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]
    return np.asarray(centred @ axes.T)

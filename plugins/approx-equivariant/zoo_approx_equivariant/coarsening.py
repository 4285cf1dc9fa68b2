"""Coarsenings: partitions of the nodes of a graph into clusters, and how to come by them."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from zoo_core import BadInput

Labels = NDArray[np.intp]
"""The cluster (N,) of each node: 0 to K - 1, none of them empty."""
NEIGHBOURS = 8
"""How many nearest nodes one with coordinates is joined to."""


def as_labels(clusters: Sequence[Hashable] | ArrayLike) -> Labels:
    """Return the cluster (N,) of each node as numbers 0 to K - 1, in the order of their names.

    Clusters may have any size, one node too, and lie anywhere. Raises `BadInput` for what names no
    cluster for each node.
    """
    given = np.asarray(clusters)
    if given.ndim != 1 or not len(given):
        raise BadInput(
            f"Clusters have the shape {given.shape}; expected one name or number for each node."
        )
    if given.dtype.kind == "f" and not (np.isfinite(given) & (given == np.round(given))).all():
        raise BadInput("Clusters are named by whole numbers or texts; some are NaN or fractions.")
    if given.dtype.kind not in "iufUSb":
        raise BadInput(f"Clusters are named by whole numbers or texts, not by {given.dtype}.")
    _, labels = np.unique(given, return_inverse=True)
    return labels.astype(np.intp).reshape(-1)


def patches(size: Sequence[int], cut: int) -> Labels:
    """Return the patch (H * W,) of each pixel of a grid that is cut into `cut` x `cut` patches.

    Pixels and patches are in row-major order. Where the cut does not divide a side, the first
    patches are a pixel longer. Raises `BadInput` for a cut that leaves patches empty.
    """
    height, width = size
    if not 1 <= cut <= min(height, width):
        raise BadInput(
            f"A grid of {height} x {width} cannot be cut into {cut} x {cut} patches; expected a "
            f"cut from 1 to {min(height, width)}."
        )
    rows, columns = (np.repeat(np.arange(cut), _lengths(side, cut)) for side in size)
    return (rows[:, None] * cut + columns[None, :]).ravel()


def mirrored(cut: int) -> tuple[int, ...]:
    """Return the permutation of `cut` x `cut` patches that mirrors left and right."""
    places = np.arange(cut * cut).reshape(cut, cut)
    return tuple(places[:, ::-1].ravel().tolist())


def refines(fine: Labels, coarse: Labels) -> bool:
    """Tell whether each cluster of `fine` lies within one of `coarse`."""
    pairs = np.unique(np.stack([fine, coarse]), axis=1)
    return bool(pairs.shape[1] == fine.max() + 1)


def graph_of(coordinates: ArrayLike, neighbours: int = NEIGHBOURS) -> NDArray[np.float64]:
    """Return the weights (N, N) of the graph that joins each node to its nearest ones.

    `coordinates` are (N, p). An edge weighs 1, also where only one of the two is near the other.
    """
    from sklearn.neighbors import kneighbors_graph

    points = np.asarray(coordinates, np.float64)
    near = kneighbors_graph(points, min(neighbours, len(points) - 1)).toarray()
    return np.asarray(np.maximum(near, near.T))


def coarsen(weights: ArrayLike, count: int, *, seed: int = 0) -> Labels:
    """Return a partition of a graph's nodes into `count` clusters, by spectral clustering.

    `weights` (N, N) are symmetric and not negative; the graph may have several parts. Fewer
    clusters come out where the graph does not tell so many apart. The clustering is scikit-learn's,
    by the pivoted QR of the eigenvectors.
    """
    from sklearn.cluster import SpectralClustering

    matrix = np.asarray(weights, np.float64)
    n = len(matrix)
    if not 1 <= count <= n:
        raise BadInput(f"{n} nodes cannot be put into {count} clusters; expected 1 to {n}.")
    if count == n:
        return np.arange(n)
    if count == 1:
        return np.zeros(n, np.intp)
    with warnings.catch_warnings():
        # A graph of several parts is no fault here.
        warnings.simplefilter("ignore", UserWarning)
        found = SpectralClustering(
            count, affinity="precomputed", assign_labels="cluster_qr", random_state=seed
        ).fit_predict(matrix)
    return as_labels(found)


def nested(weights: ArrayLike, counts: Sequence[int], *, seed: int = 0) -> list[Labels]:
    """Return partitions into about `counts` clusters, from the coarsest, each within the one before.

    The finest is made of the graph, and each further one of the graph of the clusters before, whose
    weights are sums: so their groups are a chain. Partitions that come out alike are left out.
    """
    matrix = np.asarray(weights, np.float64)
    labels: Labels = np.arange(len(matrix))
    found: list[Labels] = []
    for count in sorted({min(count, len(matrix)) for count in counts}, reverse=True):
        if count > labels.max() + 1:
            continue
        members = sparse.csr_array(
            (np.ones(len(labels)), (labels, np.arange(len(labels)))),
            shape=(labels.max() + 1, len(labels)),
        )
        between = np.asarray((members @ matrix @ members.T))
        labels = coarsen(between, count, seed=seed)[labels]
        found.append(labels)
    sizes = [int(one.max()) + 1 for one in found]
    return [one for i, one in enumerate(found) if sizes[i] not in sizes[:i]][::-1]


def symmetric_weights(adjacency: Any) -> tuple[NDArray[np.float64], bool]:
    """Return the symmetric weights (N, N) of a graph for clustering, and whether it was directed.

    Directed edges count both ways, and negative weights by their size; self-loops do not count.
    """
    matrix = np.abs(np.asarray(adjacency, np.float64))
    directed = not np.array_equal(matrix, matrix.T)
    weights = (matrix + matrix.T) / 2
    np.fill_diagonal(weights, 0)
    return weights, directed


def _lengths(side: int, parts: int) -> list[int]:
    return [side // parts + (part < side % parts) for part in range(parts)]

"""Coarsenings: partitions of the nodes of a graph into clusters, and how to come by them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoo_core import BadInput

Labels = NDArray[np.intp]
"""The cluster (N,) of each node: 0 to K - 1, none of them empty."""
NEIGHBOURS = 8
"""How many nearest nodes one with coordinates is joined to."""
STEPS = 8
"""Of the random walk whose reach tells clusters: the more, the less small structure counts."""


def as_labels(clusters: Sequence[Hashable] | ArrayLike) -> Labels:
    """Return the cluster (N,) of each node as numbers 0 to K - 1, in the order of their names.

    Clusters may have any size, one node too, and lie anywhere. Raises `BadInput` for what names no
    cluster for each node.
    """
    try:
        given = np.asarray(clusters)
    except ValueError as error:
        raise BadInput("Clusters are a row of names or numbers, one for each node.") from error
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
    Raises `BadInput` for another shape and for NaN.
    """
    from scipy.spatial import KDTree

    points = np.asarray(coordinates, np.float64)
    if points.ndim != 2 or not np.isfinite(points).all():
        raise BadInput(
            f"Coordinates have the shape {points.shape}; expected finite numbers (N, p)."
        )
    n = len(points)
    _, near = KDTree(points).query(points, min(neighbours + 1, n))
    joined = np.zeros((n, n))
    np.put_along_axis(joined, near.reshape(n, -1), 1.0, 1)
    np.fill_diagonal(joined, 0)
    return np.maximum(joined, joined.T)


def coarsen(weights: ArrayLike, count: int) -> Labels:
    """Return a partition of a graph's nodes into `count` clusters; see `nested`."""
    return nested(weights, [count])[0]


def nested(weights: ArrayLike, counts: Sequence[int]) -> list[Labels]:
    """Return partitions into the `counts` of clusters, coarsest first, each within the one before.

    `weights` (N, N) are symmetric and not negative; the graph may have several parts. Nodes are
    placed by the eigenvectors of the normalised adjacency, each weighed by its eigenvalue after
    `STEPS` steps of a lazy random walk (diffusion coordinates: spectral clustering without a choice
    of how many eigenvectors), and joined by Ward's tree, whose cuts are nested: so their groups are
    a chain. Raises `BadInput` for counts outside of 1..N, for another shape
    and for NaN.
    """
    from scipy.cluster.hierarchy import cut_tree, linkage

    matrix = np.asarray(weights, np.float64)
    n = len(matrix)
    if matrix.shape != (n, n) or not np.isfinite(matrix).all():
        raise BadInput(
            f"Weights have the shape {matrix.shape}; expected finite numbers, one for each pair of "
            "nodes (N, N)."
        )
    wanted = sorted(set(counts))
    if not wanted or not 1 <= wanted[0] <= wanted[-1] <= n:
        raise BadInput(f"{n} nodes cannot be put into {wanted} clusters; expected 1 to {n}.")
    degrees = matrix.sum(1)
    scale = 1 / np.sqrt(np.where(degrees > 0, degrees, 1))
    values, vectors = np.linalg.eigh(scale[:, None] * matrix * scale)
    places = scale[:, None] * vectors * ((1 + values.clip(-1, 1)) / 2) ** STEPS
    cut = [count for count in wanted if count < n]
    found = cut_tree(linkage(places, "ward"), cut).T if cut else []
    single = [np.arange(n)] if wanted[-1] == n else []
    return [*map(as_labels, found), *single]


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

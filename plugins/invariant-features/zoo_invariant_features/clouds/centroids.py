"""Vectors of a cloud that turn with it and do not hear the order of its points.

With k of them as the rows of C (k, d), C C^T and the multiset of the rows of V C^T are invariants
under O(d) and permutations; where C has rank d, as it has for almost all clouds, they determine the
cloud V (n, d) up to both.

The means of d clusters of a centred cloud do not have rank d: weighted by how many points are in
each cluster they add up to 0. So there is one cluster more here than dimensions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def radial(cloud: Array) -> Array:
    """Return c_a = sum_i w_a(|v_i|) v_i / sum_j w_a(|v_j|), a = 1 to d, as rows (d, d).

    w_a is a bump of width 1 / (d + 1) around a radius from 0.5 to 1.5 times the root mean square
    radius. Smooth in the cloud, and the same for any number of points that are drawn alike. (Powers
    of the radius, which are nearly multiples of each other, would make C all but singular.)
    """
    dimension = cloud.shape[1]
    radii = np.sqrt((cloud**2).sum(1))
    radii = radii / (np.sqrt((radii**2).mean()) or 1.0)
    middles = np.linspace(0.5, 1.5, dimension) if dimension > 1 else np.ones(1)
    gaps = (radii[None, :] - middles[:, None]) * (dimension + 1)
    # Of the nearest points to a bump each has its share, however far all of them are.
    weights = np.exp((gaps**2).min(1, keepdims=True) / 2 - gaps**2 / 2)
    return np.asarray(weights / weights.sum(1, keepdims=True) @ cloud)


def kmeans(cloud: Array, clusters: int | None = None) -> Array:
    """Return the means of so many clusters, d + 1 by default, as rows (k, d), the longest first.

    The start is of invariants, so that order and turning make no difference: the point of largest
    norm, then each time the point farthest from those chosen. What is exactly symmetric may fall
    either way. Where there are fewer different points than clusters the last ones repeat.
    """
    from scipy.cluster.vq import kmeans2

    count = cloud.shape[1] + 1 if clusters is None else clusters
    chosen = [int((cloud**2).sum(1).argmax())]
    gaps = ((cloud - cloud[chosen[0]]) ** 2).sum(1)
    while len(chosen) < count:
        chosen.append(int(gaps.argmax()))
        gaps = np.minimum(gaps, ((cloud - cloud[chosen[-1]]) ** 2).sum(1))
    found = cloud[chosen]
    if len(np.unique(found, axis=0)) == count:
        found, _ = kmeans2(cloud, found, iter=100, minit="matrix", missing="raise")
    return np.asarray(found[np.argsort(-(found**2).sum(1), kind="stable")])


def polar(centroids: Array) -> Array:
    """Return the polar factor Q = (C C^T)^{+1/2} C of C (k, d), as (k, d).

    The rows of V Q^T are as long as the points themselves, where V C^T shrinks with C. With C C^T
    both tell the same: V Q^T = V C^T (C C^T)^{+1/2}.
    """
    left, _, right = np.linalg.svd(centroids, full_matrices=False)
    return np.asarray(left @ right)


CENTROIDS = {"radial": radial, "kmeans": kmeans}


def count_of(features: str, dimension: int) -> int:
    """Return how many vectors there are of each kind."""
    return dimension + 1 if features == "kmeans" else dimension

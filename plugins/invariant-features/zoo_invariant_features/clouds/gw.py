"""The third lower bound of the Gromov-Wasserstein distance, exactly.

Mémoli, Foundations of Computational Mathematics 11 (2011): each point of a cloud has the
distribution of its distances to all points; the bound is the optimal transport between these
distributions, with squared Wasserstein-2 distances on the line as its cost. Distances within a
cloud are squared Euclidean ones, as in the code of Blum-Smith, Huang, Cuturi and Villar.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment, linprog
from scipy.spatial.distance import cdist

from zoo_core import BadInput

Array = NDArray[np.float64]


def local_distances(cloud: Array) -> Array:
    """Return the squared distances from each point of a cloud (n, d) to all, sorted (n, n)."""
    return np.sort(cdist(cloud, cloud, "sqeuclidean"), axis=1)


def local_costs(one: Array, other: Array) -> Array:
    """Return the squared Wasserstein-2 distances between sorted rows (n, n) and (m, m), as (n, m).

    Quantile functions are steps, so that the integral over quantiles is a sum over the pieces that
    both have in common.
    """
    ends = np.union1d(
        np.arange(1, len(one) + 1) / len(one), np.arange(1, len(other) + 1) / len(other)
    )
    # The ends k / n and l / m of the same number may differ in their last bit.
    ends = ends[np.append(np.diff(ends) > 1e-12, True)]
    weights = np.diff(np.concatenate([[0.0], ends]))
    middles = ends - weights / 2
    a, b = (
        np.sqrt(weights) * rows[:, np.minimum((middles * len(rows)).astype(int), len(rows) - 1)]
        for rows in (one, other)
    )
    return np.asarray(cdist(a, b, "sqeuclidean"))


def lower_bound(one: Array, other: Array) -> float:
    """Return the third lower bound of GW_2^2 of two clouds, given as `local_distances`.

    Points of a cloud weigh the same. Clouds of one size are an assignment problem, of different
    sizes a linear program; both are solved exactly. Raises `BadInput` where the solver gives up.
    """
    costs = local_costs(one, other)
    n, m = costs.shape
    if n == m:
        rows, columns = linear_sum_assignment(costs)
        return float(costs[rows, columns].mean())
    leaving = sparse.kron(sparse.eye(n), np.ones((1, m)))
    arriving = sparse.kron(np.ones((1, n)), sparse.eye(m))
    found = linprog(
        costs.ravel(),
        A_eq=sparse.vstack([leaving, arriving], format="csr"),
        b_eq=np.concatenate([np.full(n, 1 / n), np.full(m, 1 / m)]),
        method="highs",
    )
    if found.status != 0:
        raise BadInput(f"The transport between {n} and {m} points was not solved: {found.message}")
    return float(found.fun)


def distances(first: list[Array], second: list[Array]) -> Array:
    """Return the square roots of the lower bounds between two lists of clouds, (a, b)."""
    rows, columns = ([local_distances(cloud) for cloud in each] for each in (first, second))
    return np.sqrt([[max(lower_bound(one, other), 0.0) for other in columns] for one in rows])

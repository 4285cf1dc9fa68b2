"""The theorem by brute force: orbits of symmetric matrices, and what the invariants see of them."""

from __future__ import annotations

from itertools import combinations, permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def invariants(matrix: Array, glue: bool = True) -> tuple[Any, ...]:
    """Return the sorted diagonal, the sorted X_ij with i < j, and f_*, of a matrix (n, n)."""
    d = np.diag(matrix)
    off = matrix[np.triu_indices(len(matrix), 1)]
    found = (tuple(np.sort(d).tolist()), tuple(np.sort(off).tolist()))
    return (*found, float(d @ matrix.sum(1) - d @ d)) if glue else found


def conjugates(matrix: Array) -> list[Array]:
    """Return P X P^T for all permutations P, n! of them."""
    return [matrix[np.ix_(order, order)] for order in map(list, permutations(range(len(matrix))))]


def canonical(matrix: Array) -> tuple[float, ...]:
    """Return the least of all conjugates, entry by entry: the same for matrices of one orbit."""
    return min(tuple(one.ravel().tolist()) for one in conjugates(matrix))


def small_matrices(size: int, values: tuple[float, ...] = (0.0, 1.0)) -> list[Array]:
    """Return all symmetric matrices of this size with entries among `values`."""
    places = [(k, k) for k in range(size)] + list(combinations(range(size), 2))
    found = []
    for chosen in product(values, repeat=len(places)):
        matrix = np.zeros((size, size))
        for (i, j), value in zip(places, chosen, strict=True):
            matrix[i, j] = matrix[j, i] = value
        found.append(matrix)
    return found


def glued_pair(size: int, seed: int) -> tuple[Array, Array]:
    """Return two matrices with equal diagonals and equal other entries that only f_* tells apart.

    In the second one X_12 and X_23 have changed places; the entries of the diagonal differ.
    """
    rng = np.random.default_rng(seed)
    raw = rng.random((size, size)) + 0.1
    first = (raw + raw.T) / 2
    first[np.diag_indices(size)] = np.arange(1, size + 1)
    second = first.copy()
    second[0, 1] = second[1, 0] = first[1, 2]
    second[1, 2] = second[2, 1] = first[0, 1]
    return first, second

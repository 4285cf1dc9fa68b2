"""Adjacency and Laplacian spectral embedding of a graph: the maths, on matrices and numbers.

Sussman, Tang, Fishkind and Priebe 2012 (ASE); Rohe, Chatterjee and Yu 2011, and Qin and Rohe 2013
with a regulariser (LSE); Zhu and Ghodsi 2006 (where to cut a scree plot).
"""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse
from scipy.stats import norm

from zoo_graphs.spectral import leading_eigenvectors

NEGLIGIBLE = 1e-10
"""Eigenvalues below this share of the largest are rounding: the matrix has no such rank."""


def augmented(adjacency: sparse.csr_array) -> sparse.csr_array:
    """Return A with degree / (n - 1) on its diagonal, (n, n).

    A hollow matrix underestimates X X^T on the diagonal; the mean of a row's entries stands in for
    what is missing there (Scheinerman and Tucker 2010).
    """
    n = adjacency.shape[0]
    degrees = adjacency.sum(axis=1)
    return sparse.csr_array(adjacency + sparse.diags_array(degrees / max(n - 1, 1)))


def normalised(adjacency: sparse.csr_array, regularizer: float = 0.0) -> sparse.csr_array:
    """Return D^(-1/2) A D^(-1/2) with D = degrees + regulariser, (n, n).

    Rows of nodes whose regularised degree is zero are zero.
    """
    scale = inverse_root(adjacency.sum(axis=1) + regularizer)
    diagonal = sparse.diags_array(scale)
    return sparse.csr_array(diagonal @ adjacency @ diagonal)


def inverse_root(degrees: np.ndarray) -> np.ndarray:
    """Return 1 / sqrt(degrees), and 0 where a degree is not positive."""
    return np.where(degrees > 0, np.maximum(degrees, 1e-300) ** -0.5, 0.0)


def leading_part(matrix: sparse.csr_array, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the k eigenvalues of largest magnitude (k,) and their eigenvectors (n, k).

    Beyond the rank of the matrix there are no directions to prefer: eigenvalues and eigenvectors
    are zero there.

    Raises `ValueError` when k is not within 1..n, or the iterative solver does not converge.
    """
    values, vectors = (part.numpy() for part in leading_eigenvectors(matrix, k))
    present = np.abs(values) > NEGLIGIBLE * max(abs(float(values[0])), 1e-300)
    return values * present, vectors * present


def elbows(values: np.ndarray, count: int = 1) -> list[int]:
    """Return up to `count` dimensions at which a scree plot bends, by profile likelihood.

    The values (m,), in descending order, are split in two groups with means of their own and one
    variance; the split of largest likelihood is the first elbow. Further ones are looked for in
    what is behind the last (Zhu and Ghodsi 2006, equations 1 to 4).
    """
    found: list[int] = []
    start = 0
    while len(found) < count and values.size - start > 1:
        rest = values[start:]
        likelihoods = [_profile_likelihood(rest, size) for size in range(1, rest.size + 1)]
        start += 1 + int(np.argmax(likelihoods))
        found.append(start)
    return found or [int(values.size)]


def _profile_likelihood(values: np.ndarray, size: int) -> float:
    """Return the log-likelihood of the first `size` values and the others being two groups."""
    groups = values[:size], values[size:]
    residuals = np.concatenate([group - group.mean() if group.size else group for group in groups])
    # The maximum-likelihood variance would do as well; the paper pools with m - 2.
    scale = math.sqrt(float(residuals @ residuals) / max(values.size - 2, 1))
    if scale <= 1e-12 * abs(float(values[0])):
        return math.inf  # both groups are constant: a perfect split
    return float(norm.logpdf(residuals, scale=scale).sum())

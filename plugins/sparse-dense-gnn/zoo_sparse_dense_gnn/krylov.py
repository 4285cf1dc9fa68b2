"""Theorem 2: a polynomial filter of at most N taps maps a generic signal to any other.

In the eigenbasis of S the filter sum_k h_k S^k multiplies the coefficient x_i by h(lambda_i). With
distinct eigenvalues and no coefficient zero, the values h(lambda_i) = y_i / x_i are interpolated by
one polynomial of degree N - 1 at most.
"""

from __future__ import annotations

import numpy as np

from zoo_core import BadInput

RESOLUTION = 1e-10
"""Eigenvalues closer than this, and coefficients smaller, relative to the largest, are taken as
equal and as zero."""


def krylov_matrix(operator: np.ndarray, signal: np.ndarray, taps: int | None = None) -> np.ndarray:
    """Return [x, S x, ..., S^(taps-1) x], (N, taps), by default N columns."""
    columns = [np.asarray(signal, dtype=np.float64)]
    for _ in range(1, len(signal) if taps is None else taps):
        columns.append(operator @ columns[-1])
    return np.stack(columns, axis=1)


def interpolating_taps(operator: np.ndarray, signal: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return h (N,) such that sum_k h_k S^k x = y.

    `operator` is S (N, N), symmetric; `signal` x (N,), with a nonzero coefficient for each
    eigenvector of S; `target` y (N,). Meant for small graphs: the Krylov matrix is as
    ill-conditioned as a Vandermonde matrix. Raises `BadInput` where shapes do not fit or S is not
    symmetric, and where an eigenvalue repeats or a coefficient of x is zero: then some y cannot be
    reached.
    """
    matrix, x, y = (np.asarray(part, dtype=np.float64) for part in (operator, signal, target))
    count = x.size
    if matrix.shape != (count, count) or x.shape != (count,) or y.shape != (count,) or not count:
        raise BadInput(
            f"The operator has shape {matrix.shape}, signal and target {x.shape} and {y.shape}; "
            "expected (N, N), (N,) and (N,), N from 1."
        )
    if not all(np.isfinite(part).all() for part in (matrix, x, y)):
        raise BadInput("The operator, signal or target is not finite; replace NaN and infinity.")
    if not np.allclose(matrix, matrix.T):
        raise BadInput("The operator is not symmetric; give A + I, or D^-1/2 (A + I) D^-1/2.")
    eigenvalues, vectors = np.linalg.eigh(matrix)
    if count > 1 and np.diff(eigenvalues).min() <= RESOLUTION * np.abs(eigenvalues).max():
        raise BadInput(
            "The operator has a repeated eigenvalue, on whose eigenvectors every filter acts "
            "alike; give a graph with distinct eigenvalues."
        )
    coefficients = np.abs(vectors.T @ x)
    if coefficients.min() <= RESOLUTION * coefficients.max():
        raise BadInput(
            "The signal has a zero coefficient in the eigenbasis, which no filter changes; give "
            "one with all coefficients nonzero."
        )
    return np.linalg.solve(krylov_matrix(matrix, x), y)

"""Leading singular vectors of features and leading eigenvectors of graph operators.

Both come back in descending order with deterministic signs. Iterative solvers start from a fixed
vector, so that a repeated call gives the same answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from scipy.sparse.linalg import ArpackError, eigsh, svds
from torch import Tensor

DENSE_SIZE = 500  # up to this side length a dense decomposition is as fast and more accurate
DENSE_LIMIT = 12_000  # beyond it a dense fall-back would need gigabytes and most of an hour


def leading_singular(features: Any, k: int) -> tuple[Tensor, Tensor]:
    """Return U and B of the truncated singular value decomposition X = U Sigma V^T, in float64.

    U (n, k) are the leading left singular vectors by descending singular value, and B = V Sigma^-1
    (p, k) the projection with X B = U. The largest entry of each column of V is positive. Columns
    of numerically zero singular values are zero in both. X (n, p) is a torch tensor (dense or CSR),
    a scipy sparse matrix or a numpy array. Raises `ValueError` for k outside 1..min(n, p).
    """
    matrix = _as_scipy(features)
    side = min(matrix.shape)
    if not 1 <= k <= side:
        raise ValueError(
            f"k = {k} singular vectors asked of a {matrix.shape} matrix; expected 1 to {side}."
        )
    if side <= DENSE_SIZE or k >= side // 2:
        left, values, right = np.linalg.svd(matrix.toarray(), full_matrices=False)
    else:
        start = np.random.default_rng(0).standard_normal(side)
        left, values, right = svds(matrix, k=k, v0=start)
    order = np.argsort(-values)[:k]
    left, values, right = left[:, order], values[order], right[order].T
    sign = _signs(right)
    nonzero = values > values[0] * max(matrix.shape) * np.finfo(np.float64).eps
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=nonzero)
    return _tensor(left * (sign * nonzero)), _tensor(right * (sign * inverse))


def leading_eigenvectors(
    operator: Any, k: int, *, dense_size: int = DENSE_SIZE
) -> tuple[Tensor, Tensor]:
    """Return the k eigenpairs of largest |eigenvalue| of a symmetric operator, in float64.

    They are the values (k,) by descending absolute value, and unit columns (n, k) whose largest
    entry is positive. Heterophilous structure lives in negative eigenvalues, hence the absolute
    value. On a disconnected graph the leading eigenvalue of a normalised operator repeats once per
    component: the eigenvectors are then defined only up to a rotation, and the iterative solver may
    not converge; the dense solver takes over.

    The operator (n, n) is a torch tensor (dense or CSR), a scipy sparse matrix or a numpy array. Up
    to n = `dense_size` the dense solver is used, which misses no copy of a repeated eigenvalue, as
    the iterative one may. Raises `ValueError` for k outside 1..n, an operator that is not
    symmetric, or no convergence on a graph too large for the dense solver.
    """
    matrix = _as_scipy(operator)
    n = matrix.shape[0]
    if not 1 <= k <= n:
        raise ValueError(f"k = {k} eigenvectors asked of a graph of {n} nodes; expected 1 to {n}.")
    if abs(matrix - matrix.T).max() > 1e-5 * abs(matrix).max():
        raise ValueError("the operator is not symmetric; use 'adj' or 'lap' rather than 'rw'.")
    values, vectors = _eigenpairs(matrix, k, dense_size)
    order = np.argsort(-np.abs(values), kind="stable")[:k]
    values, vectors = values[order], vectors[:, order]
    return _tensor(values), _tensor(vectors * _signs(vectors))


def _eigenpairs(matrix: sp.csr_array, k: int, dense_size: int) -> tuple[np.ndarray, np.ndarray]:
    n = matrix.shape[0]
    if n > dense_size and k < n // 2:
        start = np.random.default_rng(0).standard_normal(n)
        try:
            values, vectors = eigsh(matrix, k=k, which="LM", v0=start)
            return values, vectors
        except ArpackError as error:
            if n > DENSE_LIMIT:
                raise ValueError(
                    f"the {k} leading eigenvectors did not converge on {n} nodes; use the largest "
                    "connected component, or the operator 'adj'."
                ) from error
    return np.linalg.eigh(matrix.toarray())


def _signs(columns: np.ndarray) -> np.ndarray:
    """Return +1 or -1 per column, so that the entry of largest magnitude becomes positive.

    Magnitudes within one part in 10^8 count as equal and the first of them decides: otherwise
    rounding would choose between an entry and its mirror image.
    """
    magnitude = np.abs(columns)
    first = np.argmax(magnitude >= magnitude.max(axis=0) * (1 - 1e-8), axis=0)
    return np.where(columns[first, np.arange(columns.shape[1])] < 0, -1.0, 1.0)


def _tensor(array: np.ndarray) -> Tensor:
    """Return a tensor in row-major order, as files of tensors want it."""
    return torch.from_numpy(np.ascontiguousarray(array))


def _as_scipy(matrix: Any) -> sp.csr_array:
    """Return any of the accepted matrices as float64 scipy CSR."""
    if isinstance(matrix, Tensor):
        matrix = matrix.detach().cpu()
        if matrix.layout == torch.sparse_csr:
            parts = (matrix.values(), matrix.col_indices(), matrix.crow_indices())
            matrix = sp.csr_array(tuple(part.numpy() for part in parts), shape=matrix.shape)
        else:
            matrix = matrix.to_dense().numpy()
    return sp.csr_array(matrix, dtype=np.float64)

"""Leading singular vectors of features and leading eigenvectors of graph operators.

Both come back in descending order with deterministic signs, and with every copy of a value that
repeats. Iterative solvers start from fixed vectors, so that a repeated call gives the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from zoo_graphs.eigensolver import (
    DENSE_LIMIT,
    DENSE_SIZE,
    EQUAL,
    Pairs,
    affordable,
    eigenpairs,
    iterated,
)

_STACK = 2**23  # numbers in a stack of small dense blocks


def leading_singular(features: Any, k: int) -> tuple[Tensor, Tensor]:
    """Return U and B of the truncated singular value decomposition X = U Sigma V^T, in float64.

    U (n, k) are the leading left singular vectors by descending singular value, and B = V Sigma^-1
    (p, k) the projection with X B = U. The largest entry of each column of V is positive. Columns
    of numerically zero singular values are zero in both. X (n, p) is a torch tensor (dense or CSR),
    a scipy sparse matrix or a numpy array. Where a singular value repeats, its columns are one
    basis of many. Raises `ValueError` for k outside 1..min(n, p).
    """
    matrix = _as_scipy(features)
    side = min(matrix.shape)
    if not 1 <= k <= side:
        raise ValueError(
            f"k = {k} singular vectors asked of a {matrix.shape} matrix; expected 1 to {side}."
        )
    left, values, right = _singular_triplets(matrix, k)
    order = np.argsort(-values, kind="stable")[:k]
    left, values, right = left[:, order], values[order], right[order].T
    sign = _signs(right)
    nonzero = values > values[0] * max(matrix.shape) * np.finfo(np.float64).eps
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=nonzero)
    return _tensor(left * (sign * nonzero)), _tensor(right * (sign * inverse))


def leading_eigenvectors(operator: Any, k: int) -> tuple[Tensor, Tensor]:
    """Return the k eigenpairs of largest |eigenvalue| of a symmetric operator, in float64.

    They are the values (k,) by descending absolute value, of two opposite ones the positive first,
    and unit columns (n, k) whose largest entry is positive. Heterophilous structure lives in
    negative eigenvalues, hence the absolute value.

    A repeated eigenvalue comes as often as it repeats, within 1..k, however large the graph. Its
    eigenvectors are defined only up to a rotation, and are chosen so: each lives on one connected
    component, those on larger components first, of equally large ones those on the earlier. Within
    a component they are the columns of the projection onto the eigenspace that belong to the nodes
    on which it is largest, one after another, each made orthogonal to those before. (Where k cuts
    through an eigenspace of one large component, it is the part that the iteration met.)

    The operator (n, n) is a torch tensor (dense or CSR), a scipy sparse matrix or a numpy array.
    Raises `ValueError` for k outside 1..n, an operator that is not symmetric, or no convergence on
    a component too large for the dense solver.
    """
    matrix = _as_scipy(operator)
    n = matrix.shape[0]
    if not 1 <= k <= n:
        raise ValueError(f"k = {k} eigenvectors asked of a graph of {n} nodes; expected 1 to {n}.")
    if abs(matrix - matrix.T).max() > 1e-5 * abs(matrix).max():
        raise ValueError("the operator is not symmetric; use 'adj' or 'lap' rather than 'rw'.")
    values, vectors = _leading_pairs(matrix, k)
    return _tensor(values), _tensor(vectors * _signs(vectors))


def _leading_pairs(matrix: sp.csr_array, k: int) -> Pairs:
    """Return the k leading eigenvalues (k,) in order, and unit eigenvectors (n, k)."""
    count, labels = connected_components(matrix, directed=False)
    sizes = np.bincount(labels, minlength=count)
    rank = np.empty(count, dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(count)
    nodes = np.argsort(rank[labels], kind="stable")  # by component, larger ones first
    blocks = matrix if count == 1 else matrix[nodes][:, nodes]
    parts = list(_block_pairs(blocks, -np.sort(-sizes), k))
    chosen = _order(np.concatenate([values for _, (values, _) in parts]))[:k]
    # Where each chosen pair is from: its part, and its column there.
    part = np.repeat(np.arange(len(parts)), [len(values) for _, (values, _) in parts])[chosen]
    column = np.concatenate([np.arange(len(values)) for _, (values, _) in parts])[chosen]
    values, vectors = np.zeros(k), np.zeros((len(nodes), k))
    for place, (which, own) in enumerate(zip(part, column, strict=True)):
        start, (magnitudes, local) = parts[which]
        values[place] = magnitudes[own]
        vectors[nodes[start : start + len(local)], place] = local[:, own]
    return values, vectors


def _block_pairs(blocks: sp.csr_array, sizes: np.ndarray, k: int) -> Iterator[tuple[int, Pairs]]:
    """Yield the first row of each diagonal block, largest blocks first, and its leading pairs."""
    starts = np.cumsum(sizes) - sizes
    large = int((sizes > DENSE_SIZE).sum())
    for start, size in zip(starts[:large].tolist(), sizes[:large].tolist(), strict=True):
        rows = slice(start, start + size)
        part = blocks if len(sizes) == 1 else blocks[rows, rows]
        yield start, _leading_of(*eigenpairs(part, min(k, size)), k)
    entries = blocks.tocoo()
    row, column = entries.coords
    owner = np.searchsorted(starts, row, side="right") - 1
    for size in np.unique(sizes[large:])[::-1].tolist():
        alike = np.flatnonzero(sizes == size)
        for some in np.array_split(alike, -(-len(alike) * size**2 // _STACK)):
            inside = slice(*np.searchsorted(owner, [some[0], some[-1] + 1]))
            own = owner[inside]
            place = (row[inside] - starts[some[0]]) * size + column[inside] - starts[own]
            stack = np.bincount(place, entries.data[inside], len(some) * size**2)
            values, vectors = np.linalg.eigh(stack.reshape(len(some), size, size))
            for index in np.unique(_order(values.ravel())[:k] // size):
                yield int(starts[some[index]]), _leading_of(values[index], vectors[index], k)


def _leading_of(values: np.ndarray, vectors: np.ndarray, k: int) -> Pairs:
    """Return the k leading of one component's eigenpairs in order, repeated ones as is said."""
    order = _order(values)
    values, vectors = values[order], vectors[:, order]
    ends = np.flatnonzero(np.abs(np.diff(values)) > EQUAL * abs(values[0])) + 1
    for group in np.split(np.arange(len(values)), ends):
        if len(group) > 1 and group[0] < k:
            vectors[:, group] = _basis(vectors[:, group])
    return values[:k], vectors[:, :k].copy()


def _order(values: np.ndarray) -> np.ndarray:
    """Return the order by descending magnitude, where it is equal the positive first, then as is.

    Magnitudes within rounding of the next larger one are equal.
    """
    order = np.argsort(-np.abs(values), kind="stable")
    sizes = np.abs(values[order])
    level = np.cumsum(np.diff(sizes, prepend=sizes[:1]) < -EQUAL * sizes[0])
    return order[np.lexsort((order, values[order] < 0, level))]


def _basis(vectors: np.ndarray) -> np.ndarray:
    """Return the basis of a space (n, m) that its projection decides, and no other choice.

    By Cholesky's way with pivots: the column of the projection at the node on which it is largest,
    then the same of what is left. Of entries that are equal within rounding the first is largest.
    """
    rest, found = vectors, np.empty_like(vectors)
    for place in range(vectors.shape[1]):
        sizes = np.square(rest).sum(axis=1)
        pivot = int(np.argmax(sizes >= sizes.max() * (1 - 1e-8)))
        direction = rest[pivot] / np.sqrt(sizes[pivot])
        found[:, place] = rest @ direction
        rest = rest - np.outer(found[:, place], direction)
    return found


def _singular_triplets(matrix: sp.csr_array, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return U (n, m), singular values (m,) and V^T (m, p), the k leading ones among them."""
    n, p = matrix.shape
    side = min(n, p)
    if side > DENSE_SIZE and k < side // 2:
        thin = matrix if p <= n else matrix.T.tocsr()
        turned = thin.T.tocsr()
        products = affordable(side, thin.nnz, k)
        found = iterated(lambda vector: turned @ (thin @ vector), side, k, products)
        if found is not None:
            # The squares have lost half of the digits of small values; their directions have not.
            left, values, turn = np.linalg.svd(thin @ found[1], full_matrices=False)
            right = turn @ found[1].T
            return (left, values, right) if thin is matrix else (right.T, values, left.T)
    if side > DENSE_LIMIT:
        raise ValueError(
            f"{k:,} singular vectors of a {n:,} x {p:,} matrix did not converge, and a dense one "
            f"needs {8 * n * p / 1e9:,.0f} GB; ask for fewer."
        )
    return np.linalg.svd(matrix.toarray(), full_matrices=False)


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

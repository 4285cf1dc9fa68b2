"""Power iteration with the inverse-Gram normalisation, and probes of what it yields."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor
from zoo_graphs.operators import sparse_matmul
from zoo_graphs.products import gram

Normalization = Literal["inverse", "none"]


def power_iterates(
    operator: Tensor,
    h0: Tensor,
    hops: int,
    *,
    normalize: Normalization | str = "inverse",
    upper_tri: bool = False,
    nodes: int | None = None,
) -> list[Tensor]:
    """Return the list [P_0, ..., P_L] of PowerEmbed, (n, k) each in the dtype of H_0.

    With F_0 = H_0 and, for t = 1..L, Y_t = S F_{t-1} and F_t = Y_t (Y_t^T Y_t)^+, hop t yields P_t,
    that is F_t with columns of one length; P_0 = H_0 as is. The span of P_t is that of S^t H_0: it
    tends to the eigenspace of the k largest |eigenvalues|. The bases themselves alternate between
    an odd and an even limit. One hop costs O(nnz k + n k^2).

    The columns of a graph of `nodes` nodes (by default n) have length 1, others sqrt(n / nodes): so
    entries do not shrink as graphs grow, and copies of a graph are given what it is given. A graph
    of fewer nodes than columns has no room for k directions, and its columns are shorter by
    another sqrt(n / k): together as long as a basis of what they span.

    F_t is the transpose of the pseudo-inverse of Y_t. The Gram matrix is accumulated in float64
    whatever the dtype of H_0, so that squaring the condition number costs no accuracy, and inverted
    by its pseudo-inverse: the plain inverse at full rank, while directions below the rounding error
    of Y_t are dropped (see `inverse_gram`). One path for both cases, at a millisecond for k = 100,
    has no condition number at which the result would jump.

    `operator` is S (n, n), dense or sparse CSR, `h0` is H_0 (n, k), and `hops` is L. `normalize` is
    "inverse" as above; "none" gives S^t H_0, unscaled (as SGC and SIGN use it). `upper_tri` uses
    the upper triangle of Y^T Y, which gives up the invariance to rotations. Raises `ValueError` for
    negative hops or an unknown `normalize`.
    """
    return list(iterate(operator, h0, hops, normalize=normalize, upper_tri=upper_tri, nodes=nodes))


def iterate(
    operator: Tensor,
    h0: Tensor,
    hops: int,
    *,
    normalize: Normalization | str = "inverse",
    upper_tri: bool = False,
    nodes: int | None = None,
) -> Iterator[Tensor]:
    """Yield P_0, ..., P_L one after another, so that not all need be kept; see `power_iterates`."""
    if hops < 0:
        raise ValueError(f"hops = {hops}; expected 0 or more.")
    if normalize not in ("inverse", "none"):
        raise ValueError(f"unknown normalize {normalize!r}; expected 'inverse' or 'none'.")
    if normalize == "none":
        return _powers(operator, h0, hops)
    return _normalised(operator, h0, hops, upper_tri, nodes or h0.shape[0])


def _powers(operator: Tensor, state: Tensor, hops: int) -> Iterator[Tensor]:
    yield state
    for _ in range(hops):
        state = sparse_matmul(operator, state)
        yield state


def _normalised(
    operator: Tensor, state: Tensor, hops: int, upper_tri: bool, nodes: int
) -> Iterator[Tensor]:
    """Yield the normalised iterates.

    The scale of columns is kept apart, F_t = P_t diag(scale), and enters the small matrices only:
    beside the product with S a hop makes two passes over its (n, k) numbers.
    """
    count, k = state.shape
    length = math.sqrt(count / nodes * min(1, count / min(k, nodes)))
    scale = None
    yield state
    for _ in range(hops):
        image = sparse_matmul(operator, state)
        square = gram(image)
        scale = square.new_ones(k) if scale is None else scale
        square = scale[:, None] * square * scale
        inverse = inverse_gram(square, max(nodes, k), image.dtype, upper_tri=upper_tri)
        norms = (inverse * (square @ inverse)).sum(dim=0).clamp(min=0).sqrt()
        factors = length / norms.clamp(min=torch.finfo(norms.dtype).tiny)
        state = image @ (scale[:, None] * inverse * factors).to(image.dtype)
        scale = norms / length
        yield state


def inverse_gram(
    square: Tensor, size: int, dtype: torch.dtype, *, upper_tri: bool = False
) -> Tensor:
    """Return (Y^T Y)^+ from Y^T Y (k, k), or the pseudo-inverse of its upper triangle.

    The rank is that of Y as `torch.linalg.pinv` and `numpy.linalg.matrix_rank` count it: singular
    values of Y below `size` eps times the largest are zero, size being the larger side of Y and eps
    the precision of its dtype. On the Gram matrix that is the square, or k eps in its own precision
    where this is larger.
    """
    rounding = size * torch.finfo(dtype).eps
    rtol = max(rounding**2, square.shape[0] * torch.finfo(square.dtype).eps)
    inverse: Tensor
    if upper_tri:
        inverse = torch.linalg.pinv(square.triu(), rtol=rtol)
    else:
        inverse = torch.linalg.pinv(square, rtol=rtol, hermitian=True)
    return inverse


def effective_rank(matrix: Tensor) -> float:
    """Return exp of the entropy of the normalised singular values (Roy and Vetterli 2007).

    Between 1 (all columns parallel: the representation has collapsed) and k; 0 for a zero matrix.
    """
    # Unnormalised iterates grow exponentially with depth: scale first, or their squares overflow.
    matrix = matrix.double() / matrix.abs().max().double().clamp(min=torch.finfo().tiny)
    values = torch.linalg.svdvals(matrix)
    total = values.sum()
    if total == 0:
        return 0.0
    share = values[values > 0] / total
    return math.exp(float(-(share * share.log()).sum()))


def mean_row_cosine(matrix: Tensor) -> float:
    """Return the mean cosine between the rows of two distinct nodes; 1 when all nodes look alike.

    Needs O(nk) rather than O(n^2 k): the sum over pairs is the squared norm of the sum of rows.
    """
    rows = torch.nn.functional.normalize(matrix.double(), dim=1)
    n = rows.shape[0]
    pairs = rows.sum(dim=0).square().sum() - rows.square().sum()
    return float(pairs / (n * (n - 1)))


def principal_angles(first: Tensor, second: Tensor) -> Tensor:
    """Return the principal angles (radians, descending) between the column spans of two matrices.

    Raises `ValueError` for matrices with different numbers of rows (from scipy).
    """
    from scipy.linalg import subspace_angles

    angles = subspace_angles(first.detach().double().numpy(), second.detach().double().numpy())
    return torch.from_numpy(angles)

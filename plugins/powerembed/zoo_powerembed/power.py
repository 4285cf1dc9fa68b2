"""Power iteration with the inverse-Gram normalisation, and probes of what it yields."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor
from zoo_graphs.operators import sparse_matmul

Normalization = Literal["inverse", "none"]

_BLOCK = 65_536  # rows per block of the Gram matrix, so that its float64 copy stays small


def power_iterates(
    operator: Tensor,
    h0: Tensor,
    hops: int,
    *,
    normalize: Normalization | str = "inverse",
    upper_tri: bool = False,
) -> list[Tensor]:
    """Return the list [P_0, ..., P_L] of PowerEmbed, (n, k) each in the dtype of H_0.

    With F_0 = H_0 and, for t = 1..L, Y_t = S F_{t-1} and F_t = Y_t (Y_t^T Y_t)^+, hop t yields P_t,
    that is F_t with unit columns; P_0 = H_0 as is. The span of P_t is that of S^t H_0: it tends to
    the eigenspace of the k largest |eigenvalues|. The bases themselves alternate between an odd and
    an even limit. One hop costs O(nnz k + n k^2).

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
    if hops < 0:
        raise ValueError(f"hops = {hops}; expected 0 or more.")
    if normalize not in ("inverse", "none"):
        raise ValueError(f"unknown normalize {normalize!r}; expected 'inverse' or 'none'.")
    iterates, state = [h0], h0
    for _ in range(hops):
        state = sparse_matmul(operator, state)
        if normalize == "none":
            iterates.append(state)
            continue
        state = state @ inverse_gram(state, upper_tri=upper_tri)
        iterates.append(_unit_columns(state))
    return iterates


def inverse_gram(matrix: Tensor, *, upper_tri: bool = False) -> Tensor:
    """Return (Y^T Y)^+ (k, k) of a matrix Y (n, k), or the pseudo-inverse of its upper triangle.

    The rank is that of Y as `torch.linalg.pinv` and `numpy.linalg.matrix_rank` count it: singular
    values of Y below max(n, k) eps times the largest are zero, eps being the precision of Y. On the
    Gram matrix that is the square, or k eps in float64 where this is larger.
    """
    # Apple's GPU has no float64; its own precision has to do there.
    exact = matrix.dtype if matrix.device.type == "mps" else torch.float64
    gram = matrix.new_zeros((matrix.shape[1],) * 2, dtype=exact)
    for rows in torch.split(matrix, _BLOCK):
        block = rows.to(exact)
        gram = gram + block.mT @ block
    rounding = max(matrix.shape) * torch.finfo(matrix.dtype).eps
    rtol = max(rounding**2, gram.shape[0] * torch.finfo(exact).eps)
    inverse: Tensor
    if upper_tri:
        inverse = torch.linalg.pinv(gram.triu(), rtol=rtol)
    else:
        inverse = torch.linalg.pinv(gram, rtol=rtol, hermitian=True)
    return inverse.to(matrix.dtype)


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


def _unit_columns(matrix: Tensor) -> Tensor:
    """Return columns divided by their Euclidean norms; zero columns stay zero."""
    norms: Tensor = torch.linalg.vector_norm(matrix, dim=0, keepdim=True)
    return matrix / norms.clamp(min=torch.finfo(matrix.dtype).tiny)

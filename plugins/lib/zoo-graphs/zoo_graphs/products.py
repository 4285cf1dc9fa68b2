"""Products that cost less than torch's own: with a constant sparse matrix, and of a matrix with
itself.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import torch
from scipy.linalg.blas import dsyrk
from torch import Tensor

from zoo_graphs.operators import sparse_matmul

_ROWS = 1024  # of a block whose float64 copy stays in the processor's cache


class Constant:
    """A sparse CSR matrix that is multiplied often and needs no gradient, with its transpose.

    PyTorch transposes a CSR matrix anew in each backward pass, which takes several times as long
    as the product itself.
    """

    def __init__(self, matrix: Tensor, *, symmetric: bool = False) -> None:
        self.matrix = matrix
        self.symmetric = symmetric

    @cached_property
    def transpose(self) -> Tensor:
        """M^T as sparse CSR, made when a gradient first asks for it."""
        return self.matrix if self.symmetric else self.matrix.t().to_sparse_csr()


def multiply(left: Tensor | Constant, right: Tensor) -> Tensor:
    """Return `left @ right` (m, b); `left` (m, n) is dense, sparse CSR or constant."""
    if isinstance(left, Constant):
        product: Tensor = _ConstantProduct.apply(left, right)
        return product
    return sparse_matmul(left, right)


class _ConstantProduct(torch.autograd.Function):
    """M B, with the gradient M^T G of B."""

    @staticmethod
    def forward(ctx: Any, constant: Constant, right: Tensor) -> Tensor:
        ctx.constant = constant
        return sparse_matmul(constant.matrix, right)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor]:
        return None, ctx.constant.transpose @ gradient.contiguous()


def gram(matrix: Tensor) -> Tensor:
    """Return Y^T Y (k, k) of a dense matrix Y (n, k), accumulated and returned in float64.

    A symmetric rank-k update, which computes one triangle: half of the operations of a product. On
    Apple's GPU, which has no float64, in the dtype of Y.
    """
    found: Tensor = _gram(matrix)
    return found


@torch.library.custom_op("zoo_graphs::gram", mutates_args=())
def _gram(matrix: Tensor) -> Tensor:
    if matrix.device.type != "cpu":
        exact = matrix.to(_exact(matrix))
        return exact.mT @ exact
    size = matrix.shape[1]
    total = np.zeros((size, size), order="F")
    block = torch.empty(min(_ROWS, len(matrix)), size, dtype=torch.float64)
    for rows in torch.split(matrix, _ROWS):
        part = block[: len(rows)].copy_(rows)
        total = dsyrk(1.0, part.numpy().T, beta=1.0, c=total, overwrite_c=1)
    upper = torch.from_numpy(total)
    return upper.triu() + upper.triu(1).mT


@_gram.register_fake
def _(matrix: Tensor) -> Tensor:
    return matrix.new_empty((matrix.shape[1],) * 2, dtype=_exact(matrix))


def _exact(matrix: Tensor) -> torch.dtype:
    return matrix.dtype if matrix.device.type == "mps" else torch.float64


def _keep_matrix(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
    ctx.save_for_backward(*inputs)


def _gradient_of_matrix(ctx: Any, gradient: Tensor) -> Tensor:
    (matrix,) = ctx.saved_tensors
    found: Tensor = matrix @ (gradient + gradient.mT).to(matrix.dtype)
    return found


_gram.register_autograd(_gradient_of_matrix, setup_context=_keep_matrix)

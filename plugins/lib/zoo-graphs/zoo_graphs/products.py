"""Products with a constant sparse matrix that are as fast backward as forward."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from zoo_graphs.operators import sparse_matmul


class Constant:
    """A sparse CSR matrix that is multiplied often and needs no gradient, with its transpose.

    PyTorch transposes a CSR matrix anew in each backward pass, which takes several times as long
    as the product itself.
    """

    def __init__(self, matrix: Tensor, *, symmetric: bool = False) -> None:
        self.matrix = matrix
        self.transpose = matrix if symmetric else matrix.t().to_sparse_csr()


def multiply(left: Tensor | Constant, right: Tensor) -> Tensor:
    """``left @ right`` (m, b) of a matrix (m, n), dense, sparse CSR or constant, and (n, b)."""
    if isinstance(left, Constant):
        product: Tensor = _ConstantProduct.apply(left, right)
        return product
    return sparse_matmul(left, right)


class _ConstantProduct(torch.autograd.Function):
    """M B, with the gradient M^T G of B."""

    @staticmethod
    def forward(ctx: Any, constant: Constant, right: Tensor) -> Tensor:
        ctx.constant = constant
        return constant.matrix @ right

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor]:
        return None, ctx.constant.transpose @ gradient.contiguous()

"""Products with a constant sparse matrix that are as fast backward as forward."""

from __future__ import annotations

from functools import cached_property
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

"""Products with constant matrices: values and gradients are those of dense ones."""

from __future__ import annotations

import pytest
import torch
from zoo_graphs.products import Constant, gram, multiply


def sparse(rows, columns, seed=0):
    generator = torch.Generator().manual_seed(seed)
    dense = torch.randn(rows, columns, generator=generator, dtype=torch.float64)
    return torch.where(dense > 0.5, dense, 0)


@pytest.mark.parametrize("shape", [(5, 7), (7, 5), (1, 4), (4, 1)])
@pytest.mark.parametrize("kind", ["dense", "csr", "constant"])
def test_products_and_gradients_are_those_of_dense_matrices(shape, kind):
    dense = sparse(*shape)
    left = {
        "dense": lambda: dense,
        "csr": dense.to_sparse_csr,
        "constant": lambda: Constant(dense.to_sparse_csr()),
    }[kind]()
    right = sparse(shape[1], 3, seed=1).requires_grad_()
    expected = dense @ right
    weights = sparse(shape[0], 3, seed=2)
    (gradient,) = torch.autograd.grad((expected * weights).sum(), right)
    found = multiply(left, right)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(torch.autograd.grad((found * weights).sum(), right)[0], gradient)


def test_gradients_agree_with_finite_differences():
    constant = Constant(sparse(6, 4).to_sparse_csr())
    right = sparse(4, 2, seed=1).requires_grad_()
    assert torch.autograd.gradcheck(lambda b: multiply(constant, b), (right,))


def test_a_symmetric_constant_keeps_one_matrix():
    square = sparse(5, 5)
    constant = Constant((square + square.T).to_sparse_csr(), symmetric=True)
    assert constant.transpose is constant.matrix
    right = sparse(5, 2, seed=1).requires_grad_()
    (found,) = torch.autograd.grad(multiply(constant, right).sum(), right)
    torch.testing.assert_close(found, (square + square.T).T @ torch.ones(5, 2).double())


@pytest.mark.parametrize("shape", [(1, 3), (3000, 7), (40, 60)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_gram_is_the_product_in_double_precision(shape, dtype):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=dtype)
    found, exact = gram(matrix), matrix.double()
    assert found.dtype == torch.float64
    torch.testing.assert_close(found, exact.mT @ exact, rtol=1e-13, atol=1e-12)
    assert torch.equal(found, found.mT)
    torch.testing.assert_close(gram(matrix.mT.contiguous().mT), found)


def test_gram_has_a_gradient_and_a_shape_for_fake_tensors():
    matrix = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    torch.library.opcheck(torch.ops.zoo_graphs.gram.default, (matrix,))
    assert torch.autograd.gradcheck(gram, (matrix,))

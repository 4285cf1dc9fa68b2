"""Graph operators against their dense definitions, and on tensors that only pretend to be there."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch._subclasses.fake_tensor import FakeTensorMode
from zoo_graphs.operators import check_edges, csr_tensor, operator_matrix, sparse_matmul
from zoo_graphs.products import Constant, multiply

KINDS = ("adj", "lap", "rw")
F64 = torch.float64


def random_edges(seed, n=40, m=90):
    """A connected graph: a ring with chords."""
    generator = torch.Generator().manual_seed(seed)
    ring = torch.stack([torch.arange(n), (torch.arange(n) + 1) % n])
    return torch.cat([ring, torch.randint(0, n, (2, m), generator=generator)], dim=1)


def close(first, second, tolerance=1e-8):
    torch.testing.assert_close(first, second, atol=tolerance, rtol=tolerance)


@given(st.integers(0, 10**6), st.sampled_from(KINDS))
def test_operator_equals_its_dense_definition(seed, kind):
    edges = random_edges(seed)
    dense = torch.zeros(40, 40, dtype=F64)
    dense[edges[0], edges[1]] = dense[edges[1], edges[0]] = 1
    dense.fill_diagonal_(1)
    degree = dense.sum(1)
    if kind == "lap":
        dense = dense / (degree[:, None] * degree[None, :]).sqrt()
    elif kind == "rw":
        dense = dense / degree[:, None]
    for given_edges in (edges, edges.flip(0), torch.cat([edges, edges.flip(0)], dim=1)):
        close(operator_matrix(given_edges, 40, kind, dtype=F64).to_dense(), dense)


def test_no_edges_at_all_gives_the_identity():
    operator = operator_matrix(torch.empty(2, 0, dtype=torch.long), 3, "lap")
    close(operator.to_dense(), torch.eye(3))


def test_edge_weights_are_symmetric_and_unit_weights_change_nothing():
    edges = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 2]])
    weighted = operator_matrix(edges, 3, "adj", edge_weight=torch.tensor([2.0, 3.0, 0.5, 9.0]))
    expected = torch.tensor([[1, 3, 0], [3, 1, 0.5], [0, 0.5, 1]])
    close(weighted.to_dense(), expected)
    for kind in KINDS:
        ones = operator_matrix(edges, 3, kind, edge_weight=torch.ones(4)).to_dense()
        close(ones, operator_matrix(edges, 3, kind).to_dense())


@pytest.mark.parametrize(
    ("edges", "kind", "message"),
    [
        (torch.tensor([[0], [3]]), "adj", "0..2"),
        (torch.tensor([[-1], [0]]), "adj", "-1"),
        (torch.zeros(3, 2, dtype=torch.long), "adj", r"\(2, m\)"),
        (torch.tensor([[0], [1]]), "laplacian", "unknown operator"),
    ],
)
def test_malformed_operators_are_refused(edges, kind, message):
    with pytest.raises(ValueError, match=message):
        operator_matrix(edges, 3, kind)
    if kind == "adj":
        with pytest.raises(ValueError, match=message):
            check_edges(edges, 3)


def test_each_edge_has_one_weight():
    edges = torch.tensor([[0, 1], [1, 2]])
    check_edges(edges, 3, torch.ones(2))
    with pytest.raises(ValueError, match=r"must be \(2,\)"):
        check_edges(edges, 3, torch.ones(3))
    with pytest.raises(ValueError, match=r"must be \(2,\)"):
        operator_matrix(edges, 3, "adj", edge_weight=torch.ones(3))


@pytest.mark.parametrize("kind", KINDS)
def test_weights_and_vectors_have_gradients(kind):
    edges = random_edges(3, 12, 20)
    generator = torch.Generator().manual_seed(4)
    weight = (0.5 + torch.rand(32, generator=generator, dtype=F64)).requires_grad_()
    right = torch.randn(12, 2, generator=generator, dtype=F64, requires_grad=True)

    def twice(weight, right):
        operator = operator_matrix(edges, 12, kind, edge_weight=weight, dtype=F64)
        return sparse_matmul(operator, sparse_matmul(operator, right))

    assert torch.autograd.gradcheck(twice, (weight, right))
    torch_own = operator_matrix(edges, 12, kind, edge_weight=weight, dtype=F64) @ right
    ours = sparse_matmul(operator_matrix(edges, 12, kind, edge_weight=weight, dtype=F64), right)
    close(torch.autograd.grad(torch_own.sum(), weight), torch.autograd.grad(ours.sum(), weight))


def test_fake_tensors_of_a_device_that_is_not_there_pass_through():
    mode = FakeTensorMode(allow_non_fake_inputs=True)

    def fake(tensor):
        found = mode.from_tensor(tensor)
        with mode:
            return found.to("cuda")

    edges, weight, right = fake(random_edges(0)), fake(torch.ones(130)), fake(torch.ones(40, 3))
    with mode:
        for given_weight in (None, weight):
            operator = operator_matrix(edges, 40, "lap", edge_weight=given_weight)
            product = multiply(Constant(operator), sparse_matmul(operator, right))
            assert (product.device.type, product.shape) == ("cuda", (40, 3))
        with pytest.raises(RuntimeError, match="cuda"):
            sparse_matmul(operator, torch.ones(40, 3))
        with pytest.raises(RuntimeError, match="cpu"):
            csr_tensor(torch.zeros(2, dtype=torch.long), edges[0, :1], weight[:1], (1, 40))

"""Gates: what they may give, and what they may not."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_visualsem_kg.gates import EdgeGates, Gate, NodeGates


def made(cls, *arguments, seed=0):
    torch.manual_seed(seed)
    return cls(*arguments)


def vectors(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@given(seed=st.integers(0, 999))
def test_a_gated_vector_lies_between_the_two(seed):
    gate, e, x = made(Gate, 5, 3, seed=seed), vectors(7, 5, seed=seed), vectors(7, 3, seed=seed + 1)
    p = gate.project(x)
    a = gate.openness(e, p)
    assert bool(((a > 0) & (a < 1)).all()) and a.shape == (7, 1)
    assert torch.allclose(gate(e, x), e + a * (p - e), atol=1e-6)


@pytest.mark.parametrize(("bias", "end"), [(1e4, "features"), (-1e4, "learned")])
def test_a_gate_that_is_open_or_shut(bias, end):
    gate, e, x = made(Gate, 5, 3), vectors(7, 5), vectors(7, 3, seed=2)
    torch.nn.init.constant_(gate.mlp[-1].bias, bias)
    expected = gate.project(x) if end == "features" else e
    assert torch.allclose(gate(e, x), expected, atol=1e-6)


def test_entities_without_features_are_as_learned():
    gate, e, x = made(Gate, 5, 3), vectors(4, 5), vectors(4, 3, seed=2)
    mask = torch.tensor([True, False, True, False])
    assert torch.equal(gate(e, x, mask)[~mask], e[~mask])
    assert not torch.allclose(gate(e, x, mask)[mask], e[mask])


def test_both_with_half_of_an_identity_is_the_image_alone():
    both, mask = made(NodeGates, 5, "both", 3, 4), torch.ones(6, dtype=torch.bool)
    with torch.no_grad():
        both.join.weight.copy_(torch.cat([torch.eye(5), torch.zeros(5, 5)], 1))
        both.join.bias.zero_()
    image = NodeGates(5, "image", 3, 4)
    image.image.load_state_dict(both.image.state_dict())
    e, gloss, picture = vectors(6, 5), (vectors(6, 3), mask), (vectors(6, 4), mask)
    assert torch.allclose(both(e, gloss, picture), image(e, None, picture), atol=1e-6)
    assert torch.equal(NodeGates(5, "node", 3, 4)(e, gloss, picture), e)


def test_edge_gates_are_symmetric_in_both_ends():
    gates = made(EdgeGates, 5, 3)
    heads, tails, w = vectors(6, 5), vectors(6, 5, seed=2), vectors(6, 5, seed=3)
    assert torch.allclose(gates(heads, tails, w), gates(tails, heads, w))


def test_gated_scores_are_those_of_each_pair_s_own_relation():
    torch.manual_seed(0)
    gates = EdgeGates(5, 3)
    given, others, z_given, z_others, w = (torch.randn(n, 5) for n in (4, 6, 4, 6, 4))
    expected = (gates(given[:, None], others, w[:, None]) * z_given[:, None] * z_others).sum(-1)
    found = gates.scores(given, others, z_given, z_others, w)
    assert torch.allclose(found, expected, atol=1e-5)

"""Messages: means over neighbours, attention, and that nothing hangs on the entities' numbers."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_visualsem_kg.convolutions import (
    AttentionConv,
    AttentionEncoder,
    SageConv,
    SageEncoder,
    message_edges,
)


def vectors(*shape, seed=1):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def identity(n):
    layer = SageConv(n, n)
    with torch.no_grad():
        layer.linear.weight.copy_(torch.eye(n))
        layer.linear.bias.zero_()
    return layer


def test_a_mean_over_neighbours_and_oneself():
    h = vectors(5, 3)
    nothing = torch.empty(2, 0, dtype=torch.long)
    assert torch.allclose(identity(3)(h, nothing), h)
    complete = torch.tensor([(i, j) for i in range(5) for j in range(5) if i != j]).T
    assert torch.allclose(identity(3)(h, complete), h.mean(0).expand(5, -1), atol=1e-6)
    assert torch.allclose(identity(3)(torch.ones(5, 3), complete[:, ::3]), torch.ones(5, 3))
    twice = torch.tensor([[1, 1], [0, 0]])
    assert torch.allclose(identity(3)(h, twice)[0], (h[0] + 2 * h[1]) / 3, atol=1e-6)


def test_attention_sums_to_one_and_is_a_mean_where_it_cannot_tell():
    torch.manual_seed(0)
    layer, h = AttentionConv(3, 4, heads=2), vectors(6, 3)
    edges = torch.tensor([[0, 1, 2, 3, 4, 0], [1, 2, 1, 1, 2, 5]])
    z = torch.einsum("ni,hio->nho", h, layer.weight)
    weights = layer.attention(z, edges)
    total = torch.zeros(6, 2).index_add(0, edges[1], weights)
    assert torch.allclose(total[[1, 2, 5]], torch.ones(3, 2))
    torch.nn.init.zeros_(layer.attend)
    found = layer(h, edges).view(6, 2, 4)
    assert torch.allclose(found[1], z[[0, 2, 3]].mean(0), atol=1e-6)
    assert not found[[0, 3, 4]].any()


@pytest.mark.parametrize("name", ["sage", "gat"])
@given(seed=st.integers(0, 99))
def test_renumbered_entities_have_renumbered_vectors(name, seed):
    torch.manual_seed(seed)
    encoder = SageEncoder(4, 0.3, True) if name == "sage" else AttentionEncoder(4, 0.3, True, True)
    encoder.eval()
    generator = torch.Generator().manual_seed(seed)
    h, order = vectors(8, 4, seed=seed), torch.randperm(8, generator=generator)
    triples = torch.randint(8, (20, 3), generator=generator)
    place = torch.argsort(order)
    moved = torch.stack([place[triples[:, 0]], triples[:, 1], place[triples[:, 2]]], 1)
    assert torch.allclose(
        encoder(h[order], message_edges(moved)), encoder(h, message_edges(triples))[order],
        atol=1e-5,
    )  # fmt: skip


def test_messages_go_one_way_or_both():
    triples = torch.tensor([[0, 0, 1]])
    assert message_edges(triples, both_ways=False).tolist() == [[0], [1]]
    assert message_edges(triples).tolist() == [[0, 1], [1, 0]]

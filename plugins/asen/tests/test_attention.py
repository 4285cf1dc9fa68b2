"""The layer: what it computes, what it commutes with, and its two forms."""

from __future__ import annotations

import pytest
import torch
import zoo_symmetry as zs
from torch import Tensor
from torch.nn import functional
from zoo_asen.attention import ColouredGATv2, ColouredStack
from zoo_asen.colours import as_group, colour_count, pair_colours

from zoo_core import BadInput

LOOPS = pytest.mark.parametrize("self_loop", ["mean", "orbit"])


def random(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def transcribed(layer: ColouredGATv2, points: Tensor, table: Tensor, colours: Tensor) -> Tensor:
    """The formula, word by word, for points (n, h) of one sample."""
    n, (heads, d) = len(points), layer.score.shape
    out = torch.zeros_like(points)
    for i in range(n):
        incoming = [table[colours[j, i]] for j in range(n)]
        if layer.self_loop == "mean":
            incoming[i] = torch.stack([e for j, e in enumerate(incoming) if j != i]).mean(0)
        for k in range(heads):
            part = slice(k * d, (k + 1) * d)
            scores = torch.stack(
                [
                    layer.score[k]
                    @ functional.leaky_relu(
                        layer.source(points[j]) + layer.target(points[i]) + layer.edge(e), 0.2
                    )[part]
                    for j, e in enumerate(incoming)
                ]
            )
            sent = torch.stack([layer.source(points[j])[part] for j in range(n)])
            out[i, part] = scores.softmax(0) @ sent
    return out + layer.bias


@LOOPS
@torch.no_grad()
def test_the_layer_is_the_formula(self_loop):
    torch.manual_seed(0)
    layer = ColouredGATv2(8, 2, 3, self_loop)
    layer.bias.copy_(random(8))
    colours = pair_colours(zs.cyclic(5))
    points, table = random(5, 8), random(5, 3)
    expected = transcribed(layer, points, table, colours)
    assert torch.allclose(layer(points, table, colours), expected, atol=1e-6)
    # Colours have a direction: another one is another layer.
    turned = layer(points, table, colours.T)
    assert not torch.allclose(turned, expected, atol=1e-3)


@torch.no_grad()
def test_the_layer_is_that_of_torch_geometric():
    geometric = pytest.importorskip("torch_geometric.nn")
    layer = ColouredGATv2(16, 4)
    other = geometric.GATv2Conv(16, 4, heads=4, edge_dim=16)
    other.lin_l.load_state_dict(layer.source.state_dict())
    other.lin_r.load_state_dict(layer.target.state_dict())
    other.lin_edge.load_state_dict(layer.edge.state_dict())
    other.att.copy_(layer.score[None])
    points, table, colours = random(10, 16), random(50, 16), pair_colours(zs.reversal(10))
    every = torch.cartesian_prod(torch.arange(10), torch.arange(10)).T
    some = every[:, torch.randperm(100, generator=torch.Generator().manual_seed(0))[:40]]
    for edges, given in ((every, None), (every, every), (some, some)):
        features = table[colours[edges[0], edges[1]]]
        found = layer(points, table, colours, given)
        assert torch.allclose(found, other(points, edges, features), atol=1e-5)


@LOOPS
@torch.no_grad()
def test_both_forms_are_equal(self_loop):
    layer = ColouredGATv2(8, 2, 8, self_loop)
    points, table, colours = random(2, 3, 6, 8), random(6, 8), pair_colours(zs.cyclic(6))
    every = torch.cartesian_prod(torch.arange(6), torch.arange(6)).T
    dense = layer(points, table, colours)
    assert torch.allclose(layer(points, table, colours, every), dense, atol=1e-6)
    # A point that nothing comes into has itself.
    alone = layer(points, table, colours, torch.tensor([[0], [1]]))
    assert torch.isfinite(alone).all()
    assert torch.allclose(alone[..., 5, :], layer.source(points)[..., 5, :] + layer.bias)


@LOOPS
@pytest.mark.parametrize("name", ["trivial", "reversal", "cyclic", "dihedral", "halves"])
@torch.no_grad()
def test_the_stack_commutes_with_the_group_and_not_with_others(self_loop, name):
    torch.manual_seed(0)
    group = as_group(name, 6)
    colours = pair_colours(group)
    stack = ColouredStack(16, 2, 4, 5, self_loop)
    points, table = random(2, 6, 16), random(colour_count(colours), 5)

    def function(x: Tensor) -> Tensor:
        return stack(x, table, colours)

    assert zs.equivariance_error(function, group, points) < 1e-5
    outside = (3, 1, 2, 0, 4, 5) if name == "halves" else (1, 0, 3, 2, 4, 5)
    beyond = zs.PermutationGroup(6, (outside,))
    assert zs.equivariance_error(function, beyond, points) > 1e-3
    equal = table[:1].expand(len(table), -1)
    everything = zs.symmetric(6)
    assert zs.equivariance_error(lambda x: stack(x, equal, colours), everything, points) < 1e-5


@LOOPS
@torch.no_grad()
def test_finer_colours_emulate_coarser_ones_and_colours_may_be_a_batch_s(self_loop):
    stack = ColouredStack(16, 2, 4, 5, self_loop)
    coarse, fine = pair_colours(zs.dihedral(6)), pair_colours(zs.trivial(6))
    points, table = random(2, 6, 16), random(4, 5)
    copied = table[coarse.flatten()]
    expected = stack(points, table, coarse)
    assert torch.equal(stack(points, copied, fine), expected)
    # Tables of two groups in one, each sample with its own colours.
    both = torch.cat([table, copied])
    mixed = stack(points, both, torch.stack([coarse, fine + 4]))
    assert torch.allclose(mixed, expected, atol=1e-6)


def test_what_makes_no_layer_is_refused():
    with pytest.raises(BadInput, match="divide"):
        ColouredGATv2(10, 4)
    with pytest.raises(BadInput, match="'mean' or 'orbit'"):
        ColouredGATv2(8, 4, self_loop="none")

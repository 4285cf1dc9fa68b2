"""Equivariant linear layers: all maps of the group and no other, ties, and what is refused."""

from __future__ import annotations

import pytest
import torch
from zoo_asen.colours import as_group, colour_count, pair_colours
from zoo_asen.linear import LinearStack
from zoo_symmetry import act, equivariance_error

import zoo
from zoo_core import BadInput

GROUPS = ("trivial", "reversal", "cyclic", "dihedral", "halves", "symmetric")


def stack(n=6, channels=4, layers=2):
    torch.manual_seed(0)
    return LinearStack(channels, layers, n).double().eval()


def table_of(module, count):
    table = torch.randn(count, module.width, dtype=torch.float64)
    return 0.2 * table


def one_layer(module, points, table, colours):
    """The sums of one layer, pair by pair."""
    weights = table.view(len(table), module.channels + 1, module.channels)
    found = torch.zeros_like(points)
    for i in range(points.shape[1]):
        found[:, i] += weights[colours[i, i], -1]
        for j in range(points.shape[1]):
            found[:, i] += points[:, j] @ weights[colours[j, i], :-1]
    return points + module.norms[0](found).relu()


@pytest.mark.parametrize("name", GROUPS)
def test_it_commutes_with_its_group(name):
    module, group = stack(), as_group(name, 6)
    colours = pair_colours(group)
    table, points = table_of(module, colour_count(colours)), torch.randn(3, 6, 4).double()
    found = equivariance_error(lambda x: module(x, table, colours), group, points)
    assert found < 1e-12
    outside = (1, 0, *range(2, 6))
    if not torch.equal(colours[list(outside)][:, list(outside)], colours):
        moved = module(act(outside, points), table, colours)
        assert not torch.allclose(moved, act(outside, module(points, table, colours)), atol=1e-3)


def test_it_is_the_sum_over_pairs():
    module, colours = stack(layers=1), pair_colours(as_group("cyclic", 6))
    table, points = table_of(module, colour_count(colours)), torch.randn(2, 6, 4).double()
    expected = one_layer(module, points, table, colours)
    assert torch.allclose(module(points, table, colours), expected)
    several = module(points, table, torch.stack([colours, colours]))
    assert torch.allclose(several, expected)


def test_larger_groups_are_served_by_means_of_matrices():
    shape = {"hidden": 8, "layers": 2, "tokens": 4, "base": "linear"}
    module = zoo.create("asen", n=5, group="cyclic", **shape).eval()
    x = torch.tensor([[0, 1, 2, 3, 1]])
    own = module(x, *module.colours())
    assert torch.allclose(module(x.roll(1, 1), *module.colours()), own.roll(1, 1), atol=1e-5)
    assert not torch.allclose(module(x.flip(1), *module.colours()), own.flip(1), atol=1e-3)
    larger = module(x, *module.colours(group="dihedral"))
    flipped = module(x.flip(1), *module.colours(group="dihedral"))
    assert torch.allclose(flipped, larger.flip(1), atol=1e-5)
    assert module.edges.weight.shape == (5, 2 * 9 * 8)


def test_what_is_no_base_and_what_is_too_large_is_refused():
    with pytest.raises(BadInput, match="expected one of attention, linear"):
        zoo.create("asen", base="mlp")
    with pytest.raises(BadInput, match="Make hidden smaller"):
        zoo.create("asen", n=200, base="linear")

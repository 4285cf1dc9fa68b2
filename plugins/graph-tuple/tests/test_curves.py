"""Curves read from tables: as exact as said, in values and in gradients."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from zoo_graph_tuple.curves import read, spots_of
from zoo_graph_tuple.gine.expanded import Expanded
from zoo_molecules.expansions import Expansion


def test_a_line_between_knots_is_exact():
    curve = torch.tensor([[0.0], [1.0], [4.0]], dtype=torch.float64)
    at = torch.tensor([-1.0, 0.0, 0.25, 1.5, 2.0, 9.0], dtype=torch.float64)
    assert read(curve, spots_of(at, 3))[:, 0].tolist() == [0, 0, 0.25, 2.5, 4, 4]


def test_gradients_are_those_of_the_interpolation():
    curve = torch.randn(6, 3, dtype=torch.float64, requires_grad=True)
    at = torch.tensor([0.3, 2.7, 4.1, 2.2], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda c, a: read(c, spots_of(a, 6)), (curve, at))


@pytest.mark.parametrize("kind", ["fitted", "paper"])
def test_a_table_gives_the_linear_map_of_the_expansion(kind):
    generator = torch.Generator().manual_seed(0)
    values = torch.cat([torch.rand(500, generator=generator) * 50, torch.tensor([388.0, 0.5])])
    expansion = Expansion(kind).fit(values)
    table, linear = Expanded(expansion), nn.Linear(expansion.width, 8)
    with torch.no_grad():
        given = torch.cat([values, torch.tensor([1e-3, 1e4])])
        gap = table(linear, table.spots(given)) - linear(expansion(given))
    bound = 1e-4 * linear.weight.detach().abs().max() * expansion.width
    assert bool((gap.abs() < bound).all())

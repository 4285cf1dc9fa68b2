"""Curves and their tables: sums are what the curve gives, within the error that is asked for."""

from __future__ import annotations

import pytest
import torch
from zoo_invariant_features.univariate import Univariate, tabulated, tally

from zoo_core import BadInput


@pytest.fixture
def curve():
    torch.manual_seed(0)
    found = Univariate("fitted", 16, 8, 5).double()
    found.expansion.fit(torch.logspace(-1, 2, 50))
    return found


def scalars(count=400):
    generator = torch.Generator().manual_seed(1)
    values = torch.exp(3 * torch.rand(count, generator=generator, dtype=torch.float64))
    owner = torch.randint(0, 7, (count,), generator=generator).sort().values
    return values, owner


def sums(curve, values, owner, count=7):
    found = torch.zeros(count, 5, dtype=torch.float64)
    return found.index_add(0, owner, curve(values).detach())


def test_a_table_adds_up_what_the_curve_gives(curve):
    values, owner = scalars()
    table = tabulated(curve, curve.expansion, 1e-6)
    exact = sums(curve, values, owner)
    assert torch.allclose(table.sums(values, owner, 7), exact, rtol=1e-5, atol=1e-4)
    coarse = tabulated(curve, curve.expansion, 1e-2)
    assert len(coarse.table) <= len(table.table)


def test_beyond_the_table_the_curve_itself_is_asked(curve):
    values = torch.tensor([-1e6, 0.0, 5.0, 1e9], dtype=torch.float64)
    owner = torch.tensor([0, 0, 1, 3])
    table = tabulated(curve, curve.expansion, 1e-6)
    exact = sums(curve, values, owner, 4)
    assert torch.allclose(table.sums(values, owner, 4), exact, atol=1e-5)
    assert float(exact[2].abs().max()) == 0


def test_a_tally_is_exact_for_few_values_and_near_for_many(curve):
    values, owner = scalars()
    exact = sums(curve, values, owner)
    few = values.round()
    found = tally(few, owner, 7, curve.expansion, 64)
    assert len(found.values) < 30
    assert torch.equal(found.weights.sum(1).long(), torch.bincount(owner, minlength=7))
    shared = found.weights.double() @ curve(found.values.double()).detach()
    assert torch.allclose(shared, sums(curve, few, owner), atol=1e-5)
    for knots, error in ((32, 0.5), (256, 0.02)):
        found = tally(values, owner, 7, curve.expansion, knots)
        assert len(found.values) == knots
        shared = found.weights.double() @ curve(found.values.double()).detach()
        assert float((shared - exact).abs().max()) < error
        # Linear interpolation keeps the sum of t itself.
        t = curve.expansion.warp
        expected = torch.zeros(7, dtype=torch.float64).index_add(0, owner, t(values))
        assert torch.allclose(
            found.weights.double() @ t(found.values.double()), expected, rtol=1e-4
        )


def test_a_table_that_cannot_be_fine_enough_is_refused(curve):
    with pytest.raises(BadInput, match="knots is not within"):
        tabulated(curve, curve.expansion, 0.0)

"""Expansions: where they are half, that they rise, and where the published one is blind."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_molecules.expansions import Expansion

from zoo_core import BadInput


def test_the_published_one_is_half_at_its_offsets():
    rows = Expansion("paper")(torch.tensor([-49.0, 0.0, 49.0]))
    assert rows.shape == (3, 99)
    assert [float(rows[k, place]) for k, place in enumerate((0, 49, 98))] == [0.5] * 3


def test_the_published_one_is_blind_beyond_its_range():
    rows = Expansion("paper").double()(torch.tensor([1000.0, 2000.0]).double())
    assert float((rows[0] - rows[1]).abs().max()) < 1e-12


def test_the_fitted_one_tells_the_same_numbers_apart():
    scalars = torch.tensor([437.0, 21_533.0, 122_255.0])
    expansion = Expansion("fitted", 64).fit(scalars)
    rows = expansion(scalars)
    assert float((rows[0] - rows[1]).abs().max()) > 0.5
    assert float((rows[1] - rows[2]).abs().max()) > 0.5
    assert float(rows[0, 0]) == pytest.approx(0.5) and float(rows[2, -1]) == pytest.approx(0.5)


@given(
    st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=20), st.sampled_from(["paper", "fitted"])
)
def test_rows_rise_with_the_number(numbers, kind):
    scalars = torch.tensor(numbers, dtype=torch.float64).sort().values
    expansion = Expansion(kind, 16).double().fit(scalars)
    assert bool((expansion(scalars).diff(dim=0) >= -4 * torch.finfo(torch.float64).eps).all())
    assert torch.allclose(expansion.unwarp(expansion.warp(scalars)), scalars, rtol=1e-9, atol=1e-9)


def test_raw_scalars_have_mean_0_and_spread_1():
    scalars = torch.tensor([1.0, 2.0, 6.0])
    found = Expansion("none").fit(scalars)(scalars)[:, 0]
    assert float(found.mean()) == pytest.approx(0, abs=1e-6)
    assert float(found.std(correction=0)) == pytest.approx(1)
    alike = Expansion("none").fit(torch.ones(4))(torch.ones(4))
    assert bool(alike.isfinite().all())


def test_what_is_fitted_travels():
    expansion = Expansion("fitted", 8).fit(torch.tensor([0.5, 3.0, 70.0]))
    again = Expansion("fitted", 8)
    again.load_state_dict(expansion.state_dict())
    assert torch.equal(again(torch.tensor([2.0])), expansion(torch.tensor([2.0])))


def test_what_is_no_expansion_is_refused():
    for bad in (lambda: Expansion("log"), lambda: Expansion("fitted", 1)):
        with pytest.raises(BadInput, match="expected"):
            bad()
    for bad in (torch.zeros(0), torch.tensor([float("nan")])):
        with pytest.raises(BadInput, match="numbers"):
            Expansion("fitted").fit(bad)

"""Losses of conditions: ranges, scales, what gradients do, and what statistics give back."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_world_guidance.conditions import Conditions, cosine_distance, mean_share

from zoo_core import BadInput


def pair(seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, 6, 4, 8, generator=generator, dtype=torch.float64)


@settings(max_examples=8)
@given(seed=st.integers(0, 99), scale=st.floats(0.01, 100))
def test_one_minus_cosine_has_its_range_and_knows_no_scale(seed, scale):
    said, true = pair(seed)
    found = cosine_distance(said, true)
    assert bool(((found >= 0) & (found <= 2)).all())
    torch.testing.assert_close(cosine_distance(scale * said, true), found)
    torch.testing.assert_close(cosine_distance(said, scale * true), found)
    torch.testing.assert_close(cosine_distance(scale * true, true), torch.zeros(6).double())


@settings(max_examples=8)
@given(seed=st.integers(0, 99))
def test_the_gradient_of_the_cosine_is_orthogonal_to_the_prediction(seed):
    said, true = pair(seed)
    said.requires_grad_()
    (gradient,) = torch.autograd.grad(cosine_distance(said, true).sum(), said)
    torch.testing.assert_close((gradient * said).sum(-1), torch.zeros(6, 4).double())


@settings(max_examples=8)
@given(seed=st.integers(0, 99))
def test_the_centred_loss_of_the_mean_is_one_and_of_the_truth_zero(seed):
    _, true = pair(seed)
    known = Conditions(4, 8, "centred").double()
    known.measure(true)
    assert float(known.distance(torch.zeros_like(true), true).mean()) == pytest.approx(1)
    exact = (true - known.mean) / known.spread
    assert float(known.distance(exact, true).max()) < 1e-12
    torch.testing.assert_close(known.injected(exact), true)


def test_injected_predictions_have_the_norm_of_the_data():
    said, true = pair(0)
    known = Conditions(4, 8, "written").double()
    known.measure(true)
    norms = known.injected(said).norm(dim=-1)
    torch.testing.assert_close(norms, true.norm(dim=-1).mean(0).expand(6, 4))


def test_targets_carry_no_gradient():
    said, true = pair(0)
    true.requires_grad_(), said.requires_grad_()
    for loss in ("written", "centred"):
        Conditions(4, 8, loss).double().distance(said, true).sum().backward()
    assert true.grad is None and said.grad is not None


def test_the_share_of_the_mean_is_all_of_what_never_changes():
    constant = torch.ones(5, 4, 8)
    assert mean_share(constant) == pytest.approx(1)
    assert mean_share(torch.cat([constant, -constant])) == pytest.approx(0)
    with pytest.raises(BadInput, match="written or centred"):
        Conditions(4, 8, "cosine")

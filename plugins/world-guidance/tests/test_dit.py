"""The action head: zero at first, injections, dropped conditions, batches, published sizes."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_world_guidance.dit import ActionHead

from zoo_core import BadInput

SMALL = {"actions": 2, "horizon": 8, "cognition": 6, "width": 16, "depth": 2, "heads": 2}


def head(**more):
    torch.manual_seed(0)
    return ActionHead(**{**SMALL, **more}).eval()


def awake(module, *, but=()):
    """Give the output weights, and all but some others too, so that nothing is zero by chance."""
    for name, parameter in module.named_parameters():
        if not any(part in name for part in but):
            torch.nn.init.normal_(parameter, std=0.2)
    return module


@settings(max_examples=8)
@given(seed=st.integers(0, 99))
def test_the_velocity_is_zero_at_first(seed):
    module = head(condition=4, condition_dropout=0.1)
    inputs = module.example_inputs(seed)
    assert not module(*inputs).any()


@settings(max_examples=8)
@given(seed=st.integers(0, 99))
def test_a_zero_injection_is_the_base_model_for_every_condition(seed):
    guided = awake(head(condition=4), but=("cross.out",))
    base = head()
    state = {
        name: value for name, value in guided.state_dict().items() if name in base.state_dict()
    }
    base.load_state_dict(state)
    x, t, z, condition = guided.example_inputs(seed)
    assert torch.equal(guided(x, t, z, condition * 100), base(x, t, z))


def test_a_dropped_feature_is_not_heard_and_others_are():
    module = awake(head())
    x, t, z = module.example_inputs(0)
    heard = module.heard(None, 2)
    dropped = torch.tensor([True, False])
    first, second = (module.velocity(x, t, one, heard, dropped) for one in (z, z + 1))
    assert torch.equal(first[0], second[0])
    assert not torch.allclose(first[1], second[1])


def test_rows_do_not_hear_each_other():
    module = awake(head(condition=4))
    inputs = module.example_inputs(0)
    alone = torch.cat([module(*(one[row : row + 1] for one in inputs)) for row in range(2)])
    torch.testing.assert_close(module(*inputs), alone)


def test_a_null_condition_needs_a_dropout():
    x, t, z, _ = head(condition=4).example_inputs(0)
    with pytest.raises(BadInput, match="no null condition"):
        head(condition=4)(x, t, z)
    assert head(condition=4, condition_dropout=0.1)(x, t, z).shape == (2, 8, 2)


def test_gradients_reach_queries_and_keys_unless_they_are_released():
    found = {}
    for kind in ("learning", "released"):
        module = head(condition=4, injection=kind)
        torch.nn.init.normal_(module.out.weight)
        optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            module(*module.example_inputs(0)).square().sum().backward()
            optimizer.step()
        query = module.blocks[0].injection.cross.query.weight
        found[kind] = float(query.grad.abs().max())
    assert found["released"] == 0.0 < found["learning"]


@pytest.mark.parametrize("wrong", [{"patch": 3}, {"heads": 3}, {"injection": "none"}], ids=str)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(BadInput):
        head(**wrong)

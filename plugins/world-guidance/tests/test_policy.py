"""The policy as a module: arms, what it is told of bodies, conditions, batches."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_world_guidance.specs.models import BODY

from zoo_core import BadInput, create

from .conftest import UNITS


def test_a_body_is_told_by_its_turned_corners():
    scale = {"q01": [0.0, 0, 0, 0, -3.0], "q99": [512.0, 512, 512, 512, 3.0]}
    module = create(
        "wog-policy", **BODY, statistics={"states": scale, "actions": UNITS["actions"]}, history=1
    )
    states = torch.tensor([[[10.0, 20, 300, 200, 0.7]]])
    told = module.described(states)[0]
    offsets = told[7:].reshape(8, 2) * 256
    cos, sin = np.cos(0.7), np.sin(0.7)
    expected = torch.tensor([[cos * x - sin * y, sin * x + cos * y] for x, y in BODY["points"]])
    torch.testing.assert_close(offsets, expected.float(), atol=1e-3, rtol=0)
    torch.testing.assert_close(told[5:7], torch.tensor([np.cos(0.7), np.sin(0.7)]).float())


def test_explicit_policies_hear_what_they_predict_and_implicit_ones_do_not(tiny):
    for guidance, hears in (("explicit", True), ("implicit", False)):
        module = tiny(guidance=guidance)
        inputs = module.example_inputs(0)
        plain = module(*inputs)
        module.oformer.out.bias.data += 3
        assert torch.equal(module(*inputs), plain) is not hears, guidance


def test_stage_one_hears_the_future_and_without_one_its_null_condition(tiny):
    module = tiny(guidance="oracle")
    states, noise, _ = module.example_inputs(0)
    hidden = module.hidden(states)
    future = torch.randn(2, 3, 4, 1, 3)
    said = [module.sampled(hidden, module.heard(hidden, one)[0], noise) for one in future]
    assert not torch.allclose(said[0], said[1])
    assert torch.equal(
        module.sample(states, noise), module.sampled(hidden, module.heard(hidden)[0], noise)
    )


def test_rows_are_independent_and_unseen_numbers_change_nothing(tiny):
    module = tiny(seen=[0, 2])
    states, noise, _ = module.example_inputs(0)
    whole = module.sample(states, noise)
    alone = torch.cat([module.sample(states[n : n + 1], noise[n : n + 1]) for n in range(3)])
    torch.testing.assert_close(whole, alone)
    other = states.clone()
    other[..., 1] += 100
    assert torch.equal(module.sample(other, noise), whole)


def test_without_its_feature_a_policy_says_the_same_whatever_it_sees(tiny):
    for scale, same in ((0.0, True), (1.0, False), (2.0, False)):
        module = tiny(guidance="none", scale=scale)
        states, noise, _ = module.example_inputs(0)
        both = [module.sample(one, noise) for one in (states, states + 1)]
        assert torch.allclose(*both) is same, scale


@pytest.mark.parametrize(
    "wrong",
    [
        {"guidance": "some"}, {"execute": 17}, {"seen": [3]}, {"seen": []}, {"loss": "l1"},
        {"tokens": 0}, {"width": 15}, {"head_depth": 0}, {"cameras": 4}, {"ratio": 0.0},
        {"scale": float("nan")}, {"statistics": {"states": UNITS["states"]}},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_none_is_refused(tiny, wrong):
    with pytest.raises(BadInput):
        tiny(**wrong)

"""Chunks of actions: what is done when, and the ensemble's invariants."""

from collections import namedtuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_policies.chunks import Chunks, ensemble_weights, policy_of
from zoo_policies.observations import Observation, taken

from zoo_core import BadInput

HORIZON = 6


def seen(step, seeds=(1, 2), size=3):
    states = torch.full((len(seeds), 1, size), float(step)) + torch.tensor(seeds)[:, None, None]
    return Observation(states, torch.tensor(seeds), torch.full((len(seeds),), step))


def plan(observation):
    """The k-th action of a chunk planned at step t of seed s is 100 s + 10 t + k."""
    first = 100.0 * observation.seeds + 10 * observation.steps
    return first[:, None, None] + torch.arange(HORIZON)[:, None].float()


@given(st.lists(st.floats(-5, 5), min_size=6, max_size=6), st.floats(0, 3), st.integers(1, 3))
def test_weights_of_an_ensemble(numbers, alpha, known):
    actions = torch.tensor(numbers).reshape(1, 3, 2)
    mask = torch.arange(3)[None] < known
    weights = ensemble_weights(actions, alpha, mask)
    assert float(weights.sum()) == pytest.approx(1, abs=1e-6)
    assert not weights[~mask].any()
    if alpha == 0:
        assert torch.allclose(weights[mask], torch.tensor(1 / known))
    same = ensemble_weights(actions[:, :1].expand(-1, 3, -1), alpha)
    assert torch.allclose(same, torch.tensor(1 / 3))


@given(st.integers(1, HORIZON), st.integers(1, 7), st.floats(0, 2))
def test_equal_predictions_are_executed_as_they_are(execute, ensemble, alpha):
    def same(observation):
        return torch.tensor([1.5, -2.0]).expand(len(observation), HORIZON, 2)

    policy, state = Chunks(same, execute=execute, ensemble=ensemble, alpha=alpha), None
    for step in range(9):
        actions, state = policy.act(seen(step), state)
        assert torch.allclose(actions, torch.tensor([1.5, -2.0]).expand(2, 2), atol=1e-6)


def test_a_receding_horizon_executes_what_it_planned():
    policy, state, done = Chunks(plan, execute=4), None, []
    for step in range(9):
        actions, state = policy.act(seen(step), state)
        done.append(actions[0, 0].item())
    assert done == [100, 101, 102, 103, 140, 141, 142, 143, 180]


def test_an_ensemble_takes_what_each_chunk_says_for_now():
    policy, state = Chunks(plan, execute=1, ensemble=3, alpha=0.0), None
    for step in range(4):
        actions, state = policy.act(seen(step), state)
    now = [100 + 10 * planned + (3 - planned) for planned in (3, 2, 1)]
    assert actions[0, 0].item() == pytest.approx(sum(now) / 3)
    # Chunks that have ended say nothing: of a horizon of 6, executed by 6, one is left.
    policy, state = Chunks(plan, execute=6, ensemble=3, alpha=0.0), None
    for step in range(8):
        actions, state = policy.act(seen(step), state)
    assert actions[0, 0].item() == 161


def test_histories_begin_with_the_first_state_repeated():
    asked = []

    def watching(observation):
        asked.append(observation.states[0, :, 0].tolist())
        return plan(observation)

    policy, state = Chunks(watching, execute=2, history=3), None
    for step in range(3):
        _, state = policy.act(seen(step), state)
    assert asked == [[1, 1, 1], [1, 2, 3]]


def test_an_episode_does_not_depend_on_its_neighbours():
    """Noise by seed and step, state by rows: alone, beside others, and after others have ended."""

    def noisy(observation):
        return observation.noise(HORIZON, 2) + observation.states.mean((1, 2))[:, None, None]

    policy = Chunks(noisy, execute=2, history=2, ensemble=2)
    alone, together, state, many = [], [], None, None
    for step in range(7):
        action, state = policy.act(seen(step, (2,)), state)
        alone.append(action[0])
        seeds = (1, 2) if step < 4 else (2,)
        actions, many = policy.act(seen(step, seeds), many)
        together.append(actions[-1])
        if step == 3:
            many = taken(many, torch.tensor([1]))
    assert torch.equal(torch.stack(alone), torch.stack(together))


def test_what_is_no_plan_is_refused():
    for bad, said in (
        (lambda o: torch.zeros(2, 3), "expected a chunk"),
        (lambda o: torch.zeros(1, 8, 2), "expected a chunk"),
        (lambda o: torch.zeros(2, 3, 2), "3 actions and 8 are to be executed"),
    ):
        with pytest.raises(BadInput, match=said):
            Chunks(bad).act(seen(0))
    with pytest.raises(BadInput, match="execute=0"):
        Chunks(plan, execute=0)
    with pytest.raises(BadInput, match="alpha=nan"):
        Chunks(plan, alpha=float("nan"))
    with pytest.raises(BadInput, match="neither acts nor plans"):
        policy_of(object())
    named = namedtuple("Memory", "h c")(torch.arange(3), [np.arange(3)])
    kept = taken(named, torch.tensor([2, 0]), 3)
    assert kept.h.tolist() == [2, 0] and kept.c[0].tolist() == [2, 0]
    with pytest.raises(BadInput, match="state has a set"):
        taken({"memory": [{1, 2}]}, torch.tensor([0]))

"""Rollouts: lockstep is the same as one by one, and images are drawn for who asks."""

from functools import partial

import gymnasium
import numpy as np
import pytest
import torch
from zoo_policies.lockstep import lockstep
from zoo_policies.metrics import ShareAbove
from zoo_policies.rollouts import rollout

import zoo
from zoo_core import BadInput, Notice

from .conftest import Walk


class Noisy:
    """Walks on by a random step, and counts in its state; looks at images if it is told to."""

    def __init__(self, looks=False, drift=0.4):
        self.looks, self.drift, self.batches = looks, drift, []

    def act(self, observation, state=None):
        self.batches.append(len(observation))
        count = torch.zeros(len(observation)) if state is None else state["count"]
        assert torch.equal(count.long(), observation.steps)
        if self.looks:
            assert observation.images()[:, 0, 0, 0].tolist() == observation.steps.tolist()
        action = 0.5 * observation.noise(1) + self.drift
        return action.clamp(-1, 1), {"count": count + 1}


SEEDS = [7, 3, 11, 5, 2]


def same(first, second):
    assert list(first.seeds) == list(second.seeds)
    for name, values in first.measured.items():
        assert np.array_equal(values, second.measured[name]), name
    for one, other in zip(first.states, second.states, strict=True):
        assert np.array_equal(one, other)


def test_lockstep_is_the_same_as_one_by_one_and_as_a_vector():
    policy = Noisy()
    found = rollout(policy, Walk, SEEDS, steps=12)
    assert policy.batches[0] == 5 and policy.batches[-1] < 5
    same(found, rollout(Noisy(), Walk(), SEEDS, steps=12))
    mode = gymnasium.vector.AutoresetMode
    for autoreset in (mode.NEXT_STEP, mode.SAME_STEP):
        vector = gymnasium.vector.SyncVectorEnv([Walk] * 3, autoreset_mode=autoreset)
        same(found, rollout(Noisy(looks=True), vector, SEEDS, steps=12))


def test_what_is_measured_is_what_happened():
    found = rollout(Noisy(), Walk, SEEDS, steps=12)
    for e, row in enumerate(found.rows()):
        places = [*found.states[e][1:, 0]]
        assert row["seed"] == SEEDS[e] and row["steps"] == len(found.actions[e])
        if row["success"]:
            places.append(found.states[e][-1, 0] + found.actions[e][-1, 0])
            assert row["score"] == pytest.approx(places[-1], rel=1e-5)
            assert row["return"] == pytest.approx(sum(places), rel=1e-5)
    assert 0 < found.measured["success"].mean() < 1
    (outputs,) = found.outputs()
    for name in ("success", "coverage", "score", "return"):
        metric = zoo.metric(name)
        metric.update(outputs[name])
        assert float(metric.compute()) == pytest.approx(found.measured[name].mean())
    reached = zoo.metric("coverage-80")
    assert isinstance(reached, ShareAbove)
    reached.update(torch.tensor([0.8, 0.81, 0.2, 0.95]))
    assert float(reached.compute()) == 0.5
    assert found.summary()["coverage"].low <= found.measured["coverage"].mean()


def test_images_are_drawn_when_they_are_asked_for():
    for looks, film, drawn in ((False, (), 0), (False, (3,), 5), (True, (), 4), (True, (3,), 5)):
        together = lockstep(Walk, at_once=1)
        found = rollout(Noisy(looks), together, [3], steps=4, film=film)
        assert together._made[0].drawn == drawn
    assert found.films[3].shape == (5, 8, 8, 3) and found.fps == 5
    assert found.films[3][:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]
    together = lockstep(Walk)
    before = together.reset([1])
    together.step(np.zeros((1, 1), np.float32))
    with pytest.raises(BadInput, match="went on"):
        before.images()
    with pytest.raises(BadInput, match="no camera left here; known are: render"):
        together.reset([1]).images("left")


def test_dictionaries_of_pictures_and_numbers_are_divided():
    class Both(Walk):
        def __init__(self):
            super().__init__()
            box = gymnasium.spaces.Box
            self.observation_space = gymnasium.spaces.Dict(
                {"eye": box(0, 255, (4, 4, 3), np.uint8), "place": box(-9, 9, (1,), np.float64)}
            )

        def _seen(self):
            eye = np.full((4, 4, 3), self.steps, np.uint8)
            return {"eye": eye, "place": np.array([self.place])}

    class Looking(Noisy):
        def act(self, observation, state=None):
            assert observation.images("eye").shape == (len(observation), 4, 4, 3)
            return super().act(observation, state)

    found = rollout(Looking(looks=True), Both, [1, 2], steps=3)
    assert found.states[0].shape == (3, 1)
    same(found, rollout(Looking(), gymnasium.vector.SyncVectorEnv([Both] * 2), [1, 2], steps=3))


class Does:
    def __init__(self, actions):
        self.actions = actions

    def act(self, observation, state=None):
        return self.actions(len(observation)), state


def test_actions_outside_of_the_range_are_told_or_refused():
    far = Does(lambda n: torch.full((n, 1), 3.0))
    with pytest.warns(Notice, match=r"^6 of 6 actions lay outside"):
        found = rollout(far, Walk, [1, 2, 3], steps=2)
    assert found.actions[0].tolist() == [[1.0], [1.0]]
    with pytest.raises(BadInput, match=r"the action \[3\.0\], outside of the environment's range"):
        rollout(far, Walk, [1], steps=2, clip=False)


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (lambda n: torch.zeros(n, 2), r"shape \(2, 2\); expected \(2, 1\)"),
        (lambda n: torch.full((n, 1), float("nan")), "NaN or infinite"),
    ],
    ids=["shape", "nan"],
)
def test_what_are_no_actions_is_refused(actions, said):
    with pytest.raises(BadInput, match=said):
        rollout(Does(actions), Walk, [1, 2], steps=2)


class Forgets:
    def __init__(self, state):
        self.state = state

    def act(self, observation, state=None):
        actions = torch.zeros(len(observation), 1)
        return actions if self.state is None else (actions, self.state)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "act gave a Tensor; expected two things"),
        (
            {"h": (torch.zeros(1, 2, 4),)},
            r"shape \(1, 2, 4\) in it; expected a row for each of the 2",
        ),
        ([3], "has a int in it"),
    ],
    ids=["none", "layers-first", "int"],
)
def test_a_state_that_cannot_be_divided_is_refused_at_once(state, said):
    with pytest.raises(BadInput, match=said):
        rollout(Forgets(state), Walk, [1, 2], steps=1)


def test_a_state_that_is_nan_is_refused():
    class Breaks(Walk):
        def _seen(self):
            return np.array([np.nan if self.steps == 2 else 0.0, 0.0])

    with pytest.raises(
        BadInput, match="After 2 steps the environment of seed 9 shows a state that"
    ):
        rollout(Does(lambda n: torch.zeros(n, 1)), Breaks, [9], steps=5)


def test_what_cannot_be_rolled_out_is_refused():
    still = Does(lambda n: torch.zeros(n, 1))
    for arguments, said in (
        (((still, Walk, [1, 1])), "different whole numbers"),
        (((still, Walk, [])), "different whole numbers"),
        (((still, Walk, [1])), "have no end"),
        (((object(), Walk, [1])), r"no act\(observation, state\)"),
        (((still, "Nowhere-v0", [1])), "makes no environment 'Nowhere-v0'"),
        (((still, "nowhere:Env-v0", [1])), "makes no environment 'nowhere:Env-v0'"),
        (((still, 3, [1])), "int is no environment"),
    ):
        with pytest.raises(BadInput, match=said):
            rollout(*arguments)
    mode = gymnasium.vector.AutoresetMode.DISABLED
    with pytest.raises(BadInput, match="does not reset what is over"):
        rollout(still, gymnasium.vector.SyncVectorEnv([Walk], autoreset_mode=mode), [1], steps=2)
    blind = partial(Walk, render_mode=None)
    with pytest.raises(BadInput, match="make the environment with render_mode='rgb_array'"):
        rollout(still, blind, [1], steps=2, film=[1])
    with pytest.raises(BadInput, match="Seed 4 is to be filmed"):
        rollout(still, Walk, [1], steps=2, film=[4])
    with pytest.raises(BadInput, match="One episode has no interval"):
        rollout(still, Walk, [1], steps=2).summary()

"""What users do: observations and episodes of their own, loops, films, the shell."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from PIL import Image
from zoo_policies.observations import Observation
from zoo_policies.selecting import Selector

import zoo
from zoo_core import BadInput, create

from .conftest import TINY, arrays


def test_a_policy_is_trained_on_an_npz_and_acts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", **arrays())
    config = {**TINY, "steps": 2, "batch": 4}
    module = zoo.train("wog-policy", "mine.npz", config=config, out="run", labelled=1)
    again = zoo.load(tmp_path / "run")
    rows = zoo.predict(again, [0.1, 0.2, 0.3])
    assert len(rows) == 16 and set(rows[0]) == {"observation", "step", "action 0", "action 1"}
    assert rows == zoo.predict(module, {"state": [[0.1, 0.2, 0.3]]})
    measured = zoo.evaluate(again, "mine.npz", labelled=1)
    assert {one.metric for one in measured} == {"action-mse", "condition-cosine", "condition-r2"}
    robot = Selector(again)
    first = [robot.select_action([0.1, 0.2, 0.3]) for _ in range(3)]
    robot.reset(seed=0)
    assert all(torch.equal(one, robot.select_action([0.1, 0.2, 0.3])) for one in first)


def test_the_same_episode_goes_the_same_way_whoever_is_beside_it(tiny):
    policy = tiny()
    states = torch.randn(3, 1, 3)
    seeds, steps = torch.tensor([5, 6, 7]), torch.zeros(3, dtype=torch.int64)
    together, state = policy.act(Observation(states, seeds, steps))
    assert together.shape == (3, 2) and set(state) == {"states", "chunks", "ages"}
    alone, _ = policy.act(Observation(states[1:2], seeds[1:2], steps[1:2]))
    torch.testing.assert_close(together[1:2], alone)
    assert not torch.equal(together[0], together[1])


def test_rows_of_conditions_are_the_same_alone(tiny):
    policy = tiny()
    states = np.random.default_rng(0).standard_normal((4, 3))
    rows = zoo.embed(policy, states)
    assert rows.shape == (4, 32)
    np.testing.assert_allclose(rows[2:3], zoo.embed(policy, states[2]), atol=1e-5)
    assert zoo.embed(tiny(guidance="none"), states).shape == (4, 16)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([1.0, 2.0], "expected 3 numbers"),
        ([1.0, float("nan"), 2.0], "NaN"),
        ({"image": np.zeros((4, 4, 3), np.uint8)}, "no state"),
        ("nowhere.npz", "no file"),
        (None, "one of the two"),
    ],
    ids=["short", "nan", "stateless", "missing", "nothing"],
)
def test_bad_observations_are_told_in_one_sentence(tiny, given, told):
    with pytest.raises(BadInput, match=told):
        zoo.predict(tiny(), *([] if given is None else [given]))


def test_a_policy_with_a_camera_wants_pictures(tiny, tmp_path):
    policy = tiny(cameras=1, size=16, future=[4, 16, 112], seen=[0, 1])
    picture = np.zeros((32, 20, 3), np.uint8)
    with pytest.warns(match="brought to 16 x 16"):
        rows = zoo.predict(policy, {"state": [1.0, 2.0], "top": picture})
    assert len(rows) == 16
    Image.fromarray(picture[:16, :16]).save(tmp_path / "seen.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(zoo.predict(policy, tmp_path / "seen.png", state="1,2")) == 16
    for wrong, told in (
        (picture[..., :1], "expected bytes"),
        (np.stack([picture] * 2), "2 images"),
    ):
        with pytest.raises(BadInput, match=told):
            zoo.predict(policy, {"state": [1.0, 2.0], "top": wrong})
    with pytest.raises(BadInput, match="sees 1 camera"):
        zoo.predict(policy, [1.0, 2.0])


def test_an_untrained_policy_does_not_act():
    with pytest.raises(BadInput, match="statistics of normalisation are missing"):
        zoo.predict(create("wog-policy", **TINY), [1.0] * 5)


@pytest.mark.parametrize("seed", ["abc", -1, 1.5, True, 2**32])
def test_a_seed_that_is_none_is_told(seed):
    with pytest.raises(BadInput, match=r"seed=.*; expected an integer from 0"):
        zoo.predict("wog-pusht-state", seed=seed)


def test_an_episode_is_filmed(zoo_here, monkeypatch):
    pytest.importorskip("gym_pusht")
    # The demonstrations are absent.
    monkeypatch.setattr("zoo_policies.pusht.data.recorded", None)
    answer = zoo.predict("wog-pusht-state", seed=100003, steps=4)
    assert answer.told.startswith("seed 100003: score 0.") and answer.told.endswith("4 steps")
    assert answer.as_bytes(".gif")[:3] == b"GIF" and answer.as_bytes(".png")[1:4] == b"PNG"


def test_without_a_simulator_it_is_said_and_the_policy_works(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "gym_pusht", None)
    with pytest.raises(BadInput, match="No simulator is installed"):
        zoo.predict("wog-pusht-state", seed=1)
    rows = zoo.predict("wog-pusht-state", zoo.dataset("pusht-human").episodes.states[0])
    assert len(rows) == 16 and set(rows[0]) >= {"target x", "target y"}

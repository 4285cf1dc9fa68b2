"""One robot at a time: a queue of actions never outlives a reset."""

import numpy as np
import pytest
import torch
from zoo_policies.chunks import Chunks
from zoo_policies.selecting import Selector

from zoo_core import BadInput


def plan(observation):
    first = 10 * observation.states[:, -1, 0]
    return first[:, None, None] + torch.arange(6.0)[:, None]


def test_a_queue_of_actions_never_outlives_a_reset():
    robot = Selector(Chunks(plan, execute=4))
    done = [robot.select_action([step, 0.0]).item() for step in (1, 2, 3)]
    assert done == [10, 11, 12]
    robot.reset()
    assert [robot.select_action([step, 0.0]).item() for step in (5, 6)] == [50, 51]


def test_episodes_are_numbered_so_that_their_noise_differs_and_comes_again():
    robot = Selector(Chunks(lambda seen: seen.noise(2, 1), execute=1), seed=3)
    first = robot.select_action([0.0])
    robot.reset()
    second = robot.select_action([0.0])
    robot.reset(seed=3)
    assert torch.equal(robot.select_action([0.0]), first) and not torch.equal(first, second)


def test_observations_are_those_of_lerobot():
    looked = []

    def looking(seen):
        looked.append(seen.images("top"))
        return plan(seen)

    robot = Selector(Chunks(looking, execute=1))
    picture = np.arange(2 * 4 * 3, dtype=np.uint8).reshape(2, 4, 3)
    one = {"observation.state": np.ones(2), "observation.images.top": picture, "task": "push"}
    assert robot.select_action(one).shape == (1,)
    robot.reset()
    floats = torch.from_numpy(picture).permute(2, 0, 1) / 255
    batch = {
        "observation.state": torch.ones(2, 2),
        "observation.images.top": torch.stack([floats, floats]),
    }
    assert robot.select_action(batch).shape == (2, 1)
    assert torch.equal(looked[0][0], torch.from_numpy(picture))
    assert torch.equal(looked[1][1], torch.from_numpy(picture))


@pytest.mark.parametrize(
    ("observation", "said"),
    [
        ({"state": [1.0]}, r"has state; expected observation\.state"),
        ([float("nan")], "expected finite numbers"),
        (["left"], "no array of real numbers"),
        (np.zeros((1, 1, 1)), r"shape \(1, 1, 1\)"),
        ({"observation.state": [1.0], "observation.image": np.zeros((4, 4, 3))}, "expected bytes"),
        (
            {"observation.state": [[1.0]], "observation.image": np.zeros((2, 4, 4, 3), np.uint8)},
            "one for each robot",
        ),
    ],
    ids=["key", "nan", "text", "shape", "floats", "batch"],
)
def test_what_is_no_observation_is_refused(observation, said):
    with pytest.raises(BadInput, match=said):
        Selector(Chunks(plan)).select_action(observation)


def test_what_does_not_act_is_refused():
    with pytest.raises(BadInput, match="function has no act"):
        Selector(plan)

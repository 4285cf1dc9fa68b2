"""Episodes and their windows: nothing reaches across an end, and bad data are refused."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_policies.episodes import Episodes, dealt

from zoo_core import BadInput

from .conftest import counted


@given(
    lengths=st.lists(st.integers(2, 9), min_size=1, max_size=5),
    horizon=st.integers(1, 12),
    history=st.integers(1, 4),
    future=st.lists(st.integers(0, 20), max_size=4),
)
def test_no_window_reaches_into_another_episode(lengths, horizon, history, future):
    episodes = counted(lengths)
    if horizon > min(lengths):
        with pytest.raises(BadInput, match="fewer than the horizon"):
            episodes.windows(horizon)
        return
    windows = episodes.windows(horizon, history=history, future=future)
    batch = windows.take(range(len(windows)))
    steps, ends = batch["now"], torch.from_numpy(episodes.ends)
    own = torch.from_numpy(episodes.episode_of)[steps]
    place = steps - torch.from_numpy(episodes.starts)[own]
    for k in range(horizon):
        expected = 100 * own + (place + k).minimum(torch.tensor(lengths)[own] - 1)
        assert torch.equal(batch["actions"][:, k, 0].long(), expected)
        assert torch.equal(batch["padded"][:, k], steps + k >= ends[own])
    for k in range(history):
        expected = 100 * own + (place + k - history + 1).clamp_min(0)
        assert torch.equal(batch["states"][:, k, 0].long(), expected)
    assert batch["future"].shape == (len(steps), len(future))
    assert bool((torch.from_numpy(episodes.episode_of)[batch["future"]] == own[:, None]).all())


def test_the_future_of_the_last_step_is_itself_repeated():
    windows = counted([20, 30]).windows(16, future=(3, 7, 11, 15))
    assert windows.take([0])["future"].tolist() == [[3, 7, 11, 15]]
    assert windows.take([19, 49])["future"].tolist() == [[19] * 4, [49] * 4]
    assert windows.take([12])["future"].tolist() == [[15, 19, 19, 19]]


def test_hidden_actions_are_gone_and_their_windows_can_be_chosen():
    episodes = counted().without_actions([1])
    assert np.isnan(episodes.actions[4:10]).all() and not np.isnan(episodes.actions[:4]).any()
    assert episodes.labelled.tolist() == [True, False, True]
    known, unknown = (episodes.windows(2, labelled=yes) for yes in (True, False))
    assert len(known) == 9 and len(unknown) == 6
    assert not unknown.take([0])["labelled"].any() and known.take([0])["labelled"].all()
    with pytest.raises(BadInput, match="no episode left"):
        episodes.windows(2, of=[1], labelled=True)


def test_some_episodes_alone_read_their_images_when_asked_for():
    images = np.arange(15, dtype=np.uint8)[:, None, None, None] + np.zeros((1, 4, 4, 3), np.uint8)
    cameras = dict.fromkeys(("top", "left", "wrist"), images)
    some = counted(cameras=cameras, tasks=["a", "b", "c"], dimensions=32).of([2, 0])
    assert some.ends.tolist() == [5, 9] and some.tasks == ["c", "a"]
    assert some.states[:, 0].tolist() == [200, 201, 202, 203, 204, 0, 1, 2, 3]
    assert some.cameras["top"][np.array([[0, 5]])][..., 0, 0, 0].tolist() == [[10, 0]]


def test_splits_are_by_episode():
    rows = dealt(20, test=0.2, seed=3)
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(20))
    assert {name: len(part) for name, part in rows.items()} == {"train": 12, "val": 4, "test": 4}
    with pytest.raises(BadInput, match="three or more"):
        dealt(2)


STATES, ACTIONS = np.zeros((6, 3)), np.zeros((6, 2))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"states": np.full((6, 3), np.nan)}, "Step 0 of episode 0 has states that are NaN"),
        ({"actions": np.where(np.arange(6)[:, None] == 4, np.inf, ACTIONS)}, "Step 1 of episode 1"),
        ({"actions": ACTIONS[:5]}, "states of 6 steps and actions of 5"),
        ({"actions": np.zeros((6, 33))}, "33 dimensions; expected 1 to 32"),
        ({"actions": ACTIONS[:, 0]}, r"shape \(6,\)"),
        ({"actions": "no"}, "no array of numbers"),
        ({"states": np.ones((6, 3), complex)}, "states are no array of numbers"),
        ({"ends": [3, 5]}, "ascend to the number of steps, 6"),
        ({"ends": [4, 3, 6]}, "ascend"),
        ({"ends": [5, 6]}, "Episode 1 has 1 steps"),
        ({"ends": []}, "whole numbers"),
        ({"ends": [3.0, 6.0]}, "whole numbers"),
        ({"labelled": [True]}, "yes or no for each of the 2"),
        ({"fps": 0}, "steps a second"),
        ({"state_names": ["x"]}, "1 names of 3 dimensions of states"),
        ({"tasks": ["push"]}, "1 tasks of 2 episodes"),
        ({"cameras": {"top": np.zeros((5, 4, 4, 3), np.uint8)}}, "camera 'top'.*one image a step"),
        ({"cameras": {"top": np.zeros((6, 4, 4, 3))}}, "float64"),
        ({"cameras": {str(n): np.zeros((6, 4, 4, 3), np.uint8) for n in range(4)}}, "4 cameras"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
def test_what_are_no_episodes_is_refused(change, said):
    with pytest.raises(BadInput, match=said):
        Episodes(**{"states": STATES, "actions": ACTIONS, "ends": [3, 6]} | change)


def test_bad_numbers_of_episodes_and_actions_out_of_range_are_refused():
    episodes = counted()
    for bad in ([3], [-1], [0.5], "no"):
        with pytest.raises(BadInput, match="are no episodes"):
            episodes.of(bad)
    with pytest.raises(BadInput, match=r"Step 3 of episode 1 has action 1 = 103\.1, outside of 0"):
        episodes.within(0, 103.05)
    assert episodes.within(0, 204.1) is episodes

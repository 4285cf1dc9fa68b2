"""PushT with few actions known, the splits, and the features of frames."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_world_guidance.data import pusht
from zoo_world_guidance.measures import Explained
from zoo_world_guidance.seeing import Frames, future_shape, resized

from zoo_core import BadInput


def test_of_few_demonstrations_the_actions_are_known_and_of_none_held_out_are_they_lost():
    data = pusht(labelled=30, episodes=2)
    assert data.splits == ("train", "held-out", "val", "test")
    assert data.episodes.labelled[:30].all() and not data.episodes.labelled[30:186].any()
    assert data.episodes.labelled[data.rows["held-out"]].all() and len(data.rows["held-out"]) == 20
    assert data.split("test").indices == [100_000, 100_001]
    assert data.split("val").indices == [200_000, 200_001]


@pytest.mark.parametrize("wrong", [0, 187, 1.5, True, "30"], ids=repr)
def test_other_numbers_of_demonstrations_are_refused(wrong):
    with pytest.raises(BadInput, match="labelled"):
        pusht(labelled=wrong)


def test_images_of_other_sizes_are_brought_to_one_by_means_over_areas():
    images = np.zeros((2, 8, 8, 3), np.uint8)
    images[:, :4] = 100
    assert resized(torch.from_numpy(images), 8).shape == (2, 8, 8, 3)
    small = Frames(images, 4)[np.array([1])]
    assert small.shape == (1, 4, 4, 3) and small[0, 0, 0, 0] == 100 and small[0, 3, 0, 0] == 0


def test_what_is_told_of_a_future_has_the_size_of_what_is_seen():
    plain = {"cameras": 0, "states": 5}
    assert future_shape(plain) == [4, 1, 5]
    assert future_shape({**plain, "seen": [0, 1]}) == [4, 1, 2]
    assert future_shape({**plain, "pose": [2, 3, 4], "points": [[0, 1]] * 8}) == [4, 1, 23]
    assert future_shape({**plain, "cameras": 2}) == [4, 32, 112]


def test_the_explained_share_is_of_sums_not_of_means():
    metric = Explained()
    metric.update(torch.tensor([1.0, 0.0]), torch.tensor([1.0, 7.0]))
    metric.update(torch.tensor([3.0]), torch.tensor([0.0]))
    assert float(metric.compute()) == 0.5

"""The registered poses: what is in them, what cameras see, and the simplest prediction's errors."""

import pytest
import torch
from zoo_signals.pose_metrics import mpjpe, p_mpjpe
from zoo_signals.skeleton import H36M16


@pytest.fixture(scope="module")
def _kept():
    return {}


@pytest.fixture
def data(data_or_skip, _kept):
    if "data" not in _kept:
        _kept["data"] = data_or_skip("cmu-pose16")
    return _kept["data"]


def test_the_data_are_those_that_are_documented(data):
    assert {name: len(rows) for name, rows in data.rows.items()} == {
        "train": 6913,
        "val": 878,
        "test": 2974,
    }
    assert data.facts == {"poses": 10765, "subjects": 15, "actions": 9}
    assert data.inputs.shape == (10765, 4, 16, 2)
    assert data.targets.shape == (10765, 4, 16, 3)
    assert float(data.inputs.abs().max()) < 1
    assert bool((data.targets[:, :, 0] == 0).all())
    rows = torch.cat(list(data.rows.values()))
    assert torch.equal(rows.sort().values, torch.arange(10765))


def test_the_bodies_of_walking_test_subjects_are_in_no_other_split(data):
    walkers = {
        name: {data.subjects[i] for i in rows if data.actions[i] == "walk"}
        for name, rows in data.rows.items()
    }
    assert walkers["test"] == {"s07", "s16", "s43"}
    assert not walkers["test"] & (walkers["train"] | walkers["val"])


def test_every_camera_sees_the_same_pose(data):
    """Bones have one length, whichever camera sees them."""
    lengths = torch.stack(
        [
            (data.targets[::50, :, a] - data.targets[::50, :, b]).norm(dim=-1)
            for a, b in H36M16.bones
        ]
    )
    assert float((lengths - lengths[:, :, :1]).abs().max()) < 1e-5
    assert float(p_mpjpe(data.targets[::50, 1], data.targets[::50, 0]).max()) < 1e-5


def test_the_mean_pose_has_its_known_errors(data):
    mean = data.targets[data.rows["train"]].mean((0, 1))
    true = data.targets[data.rows["test"]].flatten(0, 1)
    assert 1000 * float(mpjpe(mean.expand_as(true), true).mean()) == pytest.approx(187.9, abs=0.05)
    assert 1000 * float(p_mpjpe(mean.expand_as(true), true).mean()) == pytest.approx(
        174.5, abs=0.05
    )

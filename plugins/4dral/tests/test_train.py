"""The recipe by the zoo's own verb, on drives of a user's own: what it learns and refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import zoo
from zoo_core import BadInput, Notice

SMALL = {"widths": [4, 8], "steps": 2, "batch": 4}


@pytest.fixture(scope="module")
def drives(tmp_path_factory):
    """A folder with a street to train on and one to test on, two drives each, 12 places."""
    folder, rng = tmp_path_factory.mktemp("drives"), np.random.default_rng(0)
    for split in ("train", "test"):
        walls = np.column_stack([rng.uniform(0, 90, 400), rng.choice([-9.0, 8.0], 400)])
        for session in ("database", "query"):
            drive = folder / split / session
            xs = 5.0 * np.arange(12) + (session == "query")
            np.save(_made(drive) / "poses.npy", np.stack([xs, 0 * xs, 0 * xs], 1))
            for sensor, count in (("radar", 60), ("lidar", 300)):
                for number, x in enumerate(xs):
                    seen = walls[rng.choice(400, count)] - [x, 0]
                    points = np.column_stack([seen, np.ones(count)])
                    np.save(_made(drive / sensor) / f"{number:03}.npy", points.astype(np.float32))
    return folder


def _made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_a_user_s_own_drives_are_learnt_and_measured(drives, tmp_path):
    teacher = tmp_path / "teacher"
    zoo.train("4dral-l2l", drives, out=teacher, config=SMALL)
    given = {"teacher": str(teacher)}
    more = {**SMALL, "unet": 2, "lie": 1.0, "fdd": 0.5, "rd": 1.0}
    first, again = (
        zoo.train("4dral-r2r", drives, out=tmp_path / str(k), config=more, given=given)
        for k in range(2)
    )
    state, other = first.state_dict(), again.state_dict()
    assert all(torch.equal(one, other[name]) for name, one in state.items())
    found = {one.metric: one.value for one in zoo.evaluate(first, drives)}
    assert 0 <= found["place-recall-1"] <= found["place-recall-5"] <= found["place-recall-10"] == 1
    to_lidar = zoo.train("4dral-r2l", drives, out=tmp_path / "r2l", config=SMALL)
    assert zoo.embed(to_lidar, drives / "test/database", sensor="lidar").shape == (12, 512)


def test_a_teacher_gives_its_encoder(drives, tmp_path):
    config = {**SMALL, "learning_rate": 1e-12}
    teacher = zoo.train("4dral-l2l", drives, out=tmp_path / "teacher", config=config)
    student = zoo.train(
        "4dral-r2r", drives, out=tmp_path / "student", config={**config, "descriptor": 1.0},
        given={"teacher": str(tmp_path / "teacher")},
        start=str(tmp_path / "teacher"),
    )  # fmt: skip
    for name, tensor in teacher.encoder.named_parameters():
        torch.testing.assert_close(dict(student.encoder.named_parameters())[name], tensor)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"fdd": 1.0}, "Distillation needs a teacher"),
        ({"lie": 1.0}, "no U-Net"),
        ({"steps": 0}, "positive numbers"),
        ({"steps": 1.5}, "positive numbers, whole ones"),
        ({"rotation": "x"}, "up to 180 degrees"),
        ({"about": "ground"}, "expected the point to turn about: sensor, centre"),
        ({"flips": 3}, "true or false"),
        ({"fdd": -1.0}, "negative or no number"),
        ({"fdd": "x"}, "negative or no number"),
        ({"widths": [2] * 6}, "size=64 is too small"),
    ],
    ids=[
        "teacher",
        "unet",
        "steps",
        "half",
        "rotation",
        "about",
        "flips",
        "negative",
        "text",
        "widths",
    ],
)
def test_what_cannot_be_learnt_is_refused(drives, tmp_path, config, told):
    with pytest.raises(BadInput, match=told):
        zoo.train("4dral-r2r", drives, out=tmp_path / "run", config={**SMALL, **config})


@pytest.mark.parametrize(
    ("given", "config", "told"),
    [
        ("4dral-teacher-streetsim", {}, "no term needs it"),
        ("4dral-teacher-streetsim", {"fdd": 1.0}, r"features \(128, 4, 4\).* \(8, 8, 8\)"),
        ("scancontext-streetsim", {"rd": 1.0}, "no network for LiDAR"),
        ("r2r-nokd-small-streetsim", {"rd": 1.0}, "no network for LiDAR"),
    ],
    ids=["unused", "widths", "untrained", "radar"],
)
def test_teachers_that_do_not_fit_are_refused(drives, tmp_path, given, config, told):
    with pytest.raises(BadInput, match=told):
        zoo.train(
            "4dral-r2r", drives, out=tmp_path / "run", config={**SMALL, **config},
            given={"teacher": given},
        )  # fmt: skip


def test_drives_to_test_on_are_not_trained_on(drives, tmp_path):
    with pytest.raises(BadInput, match="no split 'train'; they have test"):
        zoo.train("4dral-r2r", drives / "test", out=tmp_path / "run", config=SMALL)


def test_a_size_that_gives_way_is_told(drives, tmp_path):
    with pytest.warns(Notice, match="64 pixels a side, and size=80 gave way"):
        zoo.train("4dral-r2r", drives, out=tmp_path / "run", config={**SMALL, "size": 80})

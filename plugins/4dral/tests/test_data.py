"""StreetSim as a dataset: sessions, weather, splits, and what is refused."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch
from zoo_4dral.bev import LIDAR_CAP, RADAR_CAP, image
from zoo_4dral.data import streetsim
from zoo_4dral.streetsim.sessions import DATABASE, DROPS, FOGS, QUERY, Drive

from zoo_core import BadInput

DIGEST = "d980d6f77e436bf6"
"""Of a few samples' counts; it changes with `sessions.VERSION`."""


@pytest.fixture(scope="module")
def poses(tmp_path_factory):
    """A bend of 100 m, in the format of KITTI's sequences."""
    angle = np.linspace(0, 2, 120)
    matrices = np.zeros((120, 3, 4))
    matrices[:, 2, 3], matrices[:, 0, 3] = 50 * np.sin(angle), -50 * np.cos(angle)
    path = tmp_path_factory.mktemp("poses") / "07.txt"
    np.savetxt(path, matrices.reshape(-1, 12))
    return path


@pytest.fixture
def small(poses, monkeypatch, tmp_path):
    """All sequences are that one, and what is made is kept in a folder of the test."""
    monkeypatch.setattr("zoo_4dral.data.fetch", lambda file: poses)
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))


def test_splits_are_worlds_of_two_sessions(small):
    data = streetsim()
    assert list(data.splits) == ["train", "val", "test"]
    assert [len(data.worlds(name)) for name in data.splits] == [3, 1, 1]
    [world] = data.worlds("test")
    assert len(data.split("test").indices) == len(world.query) > 5
    assert len(data.split("train").indices) == sum(len(one.query) for one in data.worlds("train"))
    # Each query has been within reach of the map, a little beside it.
    assert world.metres().min(1).max() < 8
    assert np.array_equal(world.metres(slice(2, 4)), world.metres()[2:4])
    assert not world.opposite()[world.metres() < 8].any() and world.opposite().any()


def test_a_place_has_two_images_a_pose_and_the_weather(small):
    [world] = streetsim(drop=0.35, fog=0.04).worlds("test")
    place = world.query[2]
    assert place.radar.shape == place.lidar.shape == (1, 64, 64)
    assert place.radar.dtype == torch.float32 and 0 <= place.lidar.min() < place.lidar.max() <= 1
    assert place.pose.shape == (3,)
    assert (place.session, place.weather) == ("query", "fog 0.04, drop 0.35")
    assert world.database[0].weather == "normal"
    assert len(world.query[:3]) == 3
    assert world.query.size == world.database.size == 64


def test_images_are_those_of_the_scans(small, poses):
    [world] = streetsim(drop=0.6).worlds("test")
    drive = Drive(poses, 2, QUERY, 8, 4)
    assert np.array_equal(drive.sampled, world.query.poses)
    [scan] = drive.radar(3, (0.6,))
    assert np.array_equal(world.query.radar[3], image(scan, RADAR_CAP))
    [scan] = drive.lidar(3)
    assert np.array_equal(world.query.lidar[3], image(scan, LIDAR_CAP))


def test_the_weather_hits_those_who_ask_and_not_the_map(small):
    [clear], [bad] = (streetsim(**more).worlds("test") for more in ({}, {"fog": 0.05, "drop": 0.5}))
    assert np.array_equal(clear.database.radar, bad.database.radar)
    assert np.array_equal(clear.database.lidar, bad.database.lidar)
    assert bad.query.lidar.sum() < 0.8 * clear.query.lidar.sum()
    assert ((bad.query.radar > 0) <= (clear.query.radar > 0)).all()


def test_what_was_made_is_made_once_and_gives_the_same_bytes(small, poses, monkeypatch):
    drive = Drive(poses, 2, QUERY, 8, 4)
    chunk, _ = drive.images().chunk_of(0)
    assert chunk["lidar"].shape[1:] == (len(FOGS), 64, 64) and chunk["lidar"].dtype == np.uint8
    assert chunk["radar"].shape[1:] == (len(DROPS), 64, 64)
    digest = hashlib.sha256(chunk["radar"].tobytes() + chunk["lidar"].tobytes()).hexdigest()
    assert digest[:16] == DIGEST
    monkeypatch.setattr("zoo_4dral.streetsim.sessions._drive", None)
    again, _ = Drive(poses, 2, QUERY, 8, 4).images().chunk_of(0)
    assert np.array_equal(again["radar"], chunk["radar"])
    other = Drive(poses, 2, QUERY, 8, 4)
    assert other.images((1e-9,), (0.1,)).name != other.images((1.0000001e-9,), (0.1,)).name


def test_sessions_differ_and_seeds_too(poses):
    map_made, asking = Drive(poses, 2, DATABASE, 8), Drive(poses, 2, QUERY, 8)
    assert not map_made.offsets.any() and 0.3 < asking.offsets[:, 0].std() < 1.2
    cars = [one.objects.centres[-1].tolist() for one in (map_made, asking)]
    assert cars[0] != cars[1]
    static = (~map_made.objects.round[:1]).sum()
    assert np.array_equal(map_made.objects.centres[:static], asking.objects.centres[:static])
    assert len(Drive(poses, 3, DATABASE, 8).objects) != len(map_made.objects)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"world": "01"}, "expected a sequence: 00, 02"),
        ({"world": 5}, "expected a sequence"),
        ({"seed": -1}, "expected a whole number"),
        ({"seed": True}, "expected a whole number"),
        ({"fog": -0.1}, "fog=-0.1; expected a number from 0 to 1"),
        ({"drop": "much"}, "drop='much'; expected a number"),
        ({"drop": float("nan")}, "drop=nan"),
        ({"train": "00:x"}, "as '00:1,09:12'"),
        ({"train": "44:1"}, "expected a sequence"),
        ({"train": "00,00:1"}, "has 00:1 twice"),
        ({"world": "00"}, "is one to train on"),
        ({"world": "02"}, "is one to train on or to choose by"),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(options, told):
    with pytest.raises(BadInput, match=told):
        streetsim(**options)


def test_other_worlds_may_be_trained_on(small):
    data = streetsim(world="00", train="09, 00:11")
    assert [one.name for one in data.worlds("train")] == ["09 (seed 12)", "00 (seed 11)"]
    assert data.facts["test world"] == "00 (seed 1)"

"""PushT: recorded states come back exactly, recorded actions replay, pictures are its own."""

import itertools
import json
import zipfile

import numcodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_policies.kept import kept
from zoo_policies.pusht import recordings, simulator
from zoo_policies.pusht.geometry import CORNERS
from zoo_policies.pusht.simulator import make_env, picture, pusht, restored
from zoo_policies.rollouts import rollout

import zoo
from zoo_core import BadInput, DataError


@pytest.fixture
def data(data_or_skip):
    return data_or_skip("pusht-human")


@pytest.fixture(scope="module")
def env():
    return make_env()


def test_the_demonstrations_are_those_that_are_documented(data):
    episodes = data.episodes
    assert episodes.states.shape == (25650, 5) and episodes.actions.shape == (25650, 2)
    assert (len(episodes), episodes.lengths.min(), episodes.lengths.max()) == (206, 49, 246)
    assert data.rows["train"].tolist() == list(range(186))
    assert data.rows["test"].tolist() == list(range(186, 206))
    arrays = episodes.states, episodes.actions, episodes.ends
    assert recordings.digest(arrays) == recordings.DIGEST


def test_recorded_states_come_back_exactly(data, env):
    """The trap: gym-pusht sets the position first, and pymunk turns about the centre of gravity."""
    for state in data.episodes.states[::2500].astype(np.float64):
        assert np.abs(restored(env, state) - state).max() < 1e-6
    for bad in ([1, 2, 3], [1, 2, 3, 4, np.nan], "state"):
        with pytest.raises(BadInput, match="is no state of PushT"):
            restored(env, bad)


@given(st.tuples(*[st.floats(180, 330)] * 2, st.floats(-7, 7)))
def test_any_pose_comes_back(env, pose):
    seen = restored(env, [30, 30, *pose])
    assert np.abs(seen[:4] - (30, 30, *pose[:2])).max() < 1e-6
    assert abs(np.exp(1j * seen[4]) - np.exp(1j * pose[2])) < 1e-9


def test_recorded_actions_replay_the_recorded_states(data, env):
    episodes = data.episodes.of([0, 150])
    for begin, end in zip(episodes.starts, episodes.ends, strict=True):
        restored(env, episodes.states[begin])
        for row in range(begin, end - 1):
            seen, _, over, _, told = env.step(episodes.actions[row])
            # The recording is in float32: 3e-5 of a pixel.
            assert np.abs(seen - episodes.states[row + 1]).max() < 1e-3
            assert not over
        assert 0.8 < told["coverage"] < 0.95


def test_pictures_of_states_are_the_simulator_s_own(data, env):
    states = data.episodes.states[[0, 700, 20_000]].astype(np.float64)
    frames = data.images(32)
    for number, row in enumerate((0, 700, 20_000)):
        restored(env, states[number])
        assert np.array_equal(frames[np.array([row])][0], picture(env, 32))
        whole = env.unwrapped._get_img(env.unwrapped._draw(), 512, 512)
        assert np.array_equal(picture(env, 512), whole)
    assert frames[np.array([[5, 5], [9, 5]])].shape == (2, 2, 32, 32, 3)
    with pytest.raises(BadInput, match="pixels a side, 8 to 512"):
        data.images(4)


def test_all_pictures_are_drawn_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    asked = []

    def make(rows):
        asked.append(rows.tolist())
        return rows[:, None].astype(np.uint8) + np.arange(2, dtype=np.uint8)

    first = np.array(kept("squares/v1", (5, 2), np.uint8, make, block=2))
    assert asked == [[0, 1], [2, 3], [4]] and first[3].tolist() == [3, 4]
    assert isinstance(kept("squares/v1", (5, 2), np.uint8, make), np.memmap) and len(asked) == 3
    path = tmp_path / "made" / "squares" / "v1.npy"
    path.write_bytes(path.read_bytes()[:-3])
    assert np.array_equal(kept("squares/v1", (5, 2), np.uint8, make), first) and len(asked) == 4


def test_corners_are_where_the_simulator_has_them(env):
    restored(env, [100, 120, 200, 300, 1.2])
    theirs = np.array(env.unwrapped.get_keypoints(env.unwrapped._block_shapes))
    turn = np.array([[np.cos(1.2), -np.sin(1.2)], [np.sin(1.2), np.cos(1.2)]])
    ours = CORNERS @ turn.T + (200, 300)
    assert np.linalg.norm(ours[:, None] - theirs, axis=-1).min(1).max() < 1e-4
    restored(env, [50, 50, 256, 256, np.pi / 4])
    assert env.unwrapped._get_coverage() == pytest.approx(1, abs=1e-6)


class Pushes:
    """Goes to where the block is, looking at it or not."""

    def __init__(self, looks=False):
        self.looks = looks

    def act(self, observation, state=None):
        if self.looks:
            assert observation.images("top").shape == (len(observation), 16, 16, 3)
        return observation.states[:, -1, 2:4].clamp(0, 512), state


def test_the_seeds_are_fixed(data_or_skip):
    data = data_or_skip("pusht", episodes=3)
    assert data.split("test").indices == [100_000, 100_001, 100_002]
    assert data.split("val").indices == [200_000, 200_001, 200_002]
    assert data.split("train").indices.tolist() == list(range(186))
    assert data.environment(32).limit == 300
    with pytest.raises(BadInput, match="expected 2 to 50"):
        zoo.dataset("pusht", episodes=51)


def test_episodes_are_the_same_alone_and_in_lockstep(monkeypatch):
    """Without demonstrations at hand: a policy that acts sees none of them."""
    monkeypatch.delenv("ZOO_DATA_MIRROR", raising=False)
    together = pusht(16)
    found = rollout(Pushes(), together, [100_000, 100_001, 100_002], steps=12, film=[100_001])
    alone = rollout(Pushes(looks=True), together, [100_001], steps=12)
    assert np.array_equal(found.states[1], alone.states[0])
    assert found.measured["score"][1] == pytest.approx(alone.measured["score"][0], abs=1e-12)
    ratio = found.measured["score"] / found.measured["coverage"]
    assert ratio == pytest.approx(1 / 0.95)
    assert found.films[100_001].shape == (13, simulator.FILM, simulator.FILM, 3)


def test_without_a_simulator_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "gym_pusht", None)
    with pytest.raises(
        BadInput, match=r"No simulator is installed that brings gym_pusht; run `pip"
    ):
        pusht()


def archive(path, arrays, compressor):
    """Write a zipped zarr folder of format 2, in chunks that reach over the edge."""
    with zipfile.ZipFile(path, "w") as opened:
        for name, array in arrays.items():
            chunks = [4, *array.shape[1:]]
            head = {
                "zarr_format": 2,
                "shape": list(array.shape),
                "chunks": chunks,
                "dtype": array.dtype.str,
                "compressor": compressor and compressor.get_config(),
                "filters": None,
                "order": "C",
                "fill_value": 0,
            }
            opened.writestr(f"pusht/x.zarr/{name}/.zarray", json.dumps(head))
            for number in range(-(-len(array) // 4)):
                block = np.zeros(chunks, array.dtype)
                part = array[4 * number : 4 * number + 4]
                block[: len(part)] = part
                raw = block.tobytes()
                place = ".".join([str(number), *("0" for _ in chunks[1:])])
                stored = compressor.encode(raw) if compressor else raw
                opened.writestr(f"pusht/x.zarr/{name}/{place}", bytes(stored))


def test_diffusion_policy_s_own_archive_is_read(tmp_path):
    draw = np.random.default_rng(0)
    known = {
        "data/state": draw.random((10, 5), np.float32),
        "data/action": draw.random((10, 2), np.float32),
        "meta/episode_ends": np.array([6, 10]),
    }
    for compressor in (None, numcodecs.Blosc("zstd", clevel=5, shuffle=2)):
        archive(tmp_path / "pusht.zip", known, compressor)
        found = recordings.read_archive(tmp_path / "pusht.zip")
        assert all(np.array_equal(a, b) for a, b in zip(found, known.values(), strict=True))
    for bad in (b"no archive", None):
        path = tmp_path / "bad.zip"
        if bad is None:
            archive(path, dict(itertools.islice(known.items(), 2)), None)
        else:
            path.write_bytes(bad)
        with pytest.raises(DataError, match=r"bad\.zip cannot be read as a zipped zarr folder"):
            recordings.read_archive(path)


def test_an_archive_of_other_demonstrations_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    with pytest.raises(
        DataError, match=r"would have been downloaded from https://diffusion-policy"
    ):
        recordings.recorded()
    (tmp_path / "pusht-human").mkdir()
    arrays = np.zeros((4, 5), "f4"), np.zeros((4, 2), "f4"), np.array([4])
    archive(
        tmp_path / "pusht-human" / "pusht.zip",
        dict(zip(recordings.ARRAYS, arrays, strict=True)),
        None,
    )
    with pytest.raises(DataError, match="other demonstrations than the 206"):
        recordings.recorded()

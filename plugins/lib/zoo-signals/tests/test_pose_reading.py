"""Poses of a user: motion capture, plain arrays, Human3.6M as VideoPose3D has it; the splits."""

import pickle
import warnings

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from zoo_signals.cameras import VIRTUAL
from zoo_signals.pickled import read_objects
from zoo_signals.pose_reading import read_poses
from zoo_signals.recordings import centred
from zoo_signals.skeleton import H36M16

from zoo_core import BadInput, Notice, available

REST = np.array(
    [
        *([0, 0.95, 0], [-0.1, 0.95, 0], [-0.1, 0.5, 0], [-0.1, 0.08, 0]),
        *([0.1, 0.95, 0], [0.1, 0.5, 0], [0.1, 0.08, 0], [0, 1.15, 0], [0, 1.4, 0]),
        *([0, 1.65, 0], [0.2, 1.4, 0], [0.25, 1.1, 0], [0.25, 0.85, 0]),
        *([-0.2, 1.4, 0], [-0.25, 1.1, 0], [-0.25, 0.85, 0]),
    ]
)
"""A person who stands, in metres with y up."""
KEPT = [0, 1, 2, 3, 6, 7, 8, 12, 13, 15, 17, 18, 19, 25, 26, 27]


def walk(seed: int, frames: int = 6) -> np.ndarray:
    """A person who turns and walks."""
    rng = np.random.default_rng(seed)
    angles = rng.uniform(-180, 180) + 10 * np.arange(frames)
    turns = Rotation.from_euler("y", angles[:, None], degrees=True)
    steps = np.linspace((1.0, 0, 2.0), (2.0, 0, 4.0), frames)
    bent = REST + rng.normal(0, 0.01, (frames, 16, 3))
    return (
        np.stack([turn.apply(one) for turn, one in zip(turns, bent, strict=True)]) + steps[:, None]
    )


def of_h36m(positions: np.ndarray, joints: int = 32) -> np.ndarray:
    """The same in a world with z up, as published: 32 joints, or 17 with a nose."""
    world = np.stack([positions[..., 0], -positions[..., 2], positions[..., 1]], -1)
    full = np.full((len(world), joints, 3), 7.0, np.float32)
    full[:, KEPT if joints == 32 else [one for one in range(17) if one != 9]] = world
    return full


@pytest.fixture
def h36m():
    """A dictionary by subject and action, as `data_3d_h36m.npz` keeps it."""
    subjects = ("S1", "S5", "S6", "S7", "S8", "S9", "S11")
    return {
        subject: {
            action: of_h36m(walk(7 * number + k))
            for k, action in enumerate(("Walking", "Eating 1"))
        }
        for number, subject in enumerate(subjects)
    }


def test_human36m_is_read_as_it_is_published(h36m, tmp_path):
    path = tmp_path / "data_3d_h36m.npz"
    np.savez_compressed(path, positions_3d=h36m)
    data = read_poses(path)
    assert data.facts == {"poses": 84, "subjects": 7, "actions": 2}
    assert [len(data.rows[name]) for name in ("train", "val", "test")] == [48, 12, 24]
    assert {data.subjects[i] for i in data.rows["test"]} == {"S9", "S11"}
    assert {data.subjects[i] for i in data.rows["val"]} == {"S8"}
    expected = VIRTUAL[2].sees(centred(walk(0)))
    assert np.allclose(data.targets[:6, 2], expected - expected[:, :1], atol=1e-6)
    assert torch.equal(read_poses(h36m).inputs, data.inputs)
    thin = read_poses(path, every=3)
    assert thin.facts["poses"] == 28


def test_seventeen_joints_lose_the_nose(h36m):
    seventeen = {
        subject: {action: of_h36m(walk(3), 17) for action in actions}
        for subject, actions in h36m.items()
    }
    data = read_poses(seventeen)
    expected = VIRTUAL[0].sees(centred(walk(3)))
    assert np.allclose(data.targets[:6, 0], expected - expected[:, :1], atol=1e-6)


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_every_protocol_are_read(h36m, tmp_path, protocol):
    array = np.array(h36m, dtype=object)
    path = tmp_path / "data_3d_h36m.npz"
    import zipfile

    with zipfile.ZipFile(path, "w") as archive, archive.open("positions_3d.npy", "w") as stream:
        np.lib.format.write_array_header_1_0(
            stream, {"descr": "|O", "fortran_order": False, "shape": ()}
        )
        pickle.dump(array, stream, protocol=protocol)
    found = read_objects(path, "positions_3d")
    assert np.array_equal(found["S9"]["Walking"], h36m["S9"]["Walking"])


class Evil:
    """What runs code when it is unpickled."""

    def __reduce__(self):
        return print, ("pwned",)


def test_a_pickle_that_could_run_code_is_refused(tmp_path, capsys):
    path = tmp_path / "data_3d_h36m.npz"
    np.savez(path, positions_3d={"S1": Evil()})
    with pytest.raises(BadInput, match=r"asks for (__builtin__|builtins)\.print"):
        read_poses(path)
    assert "pwned" not in capsys.readouterr().out


def test_files_that_are_none_are_refused(tmp_path):
    good = tmp_path / "good.npz"
    np.savez(good, positions_3d={"S1": 1})
    for name, content, told in (
        ("cut.npz", good.read_bytes()[:150], "cannot be read"),
        ("words.npz", b"hello", "cannot be read"),
        ("words.txt", b"hello", "no folder with ASF"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInput, match=told):
            read_poses(tmp_path / name)
    np.savez(tmp_path / "plain.npz", positions_3d=np.zeros(3))
    with pytest.raises(BadInput, match="plain numbers"):
        read_poses(tmp_path / "plain.npz")
    np.savez(tmp_path / "list.npz", positions_3d=np.array([1, "a"], dtype=object))
    with pytest.raises(BadInput, match="no single dictionary"):
        read_poses(tmp_path / "list.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(BadInput, match="neither 'positions' nor"):
        read_poses(tmp_path / "other.npz")
    with pytest.raises(BadInput, match="expected subject, action"):
        read_poses(good)
    with pytest.raises(BadInput, match="cannot be read"):
        read_poses(tmp_path / "absent.npz")
    with pytest.raises(BadInput, match="no data of poses"):
        read_poses(7)


@pytest.fixture
def filmed():
    """Positions in the frames of two cameras, and what they see in pixels."""
    space, flat = {}, {}
    for number, subject in enumerate(("a", "b", "c")):
        seen = {name: VIRTUAL[k].sees(centred(walk(number))) for k, name in enumerate(("0", "1"))}
        space[subject] = {"walk": seen}
        flat[subject] = {"walk": [VIRTUAL[k].project(seen[name]) for k, name in enumerate("01")]}
    return space, flat


def test_real_cameras_come_with_their_joints(filmed, tmp_path):
    space, flat = filmed
    path = tmp_path / "data_2d_h36m_gt.npz"
    np.savez(path, positions_2d=flat, metadata={"layout_name": "h36m"})
    data = read_poses(space, keypoints=str(path), width=1000, height=1000)
    assert data.inputs.shape == (18, 2, 16, 2)
    assert sorted(len(rows) for rows in data.rows.values()) == [6, 6, 6]
    virtual = read_poses(
        {"positions": np.concatenate([walk(k) for k in range(3)]), "trial": np.repeat(range(3), 6)}
    )
    assert torch.allclose(data.inputs, virtual.inputs[:, :2], atol=1e-6)
    assert torch.allclose(data.targets, virtual.targets[:, :2], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda s, f: {"keypoints": None}, "give the 2-D joints"),
        (lambda s, f: {"width": None}, "width and height"),
        (lambda s, f: f.pop("b"), "keypoints have no b, walk"),
        (lambda s, f: f["b"].update(walk=f["b"]["walk"][:1]), "other cameras"),
        (lambda s, f: s["b"].update(walk=s["b"]["walk"]["0"]), "no cameras below it"),
        (lambda s, f: f["a"].update(walk=[x[:4] for x in f["a"]["walk"]]), "other lengths"),
        (lambda s, f: f["a"].update(walk=[x * np.nan for x in f["a"]["walk"]]), "NaN"),
        (lambda s, f: (s["a"]["walk"].pop("1"), f["a"]["walk"].pop()), "more cameras"),
    ],
    ids=["none", "size", "subject", "cameras", "world", "lengths", "nan", "fewer"],
)
def test_cameras_that_do_not_fit_are_refused(filmed, change, told):
    space, flat = filmed
    options = {"keypoints": flat, "width": 1000, "height": 1000}
    changed = change(space, flat)
    options |= changed if isinstance(changed, dict) and set(changed) <= set(options) else {}
    with pytest.raises(BadInput, match=told):
        read_poses(space, **options)


def plain(**more):
    positions = np.concatenate([walk(k, 4) for k in range(5)])
    return {"positions": positions, "trial": np.repeat(list("abcde"), 4), **more}


def test_frames_of_one_recording_are_in_one_split():
    arrays = plain()
    data = read_poses(arrays)
    trials = [set(arrays["trial"][rows]) for rows in data.rows.values()]
    assert [len(one) for one in trials] == [3, 1, 1]
    assert not set.intersection(*trials)
    other = read_poses(arrays, seed=1)
    assert any(not torch.equal(data.rows[name], other.rows[name]) for name in data.rows)


def test_five_subjects_are_kept_apart():
    arrays = plain(subject=np.repeat(list("vwxyz"), 4), trial=np.arange(20) // 2)
    data = read_poses(arrays)
    parts = [{data.subjects[i] for i in rows} for rows in data.rows.values()]
    assert [len(one) for one in parts] == [3, 1, 1]


def test_what_is_not_used_is_said(tmp_path):
    np.savez(tmp_path / "mine.npz", **plain(speed=np.zeros(20)))
    with pytest.warns(Notice, match="has speed, which are not used"):
        read_poses(tmp_path / "mine.npz")


def test_the_file_of_the_data_set_is_read_as_a_user_s(data_or_skip):
    """The same poses; its own split is not taken over silently."""
    data = data_or_skip("cmu-pose16")
    from zoo_signals.specs.poses import CMU_POSE16

    with pytest.warns(Notice, match="frame, split, which are not used"):
        mine = read_poses(available(CMU_POSE16))
    assert mine.facts == data.facts


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        (plain(positions=1000 * plain()["positions"]), "expected metres"),
        (plain(positions=plain()["positions"][..., [0, 2, 1]]), "with y up"),
        (plain(positions=plain()["positions"][:, :15]), "16, 17 or 32 joints"),
        (plain(positions=plain()["positions"][..., :2]), "three coordinates"),
        (plain(positions=np.full((20, 16, 3), np.nan)), "NaN"),
        (plain(positions="words"), "no array of numbers"),
        (plain(trial=np.arange(3)), "one name for each of 20 frames"),
        ({"positions": plain()["positions"]}, "no 'trial'"),
        (plain(trial=np.zeros(20)), "There are 1 recordings"),
    ],
    ids=["mm", "axis", "joints", "flat", "nan", "words", "names", "trial", "one"],
)
def test_arrays_that_do_not_fit_are_refused(arrays, told):
    with pytest.raises(BadInput, match=told):
        read_poses(arrays)


@pytest.mark.parametrize("every", [0, 1.5, True])
def test_frames_are_counted_in_whole_numbers(every):
    with pytest.raises(BadInput, match="whole number of frames"):
        read_poses(plain(), every=every)
    with pytest.raises(BadInput, match="whole number from 0"):
        read_poses(plain(), seed=-1)


def test_a_folder_of_motion_capture(recordings, tmp_path):
    """The database's recordings, thrice, are three recordings of two bodies."""
    for path in recordings("35.asf", "35_01.amc", "07.asf", "07_01.amc"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(BadInput, match="There are 2 recordings"):
        read_poses(tmp_path, every=40)
    (tmp_path / "35_02.amc").write_bytes((tmp_path / "35_01.amc").read_bytes())
    data = read_poses(tmp_path, every=40)
    assert data.facts == {"poses": 2 * 6 + 8, "subjects": 2, "actions": 1}
    assert data.skeleton == H36M16
    (tmp_path / "8_01.amc").write_bytes((tmp_path / "35_01.amc").read_bytes())
    with pytest.raises(BadInput, match=r"has no 8\.asf beside it"):
        read_poses(tmp_path)


def test_an_empty_folder_is_no_data(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(BadInput, match="has no ASF and AMC files"):
            read_poses(tmp_path)

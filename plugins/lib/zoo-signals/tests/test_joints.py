"""What people give: joints in order or by name, pixels or not, and what is no pose."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from zoo_signals.cameras import denormalised
from zoo_signals.joints import read_joints, size_of, warn_of_size
from zoo_signals.skeleton import H36M16

from zoo_core import BadInput, Notice

NAMES = H36M16.joints
POSE = np.random.default_rng(0).uniform(-0.4, 0.4, (3, 16, 2)).round(6)


def read(source, width=None, height=None, header=None):
    return read_joints(source, NAMES, 16, width, height, header)


def written(path, rows, header="", mark=","):
    lines = [mark.join(map(str, row)) for row in rows]
    path.write_text("\n".join([*([header.replace(",", mark)] if header else []), *lines]) + "\n")
    return path


@pytest.mark.parametrize(
    "source",
    [POSE, torch.from_numpy(POSE), POSE.tolist(), list(POSE)],
    ids=["array", "tensor", "lists", "arrays"],
)
def test_arrays_are_taken_as_they_are(source):
    assert np.allclose(read(source), POSE, atol=1e-7)
    assert np.allclose(read(source[0]), POSE[:1], atol=1e-7)


@pytest.mark.parametrize("mark", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_tables_in_order(tmp_path, mark):
    path = written(tmp_path / "one.csv", POSE[0], "x,y", mark)
    assert np.allclose(read(path), POSE[:1], atol=1e-7)
    path = written(tmp_path / "many.csv", POSE.reshape(-1, 2), "x,y", mark)
    assert np.allclose(read(path), POSE, atol=1e-7)
    path = written(tmp_path / "none.csv", POSE[0], "", mark)
    assert np.allclose(read(path, header=False), POSE[:1], atol=1e-7)


def test_tables_by_name_in_any_order(tmp_path):
    order = np.random.default_rng(1).permutation(16)
    rows = [(NAMES[i].upper() if i % 2 else NAMES[i], *POSE[0, i]) for i in order]
    path = written(tmp_path / "named.csv", rows, "joint,x,y")
    assert np.allclose(read(path), POSE[:1], atol=1e-7)
    rows = [(7 - pose, NAMES[i], *POSE[pose, i]) for pose in range(3) for i in order]
    path = written(tmp_path / "poses.csv", rows, "pose,joint,x,y")
    assert np.allclose(read(path), POSE, atol=1e-7)


def test_tables_with_a_row_for_each_pose(tmp_path):
    header = ",".join(f"{name}_{axis}" for name in NAMES for axis in "xy")
    path = written(tmp_path / "wide.csv", POSE.reshape(3, -1), header)
    assert np.allclose(read(path), POSE, atol=1e-7)
    numbered = np.concatenate([np.arange(3)[:, None], POSE.reshape(3, -1)], 1)
    path = written(tmp_path / "numbered.csv", numbered, f"pose,{header}")
    assert np.allclose(read(path), POSE, atol=1e-7)


def test_pixels_with_the_size_of_their_image(tmp_path):
    pixels = denormalised(POSE, 640, 480)
    path = written(tmp_path / "pixels.csv", pixels.reshape(-1, 2), "x,y")
    assert np.allclose(read(path, width=640, height=480), POSE, atol=1e-6)


def named(*, drop=(), rename=None, extra=()):
    rows = [(name, *POSE[0, i]) for i, name in enumerate(NAMES) if name not in drop]
    return [((rename or {}).get(name, name), x, y) for name, x, y in (*rows, *extra)]


@pytest.mark.parametrize(
    ("rows", "header", "told"),
    [
        (named(drop=["Head"]), "joint,x,y", "has 15 rows; expected 16"),
        (named(rename={"Head": "Neck"}), "joint,x,y", r"has a joint 'Neck'.*Expected: Hip, RHip"),
        (named(rename={"Head": "Heda"}), "joint,x,y", "did you mean 'Head'"),
        (named(rename={"Head": "Hip"}), "joint,x,y", "has Hip twice, and no Head"),
        ([(0, *row) for row in named(drop=["Head"])], "pose,joint,x,y", "pose 0 has 15 joints"),
        (POSE[0, :13], "x,y", "has 13 rows"),
        (POSE[0, :, :1], "x", "expected x and y"),
        ([(*row, 1) for row in POSE[0]], "x,y,confidence", "has a column 'confidence'"),
        ([("a", 1)] * 16, "x,y", "words in the column x"),
        (POSE[0], "", "say header=true or header=false"),
        (named(extra=[]), "name,x,y", "has a column 'name'"),
    ],
    ids=[
        *("missing", "unknown", "near", "twice", "of-pose", "rows", "column", "extra", "words"),
        *("header", "name"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tmp_path, rows, header, told):
    path = written(tmp_path / "wrong.csv", rows, header)
    with pytest.raises(BadInput, match=told):
        read(path)


def test_wide_tables_that_do_not_fit_are_refused(tmp_path):
    columns = [f"{name}_{axis}" for name in NAMES for axis in "xy"]
    path = written(tmp_path / "a.csv", POSE.reshape(3, -1)[:, :-1], ",".join(columns[:-1]))
    with pytest.raises(BadInput, match="has no column RWrist_y"):
        read(path)
    extra = np.concatenate([POSE.reshape(3, -1), np.zeros((3, 1))], 1)
    path = written(tmp_path / "b.csv", extra, ",".join([*columns, "Nose_x"]))
    with pytest.raises(BadInput, match="has a column 'Nose_x'"):
        read(path)


def holed(value):
    found = POSE.copy()
    found[1, 9, 0] = value
    return found


@pytest.mark.parametrize(
    ("source", "more", "told"),
    [
        (None, {}, "Give the 2-D joints"),
        (POSE[:, :15], {}, r"\(3, 15, 2\); expected \(16, 2\)"),
        (np.zeros((16, 3)), {}, r"\(16, 3\); expected"),
        (POSE[:0], {}, "no pose"),
        (holed(np.nan), {}, "Pose 1 has no place for Head"),
        (holed(np.inf), {}, "Pose 1 has no place for Head"),
        (["a"] * 16, {}, "no array of numbers"),
        (1000 * POSE, {}, "without width and height, which pixels need"),
        (1000 * POSE, {"width": 10, "height": 10}, "far outside of the image"),
        (POSE, {"width": 640}, "both width and height"),
        (POSE, {"width": -1, "height": 480}, "in pixels"),
        (POSE, {"width": 640, "height": float("nan")}, "in pixels"),
        ("nowhere.csv", {}, "nowhere.csv"),
    ],
    ids=[
        *("nothing", "joints", "space", "none", "nan", "inf", "words", "pixels", "outside"),
        *("half", "width", "height", "file"),
    ],
)
def test_what_is_no_pose_is_refused(source, more, told):
    with pytest.raises(BadInput, match=told):
        read(source, **more)


def test_a_table_with_holes_is_refused(tmp_path):
    path = written(
        tmp_path / "holes.csv",
        [("", y) if i == 3 else (x, y) for i, (x, y) in enumerate(POSE[0])],
        "x,y",
    )
    with pytest.raises(BadInput, match="Pose 0 has no place for RFoot"):
        read(path)


def test_a_pose_of_another_size_is_said():
    sizes = size_of(POSE)
    with pytest.warns(Notice, match="1 of 3 poses have another size"):
        warn_of_size(POSE.astype(np.float32), (0.0, float(np.sort(sizes)[1]) + 1e-6))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_size(POSE.astype(np.float32), (0.0, 1.0))
        warn_of_size(POSE.astype(np.float32), None)

"""ASF and AMC: a small rig with known positions, the database's own files, what is refused."""

import numpy as np
import pytest
from zoo_signals.motion_capture import joint_positions, read_amc, read_asf, read_motion
from zoo_signals.skeleton import H36M16

from zoo_core import BadInput

ASF = """:version 1.10
:units
  length 0.0254
  angle deg
:root
  order TX TY TZ RX RY RZ
  axis XYZ
  position 0 0 0
  orientation 0 0 0
:bonedata
  begin
    name upper
    direction 1 0 0
    length 2
    axis 0 0 90 XYZ
    dof rx rz
    limits (-1 1)
           (-1 1)
  end
  begin
    name lower
    direction 0 1 0
    length 1
    axis 0 0 0 XYZ
  end
:hierarchy
  begin
    root upper
    upper lower
  end
"""
AMC = """:FULLY-SPECIFIED
:DEGREES
1
root 1 2 3 0 0 0
upper 0 90
2
root 0 0 0 0 0 90
upper 90 0
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "one.asf").write_text(ASF)
    (tmp_path / "one.amc").write_text(AMC)
    return tmp_path / "one.asf", tmp_path / "one.amc"


def test_bones_turn_about_their_own_axes(files):
    rig = read_asf(files[0])
    found = joint_positions(rig, read_amc(files[1], rig), ("root", "upper", "lower"))
    # A unit of length is one metre here. In frame 1 `upper` turns by 90 degrees about z.
    assert np.allclose(found[0], [[1, 2, 3], [1, 4, 3], [0, 4, 3]])
    # In frame 2 about its own x, which its axis has turned to y; the root turns about z after it.
    assert np.allclose(found[1], [[0, 0, 0], [0, 0, -2], [-1, 0, -2]])


def test_a_recording_of_the_database_has_its_known_positions(recordings):
    found = read_motion(*recordings("35.asf", "35_01.amc"))
    assert found.shape == (224, 16, 3)
    known = {
        "Hip": (0.2369, 1.0129, 0.2170),
        "LKnee": (0.3205, 0.5327, 0.4621),
        "Head": (0.2450, 1.6453, 0.2672),
        "RWrist": (-0.0118, 0.9407, 0.3543),
    }
    for name, place in known.items():
        assert np.allclose(found[0, H36M16.joints.index(name)], place, atol=5e-5), name


def test_recordings_are_the_poses_of_the_data_set(recordings, data_or_skip):
    """Every fifth frame, whose root alone was moved: joints from the hip are the same."""
    from zoo_signals.cameras import VIRTUAL

    data = data_or_skip("cmu-pose16")
    found = read_motion(*recordings("07.asf", "07_01.amc"))[::5]
    seen = VIRTUAL[0].sees(found)
    rows = [i for i, name in enumerate(data.subjects) if name == "s07"]
    targets = data.targets[rows, 0].numpy()
    away = np.abs(targets[:, None] - (seen - seen[:, :1])[None, :10]).max((2, 3)).min(0)
    assert away.max() < 2e-6


def edited(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (":bonedata", ":bones", "has no :bonedata"),
        ("angle deg", "angle rad", "angles in 'rad'"),
        ("TX TY TZ RX RY RZ", "RX RY RZ TX TY TZ", "moves its root in the order"),
        ("position 0 0 0", "position 0 1 0", "not at rest"),
        ("axis 0 0 90 XYZ", "axis 0 0 90 ZYX", "axis in the order XYZ"),
        ("direction 1 0 0", "direction 1 0", "no direction and axis"),
        ("dof rx rz", "dof rx l", "moves by"),
        ("length 2", "length two", "'two' where a number"),
        ("length 2", "length nan", "'nan' where a number"),
        ("    name lower\n", "", "without name"),
        ("upper lower", "upper hand", "in one of :bonedata and :hierarchy"),
        ("root upper", "trunk upper", "not below the root"),
    ],
    ids=lambda one: str(one).strip()[:12],
)
def test_what_is_no_skeleton_is_refused(files, old, new, told):
    edited(files[0], old, new)
    with pytest.raises(BadInput, match=told):
        read_asf(files[0])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (":DEGREES", ":RADIANS", "expected :DEGREES"),
        ("upper 0 90\n", "", "frame 1 has no 'upper'"),
        ("upper 90 0\n", "", "frame 2 has no 'upper'"),
        ("upper 0 90", "upper 0 90 0", "is no bone of one.asf with 2 numbers"),
        ("upper 0 90", "hand 0 90", "is no bone of one.asf"),
        ("upper 0 90", "upper 0 90\nupper 0 90", "once a frame"),
        ("upper 0 90", "upper 0 inf", "'inf' where a number"),
        ("1\nroot 1 2 3", "root 1 2 3", "is no bone"),
    ],
    ids=lambda one: repr(str(one))[:14],
)
def test_what_is_no_motion_is_refused(files, old, new, told):
    rig = read_asf(files[0])
    edited(files[1], old, new)
    with pytest.raises(BadInput, match=told):
        read_amc(files[1], rig)


def test_other_files_and_other_skeletons_are_refused(files, tmp_path):
    (tmp_path / "empty.amc").write_text(":DEGREES\n")
    (tmp_path / "image.asf").write_bytes(b"\xff\xd8\xff")
    rig = read_asf(files[0])
    with pytest.raises(BadInput, match="has no frames"):
        read_amc(tmp_path / "empty.amc", rig)
    with pytest.raises(BadInput, match="has no bone 'rhipjoint'"):
        read_motion(*files)
    for path in (tmp_path / "image.asf", tmp_path / "absent.asf"):
        with pytest.raises(BadInput, match="cannot be read as text"):
            read_asf(path)
    with pytest.raises(BadInput, match="has no sections"):
        read_asf(_written(tmp_path / "words.asf", "hello"))


def _written(path, text):
    path.write_text(text)
    return path

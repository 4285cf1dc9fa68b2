"""What users bring: scans and poses of every kind, folders of drives, the released sets."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.spatial.transform import Rotation
from zoo_4dral.bev import RADAR_CAP, image
from zoo_4dral.reading import read_places, read_poses, read_scan, read_session
from zoo_4dral.reading.pcd import _unpacked

from zoo_core import BadInput, Notice

POINTS = np.array([[1.5, -2.0, 0.25], [30.0, 4.0, -1.0], [63.0, 0.5, 2.0]], np.float32)
HEADER = """# .PCD v0.7
VERSION 0.7
FIELDS x y z _ intensity
SIZE 4 4 4 1 2
TYPE F F F U U
COUNT 1 1 1 3 1
WIDTH 3
HEIGHT 1
POINTS 3
DATA {}
"""
ROW = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("_", "u1", (3,)), ("intensity", "<u2")])


def packed(content):
    """LZF with literals, and a reference for what repeats."""
    found, place = bytearray(), 0
    while place < len(content):
        run = 1
        while (
            place
            and run < 264
            and content[place : place + run + 1] == bytes([content[place - 1]]) * (run + 1)
        ):
            run += 1
        if run > 9:
            found += bytes([0b11100000, run - 9, 0])
            place += run
        else:
            found += bytes([0, content[place]])
            place += 1
    sizes = len(found).to_bytes(4, "little") + len(content).to_bytes(4, "little")
    return sizes + bytes(found)


def pcd(written):
    rows = np.zeros(3, ROW)
    for place, axis in enumerate("xyz"):
        rows[axis] = POINTS[:, place]
    rows["intensity"] = [7, 8, 9]
    if written == "ascii":
        lines = [" ".join(map(str, [*point, 0, 0, 0, 7])) for point in POINTS.tolist()]
        return (HEADER.format("ascii") + "\n".join(lines) + "\n").encode()
    body = rows.tobytes()
    if written == "binary_compressed":
        body = packed(b"".join(np.ascontiguousarray(rows[name]).tobytes() for name in ROW.names))
    return HEADER.format(written).encode() + body


@pytest.mark.parametrize("written", ["ascii", "binary", "binary_compressed"])
def test_point_clouds_of_the_library_are_read(tmp_path, written):
    path = tmp_path / "scan.pcd"
    path.write_bytes(pcd(written))
    assert np.array_equal(read_scan(path), POINTS)
    path.write_bytes(pcd(written)[:-8])
    with pytest.raises(BadInput, match="does not have the 3 points"):
        read_scan(path)


@settings(max_examples=30)
@given(content=st.binary(max_size=60), repeats=st.integers(1, 80))
def test_what_was_packed_is_unpacked(content, repeats):
    content = content + bytes([5]) * repeats + content
    assert _unpacked(packed(content)) == content


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x89PNG", "no line DATA"),
        (HEADER.format("zip").encode(), "header is zip"),
        (HEADER.format("binary").replace("POINTS 3", "POINTS -3").encode(), "-3 points"),
        (HEADER.format("ascii").replace("TYPE F F F U U", "TYPE F F Q U U").encode(), "'Q'"),
        (
            HEADER.format("ascii").replace(" x y z", " a b c").encode() + b"1 2 3 0 0 0 1\n" * 3,
            "no x and y",
        ),
    ],
    ids=["no header", "kind", "count", "type", "fields"],
)
def test_point_clouds_that_are_none_are_refused(tmp_path, content, told):
    (tmp_path / "scan.pcd").write_bytes(content)
    with pytest.raises(BadInput, match=told):
        read_scan(tmp_path / "scan.pcd")


def sources(folder):
    """The same points in each way in which people have them."""
    wide = np.pad(POINTS, ((0, 0), (0, 4)), constant_values=3).astype("<f4")
    (folder / "radar.bin").write_bytes(wide.tobytes())
    yield "radar file", folder / "radar.bin", {}
    (folder / "lidar.bin").write_bytes(wide[:, :4].tobytes())
    yield "lidar file", folder / "lidar.bin", {"sensor": "lidar"}
    (folder / "other.bin").write_bytes(np.roll(wide[:, :5], 1, 1).tobytes())
    yield "named columns", folder / "other.bin", {"columns": "ring, X, y, z, i"}
    np.save(folder / "scan.npy", wide)
    yield "npy", folder / "scan.npy", {}
    np.savez(folder / "points.npz", points=wide, more=np.zeros(3))
    yield "npz", folder / "points.npz", {}
    np.savez(folder / "axes.npz", z=POINTS[:, 2], x=POINTS[:, 0], y=POINTS[:, 1])
    yield "npz of axes", folder / "axes.npz", {}
    frame = pd.DataFrame(
        {"rcs": [1.0, 2.0, 3.0], **dict(zip(("X", "Y", "Z"), POINTS.T, strict=True))}
    )
    frame.to_csv(folder / "scan.csv", index=False)
    yield "csv", folder / "scan.csv", {}
    np.savetxt(folder / "scan.txt", wide[:, :4])
    yield "text", folder / "scan.txt", {}
    yield "frame", frame, {}
    yield "tensor", torch.from_numpy(wide), {}
    yield "bfloat16", torch.from_numpy(wide).bfloat16(), {}
    yield "list", POINTS.tolist(), {}
    yield "mapping", {"x": POINTS[:, 0], "y": POINTS[:, 1], "z": POINTS[:, 2]}, {}
    yield "records", np.array(list(map(tuple, POINTS)), [(axis, "f4") for axis in "xyz"]), {}


def test_scans_are_read_from_whatever_has_them(tmp_path, recwarn):
    for label, source, options in sources(tmp_path):
        assert np.allclose(read_scan(source, **options), POINTS), label
    said = {str(one.message) for one in recwarn if one.category is Notice}
    assert "Scans in .bin files were read as rows of 4 float32: x, y, z, reflectance." in said
    flat = read_scan(POINTS, columns="y,a,x")
    assert np.allclose(flat, np.column_stack([POINTS[:, 2], POINTS[:, 0], np.zeros(3)]))


def raw(folder, numbers):
    path = folder / "scan.bin"
    path.write_bytes(np.asarray(numbers, "<f4").tobytes())
    return path


def saved(folder, array):
    np.save(folder / "scan.npy", array)
    return folder / "scan.npy"


def emptied(folder):
    (folder / "scan.csv").write_text("# x, y, z\n")
    return folder / "scan.csv"


@pytest.mark.parametrize(
    ("source", "options", "told"),
    [
        (lambda folder: np.empty((0, 3)), {}, "has no points"),
        (lambda folder: raw(folder, []), {}, "scan.bin has no points"),
        (lambda folder: np.full((3, 3), np.nan), {}, "has no points"),
        (lambda folder: raw(folder, range(8)), {}, r"no rows of 7 float32 \(x, y, z, rcs"),
        (lambda folder: raw(folder, [1e9] * 28), {}, "coordinates beyond 1000 m"),
        (lambda folder: folder / "none.bin", {}, "There is no file"),
        (
            lambda folder: raw(folder, range(7)).rename(folder / "a.las"),
            {},
            "no scan by its suffix",
        ),
        (lambda folder: POINTS, {"columns": "x,z"}, "expected names, each once, with x and y"),
        (lambda folder: POINTS, {"columns": "x,y"}, "has 3 columns, and 2 names"),
        (lambda folder: POINTS, {"sensor": "sonar"}, "expected radar or lidar"),
        (lambda folder: POINTS[0], {}, r"has the shape \(3,\)"),
        (lambda folder: [["a", "b", "c"]], {}, "expected numbers in rows"),
        (lambda folder: [[1, 2, 3], [4]], {}, "rows that differ in length"),
        (lambda folder: np.ones((2, 3), complex), {}, "expected numbers in rows"),
        (lambda folder: pd.DataFrame({"x": ["a"], "y": [1]}), {}, "has the text 'a'"),
        (lambda folder: None, {}, "NoneType"),
        (lambda folder: {"x": [1.0], "z": [2.0]}, {}, "has no x and y; it has x, z"),
        (lambda folder: {"x": [1.0], "y": [2.0, 3.0]}, {}, "shapes that differ"),
        (lambda folder: pd.DataFrame({"a": [1.0]}), {}, "has no columns x and y"),
        (lambda folder: POINTS[:, :1], {}, "has 1 columns"),
        (lambda folder: np.zeros((64, 32)), {}, "points have 15 columns at most"),
        (lambda folder: saved(folder, np.zeros((64, 64))), {}, "points have 15 columns at most"),
        (lambda folder: saved(folder, np.empty((0, 3))), {}, "scan.npy has no points"),
        (lambda folder: emptied(folder), {}, "scan.csv has no rows; expected numbers"),
    ],
    ids=range(24),
)
def test_scans_that_are_none_are_refused(tmp_path, source, options, told):
    with pytest.raises(BadInput, match=told):
        read_scan(source(tmp_path), **options)


def test_returns_that_are_none_are_left_out_and_told():
    scan = np.vstack([POINTS, [[np.nan, 1, 1], [np.inf, 0, 0], [0, 0, 0]]])
    with pytest.warns(Notice) as said:
        assert np.array_equal(read_scan(scan), POINTS)
    assert [str(one.message) for one in said] == [
        "The scan: 2 returns that are no finite numbers were left out.",
        "The scan: 1 returns at (0, 0, 0), which stand for none, were left out.",
    ]


PLANE = np.array([[1.0, 2.0, 0.3], [4.0, -1.0, -2.0]])


def body_matrices():
    turns = Rotation.from_euler("z", PLANE[:, [2]]).as_matrix()
    return np.concatenate([turns, np.pad(PLANE[:, :2], ((0, 0), (0, 1)))[:, :, None]], 2)


def camera_matrices():
    """Of a camera that looks ahead: x right, y down, z ahead."""
    swap = np.array([[0.0, -1, 0], [0, 0, -1], [1, 0, 0]])
    body = body_matrices()
    return np.concatenate([swap @ body[:, :, :3] @ swap.T, swap @ body[:, :, 3:]], 2)


def test_poses_are_read_from_the_formats_in_use(tmp_path, recwarn):
    np.savetxt(tmp_path / "kitti.txt", camera_matrices().reshape(2, 12))
    quaternions = Rotation.from_euler("z", PLANE[:, [2]]).as_quat()
    tum = np.column_stack([[0.0, 0.1], np.pad(PLANE[:, :2], ((0, 0), (0, 1))), quaternions])
    np.savetxt(tmp_path / "tum.txt", tum, header="timestamp tx ty tz qx qy qz qw")
    frame = pd.DataFrame({"t": [1, 2], "Yaw": PLANE[:, 2], "x": PLANE[:, 0], "y": PLANE[:, 1]})
    frame.to_csv(tmp_path / "poses.csv", index=False)
    np.savetxt(tmp_path / "plain.txt", PLANE)
    square = np.concatenate([body_matrices(), np.tile([[[0.0, 0, 0, 1]]], (2, 1, 1))], 1)
    for source, options in (
        (tmp_path / "kitti.txt", {}),
        (camera_matrices(), {}),
        (tmp_path / "tum.txt", {}),
        (tmp_path / "poses.csv", {}),
        (frame, {}),
        (tmp_path / "plain.txt", {}),
        (square, {"frame": "body"}),
        (torch.from_numpy(PLANE), {}),
    ):
        assert np.allclose(read_poses(source, **options), PLANE), source
    said = {str(one.message) for one in recwarn if one.category is Notice}
    assert any("kitti.txt: matrices were taken as those of KITTI's camera" in one for one in said)


@pytest.mark.parametrize(
    ("source", "options", "told"),
    [
        (np.zeros((2, 5)), {}, "5 numbers a row"),
        (np.zeros((2, 8)), {}, "quaternions whose norm is not 1"),
        (np.zeros((2, 12)), {}, "rotations that are none"),
        (np.array([[0.0, 0, 90]]), {}, "give them in radians"),
        (np.array([[0.0, np.nan, 0]]), {}, "not finite"),
        (np.empty((0, 3)), {}, "has no poses"),
        (np.zeros(3), {}, "expected a pose in each row"),
        (np.zeros((2, 3), complex), {}, "expected numbers in rows"),
        ({"x": ["a"], "y": [1], "yaw": [0]}, {}, "has the text 'a'"),
        (PLANE, {"frame": "world"}, "expected camera or body"),
        ("nowhere.txt", {}, "There is no file"),
    ],
    ids=range(11),
)
def test_poses_that_are_none_are_refused(source, options, told):
    with pytest.raises(BadInput, match=told):
        read_poses(source, **options)


def drive(folder, count=3, sensor="radar", seed=0):
    rng = np.random.default_rng(seed)
    (folder / sensor).mkdir(parents=True)
    for number in range(count):
        np.save(folder / sensor / f"{number}.npy", rng.uniform(1, 30, (20, 3)))
    np.savetxt(folder / "poses.txt", np.column_stack([np.arange(count), np.zeros((count, 2))]))
    return folder


def test_a_folder_of_drives_is_data(tmp_path):
    for part in ("train/a", "train/b", "test"):
        for name in ("database", "query"):
            drive(tmp_path / part / name, 11)
    data = read_places(tmp_path)
    assert list(data.splits) == ["train", "test"]
    assert [world.name for world in data.worlds("train")] == ["a", "b"]
    [world] = data.worlds("test")
    assert world.query.lidar is None and world.query.radar.shape == (11, 64, 64)
    # The eleventh file is called 10, and comes last.
    scan = np.load(tmp_path / "test" / "query" / "radar" / "10.npy")
    assert np.array_equal(world.query.radar[10], image(scan, RADAR_CAP))
    assert world.query.poses[10].tolist() == [10, 0, 0]
    assert world.query.files["radar"][9:] == ["9.npy", "10.npy"]
    assert read_places(data) is data
    assert read_places(tmp_path / "test", size=200).size == 200


def test_scans_are_gathered_in_the_frame_of_the_newest(tmp_path):
    """A point that stands still 20 m ahead of the first pose, a metre nearer each time."""
    folder = drive(tmp_path / "drive")
    for number in range(3):
        np.save(folder / "radar" / f"{number}.npy", np.array([[20.5 - number, 0.5, 0.0]]))
    found = read_session(folder, scans=3).radar
    assert [one.nonzero()[0].tolist() for one in found] == [[20], [19], [18]]
    assert found[2].max() > found[1].max() > found[0].max()


def test_only_the_sensor_that_is_asked_for_is_read(tmp_path):
    folder = drive(tmp_path / "drive")
    (folder / "lidar").mkdir()
    for number in range(3):
        (folder / "lidar" / f"{number}.npy").write_bytes(b"damaged")
    session = read_session(folder)
    assert session.radar.shape == (3, 64, 64) and session.size == 64
    with pytest.raises(BadInput, match=r"0\.npy is not an npy file"):
        _ = session.lidar


def spoiled(folder, act):
    drive(folder / "database")
    drive(folder / "query")
    act(folder / "query")
    return folder


def write_image(path, size, mode="L"):
    Image.new(mode, size).save(path)


def two_images(folder, *sizes):
    (folder / "radar").rename(folder / "old")
    (folder / "radar_bev").mkdir()
    for number, size in enumerate(sizes):
        write_image(folder / "radar_bev" / f"{number}.png", size)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda query: np.savetxt(query / "poses.txt", PLANE), "3 files of radar and 2 poses"),
        (lambda query: (query / "poses.txt").unlink(), "has no poses; expected poses.txt"),
        (lambda query: (query / "radar").rename(query / "sonar"), "has no scans"),
        (lambda query: write_image(query / "radar" / "3.png", (9, 9)), "has scans and images"),
        (
            lambda query: two_images(query, (9, 9), (8, 8), (9, 9)),
            "1.png has 8 x 8 pixels, and 0.png",
        ),
        (lambda query: two_images(query, (9, 8), (9, 8), (9, 8)), "expected a square"),
        (lambda query: (query / "radar" / "1.npy").write_bytes(b"x"), "1.npy"),
    ],
    ids=["poses", "no poses", "no scans", "both", "sizes", "not square", "damaged"],
)
def test_drives_that_do_not_fit_are_refused(tmp_path, act, told):
    folder = spoiled(tmp_path, act)
    with pytest.raises(BadInput, match=told):
        _ = read_places(folder).worlds("test")[0].query.radar


def test_folders_without_drives_are_refused(tmp_path):
    for source, told in (
        (tmp_path, "has no world"),
        (tmp_path / "none", "There is no folder"),
        (3, "int are no drives"),
    ):
        with pytest.raises(BadInput, match=told):
            read_places(source)


def released(folder, queries):
    for name in ("database", "query"):
        for sensor in ("radar_bev", "lidar_bev"):
            part = folder / "test" / name / sensor
            part.mkdir(parents=True)
            for number in range(4):
                image = np.full((200, 200), 10 * number, np.uint8)
                Image.fromarray(image).save(part / f"{number:05d}.jpg")
    path = folder / "ntu4d_val_evaluation_query_25.pickle"
    path.write_bytes(pickle.dumps(queries))
    return folder


def test_the_released_layout_is_read_by_its_lists(tmp_path):
    queries = {
        0: {"index": 2, "file": "a", "northing": np.float64(1.5), "positives": [0, 3]},
        1: {"index": 1, "file": "b", "northing": 2.5, "positives": np.array([], int)},
    }
    with pytest.warns(Notice, match="stand for poses"):
        data = read_places(released(tmp_path, queries))
    assert list(data.splits) == ["test"]
    [world] = data.worlds("test")
    assert world.database.radar.shape == (4, 200, 200) and len(world.query) == 2
    assert world.query.lidar[0, 5, 5] == pytest.approx(20, abs=1)
    assert world.metres()[0].tolist() == [0, np.inf, np.inf, 0]
    assert np.isinf(world.metres()[1]).all()


class Harm:
    def __reduce__(self):
        return (eval, ("1 + 1",))


@pytest.mark.parametrize(
    ("queries", "told"),
    [
        (Harm(), "could run code; the file was refused"),
        ([{"positives": [Harm()]}], "could run code"),
        ([{"index": 1}], "without a list of positives"),
        ([], "no list of queries"),
        ([{"positives": [9]}], "names places that the database of 4"),
        ([{"index": 7, "positives": [1]}], "There is no image 00007.jpg"),
    ],
    ids=["code", "code within", "no positives", "none", "unknown place", "no image"],
)
def test_lists_that_are_none_are_refused(tmp_path, queries, told):
    with pytest.raises(BadInput, match=told):
        read_places(released(tmp_path, queries))
    (tmp_path / "ntu4d_val_evaluation_query_25.pickle").write_bytes(b"\x80\x05cut")
    with pytest.raises(BadInput, match="or is damaged"):
        read_places(tmp_path)


def timed(folder, names, times, sensor="radar"):
    """A drive along x at 10 m/s from the time 1645513241 on, turning across the half turn."""
    (folder / sensor).mkdir(parents=True)
    for name in names:
        np.save(folder / sensor / f"{name}.npy", np.array([[20.5, 0.5, 0.0]]))
    turns = np.pi + 0.1 * np.asarray(times)
    rows = [10 * np.asarray(times), 0 * turns, 0 * turns, 0 * turns, 0 * turns]
    rows += [np.sin(turns / 2), np.cos(turns / 2)]
    np.savetxt(folder / "poses.tum", np.column_stack([1645513241 + np.asarray(times), *rows]))
    return folder


@pytest.mark.parametrize(
    "names",
    [
        ["1645513241.25", "1645513242.00", "1645513249.00"],
        ["1645513241_250000000", "1645513242_000000000", "1645513249_000000000"],
        ["1645513241250", "1645513242000", "1645513249000"],
        ["1645513241250000000", "1645513242000000000", "1645513249000000000"],
    ],
    ids=["seconds", "parts", "milli", "nano"],
)
def test_poses_are_taken_at_the_times_of_scans(tmp_path, names):
    folder = timed(tmp_path / "drive", names, np.arange(-0.3, 2, 0.2))
    with pytest.warns(Notice, match="1 of 3 scans of radar have no pose near in time"):
        found = read_session(folder)
    assert np.allclose(found.poses[:, 0], [2.5, 10.0], atol=1e-4)
    assert np.allclose(np.cos(found.poses[:, 2] - np.pi - [0.025, 0.1]), 1)
    assert found.files["radar"] == [f"{name}.npy" for name in names[:2]] and len(found.radar) == 2


def test_two_sensors_meet_by_their_times(tmp_path):
    folder = timed(tmp_path / "drive", ["1645513241.0", "1645513241.5"], [0, 0.6])
    timed(tmp_path / "other", ["1645513240.98", "1645513241.09", "1645513241.8"], [0], "lidar")
    (tmp_path / "other/lidar").rename(folder / "lidar")
    with pytest.warns(Notice, match="1 of 2 scans .* or no scan of the other sensor"):
        found = read_session(folder)
    assert found.files == {"radar": ["1645513241.0.npy"], "lidar": ["1645513240.98.npy"]}


def test_times_that_do_not_match_are_refused(tmp_path):
    folder = timed(tmp_path / "drive", ["0", "1"], [0, 1, 2])
    with pytest.raises(BadInput, match="2 files of radar and 3 poses"):
        read_session(folder)
    (folder / "times.txt").write_text("1645513241.5\n")
    with pytest.raises(BadInput, match="table of 1 x 1 for 2 files"):
        read_session(folder)
    (folder / "times.txt").write_text("1645513241.5\n1645513242.5\n")
    assert np.allclose(read_session(folder).poses[:, 0], [5, 15], atol=1e-4)
    (folder / "times.txt").write_text("0.0\n0.1\n")
    with pytest.raises(BadInput, match=r"from 0.000 to 0.100 s and poses from 1645513241.000"):
        read_session(folder)
    np.savetxt(folder / "poses.tum", np.tile([1.0, 0, 0, 0, 0, 0, 0, 1], (2, 1)))
    with pytest.raises(BadInput, match="do not increase"):
        read_session(folder)

"""What users have: catalogues of every kind, many clouds to train on, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from zoo_clouds.box import Box
from zoo_clouds.clouds import Cloud
from zoo_clouds.mini import cosmo_mini_clouds
from zoo_clouds.reading import read_cloud, read_clouds

from zoo_core import BadInput, Notice

POINTS = np.random.default_rng(0).random((40, 3)) * 200
SPEEDS = np.random.default_rng(1).normal(size=(40, 3))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def frame(**more):
    columns = dict(zip("xyz", POINTS.T, strict=True)) | more
    return pd.DataFrame(columns)


def test_every_kind_of_one_catalogue(folder):
    h5py = pytest.importorskip("h5py")
    frame(**dict(zip(("vx", "vy", "vz"), SPEEDS.T, strict=True))).to_csv("a.csv", index=False)
    frame().rename(columns=str.upper).to_csv("b.csv", index=False)
    np.savetxt("c.txt", POINTS, header="x y z", comments="")
    np.savez("d.npz", positions=POINTS, velocities=SPEEDS, box=250.0, units="Mpc/h")
    np.savez("e.npz", **dict(zip("XYZ", POINTS.T, strict=True)))
    with h5py.File("f.hdf5", "w") as file:
        for axis, column in zip("XYZ", POINTS.T, strict=True):
            file[axis] = column
        file.attrs["BoxSize"] = 250.0
    sources = ["a.csv", "b.csv", "c.txt", "d.npz", "e.npz", "f.hdf5", POINTS, frame(),
               torch.from_numpy(POINTS), {"pos": POINTS}, folder / "a.csv"]  # fmt: skip
    for source in sources:
        found = read_cloud(source, box=250.0)
        assert found.positions == pytest.approx(POINTS) and found.box == Box.cube(250.0)
    for source in ("a.csv", "d.npz"):
        assert read_cloud(source, box=250.0).velocities == pytest.approx(SPEEDS)
    for source in ("d.npz", "f.hdf5"):
        assert read_cloud(source).box == Box.cube(250.0)
    assert read_cloud(POINTS).box == Box.open(3)
    cloud = Cloud(POINTS, Box.cube(250.0))
    assert read_cloud(cloud) is cloud


def test_units():
    found = read_cloud(POINTS * 1000, box=250_000.0, units="kpc/h")
    assert found.positions == pytest.approx(POINTS) and found.box.sizes[0] == pytest.approx(250)
    found = read_cloud(POINTS / 0.6711, box=250 / 0.6711, units="Mpc")
    assert found.positions == pytest.approx(POINTS)
    with pytest.raises(BadInput, match="units='lightyears'; expected one of Mpc/h, kpc/h"):
        read_cloud(POINTS, box=250.0, units="lightyears")


def test_the_side_itself_is_zero_and_duplicates_are_told():
    edge = POINTS.copy()
    edge[0] = [250.0, 0.0, 1.0]
    assert read_cloud(edge, box=250.0).positions[0].tolist() == [0, 0, 1]
    edge[1] = edge[2] = edge[3]
    with pytest.warns(Notice, match="2 points are at the very place"):
        read_cloud(edge, box=250.0)


def test_other_columns_are_told(folder):
    frame(mass=1.0).to_csv("a.csv", index=False)
    with pytest.warns(Notice, match="Not used of a.csv: mass"):
        read_cloud("a.csv", box=250.0)


def changed(row, value):
    points = POINTS.copy()
    points[row] = value
    return points


@pytest.mark.parametrize(
    ("source", "more", "told"),
    [
        (np.zeros((0, 3)), {}, "one point or more"),
        (changed(7, np.nan), {}, "no finite numbers in 1 rows, row 7"),
        (changed(3, [300, 1, 1]), {}, r"1 points outside of a box of 250 x 250 x 250, row 3"),
        (changed(3, [-1, 1, 1]), {}, "wrap them"),
        (POINTS * 1000, {}, "look like kpc in a box in Mpc"),
        (POINTS, {"box": 250_000.0}, "box seems to be in another unit"),
        (np.zeros((4, 9)), {"box": None}, "1 to 8 coordinates"),
        (np.zeros(4), {}, r"shape \(4,\)"),
        (np.array([["a", "b"]]), {"box": None}, "a"),
        ({"mass": POINTS}, {}, "no positions"),
        ({"x": POINTS[:, 0], "y": POINTS[:3, 1]}, {"box": None}, "unlike lengths"),
        ({"positions": POINTS, "velocities": SPEEDS[:3]}, {}, r"velocities of the shape \(3, 3\)"),
        ({"positions": POINTS, "units": "kpc/h"}, {}, "says that it is in kpc/h"),
        (pd.DataFrame({"a": [1.0], "b": [2.0]}), {}, "no columns x, y and z"),
        (POINTS, {"box": [250, 250]}, "2 axes and points have 3"),
    ],
    ids=[
        "empty", "nan", "outside", "negative", "kpc", "far box", "axes", "flat", "words", "mass",
        "unlike", "speeds", "units", "columns", "box",
    ],
)  # fmt: skip
def test_no_catalogue(source, more, told):
    with pytest.raises(BadInput, match=told):
        read_cloud(source, **{"box": 250.0, **more})


def test_many_clouds(folder):
    rng = np.random.default_rng(0)
    positions, targets = rng.random((20, 15, 2)), rng.random((20, 2))
    found = read_clouds({"positions": positions, "targets": targets, "names": ["a", "b"]}, box=1.0)
    assert found.splits == ("train", "val", "test") and list(found.names) == ["a", "b"]
    assert sorted(torch.cat(list(found.rows.values())).tolist()) == list(range(20))
    assert [len(rows) for rows in found.rows.values()] == [12, 4, 4]
    flat = {"positions": positions.reshape(-1, 2), "offsets": np.arange(21) * 15}
    np.savez("flat.npz", **flat, targets=targets[:, 0], box=1.0)
    ragged = read_clouds("flat.npz")
    assert list(ragged.names) == ["target 0"] and len(ragged.clouds[3]) == 15
    assert ragged.clouds[3].positions == pytest.approx(positions[3])
    again = read_clouds("flat.npz", seed=1)
    assert not torch.equal(again.rows["test"], ragged.rows["test"])


def test_a_folder_with_targets(folder):
    for number in range(12):
        frame().to_csv(f"{number}.csv", index=False)
    table = pd.DataFrame({"file": [f"{n}.csv" for n in range(12)], "Omega_m": np.arange(12) / 10})
    table.to_csv("targets.csv", index=False)
    found = read_clouds(folder, box=250.0)
    assert list(found.names) == ["Omega_m"] and found.targets.shape == (12, 1)
    assert found.clouds[5].positions == pytest.approx(POINTS)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"positions": np.zeros((3, 4, 2))}, "3 clouds; expected 10"),
        ({"positions": np.zeros((30, 2))}, "no list of clouds"),
        ({"positions": np.zeros((30, 2)), "offsets": [0, 20]}, "no list of clouds"),
        ({"targets": np.zeros(3)}, "no positions"),
        ({"positions": np.zeros((12, 4, 2)), "targets": np.zeros((11, 1))}, "targets have the"),
        ({"positions": np.zeros((12, 4, 2)), "targets": np.full((12, 1), np.nan)}, "finite"),
        (3, "int is no source"),
    ],
    ids=["few", "offsets", "wrong offsets", "none", "targets", "nan", "number"],
)
@pytest.mark.filterwarnings("ignore::zoo_core.Notice")
def test_no_clouds(source, told):
    with pytest.raises(BadInput, match=told):
        read_clouds(source, box=1.0)


def test_a_dataset_in_place_of_a_catalogue(folder, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(folder))
    data = cosmo_mini_clouds(points=32)
    with pytest.warns(Notice, match="first of the test"):
        assert len(read_cloud(data)) == 32
    assert read_clouds(data) is data

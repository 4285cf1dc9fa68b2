"""The real benchmark, on small files in its own layout: reading, splits, what is refused."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from zoo_clouds import suites as own
from zoo_clouds.reading import read_cloud, read_clouds
from zoo_clouds.specs.sources import SUITES

from zoo_core import BadInput, DataError, dataset, fetch

h5py = pytest.importorskip("h5py")
SIZES = {"train": 12, "val": 4, "test": 5}


def write(path, count, group="LH", length=25.0, seed=0, velocities=True):
    """Write clouds as the benchmark does, a point at the side itself among them."""
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        clouds = file.create_group(group)
        for number in range(count):
            one = clouds.create_group(f"{group}_{number}")
            points = (rng.random((20 + number, 3)) * length).astype(np.float32)
            points[0, 0] = length
            for axis, column in zip("XYZ", points.T, strict=True):
                one[axis] = column
                if velocities:
                    one[f"V{axis}"] = rng.normal(size=len(points)).astype(np.float32)
        known = file.create_group("params")
        known["Omega_m"] = rng.uniform(0.1, 0.5, count)
        known["sigma_8"] = rng.uniform(0.6, 1.0, count)


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A mirror with small files of CAMELS, and the suite with as many clouds."""
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(SUITES, "CAMELS", replace(SUITES["CAMELS"], counts=(12, 4, 5)))
    for number, (part, count) in enumerate(SIZES.items()):
        write(tmp_path / f"cosmobench/CAMELS/ALL_galaxies_{part}.hdf5", count, seed=number)
    return tmp_path


def test_a_suite_is_read(mirror):
    data = dataset("cosmobench-camels")
    assert {part: len(rows) for part, rows in data.rows.items()} == SIZES
    assert data.targets.shape == (21, 2) and data.names == ("Omega_m", "sigma_8")
    assert data.facts["suite"] == "CAMELS" and len(data.clouds) == 21
    first, later = data.clouds[0], data.clouds[13]
    assert first.positions.shape == (20, 3) and later.positions.shape == (21, 3)
    assert first.positions[0, 0] == 0 and first.positions.max() < 25
    assert first.velocities.shape == (20, 3)
    assert [len(one) for one in data.clouds[11:14]] == [31, 20, 21]
    with pytest.raises(IndexError, match="no cloud 21"):
        data.clouds[21]


def test_what_is_not_here_is_told(mirror):
    with pytest.raises(DataError, match=r"would have been downloaded from https://users.flat"):
        dataset("cosmobench-camels-sam")
    write(mirror / "cosmobench/CAMELS/ALL_galaxies_val.hdf5", 3)
    with pytest.raises(DataError, match="has 3 clouds and the paper has 4"):
        dataset("cosmobench-camels")


def test_a_folder_of_one_s_own(tmp_path):
    for part, count in SIZES.items():
        write(tmp_path / f"Quijote_{part}_top.hdf5", count, "BSQ", 1000.0, velocities=False)
    found = read_clouds(tmp_path, box=1000)
    assert len(found.rows["test"]) == 5 and found.clouds[0].velocities is None
    with pytest.raises(BadInput, match="does not tell its box"):
        read_clouds(tmp_path)
    write(tmp_path / "another_test.hdf5", 2, "BSQ")
    with pytest.raises(BadInput, match="2 HDF5 files with 'test'"):
        read_clouds(tmp_path, box=1000)


def test_other_layouts(tmp_path):
    path = tmp_path / "a.hdf5"
    with h5py.File(path, "w") as file:
        file.create_group("galaxies")
    with pytest.raises(BadInput, match="expected a group BSQ or LH"):
        own.clouds_of({"train": path}, 25.0)
    with pytest.raises(BadInput, match="has no array"):
        read_cloud(path, box=25.0)
    write(path, 3)
    with h5py.File(path, "a") as file:
        del file["params"]["sigma_8"]
    with pytest.raises(BadInput, match="no parameter sigma_8"):
        own.clouds_of({"train": path}, 25.0)
    write(path, 3)
    with h5py.File(path, "a") as file:
        del file["LH/LH_1/Z"]
    with pytest.raises(BadInput, match=r"a.hdf5, LH_1 has no X, Y and Z"):
        own.clouds_of({"train": path}, 25.0).clouds[1]
    write(path, 3)
    with h5py.File(path, "a") as file:
        del file["params"]["Omega_m"]
        file["params"]["Omega_m"] = [0.1, 0.2]
        del file["params"]["sigma_8"]
        file["params"]["sigma_8"] = [0.7, 0.8]
    with pytest.raises(BadInput, match="3 clouds and parameters of 2"):
        own.clouds_of({"train": path}, 25.0)
    with pytest.raises(BadInput, match="3 clouds under LH; train on it"):
        read_cloud(path, box=25.0)
    path.write_bytes(b"no HDF5")
    with pytest.raises(BadInput, match="no HDF5 file"):
        read_cloud(path, box=25.0)


def test_without_h5py(tmp_path, monkeypatch):
    write(tmp_path / "a.hdf5", 1)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(DataError, match="pip install h5py"):
        read_cloud(tmp_path / "a.hdf5", box=25.0)


def test_addresses_are_the_published_ones():
    urls = [file.url for suite in SUITES.values() for file in suite.files]
    begin = "https://users.flatironinstitute.org/~fvillaescusa/CosmoBench"
    assert urls[0] == f"{begin}/CAMELS/ALL_galaxies_train.hdf5"
    assert urls[5] == f"{begin}/CAMELS-SAM/galaxies/top5000_galaxies_test.hdf5"
    assert callable(fetch)

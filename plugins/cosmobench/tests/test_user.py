"""What a user does with points of their own, in the shell and in Python."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from zoo_clouds.mini import cosmo_mini_clouds
from zoo_clouds.specs.sources import SUITES
from zoo_cosmobench.published import RADII

import zoo
from zoo_core import BadInput, Notice

OF_PARAMETERS = ("cosmo-lls-param-mini", "cosmo-2pcf-mlp-mini", "cosmo-gnn-param-mini")
OF_VELOCITIES = ("cosmo-lls-velocity-mini", "cosmo-linear-theory-mini", "cosmo-gnn-velocity-mini")


@pytest.fixture(scope="module")
def cloud():
    return cosmo_mini_clouds().clouds[830]


@pytest.fixture(scope="module")
def home(tmp_path_factory, cloud):
    """A folder with a catalogue, in Mpc/h and in kpc/h, and one that is broken."""
    folder = tmp_path_factory.mktemp("home")
    table = pd.DataFrame(cloud.positions, columns=list("xyz"))
    table.to_csv(folder / "my.csv", index=False)
    (table * 1000).to_csv(folder / "kpc.csv", index=False)
    table.loc[3, "x"] = np.nan
    table.to_csv(folder / "broken.csv", index=False)
    np.savez(folder / "my.npz", positions=cloud.positions, box=250.0)
    return folder


@pytest.fixture
def run(home, monkeypatch, zoo_here):
    monkeypatch.chdir(home)
    return zoo_here


@pytest.mark.parametrize("name", OF_PARAMETERS)
def test_a_catalogue_tells_its_universe(run, name):
    done = run("predict", name, "my.csv", "--box", "250", "--json")
    assert done.code == 0, done.err
    assert [row["parameter"] for row in done.json] == ["Omega_m", "sigma_8"]
    for row, ends in zip(done.json, ((0.1, 0.5), (0.6, 1.0)), strict=True):
        assert ends[0] <= row["from"] < row["value"] < row["to"] <= ends[1]


def test_units_and_files_make_no_difference(run):
    first = run("predict", OF_PARAMETERS[0], "my.csv", "--box", "250", "--json").json
    kpc = ("predict", OF_PARAMETERS[0], "kpc.csv", "--box", "250000", "--units", "kpc/h", "--json")
    packed = run("predict", OF_PARAMETERS[0], "my.npz", "--json").json
    for other in (run(*kpc).json, packed):
        for one, again in zip(first, other, strict=True):
            assert again["value"] == pytest.approx(one["value"], abs=2e-3)


@pytest.mark.parametrize("name", OF_VELOCITIES)
def test_points_get_velocities(name, cloud):
    module = zoo.load(name)
    rows = zoo.predict(module, cloud.positions, box=250.0)
    found = np.array([[row["vx"], row["vy"], row["vz"]] for row in rows])
    assert found.shape == (1024, 3)
    assert np.corrcoef(found.ravel(), cloud.velocities.ravel())[0, 1] > 0.4
    if name == OF_VELOCITIES[0]:
        assert np.abs(found.mean(0)).max() < 0.1, "momentum is kept"


def test_a_picture(run, tmp_path):
    done = run(
        "predict", OF_PARAMETERS[0], "my.csv", "--box", "250", "--picture", "true",
        "--output", tmp_path / "cloud.svg",
    )  # fmt: skip
    assert done.code == 0 and (tmp_path / "cloud.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["broken.csv", "--box", "250"], "no finite numbers in 1 rows, row 3"),
        (["my.csv", "--box", "100"], "outside of a box of 100 x 100 x 100"),
        (["kpc.csv", "--box", "250"], "look like kpc"),
        (["my.csv", "--box", "250000"], "box seems to be in another unit"),
        (["my.csv"], "Give the side of the box, such as box=250"),
        (["my.csv", "--box", "250", "--units", "miles"], "units='miles'"),
        ([], "Give a catalogue"),
    ],
    ids=["nan", "outside", "kpc", "large box", "no box", "miles", "nothing"],
)
def test_what_is_refused_in_one_sentence(run, arguments, told):
    done = run("predict", OF_PARAMETERS[0], *arguments)
    assert done.code == 2 and told in done.err and "Traceback" not in done.err


def test_what_is_unlike_the_training_is_told(cloud):
    module = zoo.load(OF_PARAMETERS[0])
    with pytest.warns(Notice, match="300 Mpc/h wide"):
        zoo.predict(module, cloud.positions, box=300.0)
    with pytest.warns(Notice, match="There are 100 points"):
        zoo.predict(module, cloud.positions[:100], box=250.0)
    with pytest.warns(Notice, match="how good its velocities are"):
        zoo.predict(zoo.load(OF_VELOCITIES[1]), cloud.positions, box=300.0)
    with pytest.raises(BadInput, match="more than half"):
        zoo.predict(zoo.load(OF_PARAMETERS[1]), cloud.positions[:50] / 5, box=60.0)


def test_data_of_another_kind():
    module = zoo.load(OF_PARAMETERS[0])
    with pytest.raises(BadInput, match="clouds with known parameters"):
        module.check_fits({"x": 1})
    with pytest.raises(BadInput, match="The data have a; the model"):
        module.check_fits(type(cosmo_mini_clouds(points=8))([], None, ["a"], {}))


def write_suite(folder, tested=4):
    """Write small files in the layout of CosmoBench, where a mirror has them."""
    h5py = pytest.importorskip("h5py")
    rng = np.random.default_rng(0)
    (folder / "cosmobench/CAMELS").mkdir(parents=True)
    for part, count in (("train", 12), ("val", 4), ("test", tested)):
        with h5py.File(folder / f"cosmobench/CAMELS/ALL_galaxies_{part}.hdf5", "w") as file:
            for number in range(count):
                one = file.create_group(f"LH/LH_{number}")
                for axis in "XYZ":
                    one[axis] = rng.random(60) * 25
                    one[f"V{axis}"] = rng.normal(size=60)
            file["params/Omega_m"] = rng.uniform(0.1, 0.5, count)
            file["params/sigma_8"] = rng.uniform(0.6, 1.0, count)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("cosmo-lls-param", {"choose": "published"}),
        ("cosmo-2pcf-mlp", {"epochs": 1}),
        ("cosmo-gnn-param", {"epochs": 1, "hidden": 4}),
        ("cosmo-lls-velocity", {"published": True, "clouds": 4}),
        ("cosmo-linear-theory", {"clouds": 4, "grids": [4]}),
        ("cosmo-gnn-velocity", {"epochs": 1, "clouds": 3, "hidden": 4}),
    ],
)
def test_every_model_is_trained_on_the_benchmark_s_own_files(name, more, monkeypatch, tmp_path):
    write_suite(tmp_path)
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    suite = replace(SUITES["CAMELS"], counts=(12, 4, 4))
    monkeypatch.setitem(SUITES, "CAMELS", suite)
    module = zoo.train(name, "cosmobench-camels", out=tmp_path / "run", config=more)
    assert module.length == 25
    if name == "cosmo-lls-param":
        assert module.radii[0] == list(map(float, RADII["CAMELS"][0]))
    if name == "cosmo-2pcf-mlp":
        assert len(module.edges) == 20 and module.edges[-1] == pytest.approx(12)
    if name == "cosmo-lls-velocity":
        assert (module.frequencies, module.powers) == (10, 3)


def test_claims_on_the_benchmark_s_own_data(monkeypatch, tmp_path):
    from zoo_cosmobench.checks import benchmark
    from zoo_cosmobench.specs.claims import BENCHMARK_CLAIMS

    bounds = {claim.name: set(claim.bounds) for claim in BENCHMARK_CLAIMS}
    assert len(bounds) == 5
    write_suite(tmp_path, tested=16)
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    monkeypatch.setitem(SUITES, "CAMELS", replace(SUITES["CAMELS"], counts=(12, 4, 16)))
    found = benchmark.parameters("CAMELS")
    assert set(found.quantities) == bounds["benchmark-camels"] and "16 test clouds" in found.told
    found = benchmark.velocities("CAMELS")
    assert set(found.quantities) == bounds["benchmark-camels-velocities"]
    assert abs(found.quantities["least squares"].mean) < 0.2, "these velocities are noise"


def test_claims_on_data_that_are_not_here_are_skipped(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_DATA_MIRROR", str(tmp_path))
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    for name in ("benchmark-camels-sam", "benchmark-camels-velocities", "benchmark-trees"):
        (found,) = zoo.verify("cosmobench", claim=name)
        assert (
            found.verdict == "skipped" and "has been downloaded, by zoo.dataset(" in found.measured
        )

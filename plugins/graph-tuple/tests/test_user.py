"""What a user does: molecules, clouds and signals of their own, from the shell and from Python."""

from __future__ import annotations

import json

import numpy as np
import pytest

import zoo


@pytest.fixture
def run(tmp_path, monkeypatch, zoo_here):
    """The shell, in a folder with a molecule, a cloud and signals."""
    monkeypatch.chdir(tmp_path)
    lines = ["3", "water", "O 0 0 0.119", "H 0 0.763 -0.477", "H 0 -0.763 -0.477"]
    (tmp_path / "water.xyz").write_text("\n".join(lines) + "\n")
    (tmp_path / "brom.xyz").write_text("2\nhydrogen bromide\nBr 0 0 0\nH 0 0 1.41\n")
    draw = np.random.default_rng(0)
    points = 250 * draw.random((512, 3))
    np.savetxt(tmp_path / "cloud.csv", points, delimiter=",", header="x,y,z", comments="")
    return zoo_here


def answer(run, *arguments):
    return json.loads(run(*arguments, "--json").out)


def test_a_molecule_has_an_energy_with_its_unit(run):
    pytest.importorskip("ase")
    done = run("predict", "gine-gt-qm7", "water.xyz", "--json")
    assert "5 to 23 atoms" in done.err
    (row,) = json.loads(done.out)
    assert row["formula"] == "H2O" and row["property"] == "ae_pbe0" and row["unit"] == "kcal/mol"
    assert row["value"] < 0
    again = zoo.predict("gine-gt-qm7", "water.xyz")
    assert again[0]["value"] == pytest.approx(row["value"])
    done = run("predict", "gine-gt-qm7", "brom.xyz")
    assert done.code == 2 and "never saw Br" in done.err


def test_a_cloud_has_a_cosmology(run):
    (row,) = answer(run, "predict", "egnn-gt-cosmo-mini", "cloud.csv", "--box", "250")
    assert row["parameter"] == "sigma_8" and 0.4 < row["value"] < 1.2
    done = run("predict", "egnn-gt-cosmo-mini", "cloud.csv", "--box", "100")
    assert done.code == 2 and "outside" in done.err


def test_rows_of_a_representation():
    water = ([8, 1, 1], [[0, 0, 0.119], [0, 0.763, -0.477], [0, -0.763, -0.477]])
    assert zoo.embed("gine-gt-qm7", water).shape == (1, 64)


def test_the_filter_tells_its_words(run):
    rows = answer(run, "predict", "gt-filter-synthetic")
    assert max(rows, key=lambda row: row["weight"])["word"] == "SW"


def test_molecules_and_clouds_of_one_s_own_are_trained_on(run, tmp_path):
    draw = np.random.default_rng(0)
    bonds = 0.7 + 0.1 * draw.random(20)
    places = np.zeros((40, 3))
    places[1::2, 2] = bonds
    np.savez(
        tmp_path / "mine.npz",
        numbers=np.ones(40, int),
        positions=places,
        counts=np.full(20, 2),
        energy=-4.0 - bonds,
    )
    small = ("--set", "epochs=1", "--set", "hidden=4")
    options = ("--option", "targets=energy", "--option", "units=eV")
    done = run("train", "gine-gt", "--dataset", "mine.npz", *options, *small)
    assert done.code == 0, done.err
    (row,) = zoo.predict("./runs/gine-gt-mine", ([1, 1], [[0, 0, 0], [0, 0, 0.74]]))
    assert row["property"] == "energy" and row["unit"] == "eV"
    points = 10 * draw.random((12, 20, 3))
    np.savez(tmp_path / "clouds.npz", positions=points, box=10.0, targets=draw.random(12))
    done = run("train", "egnn-gt", "--dataset", "clouds.npz", "--set", "cutoffs=[2,4]", *small)
    assert done.code == 0, done.err
    (row,) = zoo.predict("./runs/egnn-gt-clouds", points[0], box=10.0)
    assert row["parameter"] == "target 0"


def test_signals_of_one_s_own_are_fitted(run, tmp_path):
    draw = np.random.default_rng(0)
    x, operators = draw.standard_normal((30, 4)), draw.standard_normal((2, 4, 4))
    np.savez(tmp_path / "mine.npz", signals=x, targets=x @ operators[1].T, operators=operators)
    done = run("train", "gt-filter", "--dataset", "mine.npz")
    assert done.code == 0, done.err
    rows = {row["word"]: row["weight"] for row in zoo.predict("./runs/gt-filter-mine")}
    assert rows["W"] == pytest.approx(1, abs=1e-3)

"""What a user does with trees of their own, in the shell and in Python."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from zoo_cosmobench.trees.reading import table_of
from zoo_cosmobench.trees.samples import example_forest

import zoo


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with one tree, and with thirty of ten universes."""
    folder = tmp_path_factory.mktemp("trees")
    write(folder / "tree.csv", table_of(example_forest(1, (40,))))
    many = dict(table_of(example_forest(2, (12,) * 30)))
    universe = np.asarray(many["tree"]) // 3
    many |= {"Omega_m": 0.1 + 0.04 * universe, "sigma_8": 1 - 0.04 * universe}
    write(folder / "universes.csv", many)
    return folder


def write(path, table):
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(table)
        writer.writerows(zip(*(np.asarray(one).tolist() for one in table.values()), strict=True))


@pytest.fixture
def run(home, monkeypatch, zoo_here):
    monkeypatch.chdir(home)
    return zoo_here


def test_a_tree_tells_its_universe(run):
    rows = run("predict", "cosmo-mpnn-trees-mini", "tree.csv", "--json").json
    assert [row["parameter"] for row in rows] == ["Omega_m", "sigma_8"]
    assert all(row["from"] < row["value"] < row["to"] for row in rows)
    solar = run(
        "predict",
        "cosmo-mpnn-trees-mini",
        "tree.csv",
        "--mass_unit",
        "Msun",
        "--h",
        "0.7",
        "--json",
    )
    assert solar.code == 0 and solar.json[0]["value"] != rows[0]["value"]


def test_a_tree_is_drawn_in_the_shell(run, tmp_path):
    done = run(
        "predict", "cosmo-mpnn-trees-mini", "tree.csv", "--picture", "true", "--output",
        tmp_path / "tree.svg",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "<svg" in (tmp_path / "tree.svg").read_text(encoding="utf-8")


def test_hidden_mergers_of_a_tree(run):
    rows = run("predict", "cosmo-mpnn-infill-mini", "tree.csv", "--json").json
    assert rows and all(0 <= row["merger hidden"] <= 1 for row in rows)


def test_trees_of_ones_own_are_learnt_from(run, home, tmp_path):
    done = run(
        "train", "cosmo-deepset-trees", "--dataset", "universes.csv", "--set", "epochs=3",
        "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0, done.err
    (first, *_) = zoo.load(tmp_path / "it").predict(home / "tree.csv")
    assert first["haloes"] == 40
    done = run(
        "train", "cosmo-mpnn-infill", "--dataset", "universes.csv", "--set", "epochs=2",
        "--out", tmp_path / "other",
    )  # fmt: skip
    assert done.code == 0, done.err


def test_what_is_wrong_is_said_in_one_sentence(run, home):
    for change, told in (
        (("parent", "child"), "no column 'parent'"),
        (("log10_mass", "weight"), "neither of the columns mass and log10_mass"),
    ):
        text = (home / "tree.csv").read_text().replace(*change, 1)
        (home / "wrong.csv").write_text(text)
        done = run("predict", "cosmo-mpnn-trees-mini", "wrong.csv")
        assert done.code == 2 and told in done.err and "Traceback" not in done.err
    assert run("predict", "cosmo-mpnn-trees-mini", "nowhere.csv").code == 2

"""What a user does: energies of files with units, a network of one's own, distances of clouds."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_invariant_features.data import resampled
from zoo_molecules.units import BOHR

import zoo
from zoo_core import BadInput, Notice


@pytest.fixture(scope="module")
def model():
    return zoo.load("ds-ci-plus-qm7")


def test_energies_of_files_come_with_units(run, model, water):
    pytest.importorskip("ase")
    done = run("predict", "ds-ci-plus-qm7", "ethane.xyz", "--json")
    assert done.code == 0, done.err
    (row,) = done.json
    assert row["name"] == "ethane" and row["formula"] == "C2H6"
    # PBE0 has -711 kcal/mol; the network saw ethane or its kin.
    assert row["ae_pbe0 (kcal/mol)"] == pytest.approx(-711, abs=30)
    done = run("predict", "ds-ci-plus-qm7", "water.xyz", "--json")
    assert done.code == 0 and "3 atoms" in done.err
    with pytest.warns(Notice, match="3 atoms; the network has seen"):
        (same,) = model.predict(water)
    assert same["ae_pbe0 (kcal/mol)"] == pytest.approx(done.json[0]["ae_pbe0 (kcal/mol)"], abs=1e-2)
    (seven,) = zoo.predict("ds-ci-plus-qm7-multi", "ethane.xyz")
    assert {"homo (eV)", "dipole (debye)", "ae_pbe0 (kcal/mol)"} < set(seven)


def test_what_was_never_seen_or_is_in_another_unit_is_refused(run, model, water):
    pytest.importorskip("ase")
    numbers, places = water
    with pytest.raises(BadInput, match="There is F in these molecules; this network has seen H, C"):
        model.predict(([9, 1], [[0, 0, 0], [0, 0, 0.92]]))
    with pytest.raises(BadInput, match="as if it were in bohr"):
        model.predict((numbers, np.array(places) / BOHR))
    with pytest.warns(Notice):
        inside = model.predict((numbers, np.array(places) / BOHR), length="bohr")
        plain = model.predict(water)
    assert inside[0]["ae_pbe0 (kcal/mol)"] == pytest.approx(
        plain[0]["ae_pbe0 (kcal/mol)"], abs=1e-2
    )
    for bad, told in (
        (None, "Give a molecule"),
        (([6], [[0, 0, 0]]), "two atoms or more"),
        ((numbers, np.full((3, 3), np.nan)), "no number"),
        ((numbers, np.zeros((3, 3))), "in one place"),
        (np.array([[0.5, 1.0], [0.9, 0.5]]), "not symmetric"),
        (np.array([[0.6, 1.0], [1.0, 0.6]]), "atomic number"),
    ):
        with pytest.raises(BadInput, match=told):
            model.predict(bad)
    done = run("predict", "ds-ci-plus-qm7", "nowhere.xyz")
    assert done.code == 2 and "nowhere.xyz" in done.err and "Traceback" not in done.err


def test_a_molecule_is_told_alike_in_all_its_forms(model, data_or_skip):
    data = data_or_skip("qm7")
    rows = data.rows["test"][:5]
    pieces = [slice(*data.offsets[k : k + 2].tolist()) for k in rows.tolist()]
    molecules = [(data.numbers[one].tolist(), data.positions[one].numpy()) for one in pieces]
    together = [row["ae_pbe0 (kcal/mol)"] for row in model.predict(molecules)]
    alone = [model.predict(one)[0]["ae_pbe0 (kcal/mol)"] for one in molecules]
    padded = model.predict(data.matrices.take(rows).dense(23).numpy())
    tables = model.predict(molecules, table=True)
    assert together == pytest.approx(alone, rel=1e-6)
    assert together == pytest.approx([row["ae_pbe0 (kcal/mol)"] for row in padded], rel=1e-6)
    assert together == pytest.approx([row["ae_pbe0 (kcal/mol)"] for row in tables], rel=1e-5)
    true = data.targets[rows, 0].tolist()
    assert np.abs(np.array(together) - true).mean() < 25


def test_a_network_of_weighted_graphs_of_one_s_own(run, tmp_path, graphs):
    big = np.stack([np.pad(one, (0, 6 - len(one))) for one in graphs])
    np.savez(tmp_path / "graphs.npz", matrices=big, loops=np.abs(big).sum((1, 2)))
    done = run(
        "train", "ds-ci", "--dataset", "graphs.npz", "--option", "targets=loops", "--set",
        "epochs=3", "--set", "hidden=8", "--out", tmp_path / "it",
    )  # fmt: skip
    assert done.code == 0, done.err
    np.savetxt(tmp_path / "one.csv", big[0], delimiter=",")
    rows = run("predict", tmp_path / "it", "one.csv", "--json").json
    assert set(rows[0]) == {"name", "loops"}
    done = run("evaluate", tmp_path / "it", "--metric", "mae", "--json")
    assert done.code == 0, done.err


def test_distances_of_outlines(run, tmp_path):
    angle = np.linspace(0, 2 * np.pi, 50, endpoint=False)
    circle, ellipse = (np.stack([np.cos(angle), b * np.sin(angle)], 1) for b in (1.0, 0.4))
    for name, points in (("circle", circle), ("ellipse", resampled(ellipse, 70))):
        np.savetxt(tmp_path / f"{name}.csv", points, delimiter=",", header="x,y", comments="")
    for model in ("oi-ds-gram-cells", "oi-ds-cells"):
        done = run("predict", model, "circle.csv", "ellipse.csv", "--json")
        assert done.code == 0, done.err
        assert done.json["points"] == [50, 70]
        again = zoo.predict(model, 3 * circle[::-1] + 1, ellipse[:, ::-1])
        near = zoo.predict(model, circle, circle[::2])
        assert near["distance"] < again["distance"]

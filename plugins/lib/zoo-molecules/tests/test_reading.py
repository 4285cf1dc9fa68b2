"""What users bring: files and objects of molecules, and the units that they are in."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from zoo_molecules.reading import read_molecules
from zoo_molecules.units import BOHR, energy_factor

from zoo_core import BadInput, Notice

pytest.importorskip("ase")
SYMBOLS = {1: "H", 6: "C"}


def xyz(numbers, places, comment="by hand"):
    lines = [
        f"{SYMBOLS[z]} {x:.8f} {y:.8f} {w:.8f}"
        for z, (x, y, w) in zip(numbers, places, strict=True)
    ]
    return "\n".join([str(len(numbers)), comment, *lines]) + "\n"


def sdf(numbers, places, title="", program="  zoo     11282616003D", fields=()):
    lines = [title, program, "", f"{len(numbers):3}  0  0  0  0  0  0  0  0  0999 V2000"]
    for z, (x, y, w) in zip(numbers, places, strict=True):
        lines.append(f"{x:10.4f}{y:10.4f}{w:10.4f} {SYMBOLS[z]:3} 0  0  0  0  0")
    told = [line for name, value in fields for line in (f"> <{name}>", value, "")]
    return "\n".join([*lines, "M  END", *told, "$$$$", ""])


def same(found, expected):
    assert found.numbers.tolist() == list(expected[0])
    assert torch.allclose(found.positions, torch.as_tensor(np.asarray(expected[1])), atol=1e-4)


def test_a_molecule_comes_in_many_forms(tmp_path, methane):
    (tmp_path / "methane.xyz").write_text(xyz(*methane))
    (tmp_path / "methane.sdf").write_text(sdf(*methane))
    np.savez(tmp_path / "methane.npz", Z=methane[0], R=methane[1])
    from ase import Atoms

    forms = (
        tmp_path / "methane.xyz",
        str(tmp_path / "methane.sdf"),
        tmp_path / "methane.npz",
        methane,
        {"symbols": ["C", "H", "H", "H", "H"], "positions": methane[1]},
        [methane],
        Atoms(methane[0], methane[1]),
        SimpleNamespace(z=torch.tensor(methane[0]), pos=torch.tensor(methane[1])),
    )
    for form in forms:
        found = read_molecules(form)
        same(found, methane)
        assert found.formulas() == ["CH4"]
        assert list(found.rows) == ["test"]
    assert read_molecules(forms[0]).names == ["methane"]


def test_many_molecules_and_what_is_known_of_them(tmp_path, methane, h2):
    (tmp_path / "both.xyz").write_text(
        xyz(*methane, 'Properties=species:S:1:pos:R:3 energy=-1.5 mark="x y"')
        + xyz(*h2, "Properties=species:S:1:pos:R:3 energy=-0.5")
    )
    found = read_molecules(tmp_path / "both.xyz", targets="energy", units="eV")
    assert found.targets[:, 0].tolist() == [-1.5, -0.5] and found.units == {"energy": "eV"}
    assert found.matrices.sizes.tolist() == [5, 2]
    (tmp_path / "both.sdf").write_text(
        sdf(*methane, "methane", fields=[("dipole", "0.0"), ("smell", "none")])
        + sdf(*h2, fields=[("dipole", "0.5")])
    )
    found = read_molecules(tmp_path / "both.sdf", targets="all", units={"dipole": "debye"})
    assert found.names == ["methane", "both 1"]
    assert found.targets[:, 0].tolist() == [0, 0.5]
    both = {"Z": np.zeros((2, 5), int), "R": np.zeros((2, 5, 3)), "gap": [1.0, 2.0]}
    both["Z"][0], both["R"][0] = methane
    both["Z"][1, :2], both["R"][1, :2] = h2
    found = read_molecules(both, targets=["gap"], units=["eV"])
    same(found, ([*methane[0], *h2[0]], np.concatenate([methane[1], h2[1]])))
    flat = {
        "numbers": [*methane[0], *h2[0]],
        "positions": np.concatenate([methane[1], h2[1]]),
        "counts": [5, 2],
    }
    assert torch.equal(read_molecules(flat).matrices.entries, found.matrices.entries)
    many = read_molecules([methane, h2] * 6)
    assert [len(rows) for rows in many.rows.values()] == [10, 1, 1]


@pytest.mark.parametrize("name", ["methane", "h2"])
def test_bohr_and_angstrom_are_told_apart(request, name):
    numbers, places = request.getfixturevalue(name)
    plain = read_molecules((numbers, places))
    inside = read_molecules((numbers, places / BOHR), length="bohr")
    assert torch.allclose(inside.matrices.entries, plain.matrices.entries)
    assert torch.allclose(
        read_molecules((numbers, places / 10), length="nm").positions, plain.positions
    )
    with pytest.raises(BadInput, match="as if it were in bohr"):
        read_molecules((numbers, places / BOHR))
    with pytest.raises(BadInput, match="in one place"):
        read_molecules((numbers, places * 0.5), length="bohr")
    with pytest.raises(BadInput, match="in nm"):
        read_molecules((numbers, places / 10))
    with pytest.warns(Notice, match="as stated"):
        read_molecules((numbers, places / BOHR), length="Å")
    with pytest.raises(BadInput, match="no unit of length"):
        read_molecules((numbers, places), length="feet")


def test_a_unit_that_is_stated_is_believed_with_a_word(methane):
    numbers, places = methane
    with pytest.warns(Notice, match="read in bohr as stated"):
        read_molecules((numbers, places * 0.55 / BOHR), length="bohr")


def test_bonds_of_real_molecules_are_no_mistake(data_or_skip):
    from zoo_molecules.geometry import check_geometry

    data = data_or_skip("qm7")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_geometry(data.numbers, data.positions, data.offsets, [*data.names], "angstrom", False)


@pytest.mark.parametrize("unit", ["kcal/mol", "kJ/mol", "eV", "hartree"])
def test_energies_in_another_unit_are_refused(data_or_skip, unit):
    from zoo_molecules.energies import check_energies, free_atoms, kind_of_energies

    data = data_or_skip("qm7")
    atomisation = data.targets[:, 0] * energy_factor("kcal/mol", unit)
    total = atomisation + data.atom_counts(data.elements) @ free_atoms(data.elements, unit)
    traces = data.atom_counts(data.elements) @ -free_atoms(data.elements, "hartree")
    sizes = data.matrices.sizes
    assert kind_of_energies(atomisation, traces, sizes.double()) == ("atomisation", unit)
    assert kind_of_energies(total, traces, sizes.double()) == ("total", unit)
    for other in {"kcal/mol", "kJ/mol", "eV", "hartree"} - {unit}:
        for energies, kind in ((atomisation, "atomisation"), (total, "total")):
            with pytest.raises(BadInput, match=f"looks like {kind} energies in {unit}"):
                check_energies("E", energies, other, traces, sizes)
    check_energies("E", atomisation, unit, traces, sizes)
    with pytest.warns(Notice, match="are total energies"):
        check_energies("E", total, unit, traces, sizes)
    for column, (name, own) in enumerate(list(data.units.items())[1:], 1):
        check_energies(name, data.targets[:, column], own, traces, sizes)


def test_units_are_asked_for(methane):
    given = {"Z": [methane[0]], "R": [methane[1]], "gap": [1.0]}
    with pytest.raises(BadInput, match="the unit of each"):
        read_molecules(given, targets="gap")
    with pytest.raises(BadInput, match=r"no number 'gpa'.*did you mean 'gap'"):
        read_molecules(given, targets="gpa", units="eV")
    assert read_molecules(given, targets="gap", units="ev").units == {"gap": "eV"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda z, r: (z, r[:-1]), r"expected \(n,\) and \(n, 3\)"),
        (lambda z, r: ([], np.zeros((0, 3))), r"expected \(n,\) and \(n, 3\)"),
        (lambda z, r: ([6], [[0, 0, 0]]), "expected two atoms or more"),
        (lambda z, r: (z, np.where(r > 0.5, np.nan, r)), "no number"),
        (lambda z, r: (z, r * [1, 0, 0]), "in one place"),
        (lambda z, r: (z, r * 9), "5 Å"),
        (lambda z, r: ([6, 1, 1, 1, 0], r), "no atomic number"),
        (lambda z, r: ([6, 1, 1, 1, 1.5], r), "not whole"),
        (lambda z, r: ("CHHHX", r), "no atomic numbers"),
        (lambda z, r: (["C", "H", "H", "H", "Xx"], r), "symbol of no element"),
    ],
    ids=["short", "empty", "one atom", "nan", "duplicate", "far", "zero", "half", "text", "symbol"],
)
def test_what_is_no_molecule_is_refused(methane, change, told):
    with pytest.raises(BadInput, match=told):
        read_molecules(change(*methane))


def test_files_that_are_none_are_refused(tmp_path, methane):
    for name, text, told in (
        ("empty.xyz", "", "is empty"),
        ("words.xyz", "these are\nwords\n", "is no xyz file"),
        ("short.xyz", xyz(*methane).replace("5\n", "9\n", 1), "is no xyz file"),
        ("flat.sdf", sdf(*methane, program="  zoo     11282616002D"), "drawing in two dimensions"),
        ("new.sdf", sdf(*methane).replace("V2000", "V3000"), "expected V2000"),
        ("none.sdf", "a\nb\nc\n", "no counts in line 4"),
        ("cut.sdf", "\n".join(sdf(*methane).split("\n")[:6]), "cut off"),
        ("table.csv", "a,b\n", "no file of molecules"),
        (
            "cell.xyz",
            xyz(*methane, 'Lattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3'),
            "periodic boundaries",
        ),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(BadInput, match=told):
            read_molecules(tmp_path / name)
    with pytest.raises(BadInput, match="no file"):
        read_molecules(tmp_path / "nowhere.xyz")
    with pytest.raises(BadInput, match="is no molecule"):
        read_molecules(3.0)

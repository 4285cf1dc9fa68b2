"""Coulomb matrices: in bohr, the same whatever is turned or renamed, and told back to atoms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_molecules.coulomb import charges_of, coulomb, from_padded
from zoo_molecules.units import BOHR

from zoo_core import BadInput


def of(numbers, positions):
    count = torch.tensor([0, len(numbers)])
    return coulomb(torch.tensor(numbers), torch.as_tensor(positions), count)


def test_methane_by_hand(methane):
    found = of(*methane)
    # Z^2.4 / 2 of carbon and hydrogen, and 6 x 1 over 1.087 angstrom in bohr.
    assert found.diagonal.tolist() == pytest.approx([36.8581, 0.5, 0.5, 0.5, 0.5], abs=1e-4)
    assert found.entries[:4].tolist() == pytest.approx([6 * BOHR / 1.087] * 4)
    hh = BOHR / (1.087 * np.sqrt(8 / 3))
    assert found.entries[4:].tolist() == pytest.approx([hh] * 6)
    for charge, expected in ((7, 53.3587), (8, 73.5167), (16, 388.0234), (17, 448.79)):
        assert float(of([charge, 1], [[0, 0, 0], [0, 0, 1.0]]).diagonal[0]) == pytest.approx(
            expected, abs=5e-3
        )


def test_turning_moving_and_renaming_change_nothing(methane):
    numbers, places = methane
    turn, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))
    moved = of(numbers, places @ turn + 5)
    assert torch.allclose(moved.entries, of(numbers, places).entries)
    order = [3, 0, 4, 1, 2]
    renamed = of([numbers[k] for k in order], places[order]).dense()[0]
    assert torch.allclose(renamed, of(numbers, places).dense()[0][order][:, order])


def test_padding_is_taken_off(methane, h2):
    both = torch.zeros(2, 7, 7, dtype=torch.float64)
    both[0, :5, :5] = of(*methane).dense()[0]
    both[1, :2, :2] = of(*h2).dense()[0]
    found = from_padded(both)
    assert found.sizes.tolist() == [5, 2]
    assert torch.equal(found.dense(7), both)
    assert charges_of(found.diagonal).tolist() == [6, 1, 1, 1, 1, 1, 1]


def test_what_is_no_padded_coulomb_matrix_is_refused(h2):
    matrix = torch.zeros(1, 3, 3, dtype=torch.float64)
    with pytest.raises(BadInput, match="without any atom"):
        from_padded(matrix)
    matrix[0, 2, 2] = 0.5
    with pytest.raises(BadInput, match="beyond the last atom"):
        from_padded(matrix)
    with pytest.raises(BadInput, match="atomic number"):
        charges_of(torch.tensor([0.5, 40.0]))


def test_qm7_has_its_published_check_values(data_or_skip):
    data = data_or_skip("qm7")
    first = data.matrices.take(torch.tensor([0]))
    assert data.formulas()[0] == "CH4"
    assert float(first.entries[0]) == pytest.approx(2.915, abs=1e-3)
    assert float(first.glue()) == pytest.approx(437.38, abs=5e-3)
    assert float(data.matrices.glue().max()) == pytest.approx(122_255, abs=1)
    assert {name: len(rows) for name, rows in data.rows.items()} == {
        "train": 5681,
        "val": 710,
        "test": 710,
    }
    assert torch.cat([*data.rows.values()]).sort().values.equal(torch.arange(7101))
    assert data.targets.shape == (7101, 7)
    assert list(data.units.values()) == ["kcal/mol", *["eV"] * 5, "debye"]
    expected = np.random.default_rng(0).permutation(7101)
    assert data.rows["train"].tolist() == expected[:5681].tolist()

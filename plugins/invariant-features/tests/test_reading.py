"""What users bring to learn from: molecules with targets, matrices of any kind, clouds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_invariant_features.clouds.reading import read_clouds
from zoo_invariant_features.reading import read_matrices, read_sources, read_training
from zoo_invariant_features.weighted import WeightedGraphs
from zoo_molecules.molecules import Molecules

from zoo_core import BadInput


def test_matrices_of_any_kind(tmp_path, graphs):
    ragged = read_matrices(graphs)
    assert len(ragged) == 60 and set(ragged.rows) == {"train", "val", "test"}
    assert torch.equal(ragged.matrices.take(torch.tensor([2])).dense()[0], torch.tensor(graphs[2]))
    np.savetxt(tmp_path / "one.csv", graphs[0], delimiter=",")
    one = read_matrices(tmp_path / "one.csv")
    assert np.allclose(one.matrices.dense()[0], graphs[0]) and set(one.rows) == {"test"}
    stack = np.stack([graphs[0]] * 3)
    np.savez(tmp_path / "many.npz", matrices=stack, gap=[1.0, 2, 3])
    many = read_training(tmp_path / "many.npz", targets="gap")
    assert isinstance(many, WeightedGraphs)
    assert many.targets[:, 0].tolist() == [1, 2, 3] and many.units == {"gap": ""}


def test_molecules_with_targets(water):
    given = {"Z": [water[0]] * 2, "R": [water[1]] * 2, "gap": [1.0, 2.0]}
    found = read_training(given, targets="gap", units="eV")
    assert isinstance(found, Molecules) and found.units == {"gap": "eV"}
    coulomb = read_sources(found.matrices.dense(5).numpy())
    assert coulomb.formulas() == ["H2O", "H2O"]
    assert read_sources(found) is found
    with pytest.raises(BadInput, match="no unit to be told"):
        read_sources(found.matrices.dense().numpy(), "bohr")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "Say what is to be learnt"),
        ({"targets": "gpa"}, "different names"),
        ({"targets": "gap,gap"}, "different names"),
        ({"targets": "gap", "units": "eV,eV"}, "expected one of each"),
        ({"targets": "bad"}, "NaN"),
    ],
    ids=["none", "unknown", "twice", "units", "nan"],
)
def test_targets_that_are_none_are_refused(graphs, options, told):
    given = {"matrices": np.stack([graphs[0]] * 3), "gap": [1.0, 2, 3], "bad": [1.0, np.nan, 2]}
    with pytest.raises(BadInput, match=told):
        read_training(given, **options)


def test_matrices_that_are_none_are_refused(graphs):
    for source, told in (
        ({"stack": graphs[0]}, "expected one of matrices"),
        ([graphs[0], graphs[1][:, :2]], "Matrix 1 has the shape"),
        ([graphs[0], np.triu(graphs[1])], "Matrix 1 is not symmetric"),
        ([["a"]], "no symmetric matrix"),
        ([], "no matrix"),
    ):
        with pytest.raises(BadInput, match=told):
            read_matrices(source)


def clouds(**more):
    rng = np.random.default_rng(0)
    counts = rng.integers(5, 9, 20)
    label = np.arange(20) % 2
    points = rng.standard_normal((counts.sum(), 3))
    return {"points": points, "counts": counts, "label": label, **more}


def test_clouds_of_two_classes(tmp_path):
    np.savez(tmp_path / "clouds.npz", **clouds())
    data = read_clouds(tmp_path / "clouds.npz")
    assert {name: len(rows) for name, rows in data.rows.items()} == {
        "train": 12,
        "val": 4,
        "test": 4,
    }
    assert [len(side) for side in data.sides("test")] == [2, 2]
    assert [len(one) for one in data.clouds] == clouds()["counts"].tolist()
    for more, told in (
        ({"counts": [3, 4]}, "whole counts"),
        ({"label": np.zeros(20)}, "There are 1 classes"),
        ({"label": np.array([0] * 17 + [1] * 3)}, "five clouds or more"),
    ):
        with pytest.raises(BadInput, match=told):
            read_clouds(clouds(**more))
    with pytest.raises(BadInput, match="Expected an"):
        read_clouds([1, 2])

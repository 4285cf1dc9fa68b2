"""The recipes: they learn, are the same again, see no test data, and refuse what is none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from zoo_invariant_features.clouds.pairs import CloudPairs, normalised
from zoo_invariant_features.clouds.training import train as train_clouds
from zoo_invariant_features.reading import read_training
from zoo_invariant_features.train import train
from zoo_molecules.reading import read_molecules

from zoo_core import BadInput
from zoo_core.testing import make_run


def quiet(steps, **_):
    return steps


@pytest.fixture
def data(graphs):
    """A target that no multiset tells: f_* itself."""
    sizes = [len(one) for one in graphs]
    big = np.stack([np.pad(one, (0, 6 - len(one))) for one in graphs])
    glue = [float(np.diag(x) @ x.sum(1) - np.diag(x) @ np.diag(x)) for x in big]
    assert min(sizes) < max(sizes)
    given = {"matrices": big, "glue": glue, "other": np.arange(60.0)}
    return read_training(given, targets="all")


def trained(data, shape=None, **recipe):
    recipe = {"epochs": 30, "batch_size": 16, "learning_rate": 0.02, "knots": 64, **recipe}
    shape = {"hidden": 8, "centres": 16, "targets": ["glue"], **(shape or {})}
    return train(make_run("ds-ci", data, shape=shape, recipe=recipe), quiet)


def error(module, data, split="test"):
    (found,) = module.outputs(data.split(split))
    return float((found["prediction"] - found["target"]).abs().mean())


def test_a_function_of_graphs_is_learnt(data):
    module = trained(data, epochs=25)
    assert module.targets == ("glue",) and module.elements is None
    constant = float((data.targets[:, 0] - data.targets[:, 0].mean()).abs().mean())
    assert error(module, data, "train") < 0.5 * constant


def test_it_is_the_same_again_and_sees_no_test_matrix(data):
    other = dataclasses.replace(data, targets=data.targets.clone())
    other.targets[other.rows["test"]] = 9.0
    first, second = (trained(one, epochs=3).state_dict() for one in (data, other))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_all_targets_are_learnt_where_none_are_named(data):
    module = trained(data, {"targets": None}, epochs=1)
    assert module.targets == ("glue", "other")


def test_molecules_tell_their_elements_units_and_sizes(water):
    rng = np.random.default_rng(0)
    shaken = [
        (water[0], np.array(water[1]) + 0.02 * rng.standard_normal((3, 3))) for _ in range(30)
    ]
    given = {
        "Z": [z for z, _ in shaken],
        "R": [r for _, r in shaken],
        "dipole": [1.8 + rng.random() for _ in shaken],
    }
    data = read_molecules(given, targets="dipole", units="debye")
    module = trained(data, {"targets": None}, epochs=2)
    assert module.elements == (1, 8) and module.units == ("debye",) and module.sizes == (3, 3)
    (row,) = module.predict(water)
    assert 1 < row["dipole (debye)"] < 4 and row["formula"] == "H2O"
    ev = dataclasses.replace(data, units={"dipole": "eV"})
    with pytest.raises(BadInput, match="expected the same unit"):
        list(module.outputs(ev.split("test")))


def test_energies_in_another_unit_are_converted(water):
    module = trained_on_energies(water)
    data = energies(water, 1.0, "kcal/mol")
    other = energies(water, 4.184, "kJ/mol")
    one, two = (next(iter(module.outputs(each.split("test")))) for each in (data, other))
    assert torch.allclose(one["target"], two["target"], rtol=1e-5)
    assert torch.equal(one["prediction"], two["prediction"])


def energies(water, factor, unit):
    rng = np.random.default_rng(1)
    given = {
        "Z": [water[0]] * 30,
        "R": [np.array(water[1]) + 0.02 * rng.standard_normal((3, 3)) for _ in range(30)],
        "E": factor * (rng.random(30) - 230),
    }
    return read_molecules(given, targets="E", units=unit)


def trained_on_energies(water):
    return trained(energies(water, 1.0, "kcal/mol"), {"targets": None}, epochs=1)


def test_what_cannot_be_trained_is_refused(data):
    for recipe in ({"epochs": 0}, {"learning_rate": 0}, {"batch_size": 1}, {"knots": 1}):
        with pytest.raises(BadInput, match="positive numbers"):
            trained(data, **recipe)
    few = dataclasses.replace(data, rows={"test": data.rows["test"]})
    for bad, told in ((object(), "learns from molecules"), (few, "too few")):
        with pytest.raises(BadInput, match=told):
            trained(bad)
    with pytest.raises(BadInput, match="These matrices have no target 'gleu'"):
        trained(data, {"targets": ["gleu"]})
    constant = dataclasses.replace(data, targets=torch.ones_like(data.targets))
    with pytest.raises(BadInput, match="nothing to learn"):
        trained(constant)


@pytest.fixture
def clouds():
    """Ellipses of two kinds, whose axes tell their distances."""
    rng = np.random.default_rng(0)
    found, second = [], []
    for row in range(16):
        points = rng.standard_normal((30, 2)) * [1, 0.2 + 0.05 * row]
        found.append(normalised(points, "it"))
        second.append(row % 2 == 1)
    rows = {"train": torch.arange(10), "test": torch.arange(10, 16)}
    return CloudPairs(found, torch.tensor(second), rows)


@pytest.mark.parametrize("features", ["gram", "radial", "kmeans"])
def test_distances_are_learnt(clouds, features):
    shape = {"features": features, "hidden": 8, "out": 4}
    few, many = (
        train_clouds(make_run("oi-ds", clouds, shape=shape, recipe={"epochs": epochs}), quiet)
        for epochs in (1, 150)
    )
    errors = []
    for module in (few, many):
        (found,) = module.outputs(clouds.split("train"))
        errors.append(float((found["prediction"] - found["target"]).square().mean()))
    assert errors[1] < 0.5 * errors[0]
    again = train_clouds(make_run("oi-ds", clouds, shape=shape, recipe={"epochs": 1}), quiet)
    first, second = few.state_dict(), again.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_clouds_that_cannot_be_trained_are_refused(clouds):
    for bad, recipe, told in (
        (object(), {}, "two classes"),
        (clouds, {"epochs": 0}, "positive numbers"),
        (clouds, {"learning_rate": -1}, "positive numbers"),
    ):
        with pytest.raises(BadInput, match=told):
            train_clouds(make_run("oi-ds", bad, recipe=recipe), quiet)

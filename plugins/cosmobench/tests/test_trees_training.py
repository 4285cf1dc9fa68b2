"""The recipes on trees: they learn, are the same again, see no test tree, refuse what is none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from zoo_cosmobench.trees.infilling import Infill, questions
from zoo_cosmobench.trees.preparation import binarised
from zoo_cosmobench.trees.samples import example_forest
from zoo_cosmobench.trees.splitting import assembled
from zoo_cosmobench.trees.training import fit_trees, residuals, train_infill, train_trees

from zoo_core import BadInput
from zoo_core.testing import make_run


def quiet(steps, **_):
    return steps


@pytest.fixture
def data():
    """Sixty trees that tell the mean mass and the mean time of their haloes."""
    forest = example_forest(0, tuple(np.random.default_rng(0).integers(5, 25, 60).tolist()))
    mass, time = (
        np.bincount(forest.tree, forest.features[:, column]) / forest.sizes for column in (0, 3)
    )
    rows = {"train": range(36), "val": range(36, 48), "test": range(48, 60)}
    targets = np.stack([0.1 * mass, time], 1)
    places = {name: torch.tensor(one) for name, one in rows.items()}
    return assembled(forest, targets, np.arange(60), places)


def trained(data, **recipe):
    run = make_run("cosmo-mpnn-trees", data, recipe={"batch_size": 12, **recipe})
    return train_trees(run, quiet)


def test_a_network_learns_what_trees_tell(data):
    module = trained(data, epochs=40, learning_rate=0.01)
    error = residuals(module, data, "test").square().mean(0)
    spread = data.targets[data.rows["test"]].var(0)
    assert (error < 0.5 * spread).all()
    inside = residuals(module, data, "val").abs() <= module.reach + 1e-6
    assert inside.float().mean(0).min() >= 0.9
    assert (module.extent[0, 3] > 0) and module.extent[1, 3] == 1
    assert not module.training


def test_it_is_the_same_again_and_sees_no_test_tree(data):
    other = dataclasses.replace(data, targets=data.targets.clone())
    other.targets[other.rows["test"]] = 9.0
    first, second = (trained(one, epochs=2).state_dict() for one in (data, other))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_epoch_is_the_one_of_least_validation_error(data):
    module = make_run("cosmo-deepset-trees", data).make()
    least = fit_trees(module, data, 0, epochs=3, batch_size=12, learning_rate=0.01)
    error = residuals(module, data, "val") / module.scale
    assert least == pytest.approx(float(error.square().mean()), rel=1e-5)


@pytest.fixture
def infill():
    """Mergers whose answer is whether they and their children are among the heavier half."""
    forest = binarised(example_forest(0, (30,) * 20))
    asked = questions(forest)
    mass = asked.features[asked.about, 0].sum(1)
    labels = torch.from_numpy((mass > np.median(mass)).astype(np.int64))
    rows = {"train": range(12), "val": range(12, 16), "test": range(16, 20)}
    return Infill((asked, labels), {name: torch.tensor(one) for name, one in rows.items()})


def test_hidden_mergers_are_learnt(infill):
    run = make_run("cosmo-mpnn-infill", infill, recipe={"epochs": 25, "learning_rate": 0.01})
    module = train_infill(run, quiet)
    right = torch.cat(
        [one["logits"].argmax(1) == one["target"] for one in module.outputs(infill.split("test"))]
    )
    labels = infill.labels[infill.mergers_of(infill.rows["test"])].float()
    commoner = max(labels.mean(), 1 - labels.mean())
    assert right.float().mean() > commoner + 0.2


def test_what_cannot_be_trained_is_refused(data, infill):
    for recipe in ({"epochs": 0}, {"learning_rate": 0}, {"batch_size": 0}):
        with pytest.raises(BadInput, match="positive numbers"):
            trained(data, **recipe)
    with pytest.raises(BadInput, match="takes merger trees"):
        train_trees(make_run("cosmo-mpnn-trees", object()), quiet)
    with pytest.raises(BadInput, match="hidden mergers"):
        train_infill(make_run("cosmo-mpnn-infill", data), quiet)
    with pytest.raises(BadInput, match="expected positive"):
        train_infill(make_run("cosmo-mpnn-infill", infill, recipe={"epochs": 0}), quiet)
    data.targets[:] = float("nan")
    with pytest.raises(BadInput, match="diverged"):
        trained(data, epochs=1)

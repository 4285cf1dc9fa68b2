"""The recipes of both methods: seeds, splits, and when they stop."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from zoo_sparse_dense_gnn.filters import GraphFilterNetwork
from zoo_sparse_dense_gnn.spectral_mlp import SpectralMLP
from zoo_sparse_dense_gnn.train import train_graph_filter, train_spectral_mlp

from zoo_core.testing import make_run

TRAINERS = {
    "graph-filter": (train_graph_filter, GraphFilterNetwork),
    "spectral-mlp": (train_spectral_mlp, SpectralMLP),
}
SMALL = {"k": 6, "kappa": 4, "operator": "adj"}
CASES = [
    ("graph-filter", {"hidden": 16, "own_nodes": True}, {}),
    ("graph-filter", {"hidden": 8, "layers": 2, "operator": "adj"}, {}),
    ("spectral-mlp", SMALL, {}),
    ("spectral-mlp", {**SMALL, "operator": "lap", "kappa": 0}, {"lr": 0.05}),
]
cases = pytest.mark.parametrize(("architecture", "shape", "recipe"), CASES)
LAST = {"select": "last", "patience": None}


def silent(steps, desc=None):
    return steps


def train(architecture, data, shape, recipe, seed=0, progress=silent):
    """Train as the core does, with torch's random state put aside."""
    run = make_run(architecture, data, seed=seed, shape=shape, recipe=recipe)
    with torch.random.fork_rng():
        return TRAINERS[architecture][0](run, progress)


def outputs(module, data, split):
    (found,) = module.outputs(data.split(split))
    return found["logits"], found["target"]


def accuracy(module, data, split):
    logits, targets = outputs(module, data, split)
    return (logits.argmax(1) == targets).double().mean().item()


def same(first, second):
    return all(
        torch.equal(tensor, second.state_dict()[name])
        for name, tensor in first.state_dict().items()
    )


@cases
def test_every_recipe_learns_and_is_deterministic(labelled_graph, architecture, shape, recipe):
    recipe = {**recipe, "epochs": 60}
    modules = []
    for seed in range(2):
        data = labelled_graph(seed)
        torch.manual_seed(5 + seed)
        module = train(architecture, data, shape, recipe, seed)
        kind = TRAINERS[architecture][1]
        assert type(module) is kind and not module.training
        assert accuracy(module, data, "train") > 0.6
        assert same(module, train(architecture, data, shape, recipe, seed))
        made = module.zoo_made.shape
        json.dumps(made)
        loaded = kind(**made).eval()
        loaded.load_state_dict(load(save(module.state_dict())))
        assert torch.equal(outputs(module, data, "val")[0], outputs(loaded, data, "val")[0])
        modules.append(module)
    assert not same(*modules)
    assert len({t.data_ptr() for m in modules for t in m.state_dict().values()}) == sum(
        len(m.state_dict()) for m in modules
    )


@cases
def test_test_nodes_are_never_looked_at(labelled_graph, architecture, shape, recipe):
    plain, changed = labelled_graph(), labelled_graph()
    changed.labels[changed.masks.pop("test")] = 0
    recipe = {**recipe, "epochs": 4}
    first, second = (train(architecture, data, shape, recipe) for data in (plain, changed))
    assert same(first, second)


@cases
def test_the_last_epoch_needs_no_validation(labelled_graph, architecture, shape, recipe):
    plain, without = labelled_graph(), labelled_graph()
    without.masks.pop("val")
    recipe = {**recipe, "epochs": 4, **LAST}
    first, second = (train(architecture, data, shape, recipe) for data in (plain, without))
    assert same(first, second)


def test_patience_and_tolerance_stop_early(labelled_graph):
    calls = []

    def progress(steps, desc=None):
        calls.append(desc)
        return iter(steps)

    data, shape = labelled_graph(), {"hidden": 8, "dropout": 0.0}

    def trained(**recipe):
        recipe = {"epochs": 30, "patience": None, **recipe}
        return train("graph-filter", data, shape, recipe, progress=progress)

    assert same(trained(), trained(patience=30))
    stopped = trained(select="last", tolerance=1e9)
    # The first difference of two losses is there after the second epoch.
    assert same(stopped, trained(select="last", epochs=2))
    # With a patience of 1 the first epoch that is no better ends it, and the one before stays.
    short = trained(patience=1)
    accuracies = []
    for epochs in range(1, 31):
        accuracies.append(accuracy(trained(select="last", epochs=epochs), data, "val"))
        if len(accuracies) > 1 and accuracies[-1] <= accuracies[-2]:
            break
    assert same(short, trained(select="last", epochs=len(accuracies) - 1))
    assert set(calls) == {"training GraphFilterNetwork"}


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"select": "best"}, "val, last"),
        ({"select": "last", "patience": 5}, "patience is 5"),
        ({"patience": 0}, "patience is 0"),
        ({"epochs": 0}, "epochs is 0"),
    ],
)
def test_bad_recipes(labelled_graph, recipe, message):
    with pytest.raises(ValueError, match=message):
        train("graph-filter", labelled_graph(), {"hidden": 4}, {"epochs": 2, **recipe})


def test_own_outputs_are_the_trained_networks(labelled_graph):
    data = labelled_graph()
    module = train("graph-filter", data, {"hidden": 8, "own_nodes": True}, {"epochs": 5})
    own, given_ = module.predict(top=3), module.predict(data, top=3)
    assert [row["label"] for row in own] == [row["label"] for row in given_]
    np.testing.assert_allclose(
        [row["score"] for row in own], [row["score"] for row in given_], atol=1e-5
    )


def test_runs_on_different_graphs(labelled_graph):
    graphs = [labelled_graph(seed, edge_seed=seed) for seed in range(3)]
    for architecture, shape, recipe in CASES:
        recipe = {**recipe, "epochs": 3}
        first = [train(architecture, graph, shape, recipe) for graph in graphs]
        # In another order: what is kept of one graph must not be taken for another's.
        again = [train(architecture, graph, shape, recipe) for graph in reversed(graphs)]
        assert all(map(same, first, reversed(again)))
        assert not same(*first[:2])

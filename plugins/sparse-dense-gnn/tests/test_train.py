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

SMALL = {"k": 6, "kappa": 4, "operator": "adj"}
TRAINERS = [
    (train_graph_filter, GraphFilterNetwork, {"hidden": 16, "own_nodes": True}),
    (train_graph_filter, GraphFilterNetwork, {"hidden": 8, "layers": 2, "operator": "adj"}),
    (train_spectral_mlp, SpectralMLP, SMALL),
    (train_spectral_mlp, SpectralMLP, {**SMALL, "operator": "lap", "kappa": 0, "lr": 0.05}),
]
trainers = pytest.mark.parametrize(("trainer", "architecture", "config"), TRAINERS)


def silent(steps, desc=None):
    return steps


def accuracy(module, data, split):
    ((logits, targets),) = module.outputs_and_targets(data, split)
    return (logits.argmax(1) == targets).double().mean().item()


def same(first, second):
    return all(
        torch.equal(tensor, second.state_dict()[name])
        for name, tensor in first.state_dict().items()
    )


@trainers
def test_every_recipe_learns_and_is_deterministic(make_run, trainer, architecture, config):
    runs, config = [make_run(seed) for seed in range(2)], {**config, "epochs": 60}
    torch.manual_seed(5)
    before = torch.get_rng_state()
    modules = trainer(runs, config, silent)
    assert torch.equal(torch.get_rng_state(), before)
    for run, module, again in zip(runs, modules, trainer(runs, config, silent), strict=True):
        assert type(module) is architecture and not module.training
        assert accuracy(module, run.data, "train") > 0.6
        assert same(module, again)
        assert same(module, trainer([run], config, silent)[0])
        json.dumps(module.config)
        loaded = architecture(**module.config).eval()
        loaded.load_state_dict(load(save(module.state_dict())))
        pairs = [next(m.outputs_and_targets(run.data, "val"))[0] for m in (module, loaded)]
        assert torch.equal(*pairs)
    assert len({t.data_ptr() for m in modules for t in m.state_dict().values()}) == sum(
        len(m.state_dict()) for m in modules
    )


@trainers
def test_test_nodes_are_never_looked_at(make_run, trainer, architecture, config):
    plain, changed = make_run(), make_run()
    changed.data.labels[changed.data.masks.pop("test")] = 0
    config = {**config, "epochs": 4}
    assert same(trainer([plain], config, silent)[0], trainer([changed], config, silent)[0])


@trainers
def test_the_last_epoch_needs_no_validation(make_run, trainer, architecture, config):
    plain, without = make_run(), make_run()
    without.data.masks.pop("val")
    config = {**config, "epochs": 4, "select": "last"}
    assert same(trainer([plain], config, silent)[0], trainer([without], config, silent)[0])


def test_patience_and_tolerance_stop_early(make_run):
    calls = []

    def progress(steps, desc=None):
        calls.append(desc)
        return iter([*steps, "end"])

    run, config = make_run(), {"hidden": 8, "dropout": 0.0, "epochs": 30}
    full = train_graph_filter([run], config, progress)[0]
    patient = train_graph_filter([run], {**config, "patience": 30}, progress)[0]
    assert same(full, patient)
    last = {**config, "select": "last"}
    stopped = train_graph_filter([run], {**last, "tolerance": 1e9}, progress)[0]
    # The first difference of two losses is there after the second epoch.
    assert same(stopped, train_graph_filter([run], {**last, "epochs": 2}, progress)[0])
    # With a patience of 1 the first epoch that is no better ends it, and the one before stays.
    short = train_graph_filter([run], {**config, "patience": 1}, progress)[0]
    accuracies = []
    for epochs in range(1, 31):
        module = train_graph_filter([run], {**last, "epochs": epochs}, progress)[0]
        accuracies.append(accuracy(module, run.data, "val"))
        if len(accuracies) > 1 and accuracies[-1] <= accuracies[-2]:
            break
    expected = train_graph_filter([run], {**last, "epochs": len(accuracies) - 1}, progress)[0]
    assert same(short, expected)
    assert set(calls) == {"training graph filters"}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"select": "best"}, "val, last"),
        ({"select": "last", "patience": 5}, "patience is 5"),
        ({"patience": 0}, "patience is 0"),
        ({"epochs": 0}, "epochs is 0"),
    ],
)
def test_bad_recipes(make_run, config, message):
    with pytest.raises(ValueError, match=message):
        train_graph_filter([make_run()], {"hidden": 4, "epochs": 2, **config}, silent)


def test_own_outputs_are_the_trained_networks(make_run):
    run = make_run()
    (module,) = train_graph_filter([run], {"hidden": 8, "epochs": 5, "own_nodes": True}, silent)
    own, given_ = module.predict(top=3), module.predict(run.data, top=3)
    assert [row["label"] for row in own] == [row["label"] for row in given_]
    np.testing.assert_allclose(
        [row["score"] for row in own], [row["score"] for row in given_], atol=1e-5
    )


def test_runs_on_different_graphs(make_run):
    runs = [make_run(seed, edge_seed=seed) for seed in range(3)]
    for trainer, _, config in TRAINERS:
        config = {**config, "epochs": 3}
        for module, run in zip(trainer(runs, config, silent), runs, strict=True):
            assert same(module, trainer([run], config, silent)[0])

"""The recipes: batched folds equal separate ones, selection by validation, determinism."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from zoo_graphs.graph import Graph
from zoo_powerembed import train
from zoo_powerembed.baselines.ase import AX, ASEClassifier
from zoo_powerembed.baselines.gcn import GCN
from zoo_powerembed.baselines.gcnii import GCNII
from zoo_powerembed.baselines.gprgnn import GPRGNN
from zoo_powerembed.baselines.jknet import JKNet
from zoo_powerembed.baselines.mlp import NodeMLP
from zoo_powerembed.powerembed import PowerEmbed
from zoo_powerembed.readout import InceptionReadout
from zoo_powerembed.specs.models import ARCHITECTURES
from zoo_powerembed.stacked import StackedReadout

import zoo
from zoo_core.testing import make_run

C = 3
TINY = {"k": 6, "hops": 2}
SHORT = {"epochs": 8}
SPECS = {spec.name: spec for spec in ARCHITECTURES}


def silent(steps, desc=None):
    return steps


def make_graphs(count=3, n=60, p=20, seed=0, edge_seed=0):
    """Folds of one graph with classes in blocks; folds differ in their numbers of nodes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % C
    edges = np.random.default_rng(edge_seed).integers(0, n, (2, 6 * n))
    edges = edges[:, (labels[edges[0]] == labels[edges[1]]) | (rng.random(6 * n) < 0.1)]
    features = rng.normal(size=(n, p)) + 4 * np.eye(C, p)[labels]
    graphs = []
    for fold in range(count):
        order = rng.permutation(n)
        masks = {split: np.zeros(n, bool) for split in ("train", "val", "test")}
        masks["train"][order[: 20 + 5 * fold]] = True
        masks["val"][order[40 : 50 + fold]] = True
        masks["test"][order[55:]] = True
        graphs.append(Graph.from_edges(edges, features, labels, masks, class_names=("a", "b", "c")))
    return graphs


def trained(architecture, graphs, shape=None, seeds=None, progress=silent, **recipe):
    """Return the modules of an architecture's recipe, run as the core runs it: seeds 0, 1, ..."""
    module, _, function = SPECS[architecture].train.partition(":")
    recipe_of = getattr(import_module(module), function)
    runs = [
        make_run(architecture, data, seed=seed, shape=shape, recipe={**SHORT, **recipe})
        for seed, data in zip(seeds or range(len(graphs)), graphs, strict=True)
    ]
    with torch.random.fork_rng(devices=[]):
        if SPECS[architecture].batches_runs:
            return recipe_of(runs, progress)
        return [recipe_of(run, progress) for run in runs]


def accuracy(module, data, split):
    (found,) = module.outputs(data.split(split))
    return (found["logits"].argmax(1) == found["target"]).float().mean().item()


def assert_same(first, second, tolerance):
    for name, tensor in first.state_dict().items():
        other = second.state_dict()[name]
        torch.testing.assert_close(tensor, other, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("mode", ["all", "last"])
def test_stacked_readout_computes_each_readout(mode):
    torch.manual_seed(0)
    widths = [5, 5, 5] if mode == "all" else [5]
    readouts = [InceptionReadout(widths, C).eval() for _ in range(4)]
    for readout in readouts:
        for name, parameter in readout.named_parameters():
            if "activation" in name:
                parameter.data.uniform_(0.1, 0.9)
    inputs = [torch.randn(4, 9, width) for width in widths]
    logits = StackedReadout(readouts)(inputs)
    for index, readout in enumerate(readouts):
        expected = readout([single[index] for single in inputs])
        torch.testing.assert_close(logits[index], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("rate", [0.0, 0.5])
@pytest.mark.parametrize("mode", ["all", "last", "first_last"])
def test_batched_folds_equal_separate_runs(rate, mode):
    graphs, shape = make_graphs(), {**TINY, "dropout": rate, "mode": mode}
    together = trained("powerembed", graphs, shape)
    for seed, (data, module) in enumerate(zip(graphs, together, strict=True)):
        (alone,) = trained("powerembed", [data], shape, [seed])
        assert_same(alone, module, 1e-4)


def test_batched_training_equals_a_plain_loop():
    (data,), shape = make_graphs(1), {**TINY, "dropout": 0.0}
    (module,) = trained("powerembed", [data], shape, weight_decay=0.01)
    torch.manual_seed(0)
    plain = PowerEmbed(data.num_features, C, **shape)
    plain.projection = module.projection
    inputs = plain.representations(torch.from_numpy(data.edges), data.feature_tensor())
    labels = torch.from_numpy(data.labels)
    fitted, checked = (torch.from_numpy(data.masks[s]) for s in ("train", "val"))
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.01, weight_decay=0.01)
    best, kept = -1.0, None
    for _ in range(SHORT["epochs"]):
        optimizer.zero_grad()
        logits = plain.classify(inputs)
        torch.nn.functional.cross_entropy(logits[fitted], labels[fitted]).backward()
        optimizer.step()
        hits = plain.classify(inputs).argmax(1) == labels
        if hits[checked].float().mean() > best:
            best = hits[checked].float().mean()
            kept = {name: tensor.clone() for name, tensor in plain.state_dict().items()}
    plain.load_state_dict(kept)
    assert_same(plain, module, 1e-4)


def test_chunks_do_not_change_the_result(monkeypatch):
    graphs = make_graphs()
    together = trained("powerembed", graphs, TINY)
    monkeypatch.setattr(train, "CHUNK_BYTES", 1)
    for first, second in zip(together, trained("powerembed", graphs, TINY), strict=True):
        assert_same(first, second, 1e-4)


def test_runs_on_different_graphs():
    graphs = [make_graphs(1, edge_seed=seed)[0] for seed in range(2)]
    together = trained("powerembed", graphs, TINY)
    for seed, (data, module) in enumerate(zip(graphs, together, strict=True)):
        assert_same(trained("powerembed", [data], TINY, [seed])[0], module, 1e-4)


def test_dropout_masks_have_the_right_rate():
    stacked = StackedReadout([InceptionReadout([5], C, dropout=0.25) for _ in range(2)])
    generators = [torch.Generator().manual_seed(seed) for seed in range(2)]
    (mask,) = stacked.dropout_masks([2000, 1000], generators)
    assert mask.shape == (2, 2000, 10)
    assert not mask[1, 1000:].any()
    assert mask[0].mean().item() == pytest.approx(1, abs=0.03)
    assert sorted(mask.unique().tolist()) == pytest.approx([0, 1 / 0.75])
    assert not torch.equal(mask[0, :1000], mask[1, :1000])


RECIPES = [
    ("powerembed", PowerEmbed, {"k": 6, "own_nodes": True}),
    ("powerembed", PowerEmbed, {"project": "identity", "normalize": "none"}),
    ("ase-mlp", ASEClassifier, {"k": 6}),
    ("ax-mlp", AX, {"k": 6}),
    ("node-mlp", NodeMLP, {}),
    ("gcn", GCN, {"hidden": 16}),
    ("gprgnn", GPRGNN, {"hidden": 16}),
    ("gcnii", GCNII, {"hidden": 16, "layers": 4}),
    ("jknet", JKNet, {"k": 6, "hops": 3}),
]


@pytest.mark.parametrize(("name", "architecture", "shape"), RECIPES)
def test_every_recipe_learns_and_is_deterministic(name, architecture, shape, tmp_path):
    graphs = make_graphs(2)
    modules = trained(name, graphs, shape, epochs=40)
    torch.manual_seed(5)
    again = trained(name, graphs, shape, epochs=40)
    for data, module, other in zip(graphs, modules, again, strict=True):
        module.eval()
        assert type(module) is architecture
        assert accuracy(module, data, "train") > 0.6
        assert_same(module, other, 0)
        loaded = load(save(module.state_dict()))
        assert all(torch.equal(loaded[key], value) for key, value in module.state_dict().items())
        assert all(p.is_contiguous() for p in module.state_dict().values())
        # Each module owns its memory: loading or saving one cannot disturb another.
        assert len({t.data_ptr() for m in modules for t in m.parameters()}) == sum(
            len(list(m.parameters())) for m in modules
        )


@pytest.mark.parametrize(("name", "architecture", "shape"), RECIPES)
def test_the_core_runs_every_recipe_and_leaves_random_numbers_alone(
    name, architecture, shape, tmp_path
):
    (data,) = make_graphs(1)
    arrays = {f"{split}_mask": mask for split, mask in data.masks.items()}
    features = data.features.toarray()
    np.savez(tmp_path / "it.npz", edges=data.edges, features=features, labels=data.labels, **arrays)
    before = torch.get_rng_state()
    config = {**shape, "epochs": 5}
    module = zoo.train(name, str(tmp_path / "it.npz"), out=tmp_path / "out", config=config)
    assert torch.equal(torch.get_rng_state(), before)
    assert type(module) is architecture and not module.training
    (alone,) = trained(name, [data], shape, epochs=5)
    assert_same(module, alone, 1e-6)
    pairs = [next(iter(m.outputs(data.split("val"))))["logits"] for m in (module, alone.eval())]
    torch.testing.assert_close(*pairs)


@pytest.mark.parametrize(("name", "architecture", "shape"), RECIPES)
def test_test_nodes_are_never_looked_at(name, architecture, shape):
    plain, changed = make_graphs(1), make_graphs(1)
    data = changed[0]
    data.labels[data.masks["test"]] = 0
    data.masks.pop("test")
    first, second = (trained(name, graphs, shape, epochs=5)[0] for graphs in (plain, changed))
    assert_same(first, second, 0)


def test_returned_weights_are_of_the_best_validation_epoch():
    (data,) = make_graphs(1)
    folds = [train.make_fold(data, [data.feature_tensor().to_dense()], 0)]
    seen = []
    for epochs in range(1, 13):
        torch.manual_seed(0)
        readouts = [InceptionReadout([20], C)]
        seen += train.fit_readouts(readouts, folds, epochs=epochs, progress=silent)
    assert seen == sorted(seen)  # more epochs never make the selected one worse
    logits = readouts[0].eval()(folds[0].representations)
    hits = (logits.argmax(1) == folds[0].labels)[folds[0].val]
    assert hits.float().mean().item() == pytest.approx(seen[-1])


def test_own_representations_predict_as_the_graph_does():
    graphs = make_graphs(1)
    (module,) = trained("powerembed", graphs, {**TINY, "own_nodes": True})
    assert module.own_representations.shape == (3, 60, 6)
    own, given = module.predict(top=3), module.predict(graphs[0], top=3)
    assert [row["label"] for row in own] == [row["label"] for row in given]
    assert own[0]["label"] in "abc"


def test_progress_is_called_like_tqdm():
    calls = []

    def progress(steps, desc=None):
        calls.append((list(steps), desc))
        return steps

    trained("powerembed", make_graphs(2), TINY, progress=progress)
    trained("gcn", make_graphs(2), {"hidden": 4}, progress=progress, epochs=3)
    assert [len(steps) for steps, _ in calls] == [8, 3, 3]
    assert all(desc for _, desc in calls)

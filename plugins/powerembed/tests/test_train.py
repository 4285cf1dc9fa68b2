"""The recipes: batched folds equal separate ones, selection by validation, determinism."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from zoo_graphs.graph import Graph
from zoo_graphs.training import constructor_arguments
from zoo_powerembed import select, train
from zoo_powerembed.baselines.ase import AX, ASEClassifier
from zoo_powerembed.baselines.gcn import GCN
from zoo_powerembed.baselines.gcnii import GCNII
from zoo_powerembed.baselines.gprgnn import GPRGNN
from zoo_powerembed.baselines.jknet import JKNet
from zoo_powerembed.baselines.mlp import NodeMLP
from zoo_powerembed.powerembed import PowerEmbed
from zoo_powerembed.readout import InceptionReadout
from zoo_powerembed.stacked import StackedReadout

C = 3
TINY = {"k": 6, "hops": 2, "epochs": 8}


def silent(steps, desc=None):
    return steps


def make_runs(count=3, n=60, p=20, seed=0, edge_seed=0):
    """Folds of one graph with classes in blocks; folds differ in their numbers of nodes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % C
    edges = np.random.default_rng(edge_seed).integers(0, n, (2, 6 * n))
    edges = edges[:, (labels[edges[0]] == labels[edges[1]]) | (rng.random(6 * n) < 0.1)]
    features = rng.normal(size=(n, p)) + 4 * np.eye(C, p)[labels]
    runs = []
    for fold in range(count):
        order = rng.permutation(n)
        masks = {split: np.zeros(n, bool) for split in ("train", "val", "test")}
        masks["train"][order[: 20 + 5 * fold]] = True
        masks["val"][order[40 : 50 + fold]] = True
        masks["test"][order[55:]] = True
        data = Graph.from_edges(edges, features, labels, masks, class_names=("a", "b", "c"))
        runs.append(SimpleNamespace(data=data, seed=fold))
    return runs


def accuracy(module, data, split):
    ((logits, targets),) = module.outputs_and_targets(data, split)
    return (logits.argmax(1) == targets).float().mean().item()


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
    runs, config = make_runs(), {**TINY, "dropout": rate, "mode": mode}
    together = train.train_powerembed(runs, config, silent)
    for run, module in zip(runs, together, strict=True):
        (alone,) = train.train_powerembed([run], config, silent)
        assert_same(alone, module, 1e-4)


def test_batched_training_equals_a_plain_loop():
    run, config = make_runs(1)[0], {**TINY, "dropout": 0.0, "weight_decay": 0.01}
    (module,) = train.train_powerembed([run], config, silent)
    torch.manual_seed(run.seed)
    plain = PowerEmbed(**constructor_arguments(PowerEmbed, config, run.data))
    plain.projection = module.projection
    inputs = plain.embed(torch.from_numpy(run.data.edges), run.data.feature_tensor())
    labels = torch.from_numpy(run.data.labels)
    fitted, checked = (torch.from_numpy(run.data.masks[s]) for s in ("train", "val"))
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.01, weight_decay=0.01)
    best, kept = -1.0, None
    for _ in range(config["epochs"]):
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
    runs = make_runs()
    together = train.train_powerembed(runs, TINY, silent)
    monkeypatch.setattr(train, "CHUNK_BYTES", 1)
    for first, second in zip(together, train.train_powerembed(runs, TINY, silent), strict=True):
        assert_same(first, second, 1e-4)


def test_runs_on_different_graphs():
    runs = [make_runs(1, edge_seed=seed)[0] for seed in range(2)]
    runs[1].seed = 1
    together = train.train_powerembed(runs, TINY, silent)
    for run, module in zip(runs, together, strict=True):
        assert_same(train.train_powerembed([run], TINY, silent)[0], module, 1e-4)


def test_dropout_masks_have_the_right_rate():
    stacked = StackedReadout([InceptionReadout([5], C, dropout=0.25) for _ in range(2)])
    generators = [torch.Generator().manual_seed(seed) for seed in range(2)]
    (mask,) = stacked.dropout_masks([2000, 1000], generators)
    assert mask.shape == (2, 2000, 10)
    assert not mask[1, 1000:].any()
    assert mask[0].mean().item() == pytest.approx(1, abs=0.03)
    assert sorted(mask.unique().tolist()) == pytest.approx([0, 1 / 0.75])
    assert not torch.equal(mask[0, :1000], mask[1, :1000])


TRAINERS = [
    (train.train_powerembed, PowerEmbed, {"k": 6, "own_nodes": True}),
    (train.train_powerembed, PowerEmbed, {"project": "identity", "normalize": "none"}),
    (train.train_ase, ASEClassifier, {"k": 6}),
    (train.train_ax, AX, {"k": 6}),
    (train.train_mlp, NodeMLP, {}),
    (train.train_gcn, GCN, {"hidden": 16}),
    (train.train_gprgnn, GPRGNN, {"hidden": 16}),
    (train.train_gcnii, GCNII, {"hidden": 16, "layers": 4}),
    (train.train_jknet, JKNet, {"k": 6, "hops": 3}),
]


@pytest.mark.parametrize(("trainer", "architecture", "config"), TRAINERS)
def test_every_trainer_learns_and_is_deterministic(trainer, architecture, config):
    runs, config = make_runs(2), {**config, "epochs": 40}
    torch.manual_seed(5)
    before = torch.get_rng_state()
    modules = trainer(runs, config, silent)
    assert torch.equal(torch.get_rng_state(), before)
    for run, module, again in zip(runs, modules, trainer(runs, config, silent), strict=True):
        assert type(module) is architecture
        assert not module.training
        assert accuracy(module, run.data, "train") > 0.6
        assert_same(module, again, 0)
        json.dumps(module.config)
        loaded = architecture(**module.config).eval()
        loaded.load_state_dict(load(save(module.state_dict())))
        pairs = [next(m.outputs_and_targets(run.data, "val"))[0] for m in (module, loaded)]
        assert torch.equal(*pairs)
        assert all(p.is_contiguous() for p in module.state_dict().values())
        # Each module owns its memory: loading or saving one cannot disturb another.
        assert len({t.data_ptr() for m in modules for t in m.parameters()}) == sum(
            len(list(m.parameters())) for m in modules
        )


@pytest.mark.parametrize(("trainer", "architecture", "config"), TRAINERS)
def test_test_nodes_are_never_looked_at(trainer, architecture, config):
    config = {**config, "epochs": 5}
    plain, changed = make_runs(1), make_runs(1)
    data = changed[0].data
    data.labels[data.masks["test"]] = 0
    data.masks.pop("test")
    first, second = trainer(plain, config, silent)[0], trainer(changed, config, silent)[0]
    assert_same(first, second, 0)


def test_returned_weights_are_of_the_best_validation_epoch():
    run = make_runs(1)[0]
    folds = [train.make_fold(run, [run.data.feature_tensor().to_dense()])]
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
    run = make_runs(1)[0]
    (module,) = train.train_powerembed([run], {**TINY, "own_nodes": True}, silent)
    assert module.own_representations.shape == (3, 60, 6)
    own, given = module.predict(top=3), module.predict(run.data, top=3)
    assert [row["label"] for row in own] == [row["label"] for row in given]
    assert own[0]["label"] in "abc"


def test_progress_is_called_like_tqdm():
    calls = []

    def progress(steps, desc=None):
        calls.append((list(steps), desc))
        return steps

    train.train_powerembed(make_runs(2), TINY, progress)
    train.train_gcn(make_runs(2), {"hidden": 4, "epochs": 3}, progress)
    assert len(calls[1][0]) == 6
    assert all(desc for _, desc in calls)


# --- selection ---


def test_grids():
    sizes = {grid: len(select.candidates(grid)) for grid in ("shallow", "small", "full")}
    assert sizes == {"shallow": 3, "small": 12, "full": 90}
    with pytest.raises(ValueError, match="unknown grid"):
        select.candidates("huge")


def test_candidates_agree_with_training():
    runs = make_runs(2)
    for run in runs:
        run.data.masks.pop("test")
    grid = [{"operator": "lap", "mode": mode, "hops": 2} for mode in ("all", "last")]
    rows = list(select.evaluate_candidates(runs, grid, {"k": 6, "epochs": 8}, silent))
    for row in rows:
        modules = train.train_powerembed(runs, {**TINY, **row["config"]}, silent)
        found = [accuracy(m, run.data, "val") for m, run in zip(modules, runs, strict=True)]
        assert row["folds"] == pytest.approx(found)
        assert row["val_accuracy"] == pytest.approx(np.mean(found))


def test_command_line(monkeypatch, tmp_path):
    import zoo

    runs = make_runs(2)
    monkeypatch.setattr(zoo, "dataset", lambda name, fold: runs[fold].data, raising=False)
    out = tmp_path / "found.json"
    select.main(["tiny", "--folds", "2", "-k", "6", "--epochs", "2", "--out", str(out)])
    found = json.loads(out.read_text())
    assert found["selected_on"] == "val"
    assert found["winner"]["k"] == 6
    assert len(found["candidates"]) == 12

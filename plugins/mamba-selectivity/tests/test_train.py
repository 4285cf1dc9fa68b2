"""The recipes, on tiny tasks."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import torch
from zoo_mamba_selectivity import train
from zoo_mamba_selectivity.data.keepnth import keepnth
from zoo_mamba_selectivity.data.mqar import mqar
from zoo_mamba_selectivity.data.sequences import SequenceTask
from zoo_mamba_selectivity.data.signals import gaussian
from zoo_mamba_selectivity.exact.haar import ExactHaar
from zoo_mamba_selectivity.exact.keepnth import ExactKeepNth
from zoo_mamba_selectivity.exact.recall import ExactRecall
from zoo_mamba_selectivity.haar import basis
from zoo_mamba_selectivity.haar.layers import HaarLayer
from zoo_mamba_selectivity.networks.keepnth import KeepNetwork
from zoo_mamba_selectivity.networks.recall import RecallNetwork
from zoo_mamba_selectivity.specs.models import ARCHITECTURES

import zoo_core
from zoo_core import BadInput, measure
from zoo_core.testing import make_run

SMALL = {"width": 16, "state_size": 8, "heads": 1}
SHORT = {"updates": 5, "stage_updates": 2, "warmup": 2, "batch_size": 4}
HAAR = {"updates": 40, "warmup": 5, "batch_size": 16, "lr": 0.01, "step_lr": 10.0}


def _quiet(steps, **_):
    return steps


def _run(recipe, architecture, data, seed=0, *, small, short, **changes):
    """What a recipe returns for changes of shape and recipe, with the random state put aside."""
    halves = [dict(small), dict(short)]
    for name, value in changes.items():
        halves[name in _recipe_of(architecture)][name] = value
    run = make_run(architecture, data, seed=seed, shape=halves[0], recipe=halves[1])
    with torch.random.fork_rng():
        return recipe(run, _quiet).eval()


def _recipe_of(name):
    return next(one.recipe for one in ARCHITECTURES if one.name == name)


def _recall(seed=0, data=None, **changes):
    data = data or mqar(8, 2, 16)
    return _run(
        train.train_recall, "recall-network", data, seed, small=SMALL, short=SHORT, **changes
    )


def _keep(data, **changes):
    return _run(train.train_keep, "keep-network", data, small=SMALL, short=SHORT, **changes)


def _layer(mixer: str, seed: int = 0, **changes) -> HaarLayer:
    data, small = gaussian(32, [1], signals=64), {"mixer": mixer, "channels": 4, "state_size": 1}
    return _run(train.train_layer, "haar-layer", data, seed, small=small, short=HAAR, **changes)


def test_a_seed_gives_the_same_weights_whatever_the_global_state(tmp_path):
    def trained(folder, seed):
        return zoo_core.train(
            "recall-network",
            "mqar",
            out=tmp_path / folder,
            seed=seed,
            config={**SMALL, **SHORT},
            options={"length": 8, "pairs": 2, "vocabulary": 16},
        )

    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = trained("first", 3)
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(2)
    second, other = trained("second", 3), trained("other", 4)
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name
    assert not torch.equal(first.embedding.weight, other.embedding.weight)
    assert not first.training


def test_what_a_module_was_made_with_is_stored_beside_it(tmp_path):
    def stored(name, dataset, options, **config):
        module = zoo_core.train(
            name,
            dataset,
            out=tmp_path / name,
            config={**SMALL, **SHORT, **config},
            options=options,
        )
        shape = json.loads((tmp_path / name / "config.json").read_text())
        assert shape.pop("zoo")["recipe"]["updates"] == SHORT["updates"]
        return shape, module

    options = {"length": 8, "pairs": 2, "vocabulary": 16}
    shape, module = stored("recall-network", "mqar", options, mixer="s4d-real", gate=False)
    assert shape["mixer"] == "s4d-real" and shape["vocabulary"] == 16
    assert not set(shape) & {"lr", "updates", "batch_size"}
    RecallNetwork(**shape).load_state_dict(module.state_dict())
    options = {"length": 16, "position": 4, "vocabulary": 6}
    shape, kept = stored("keep-network", "keepnth", options)
    assert shape["position"] == 4 and shape["length"] == kept.length == 16
    KeepNetwork(**shape).load_state_dict(kept.state_dict())


def test_several_runs_are_trained_alone():
    runs = [{"length": 8, "pairs": 2, "vocabulary": 16, "seed": seed} for seed in (0, 1)]
    both = zoo_core.protocol("recall-network", "mqar", runs, shape=SMALL, recipe=SHORT)
    data = mqar(**runs[1])
    alone = measure(_recall(1, data), data, "test", ["accuracy"])["accuracy"]
    assert both[1] == pytest.approx(alone)


def test_shorter_sequences_come_first(monkeypatch):
    seen = []

    def record(module, batches, config, progress):
        batch = next(batches)
        times = module.embed_tokens(torch.from_numpy(batch.tokens))[0, :, -2]
        seen.append((batch.tokens.shape, len(batch.queries()[1][0]), config["updates"], times))

    monkeypatch.setattr(train, "fit", record)
    _recall(data=mqar(32, 4, 64), shortest=8)
    assert [row[:3] for row in seen] == [((4, 8), 2, 2), ((4, 16), 4, 2), ((4, 32), 4, 5)]
    seen.clear()
    _recall(data=mqar(24, 6, 64), shortest=None)
    assert [row[:3] for row in seen] == [((4, 24), 6, 5)]
    seen.clear()
    data = keepnth(24, 6, vocabulary=6)
    _keep(data, shortest=8)
    assert [row[:3] for row in seen] == [((4, 8), 1, 2), ((4, 16), 1, 2), ((4, 24), 1, 5)]
    for shape, _, _, times in seen:
        torch.testing.assert_close(times, torch.arange(shape[1]) / shape[1])


def test_decay_leaves_rates_norms_and_biases_alone():
    """Without gradients, AdamW only decays: by lr times decay times the sum of the rates."""
    module = RecallNetwork(16, width=8, state_size=2, heads=2)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    data = mqar(8, 2, 16)
    for parameter in module.parameters():
        parameter.register_hook(torch.zeros_like)
    config = {"updates": 4, "warmup": 2, "lr": 0.1, "weight_decay": 0.5}
    train.fit(module, data.stream(0, 2), config, _quiet)
    rates = [0.1 * min((i + 1) / 2, 1) * (1 + np.cos(np.pi * i / 4)) / 2 for i in range(4)]
    factor = float(np.prod([1 - 0.5 * rate for rate in rates]))
    for name, tensor in module.state_dict().items():
        kept = name.split(".")[-1] in ("A_log", "skip", "delta_bias", "bias") or "norm" in name
        torch.testing.assert_close(tensor, before[name] * (1 if kept else factor), msg=name)


def test_training_learns_a_small_task():
    data = mqar(4, 1, 16, sequences=200)
    untrained = _recall(data=data, updates=1, shortest=None)
    module = _recall(
        data=data, width=32, updates=100, shortest=None, warmup=20, batch_size=32, lr=0.02
    )
    assert measure(untrained, data, "test", ["accuracy"])["accuracy"] < 0.4
    assert measure(module, data, "test", ["accuracy"])["accuracy"] > 0.95


def test_no_split_is_read_in_training(monkeypatch):
    def refuse(self, split):
        raise AssertionError(f"the {split} split was read")

    monkeypatch.setattr(SequenceTask, "part", refuse)
    _recall()
    stream = mqar(8, 2, 16).stream(0, 4)
    first = [batch.tokens for batch in itertools.islice(stream, 3)]
    assert not np.array_equal(first[0], first[1])


def test_other_data_are_refused():
    with pytest.raises(BadInput, match="learns MQAR, not from a Keep"):
        _recall(data=keepnth())
    with pytest.raises(BadInput, match="learns keep-n-th, not from a Recall"):
        _keep(mqar())
    with pytest.raises(BadInput, match="signals"):
        train.train_layer(make_run("haar-layer", "words", recipe=HAAR), _quiet)
    with pytest.raises(BadInput, match="updates=0 and warmup=2 are wrong"):
        _recall(updates=0)


@pytest.mark.parametrize("mixer", ["s6", "s4d"])
def test_a_haar_layer_learns_and_repeats_itself(mixer):
    first, again, other = _layer(mixer), _layer(mixer), _layer(mixer, seed=1)
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    assert any(not torch.equal(t, other.state_dict()[n]) for n, t in first.state_dict().items())
    assert first.rows == (1,)

    def error(layer):
        with torch.no_grad():
            outputs = next(layer.outputs(gaussian(32, [1], signals=64).split("val")))
        found, true = outputs["prediction"], outputs["target"]
        return float((found - true).norm() / true.norm())

    assert error(first) < error(_layer(mixer, updates=1))


def test_a_haar_layer_leaves_the_global_random_state_alone(tmp_path):
    before = torch.get_rng_state()
    config = {**HAAR, "updates": 1, "channels": 4}
    module = zoo_core.train("haar-layer", "haar", out=tmp_path, config=config, coefficients=[1])
    assert torch.equal(before, torch.get_rng_state())
    assert not module.training


def test_exact_recall_is_what_the_shape_says():
    shape = {"mixer": "s4d", "vocabulary": 64, "key_bits": 5, "value_bits": None}
    shape["distinct_keys"] = True
    made = train.build(make_run("recall-exact", None, shape=shape), _quiet)
    expected = ExactRecall(**shape).state_dict()
    assert made.mixer == "s4d"
    for name, tensor in made.state_dict().items():
        torch.testing.assert_close(tensor, expected[name])


def test_exact_keepnth_is_what_the_shape_says():
    shape = {"vocabulary": 4, "sharpness": 100.0, "decay": 1e-13}
    made = train.build(make_run("keepnth-exact", None, shape=shape), _quiet)
    assert made.vocabulary == 4
    torch.testing.assert_close(made.state_dict(), ExactKeepNth(**shape).state_dict())
    assert made.predict("0 3 1", position=1)[0]["answer"] == 3


def test_exact_haar_is_what_the_shape_says():
    shape = {"length": 8, "coefficients": None, "sharpness": 100.0, "decay": 1e-13}
    made = train.build(make_run("haar-exact", None, shape=shape), _quiet)
    torch.testing.assert_close(made.state_dict(), ExactHaar(**shape).state_dict())
    x = np.random.default_rng(0).normal(size=(1, 8))
    with torch.no_grad():
        found = made.transform(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, basis.haar_coefficients(x), atol=1e-7)


def test_few_keys_come_first_and_twice_as_many_after_them():
    data = mqar(32, 4, 80)
    recipe = {"shortest": 8, "stage_updates": 3, "updates": 9, "fewest": 4}
    tasks = list(train._recall_tasks(data, recipe))
    told = [(task.length, task.pairs, task.known, updates) for task, updates in tasks]
    few = [(8, 2, known, 3) for known in (4, 8, 16, 32, None)]
    assert told == [*few, (16, 4, None, 3), (32, 4, None, 9)]
    tokens = next(tasks[0][0].stream(0, 200)).tokens
    assert set(np.unique(tokens)) == {*range(5), *range(40, 44)}
    assert tasks[-1][0] == data
    with pytest.raises(BadInput, match="known=1 is wrong for pairs=2"):
        list(train._recall_tasks(data, {**recipe, "fewest": 1}))


def test_s6_decays_as_slowly_as_it_is_told():
    fast, slow = (RecallNetwork(8, "mamba", width=8, state_size=3, decay=d) for d in (1.0, 0.1))
    assert torch.allclose(slow.blocks[0].A_log.exp(), 0.1 * fast.blocks[0].A_log.exp())
    with pytest.raises(ValueError, match="decay=0 is wrong"):
        RecallNetwork(8, "mamba", width=8, state_size=3, decay=0)

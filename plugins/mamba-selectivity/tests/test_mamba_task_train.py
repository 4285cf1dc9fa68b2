"""The recipe, on tiny tasks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from zoo_mamba_selectivity import train
from zoo_mamba_selectivity.keepnth import keepnth
from zoo_mamba_selectivity.mqar import mqar
from zoo_mamba_selectivity.networks import KeepNetwork, RecallNetwork

from zoo_core.errors import BadInput
from zoo_core.evaluation import measure
from zoo_core.interfaces import Run
from zoo_core.registry import registry

TINY = {
    "width": 16,
    "state_size": 8,
    "heads": 1,
    "updates": 5,
    "stage_updates": 2,
    "warmup": 2,
    "batch_size": 4,
}


def _quiet(steps, **_):
    return steps


def _config(name, **changes):
    return {**registry().architecture(name).config, **TINY, **changes}


def _recall(seed=0, data=None, **changes):
    data = data or mqar(8, 2, 16)
    config = _config("recall-network", **changes)
    return train.train_recall([Run(data=data, seed=seed)], config, _quiet)[0]


def test_a_seed_gives_the_same_weights_whatever_the_global_state():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = _recall(seed=3)
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(2)
    second, other = _recall(seed=3), _recall(seed=4)
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name]), name
    assert not torch.equal(first.embedding.weight, other.embedding.weight)
    assert not first.training


def test_a_module_carries_what_it_was_made_with():
    module = _recall(mixer="s4d-real", gate=False)
    assert module.config["mixer"] == "s4d-real" and module.config["vocabulary"] == 16
    assert not set(module.config) & {"lr", "updates", "batch_size"}
    again = RecallNetwork(**module.config)
    again.load_state_dict(module.state_dict())
    data = keepnth(16, 4, vocabulary=6)
    config = _config("keep-network")
    kept = train.train_keep([Run(data=data, seed=0)], config, _quiet)[0]
    assert kept.config["position"] == 4 and kept.config["length"] == kept.length == 16
    KeepNetwork(**kept.config).load_state_dict(kept.state_dict())


def test_several_runs_are_trained_alone():
    config = _config("recall-network")
    runs = [Run(data=mqar(8, 2, 16, seed=seed), seed=seed) for seed in (0, 1)]
    both = train.train_recall(runs, config, _quiet)
    alone = train.train_recall(runs[1:], config, _quiet)
    assert torch.equal(both[1].embedding.weight, alone[0].embedding.weight)


def test_shorter_sequences_come_first(monkeypatch):
    seen = []

    def record(module, batches, config, progress):
        batch = next(batches)
        times = module.embed(torch.from_numpy(batch.tokens))[0, :, -2]
        seen.append((batch.tokens.shape, len(batch.queries()[1][0]), config["updates"], times))

    monkeypatch.setattr(train, "fit", record)
    _recall(data=mqar(32, 4, 64), shortest=8)
    assert [row[:3] for row in seen] == [((4, 8), 2, 2), ((4, 16), 4, 2), ((4, 32), 4, 5)]
    seen.clear()
    _recall(data=mqar(24, 6, 64), shortest=None)
    assert [row[:3] for row in seen] == [((4, 24), 6, 5)]
    seen.clear()
    data = keepnth(24, 6, vocabulary=6)
    train.train_keep([Run(data=data, seed=0)], _config("keep-network", shortest=8), _quiet)
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
    from zoo_mamba_selectivity.sequences import SequenceTask

    def refuse(self, split):
        raise AssertionError(f"the {split} split was read")

    monkeypatch.setattr(SequenceTask, "part", refuse)
    _recall()
    stream = mqar(8, 2, 16).stream(0, 4)
    first = [batch.tokens for batch in itertools.islice(stream, 3)]
    assert not np.array_equal(first[0], first[1])


def test_other_data_are_refused():
    config = _config("recall-network")
    with pytest.raises(BadInput, match="learns MQAR, not from a Keep"):
        train.train_recall([Run(data=keepnth(), seed=0)], config, _quiet)
    with pytest.raises(BadInput, match="learns keep-n-th, not from a Recall"):
        train.train_keep([Run(data=mqar(), seed=0)], config, _quiet)
    with pytest.raises(BadInput, match="updates=0 and warmup=2 are wrong"):
        _recall(updates=0)

from __future__ import annotations

import pytest
import torch
from torch import nn
from zoo_label_noise import transitions
from zoo_label_noise.corruption import corrupt
from zoo_label_noise.coteaching import co_teach

from zoo_core import BadInput


def network(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(20, 256), nn.ReLU(), nn.Linear(256, 2))


def data():
    generator = torch.Generator().manual_seed(0)
    truth = torch.arange(600) % 2
    x = torch.randn(600, 20, generator=generator)
    x[:, 0] += 4 * truth - 2
    noisy = torch.from_numpy(corrupt(truth.numpy(), transitions.symmetric(0.3, 2), 1).labels)
    return x, truth, noisy


def right(module, x, truth):
    return float((module(x).argmax(1) == truth).double().mean())


def trained(rate):
    x, truth, noisy = data()
    pair = network(0), network(1)
    co_teach(pair, x, noisy, rate, epochs=60, ramp=5, batch_size=100, learning_rate=3e-3)
    return pair, right(pair[0], x, truth)


def test_small_losses_keep_wrong_labels_out():
    """Without the choice the same networks learn wrong labels by heart."""
    (_, second), chosen = trained(0.3)
    _, plain = trained(0.0)
    assert chosen > plain + 0.05
    again, _ = trained(0.3)
    for one, other in zip(again[1].parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_rate_that_leaves_nothing_is_refused():
    x, _, noisy = data()
    with pytest.raises(BadInput, match="0 <= rate < 1"):
        co_teach((network(0), network(1)), x, noisy, 1.0, epochs=1)

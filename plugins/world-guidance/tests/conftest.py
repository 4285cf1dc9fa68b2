"""What the tests share: no network, and a few short episodes of one's own."""

from __future__ import annotations

import numpy as np
import pytest

from zoo_core import create


@pytest.fixture(autouse=True)
def surroundings(no_network, monkeypatch):
    monkeypatch.delenv("ZOO_TRACEBACK", raising=False)


def arrays(episodes=4, steps=20, states=3, actions=2, seed=0):
    """Return episodes in which the action is where the state then goes."""
    rng = np.random.default_rng(seed)
    walk = rng.standard_normal((episodes, steps, states)).cumsum(1).astype("f4")
    chosen = np.roll(walk, -1, 1)[..., :actions]
    return {
        "states": walk.reshape(-1, states),
        "actions": chosen.reshape(-1, actions),
        "ends": np.arange(1, episodes + 1) * steps,
    }


TINY = {
    "width": 16, "layers": 1, "former_layers": 1, "head_width": 16, "head_depth": 1, "heads": 2,
    "tokens": 4, "condition": 8,
}  # fmt: skip
UNITS = {
    "states": {"q01": [0.0] * 3, "q99": [2.0] * 3},
    "actions": {"q01": [-1.0] * 2, "q99": [3.0] * 2},
}


@pytest.fixture
def tiny():
    """Make small policies whose statistics are known, with some of their weights at random."""
    import torch

    def make(**shape):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            known = {**TINY, "states": 3, "statistics": UNITS, "future": [4, 1, 3]}
            module = create("wog-policy", **{**known, **shape})
            for name, parameter in module.named_parameters():
                if "out." in name:
                    torch.nn.init.normal_(parameter, std=0.1)
        return module.eval()

    return make

"""The recipes give the same weights for the same seeds."""

from __future__ import annotations

import pytest
import torch

import zoo

QUICK = {"gae": {"epochs": 20}}


@pytest.mark.parametrize("name", ["ase", "gae"])
def test_training_again_gives_the_same_bytes(home, tmp_path, name):
    digests = set()
    for index, state in enumerate((1, 2)):
        torch.manual_seed(state)
        folder = tmp_path / str(index)
        config = QUICK.get(name, {})
        zoo.train(name, str(home / "labelled.npz"), out=folder, config=config)
        digests.add((folder / "model.safetensors").read_bytes())
    assert len(digests) == 1

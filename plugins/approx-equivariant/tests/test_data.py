"""The tasks: the paper's very images, masks that stay, and a simulation with a known symmetry."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from zoo_approx_equivariant import data as own
from zoo_approx_equivariant.data import hidden_signals
from zoo_approx_equivariant.painting import squares_at
from zoo_approx_equivariant.planted import planted
from zoo_approx_equivariant.specs.data import SQUARE

from zoo_core import BadInput, DataError


@pytest.mark.parametrize("name", ["fashion", "mnist"])
def test_the_paper_s_task(data_or_skip, name):
    data = data_or_skip(f"{name}-inpainting", run=1)
    assert {key: len(rows) for key, rows in data.rows.items()} == {
        "train": 80, "val": 20, "test": 1000,
    }  # fmt: skip
    side = SQUARE["fashion-mnist" if name == "fashion" else name]
    hidden = (data.inputs != data.targets).squeeze(-1)
    assert hidden.sum(1).max() <= side**2
    zero = data.inputs[hidden]
    assert (zero == 0).all()
    again, other = (data_or_skip(f"{name}-inpainting", run=run) for run in (1, 2))
    assert torch.equal(again.inputs, data.inputs) and torch.equal(other.targets, data.targets)
    assert not torch.equal(other.inputs, data.inputs)
    assert not torch.equal(other.rows["train"], data.rows["train"])


def test_the_masked_input_s_own_error(data_or_skip):
    data = data_or_skip("fashion-inpainting")
    rows = data.rows["test"]
    error = float(((data.inputs - data.targets)[rows] ** 2).mean())
    assert error == pytest.approx(0.284, abs=0.006)


def test_mirrored_images(data_or_skip):
    plain, flipped = (data_or_skip("fashion-inpainting", flip=flip) for flip in (False, True))
    images = plain.targets.unflatten(1, (28, 28)).flip(2).flatten(1, 2)
    same = (plain.targets == flipped.targets).all(1).squeeze()
    turned = (images == flipped.targets).all(1).squeeze()
    assert (same | turned).all()
    assert 0.4 < float(turned.double().mean()) < 0.6


@pytest.mark.parametrize("name", ["fashion-mnist", "mnist"])
def test_without_the_subset_the_same_images_are_chosen_from_all(data_or_skip, monkeypatch, name):
    data_or_skip(name)
    monkeypatch.setattr(own, "available", lambda file: None)
    train, test = own.exact_images(name)
    assert train.shape == (100, 28, 28) and test.shape == (1000, 28, 28)


def test_other_images_are_refused(data_or_skip, monkeypatch):
    data_or_skip("fashion-inpainting")
    monkeypatch.setitem(own.IMAGES_SHA256, "fashion-mnist", "0" * 64)
    with pytest.raises(DataError, match="not the paper's"):
        own.exact_images("fashion-mnist")


def test_squares_lie_anywhere_that_fits():
    corners = squares_at(2_000, (10, 7), 4, 0)
    assert corners.min(0).values.tolist() == [0, 0]
    assert corners.max(0).values.tolist() == [6, 3]
    images = np.full((5, 10, 7), 200, np.uint8)
    found = hidden_signals(images, {"train": torch.arange(5)}, 0.5, 0.5, 4, 0)
    assert ((found.inputs == 0).sum(1) == 16).all()
    for square in (0, 8):
        with pytest.raises(BadInput, match=f"square={square}"):
            squares_at(1, (10, 7), square, 0)
    with pytest.raises(BadInput, match="run=-1"):
        own.fashion_inpainting(run=-1)


def test_planted_symmetry():
    data = planted(signals=40, nodes=12, noise=0.0, broken=0.0)
    assert data.inputs.shape == (40, 12, 1)
    assert sorted(torch.cat(list(data.rows.values())).tolist()) == list(range(40))
    x, y = data.inputs[..., 0], data.targets[..., 0]
    maps = torch.linalg.lstsq(x, y).solution.T
    # Two nodes of a community answer alike to all the others.
    differ = [
        float((maps[a] - maps[b]).abs()[[i for i in range(12) if i not in (a, b)]].max())
        for a in range(12)
        for b in range(a)
    ]
    assert sum(one < 1e-4 for one in differ) == 6
    with pytest.raises(BadInput, match="multiple of 6"):
        planted(nodes=13)

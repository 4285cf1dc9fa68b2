"""Rotary embeddings: what turns, by how much, and how other lengths are reached."""

from __future__ import annotations

import math

import pytest
import torch
from zoo_attention_to_mamba.rotary import frequencies, rotate, rotation


def test_rotation_turns_the_leading_dimensions_alone():
    x = torch.randn(1, 8, 2, 10, generator=torch.Generator().manual_seed(0)).double()
    turn = rotation(torch.arange(8), frequencies(6, 100.0, None), x)
    found = rotate(x, turn)
    assert torch.equal(found[..., 6:], x[..., 6:])
    for i, speed in enumerate((1.0, 100 ** (-1 / 3), 100 ** (-2 / 3))):
        z = torch.complex(x[..., i], x[..., i + 3])
        angle = speed * torch.arange(8)[:, None].double()
        wanted = z * torch.polar(torch.ones_like(angle), angle)
        torch.testing.assert_close(found[..., i], wanted.real)
        torch.testing.assert_close(found[..., i + 3], wanted.imag)
    assert torch.equal(rotate(x, rotation(torch.arange(8), frequencies(0, 100.0, None), x)), x)


def test_attention_scores_depend_on_the_distance_alone():
    q, k = torch.randn(2, 1, 1, 1, 8, generator=torch.Generator().manual_seed(0)).double()
    angles = frequencies(6, 10000.0, None)

    def score(i, j):
        return (
            rotate(q, rotation(torch.tensor([i]), angles, q))
            * rotate(k, rotation(torch.tensor([j]), angles, k))
        ).sum()

    torch.testing.assert_close(score(9, 4), score(505, 500))
    assert (score(9, 4) - score(9, 5)).abs() > 1e-3


def test_scaled_rotations():
    plain = frequencies(64, 5e5, None)
    linear = frequencies(64, 5e5, {"rope_type": "linear", "factor": 4.0})
    torch.testing.assert_close(linear, plain / 4)
    llama3 = {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    }
    found = frequencies(64, 5e5, llama3)
    turns = 8192 * plain / (2 * math.pi)
    torch.testing.assert_close(found[turns > 4], plain[turns > 4])
    torch.testing.assert_close(found[turns < 1], plain[turns < 1] / 8)
    assert (found.diff() < 0).all()
    with pytest.raises(ValueError, match="'yarn' is not known"):
        frequencies(64, 5e5, {"rope_type": "yarn", "factor": 2.0})

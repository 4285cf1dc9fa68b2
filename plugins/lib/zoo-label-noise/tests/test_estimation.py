from __future__ import annotations

import sys

import numpy as np
import pytest
from zoo_label_noise import estimation
from zoo_label_noise import transitions as t
from zoo_label_noise.corruption import corrupt

from zoo_core import BadInput


def test_anchors_tell_the_matrix():
    rng = np.random.default_rng(0)
    eta = rng.dirichlet(np.full(4, 0.05), 4000)  # mostly certain
    for matrix in (t.symmetric(0.4, 4), t.pair(0.3, 4)):
        found = estimation.anchor_transition(eta @ matrix)
        np.testing.assert_allclose(found, matrix, atol=0.02)
    assert estimation.symmetric_rate(eta @ t.symmetric(0.4, 4)) == pytest.approx(0.4, abs=0.02)
    with pytest.raises(BadInput, match="need probabilities"):
        estimation.anchor_transition(rng.standard_normal((5, 4)))


def test_rates_from_looking_and_from_agreement():
    found = estimation.checked_rate(40, 100)
    assert found.low < 0.4 < found.high and found.reach == pytest.approx(0.094, abs=2e-3)
    assert estimation.checked_rate(0, 20).high > 0.1
    with pytest.raises(BadInput, match="make no rate"):
        estimation.checked_rate(3, 2)
    agreement = t.signal(0.4, 10) * 0.85 + (1 - t.signal(0.4, 10)) / 10
    assert estimation.mixed_rate(0.85, agreement, 10) == pytest.approx(0.4)
    with pytest.raises(BadInput, match="chance"):
        estimation.mixed_rate(0.1, 0.1, 10)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.5, 0.8])
def test_two_people_tell_the_rate_by_how_often_they_agree(rate):
    true = np.random.default_rng(0).integers(0, 10, 100_000)
    one, other = (corrupt(true, t.symmetric(rate, 10), seed).labels for seed in (1, 2))
    found = estimation.annotators_rate(float((one == other).mean()), 10)
    assert found == pytest.approx(rate, abs=0.015)
    assert estimation.annotators_rate(0.05, 10) == pytest.approx(0.9)
    with pytest.raises(BadInput, match="a share from 0 to 1"):
        estimation.annotators_rate(1.2, 10)


@pytest.mark.parametrize("matrix", [t.symmetric(0.3, 4), t.pair(0.3, 4)], ids=["symmetric", "pair"])
def test_confident_learning_tells_the_matrix(matrix):
    """Of a classifier that knows the truth but for the noise, as cleanlab estimates it."""
    pytest.importorskip("cleanlab")
    rng = np.random.default_rng(0)
    true = rng.integers(0, 4, 4000)
    given = corrupt(true, matrix, 0).labels
    clean = np.full((4000, 4), 0.02) + 0.92 * np.eye(4)[true]
    found = estimation.confident_transition(given, clean @ matrix)
    np.testing.assert_allclose(found, matrix, atol=0.05)
    with pytest.raises(BadInput, match="No label is 3"):
        estimation.confident_transition(np.where(given == 3, 0, given), clean @ matrix)


def test_without_cleanlab_it_is_said_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "cleanlab.count", None)
    with pytest.raises(BadInput, match="pip install cleanlab"):
        estimation.confident_transition([0, 1], np.eye(2))

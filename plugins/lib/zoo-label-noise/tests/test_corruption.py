from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats
from zoo_label_noise import corruption
from zoo_label_noise import transitions as t
from zoo_label_noise.corruption import corrupt, corrupt_by_instance

from zoo_core import BadInput

LABELS = np.random.default_rng(0).integers(0, 10, 40_000)


@pytest.mark.parametrize("rate", [0.1, 0.4, 0.8])
def test_symmetric_noise_is_what_it_says(rate):
    found = corrupt(LABELS, t.symmetric(rate, 10), 0)
    assert abs(found.rate - rate) < 4 * np.sqrt(rate * (1 - rate) / len(LABELS))
    assert (found.labels[found.flipped] != LABELS[found.flipped]).all()
    assert (found.labels[~found.flipped] == LABELS[~found.flipped]).all()
    # Given that it is wrong, each other class is equally likely.
    shift = (found.labels - LABELS)[found.flipped] % 10
    assert stats.chisquare(np.bincount(shift, minlength=10)[1:]).pvalue > 1e-3
    np.testing.assert_allclose(found.realised.sum(1), 1)


def test_without_noise_nothing_changes_and_a_seed_decides():
    np.testing.assert_array_equal(corrupt(LABELS, np.eye(10), 5).labels, LABELS)
    matrix = t.symmetric(0.4, 10)
    one, same, other = (corrupt(LABELS, matrix, seed).labels for seed in (1, 1, 2))
    assert (one == same).all() and (one != other).any()
    # The draws go by example: more examples after them change nothing.
    np.testing.assert_array_equal(corrupt(LABELS[:100], matrix, 1).labels, one[:100])


@pytest.mark.parametrize("rate", [0.0, 0.31, 0.5, 1.0])
def test_exact_counts(rate):
    found = corrupt(LABELS, t.symmetric(rate, 10), 0, exact=True)
    for label in range(10):
        members = label == LABELS
        wanted = rate * members.sum()
        assert abs((found.flipped & members).sum() - wanted) <= 9  # rounding, of nine classes
    pairs = corrupt(LABELS, t.pair(rate, 10), 0, exact=True)
    for label in range(10):
        members = label == LABELS
        assert abs((pairs.flipped & members).sum() - rate * members.sum()) <= 0.5 + 1e-9


def test_the_legacy_stream_is_that_of_one_multinomial_an_example():
    """Bit by bit what a loop over RandomState(seed).multinomial gives."""
    matrix = t.pair(0.45, 10)
    stream = np.random.RandomState(3)
    expected = [int(stream.multinomial(1, matrix[y], 1)[0].argmax()) for y in LABELS[:500]]
    found = corrupt(LABELS[:500], matrix, 3, stream="legacy")
    np.testing.assert_array_equal(found.labels, expected)
    with pytest.raises(BadInput, match="leave `exact` out"):
        corrupt(LABELS, matrix, 3, stream="legacy", exact=True)
    with pytest.raises(BadInput, match="vectorised or legacy"):
        corrupt(LABELS, matrix, 3, stream="torch")


def test_instance_noise_depends_on_the_example():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((len(LABELS), 8)) * 40 + 128  # as raw pixels are
    found = corrupt_by_instance(x, LABELS, 0.3, 0, 10)
    assert abs(found.rate - 0.3) < 0.01
    assert (found.labels[found.flipped] != LABELS[found.flipped]).all()
    near = corrupt_by_instance(np.repeat(x[:1], 2000, 0), LABELS[:2000] * 0, 0.3, 0, 10)
    assert near.rate > 0.2
    np.testing.assert_array_equal(found.labels, corrupt_by_instance(x, LABELS, 0.3, 0, 10).labels)
    with pytest.raises(BadInput, match="between 0 and 1"):
        corrupt_by_instance(x, LABELS, 1.0, 0, 10)


@pytest.mark.parametrize("seed", [-1, 0.5, "zero", None, True])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(BadInput, match="whole number from 0 on"):
        corrupt([0, 1], np.eye(2), seed)
    with pytest.raises(BadInput, match="whole number from 0 on"):
        corrupt_by_instance(np.eye(2), [0, 1], 0.3, seed, 2)


def test_instance_noise_takes_bytes_a_part_at_a_time(monkeypatch):
    """The same labels, however large the parts; as bytes they need no copy of them all."""
    x = np.random.default_rng(2).integers(0, 255, (3000, 6), dtype=np.uint8)
    whole = corrupt_by_instance(x, LABELS[:3000], 0.3, 0, 10)
    monkeypatch.setattr(corruption, "PART", 256)
    parts = corrupt_by_instance(x.astype(np.float64), LABELS[:3000], 0.3, 0, 10)
    np.testing.assert_array_equal(whole.labels, parts.labels)
    # The scores are those of standardised features through one Gaussian matrix.
    weights = np.random.default_rng(3).standard_normal((6, 10))
    expected = (x - x.mean(0)) / x.std(0) @ weights / np.sqrt(6)
    np.testing.assert_allclose(corruption._scores(x, weights), expected, atol=1e-12)


def test_wrong_labels_are_refused():
    with pytest.raises(BadInput, match="expected 0 to 9"):
        corrupt([0, 10], np.eye(10), 0)
    with pytest.raises(BadInput, match="class indices"):
        corrupt([0.5, 1.0], np.eye(10), 0)
    assert corrupt(np.zeros(0, np.int64), np.eye(10), 0).rate == 0


def test_a_million_labels_take_a_tenth_of_a_second():
    """Of CPU; three times that is let pass, for busy machines."""
    labels = np.random.default_rng(0).integers(0, 10, 1_000_000)
    matrix = t.symmetric(0.4, 10)
    corrupt(labels[:10], matrix, 0)
    started = time.process_time()
    corrupt(labels, matrix, 0)
    assert time.process_time() - started < 0.3

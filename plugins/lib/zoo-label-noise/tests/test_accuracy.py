from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_label_noise import transitions as t
from zoo_label_noise.accuracy import NoiseCorrectedAccuracy, NoiseCorrectedAccuracyError
from zoo_label_noise.corruption import corrupt

import zoo


def data(n=4000, size=10, accuracy=0.8, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, size, n)
    guesses = np.where(rng.random(n) < accuracy, truth, rng.integers(0, size, n))
    return truth, torch.from_numpy(guesses)


def measured(guesses, labels, **options):
    meter = NoiseCorrectedAccuracy(10, **options)
    meter.update(guesses, torch.from_numpy(labels))
    return meter.estimate()


def test_without_noise_it_is_the_accuracy():
    truth, guesses = data()
    found = measured(guesses, truth, rate=0.0)
    assert found.mean == pytest.approx(float((guesses.numpy() == truth).mean()))
    share = found.mean
    assert found.error == pytest.approx(np.sqrt(share * (1 - share) / len(truth)))


@given(st.floats(0, 0.85))
def test_symmetric_noise_has_the_closed_form(rate):
    truth, guesses = data()
    noisy = corrupt(truth, t.symmetric(rate, 10), 0).labels
    agreement, c = float((guesses.numpy() == noisy).mean()), t.signal(rate, 10)
    found = measured(guesses, noisy, rate=rate)
    assert found.mean == pytest.approx((agreement - (1 - c) / 10) / c, abs=1e-9)
    expected = np.sqrt(agreement * (1 - agreement) / len(truth)) / c
    assert found.error == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "matrix", [t.pair(0.4, 10), t.across(0.6, (0, 1, 2, 3, 4) * 2), t.symmetric(0.95, 10)]
)
def test_any_noise_that_can_be_undone_even_past_the_threshold(matrix):
    truth, guesses = data(40_000)
    noisy = corrupt(truth, matrix, 1).labels
    found = measured(guesses, noisy, transition=matrix)
    assert abs(found.mean - float((guesses.numpy() == truth).mean())) < 4 * found.error


@pytest.mark.parametrize("matrix", [t.symmetric(0.6, 10), t.asymmetric(0.3, 10, {2: 0, 3: 5})])
def test_the_standard_error_is_the_spread_over_draws(matrix):
    truth, guesses = data(2000)
    estimates = [
        measured(guesses, corrupt(truth, matrix, seed).labels, transition=matrix)
        for seed in range(200)
    ]
    spread = np.std([one.mean for one in estimates])
    # Labels alone are drawn here, images are the same: what is told is that, and the images' share.
    assert spread < estimates[0].error * 1.15
    images = 0.82 * 0.18 / 2000
    assert np.sqrt(spread**2 + images) == pytest.approx(estimates[0].error, rel=0.2)


def test_a_few_labels_that_all_agree_are_no_certainty():
    labels = np.arange(6)
    found = measured(torch.from_numpy(labels), labels, rate=0.1)
    assert found.mean > 1
    c = t.signal(0.1, 10)
    assert found.error == pytest.approx(np.sqrt(0.9 * 0.1 / 6) / c)
    assert found.low < 1


def test_the_error_of_the_rate_widens_the_interval():
    truth, guesses = data()
    noisy = corrupt(truth, t.symmetric(0.4, 10), 0).labels
    known, told = (measured(guesses, noisy, rate=0.4, rate_error=e) for e in (0.0, 0.02))
    step = 1e-5
    slope = (measured(guesses, noisy, rate=0.4 + step).mean - known.mean) / step
    expected = np.sqrt(known.error**2 + (0.02 * slope) ** 2)
    assert told.error == pytest.approx(expected, rel=1e-3)
    assert told.mean == known.mean


def test_the_error_of_a_counted_matrix_is_the_spread_over_counts():
    truth, guesses = data(3000)
    matrix = t.pair(0.3, 10)
    noisy = corrupt(truth, matrix, 0).labels
    rng = np.random.default_rng(0)
    seen = np.repeat(np.arange(10), 60)
    means = []
    for _ in range(200):
        given_ = corrupt(seen, matrix, int(rng.integers(2**31))).labels
        found, _ = t.counted(seen, given_, 10)
        means.append(measured(guesses, noisy, transition=found).mean)
    known = measured(guesses, noisy, transition=matrix).error
    told = measured(guesses, noisy, transition=matrix, counts=matrix * 60).error
    assert np.sqrt(told**2 - known**2) == pytest.approx(np.std(means), rel=0.25)


def test_it_is_refused_where_nothing_can_be_told():
    truth, guesses = data(100)
    with pytest.raises(ValueError, match="cannot be undone"):
        NoiseCorrectedAccuracy(10, rate=0.9)
    with pytest.raises(ValueError, match="how noisy"):
        measured(guesses, truth)
    with pytest.raises(ValueError, match="No example"):
        NoiseCorrectedAccuracy(10, rate=0.1).estimate()
    with pytest.raises(ValueError, match="not both"):
        NoiseCorrectedAccuracy(10, rate=0.1, transition=np.eye(10))
    meter = NoiseCorrectedAccuracy(10, rate=0.1)
    with pytest.raises(ValueError, match="different transition"):
        meter.update(guesses, torch.from_numpy(truth), t.symmetric(0.2, 10))


def test_batches_logits_and_reset():
    truth, guesses = data(500)
    logits = torch.nn.functional.one_hot(guesses, 10).float()
    meter = NoiseCorrectedAccuracy(10)
    for rows in torch.arange(500).split(77):
        meter.update(logits[rows], torch.from_numpy(truth)[rows], np.eye(10), 0.01)
    assert float(meter.compute()) == pytest.approx(float((guesses.numpy() == truth).mean()))
    error = NoiseCorrectedAccuracyError(10, rate=0.0, rate_error=0.01)
    error.update(guesses, torch.from_numpy(truth))
    assert float(error.compute()) == pytest.approx(meter.estimate().error)
    meter.reset()
    with pytest.raises(ValueError, match="No example"):
        meter.compute()


def test_both_are_registered():
    assert {"noise-corrected-accuracy", "noise-corrected-accuracy-error"} <= set(zoo.list_metrics())

"""The laws of section 9: posteriors, recovery, projection, bounds, smoothing, votes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_label_noise import losses, theory
from zoo_label_noise import transitions as t

from zoo_core import BadInput


@st.composite
def cases(draw):
    size, seed = draw(st.integers(2, 12)), draw(st.integers(0, 2**16))
    rate = draw(st.floats(0, 1))
    rng = np.random.default_rng(seed)
    return rate, size, rng.dirichlet(np.full(size, 0.5), 5), rng


@given(cases())
def test_the_noisy_posterior_is_affine_and_keeps_or_reverses_the_order(case):
    rate, size, eta, _ = case
    c = t.signal(rate, size)
    noisy = theory.noisy_posterior(eta, t.symmetric(rate, size))
    np.testing.assert_allclose(noisy, c * eta + (1 - c) / size, atol=1e-12)
    if c > 1e-6:
        assert (noisy.argmax(1) == eta.argmax(1)).all()
    elif c < -1e-6:
        assert (noisy.argmin(1) == eta.argmax(1)).all()


@given(cases())
def test_accuracy_is_affine_in_expectation(case):
    rate, size, eta, rng = case
    c, guesses, rows = t.signal(rate, size), rng.integers(0, size, 5), np.arange(5)
    noisy = theory.noisy_posterior(eta, t.symmetric(rate, size))
    clean, given_ = eta[rows, guesses].mean(), noisy[rows, guesses].mean()
    assert given_ == pytest.approx(theory.noisy_accuracy(clean, c, size), abs=1e-12)
    if abs(c) > 1e-3:
        assert theory.clean_accuracy(given_, c, size) == pytest.approx(clean, abs=1e-6)


def test_at_the_threshold_accuracy_tells_nothing():
    with pytest.raises(ValueError, match="c = 0"):
        theory.clean_accuracy(0.1, t.signal(0.9, 10), 10)
    assert theory.clean_accuracy(0.7, 1.0, 10) == pytest.approx(0.7)


@given(cases())
def test_recovery_undoes_noise(case):
    rate, size, eta, _ = case
    if t.signal(rate, size) > 0.05:
        matrix = t.symmetric(rate, size)
        found = theory.recover(theory.noisy_posterior(eta, matrix), matrix)
        np.testing.assert_allclose(found, eta, atol=1e-7)


@given(st.integers(0, 2**16), st.integers(2, 9))
def test_projection(seed, size):
    rng = np.random.default_rng(seed)
    inside = rng.dirichlet(np.ones(size), 4)
    np.testing.assert_allclose(theory.project(inside), inside, atol=1e-12)
    outside = rng.standard_normal((4, size)) * 2
    found = theory.project(outside)
    np.testing.assert_allclose(found.sum(1), 1)
    assert found.min() >= 0
    # No point of the simplex is nearer: the residual makes no acute angle with any of them.
    for point in np.eye(size):
        assert (((outside - found) * (point - found)).sum(1) <= 1e-9).all()


@given(cases())
def test_the_plug_in_bound(case):
    rate, size, eta, rng = case
    c = t.signal(rate, size)
    if c <= 1e-3:
        with pytest.raises(BadInput, match="above zero"):
            theory.plug_in_bound(eta, eta, min(c, 0))
        return
    noisy = theory.noisy_posterior(eta, t.symmetric(rate, size))
    h = rng.dirichlet(np.ones(size), 5)
    assert theory.excess_risk(h, eta) <= theory.plug_in_bound(h, noisy, c) + 1e-12
    assert theory.excess_risk(noisy, eta) == pytest.approx(0, abs=1e-9)


def test_sizes_of_the_table():
    for rate, expected in ((0.4, 0.309), (0.6, 0.111), (0.8, 0.0123), (0.85, 0.0031)):
        assert theory.effective_size(1, t.signal(rate, 10)) == pytest.approx(expected, abs=5e-4)


@given(st.floats(0, 0.9), st.integers(0, 2**16))
def test_expected_cross_entropy_is_label_smoothing(rate, seed):
    logits = torch.randn(1, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    matrix = t.symmetric(rate, 10)
    expected = float((torch.from_numpy(matrix[3]) * -logits.log_softmax(1)[0]).sum())
    share = min(theory.smoothing_of(matrix), 1.0)
    found = float(losses.label_smoothing(share)(logits, torch.tensor([3])))
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("size", "rate", "k", "expected"),
    [
        (2, 0.4, 1, 0.6),
        (2, 0.4, 101, 0.979103),
        (10, 0.8, 11, 0.364710),
        (10, 0.8, 51, 0.732766),
        (3, 0.5, 5, 0.617188),
    ],
)
def test_votes_of_neighbours(size, rate, k, expected):
    found = theory.vote(t.symmetric(rate, size)[0], k)
    assert found == pytest.approx(expected, abs=4 * 0.5 / 200_000**0.5)

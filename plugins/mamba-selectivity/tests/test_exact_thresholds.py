"""Prefix sums by threshold channels, and how their errors scale."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from zoo_mamba_selectivity.exact.thresholds import haar_ramps, ramp_thresholds, ramp_weights, ramps


def signal(seed: int, length: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(1, length)))


@given(seed=st.integers(0, 10**6), length=st.integers(1, 40))
def test_prefix_sums_are_cumulative_sums(seed, length):
    x = signal(seed, length)
    places = np.arange(length + 1)
    found = (
        ramps(x, torch.from_numpy(ramp_thresholds(places))).numpy()
        @ ramp_weights(np.eye(length + 1)).T
    )
    expected = np.concatenate([[0.0], np.cumsum(x[0].numpy())])
    np.testing.assert_allclose(found[0], expected, atol=1e-7)


@given(seed=st.integers(0, 10**6), shift=st.floats(-500, 500))
def test_only_the_difference_of_time_and_threshold_counts(seed, shift):
    x, places = signal(seed, 24), torch.from_numpy(ramp_thresholds(np.arange(25)))
    here = ramps(x, places)
    there = ramps(x, places + shift, first=shift)
    np.testing.assert_allclose(there.numpy(), here.numpy(), atol=1e-7)


def test_no_sample_is_on_a_ramp():
    thresholds = ramp_thresholds(np.arange(1, 9)).reshape(-1, 2)
    np.testing.assert_array_equal(thresholds[:, 0] - thresholds[:, 1], 0.5)
    np.testing.assert_array_equal(np.floor(thresholds[:, 0]), np.floor(thresholds[:, 1]))
    distance = np.abs(thresholds - np.round(thresholds))
    np.testing.assert_array_equal(distance, 0.25)


@pytest.mark.parametrize("sharpness", [20.0, 40.0, 60.0])
def test_softplus_errs_by_e_to_minus_a_quarter_of_the_sharpness(sharpness):
    # One sample of 1, a quarter beyond its threshold: softplus(M / 4) / M - 1 / 4 = log1p(…) / M.
    x = torch.ones(1, 1, dtype=torch.float64)
    threshold = torch.tensor([0.25], dtype=torch.float64)
    error = float(ramps(x, threshold, sharpness=sharpness, decay=1e-30)) - 0.25
    assert error == pytest.approx(math.exp(-sharpness / 4) / sharpness, rel=0.01)


@pytest.mark.parametrize("decay", [1e-12, 1e-11, 1e-10])
def test_the_decay_errs_by_the_sum_of_the_steps_at_most(decay):
    # The first sample decays by all later steps, which add up to M (T - 1)^2 / 2 or so.
    length, sharpness = 64, 200.0
    x = torch.zeros(1, length, dtype=torch.float64)
    x[0, 0] = 1.0
    threshold = torch.tensor([length - 0.25], dtype=torch.float64)
    kept = float(ramps(x, threshold, sharpness=sharpness, decay=decay)) / float(threshold)
    bound = decay * sharpness * length**2 / 2
    assert 0.8 * bound < 1 - kept < bound


def test_a_wavelet_takes_six_channels_and_the_mother_four():
    assert len(haar_ramps(64, [5])[0]) == 6
    assert len(haar_ramps(64, [1])[0]) == 4
    assert len(haar_ramps(64, list(range(64)))[0]) == 2 * 64

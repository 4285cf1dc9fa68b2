from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_hierarchical_label_noise import noise_levels
from zoo_label_noise import transitions
from zoo_label_noise.corruption import corrupt

from zoo_core import BadInput

GROUPS = np.array([0, 1, 0, 0, 0, 2, 0, 2, 3, 2])


@given(st.integers(2, 10), st.integers(0, 10**6))
def test_superclasses_are_never_noisier_than_classes(count, seed):
    rng = np.random.default_rng(seed)
    matrix, priors = rng.dirichlet(np.ones(count), count), rng.dirichlet(np.ones(count))
    groups = rng.integers(0, count, count)
    coarse = noise_levels.coarse_rate(matrix, groups, priors)
    rate = transitions.noise_rate(matrix, priors.tolist())
    assert coarse <= rate + 1e-12
    # Equal only without noise within superclasses.
    inside = matrix * (groups[:, None] == groups[None]) * ~np.eye(count, dtype=bool)
    assert rate - coarse == pytest.approx(float(priors @ inside.sum(1)))


@given(st.integers(2, 6), st.integers(1, 6), st.floats(0, 0.9))
def test_symmetric_noise_at_each_level(superclasses, size, rate):
    count = superclasses * size
    groups, matrix = np.arange(count) // size, transitions.symmetric(rate, count)
    coarse, fine = noise_levels.symmetric_levels(rate, count, size)
    assert noise_levels.coarse_rate(matrix, groups) == pytest.approx(coarse)
    assert noise_levels.conditional_rates(matrix, groups) == pytest.approx(fine)
    assert (1 - coarse) * (1 - fine) == pytest.approx(1 - rate)
    # Of balanced classes as many labels come into a superclass as leave it.
    assert noise_levels.contamination(matrix, groups) == pytest.approx(coarse)


def test_the_numbers_of_two_examples():
    assert noise_levels.symmetric_levels(0.4, 10, 2) == pytest.approx(
        (0.355556, 0.068966), abs=1e-6
    )
    assert noise_levels.symmetric_levels(0.4, 100, 5) == pytest.approx(
        (0.383838, 0.026230), abs=1e-6
    )


@pytest.mark.parametrize("rate", [0.2, 0.6])
def test_noise_within_and_across(rate):
    labels = np.arange(5000) % 10
    within = corrupt(labels, transitions.within(rate, GROUPS.tolist()), 0).labels
    assert (GROUPS[within] == GROUPS[labels]).all()
    assert noise_levels.coarse_rate(transitions.within(rate, GROUPS.tolist()), GROUPS) == 0
    matrix = transitions.across(rate, GROUPS.tolist())
    across = corrupt(labels, matrix, 0).labels
    stays = GROUPS[across] == GROUPS[labels]
    assert (across[stays] == labels[stays]).all()
    assert noise_levels.conditional_rates(matrix, GROUPS) == pytest.approx(0)
    assert noise_levels.coarse_rate(matrix, GROUPS) == pytest.approx(rate)


def test_people_confuse_within_superclasses(data_or_skip):
    data = data_or_skip("noisy-cifar10n", kind="worst", limit=10)
    things = [0, 0, 1, 1, 1, 1, 1, 1, 0, 0]
    matrix = data.noise.transition
    assert noise_levels.coarse_rate(matrix, things) == pytest.approx(0.1128, abs=1e-4)
    coarse = noise_levels.coarse_transition(matrix, things)
    assert coarse.shape == (2, 2) and coarse.sum(1) == pytest.approx(1)


def test_thresholds_of_routing():
    assert noise_levels.topdown_threshold([5, 1, 3, 1]).tolist() == pytest.approx(
        [9 / 8, 9 / 14, 9 / 12, 9 / 14]
    )
    assert noise_levels.topdown_threshold([2, 2]) == pytest.approx(3 / 4)
    with pytest.raises(BadInput, match="two or more, none empty"):
        noise_levels.topdown_threshold([3])
    with pytest.raises(BadInput, match="chances that sum to 1"):
        noise_levels.coarse_rate(np.eye(2), [0, 1], [0.5, 0.6])
    with pytest.raises(BadInput, match="superclasses of 3 classes"):
        noise_levels.coarse_rate(np.eye(2), [0, 1, 1])

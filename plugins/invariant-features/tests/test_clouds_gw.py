"""Lower bounds of Gromov-Wasserstein: zero for congruent clouds, symmetric, below what is above."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from zoo_invariant_features.clouds.gw import distances, local_costs, local_distances, lower_bound


def cloud(count, seed, dimension=2):
    return np.random.default_rng(seed).standard_normal((count, dimension))


def bound(one, other):
    return lower_bound(local_distances(one), local_distances(other))


def turned(points, seed):
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.standard_normal((points.shape[1],) * 2))
    return (points @ turn)[rng.permutation(len(points))] + 3


@settings(max_examples=15)
@given(st.integers(2, 9), st.integers(2, 9), st.integers(1, 4), st.integers(0, 99))
def test_it_hears_neither_turns_nor_names_nor_sides(n, m, dimension, seed):
    one, other = cloud(n, seed, dimension), cloud(m, seed + 1, dimension)
    found = bound(one, other)
    assert found == pytest.approx(bound(other, one), rel=1e-6, abs=1e-9)
    assert found == pytest.approx(
        bound(turned(one, seed), turned(other, seed + 2)), rel=1e-6, abs=1e-9
    )
    assert bound(one, turned(one, seed)) == pytest.approx(0, abs=1e-9)
    assert bound(2 * one, 2 * other) == pytest.approx(16 * found, rel=1e-6, abs=1e-9)


def test_it_is_below_every_coupling_s_distortion():
    """GW_2^2 is the least distortion; for few points all assignments can be tried."""
    one, other = cloud(5, 0), cloud(5, 1)
    a, b = (cdist(each, each, "sqeuclidean") for each in (one, other))
    least = min(((a - b[np.ix_(p, p)]) ** 2).mean() for p in map(list, permutations(range(5))))
    assert 0 < bound(one, other) <= least


def test_two_points_by_hand():
    """Squared distances 0, 1 against 0, 4: half of the square of 3."""
    one, other = np.array([[0.0], [1.0]]), np.array([[0.0], [2.0]])
    assert bound(one, other) == pytest.approx(4.5)
    assert float(distances([one], [other, one])[0, 1]) == 0


def test_different_sizes_are_exact():
    """A cloud with every point twice is the same distribution."""
    one, other = cloud(4, 2), cloud(6, 3)
    twice = np.repeat(one, 3, axis=0)
    assert bound(twice, other) == pytest.approx(bound(one, other), rel=1e-6)
    assert bound(twice, np.repeat(other, 2, axis=0)) == pytest.approx(bound(one, other), rel=1e-6)
    assert bound(one, twice) == pytest.approx(0, abs=1e-9)
    costs = local_costs(local_distances(one), local_distances(other))
    assert costs.shape == (4, 6) and (costs >= 0).all()


def test_pot_agrees_where_it_is_installed():
    ot = pytest.importorskip("ot")
    one, other = cloud(6, 4), cloud(9, 5)
    costs = local_costs(local_distances(one), local_distances(other))
    expected = ot.emd2(np.full(6, 1 / 6), np.full(9, 1 / 9), costs)
    assert bound(one, other) == pytest.approx(expected, rel=1e-6)
    a, b = (cdist(each, each, "sqeuclidean") for each in (one, other))
    above = ot.gromov_wasserstein2(a, b, np.full(6, 1 / 6), np.full(9, 1 / 9))
    assert bound(one, other) <= above + 1e-9

"""Transport between finite measures, against a linear programme, enumeration and axioms."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from zoo_fine_grained_expressivity.idm.transport import prokhorov, wasserstein

from zoo_core import BadInput

seeds = st.integers(0, 10**6)


def problem(seed):
    """Masses of two measures on one space, and its distances, which often coincide."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 6))
    points = rng.integers(0, 4, (size, 2)) / 3 / np.sqrt(2)
    costs = np.linalg.norm(points[:, None] - points[None], axis=2)
    first, second = rng.integers(0, 4, (2, size)) / 12
    return first, second, costs


def by_programme(first, second, costs):
    """The definition: a partial coupling that has the smaller measure as a marginal."""
    if first.sum() < second.sum():
        first, second, costs = second, first, costs.T
    count, other = costs.shape
    rows, columns = (
        np.kron(np.eye(count), np.ones(other)),
        np.kron(np.ones(count), np.eye(other)),
    )
    found = linprog(costs.ravel(), A_ub=rows, b_ub=first, A_eq=columns, b_eq=second)
    return found.fun + first.sum() - second.sum()


def by_subsets(first, second, costs):
    """Strassen: the least e with mu(S) <= nu(S^e) + e for all S, of the larger measure mu."""
    if first.sum() < second.sum():
        first, second, costs = second, first, costs.T
    best = 1.0
    for bound in np.unique(np.append(costs, 0)):
        lacking = 0.0
        for count in range(len(first) + 1):
            for chosen in map(list, combinations(range(len(first)), count)):
                near = (costs[chosen] <= bound).any(axis=0)
                lacking = max(lacking, first[chosen].sum() - second[near].sum())
        best = min(best, max(bound, lacking))
    return best


@given(seeds)
def test_wasserstein_is_the_programmes_optimum(seed):
    args = problem(seed)
    assert wasserstein(*args) == pytest.approx(by_programme(*args), abs=1e-9)


@given(seeds)
def test_prokhorov_is_strassens(seed):
    args = problem(seed)
    assert prokhorov(*args) == pytest.approx(by_subsets(*args), abs=1e-12)


@pytest.mark.parametrize("distance", [wasserstein, prokhorov])
@given(seed=seeds)
def test_they_are_metrics(distance, seed):
    first, second, costs = problem(seed)
    third = np.random.default_rng(seed + 1).integers(0, 4, first.size) / 12
    there = distance(first, second, costs)
    assert distance(second, first, costs.T) == pytest.approx(there, abs=1e-12)
    assert 0 <= there <= 1 and distance(first, first, costs) == 0
    assert there >= abs(first.sum() - second.sum()) - 1e-12
    detour = distance(first, third, costs) + distance(third, second, costs)
    assert there <= detour + 1e-12


@given(seeds)
def test_they_bound_each_other_on_one_space(seed):
    rng = np.random.default_rng(seed)
    costs = problem(seed)[2]
    first, second = rng.dirichlet(np.ones(len(costs)), 2)
    w, p = wasserstein(first, second, costs), prokhorov(first, second, costs)
    assert p * p <= w + 1e-12 and w <= 2 * p + 1e-12


def test_prokhorov_moves_mass_in_chains():
    # Mass at y stays only in W: to move both by one step is less than one of them by two.
    costs = np.array([[0.0, 0.3, 0.6], [0.3, 0.0, 0.3], [0.6, 0.3, 0.0]])
    first, second = np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5])
    assert prokhorov(first, second, costs) == pytest.approx(0.3)
    assert wasserstein(first, second, costs) == pytest.approx(0.3)


def test_no_mass():
    nothing = np.zeros(0)
    assert wasserstein(nothing, nothing, np.zeros((0, 0))) == 0
    assert prokhorov(np.array([0.4]), nothing, np.zeros((1, 0))) == 0.4
    assert wasserstein(nothing, np.array([0.4]), np.zeros((0, 1))) == 0.4


@pytest.mark.parametrize("distance", [wasserstein, prokhorov])
def test_refusals(distance):
    half = np.array([0.5])
    with pytest.raises(BadInput, match=r"shape \(2, 1\), expected \(1, 1\)"):
        distance(half, half, np.zeros((2, 1)))
    with pytest.raises(BadInput, match="first masses are negative or not finite"):
        distance(np.array([np.nan]), half, np.zeros((1, 1)))
    with pytest.raises(BadInput, match="second masses are negative"):
        distance(half, -half, np.zeros((1, 1)))
    with pytest.raises(BadInput, match="between 0 and 1"):
        distance(half, half, np.array([[2.0]]))
    with pytest.raises(BadInput, match="NaN"):
        distance(half, half, np.array([[np.nan]]))

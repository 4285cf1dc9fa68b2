"""Projections against the mean over listed groups, and the bias-variance formula by simulation."""

import numpy as np
import pytest
import zoo_symmetry as zs
from hypothesis import given
from hypothesis import strategies as st

from zoo_core import BadInput


def matrix_of(element):
    matrix = np.zeros((len(element), len(element)))
    matrix[element, np.arange(len(element))] = 1
    return matrix


@st.composite
def groups(draw):
    n = draw(st.integers(1, 5))
    generators = draw(st.lists(st.permutations(range(n)), max_size=2))
    return zs.PermutationGroup(n, tuple(map(tuple, generators)))


@given(groups(), st.integers(0, 1000))
def test_a_projection_is_the_mean_over_the_group(group, seed):
    random = np.random.default_rng(seed)
    weights = random.standard_normal((2, 3, group.degree, group.degree))
    moved = [matrix_of(g) @ weights @ matrix_of(g).T for g in group.elements()]
    assert np.allclose(zs.project(weights, group), np.mean(moved, 0))
    rows = random.standard_normal((2, 3, group.degree))
    moved_rows = [rows @ matrix_of(g).T for g in group.elements()]
    assert np.allclose(zs.project(rows, group, invariant=True), np.mean(moved_rows, 0))


@given(groups(), st.integers(0, 1000))
def test_it_is_idempotent_self_adjoint_and_its_trace_is_the_rank(group, seed):
    n = group.degree
    one, other = np.random.default_rng(seed).standard_normal((2, n, n))
    projected = zs.project(one, group)
    assert np.allclose(zs.project(projected, group), projected)
    assert np.isclose((projected * other).sum(), (one * zs.project(other, group)).sum())
    units = np.eye(n * n).reshape(n * n, n, n)
    operator = zs.project(units, group).reshape(n * n, n * n)
    assert np.isclose(np.trace(operator), zs.rank(group))
    for generator in group.generators:
        g = matrix_of(generator)
        assert np.allclose(g @ projected, projected @ g)


BETA = np.array([1.0, 1.0, 0.92]) / np.linalg.norm([1.0, 1.0, 0.92])


def test_the_larger_group_is_better_up_to_the_published_number_of_samples():
    """With beta = (1, 1, 0.92) normed and signal to noise 6: n* = 22.53125."""
    noise = 1 / 6
    crossing = 4 + noise**2 / (2 / 3 * (BETA[0] - BETA[2]) ** 2)
    assert crossing == pytest.approx(22.53125)

    def gain(group, samples):
        return zs.mean_gap(BETA, group, samples=samples, noise=noise, invariant=True)

    for samples in range(6, 60):
        better = gain(zs.symmetric(3), samples) > gain(zs.young([0, 0, 1]), samples)
        assert better == (samples < crossing)


@pytest.mark.parametrize("invariant", [True, False])
def test_the_formula_is_what_simulation_measures(invariant):
    group, samples, noise, spread = zs.young([0, 0, 1]), 9, 0.7, 1.3
    random = np.random.default_rng(0)
    true = random.standard_normal((1, 3) if invariant else (3, 3))
    runs = 40_000
    x = spread * random.standard_normal((runs, samples, 3))
    y = x @ true.T + noise * random.standard_normal((runs, samples, len(true)))
    estimate = np.linalg.solve(x.mT @ x, x.mT @ y).mT
    shape = (runs, 3) if invariant else (runs, 3, 3)
    tied = zs.project(estimate.reshape(shape), group, invariant=invariant).reshape(estimate.shape)
    # For isotropic x the risk is the squared distance of the weights, up to a constant.
    gaps = spread**2 * (((estimate - true) ** 2) - ((tied - true) ** 2)).sum((1, 2))
    formula = zs.mean_gap(
        true[0] if invariant else true,
        group,
        samples=samples,
        noise=noise,
        spread=spread,
        invariant=invariant,
    )
    assert abs(gaps.mean() - formula) < 4 * gaps.std() / np.sqrt(runs)
    assert gaps.std() / np.sqrt(runs) < 0.01 * abs(formula) + 0.01


def test_the_trivial_group_gains_nothing_and_an_equivariant_map_only_gains():
    maps = np.random.default_rng(0).standard_normal((4, 4))
    assert zs.mean_gap(maps, zs.trivial(4), samples=9, noise=1.0) == 0
    tied = zs.project(maps, zs.cyclic(4))
    assert zs.mean_gap(tied, zs.cyclic(4), samples=9, noise=1.0) == pytest.approx((16 - 4) / 4)
    channels = np.broadcast_to(tied, (2, 3, 4, 4))
    gain = zs.mean_gap(channels, zs.cyclic(4), samples=15, noise=1.0)
    assert gain == pytest.approx((12 * 8 - 6 * 4) / 2)


def test_shapes_and_too_few_samples_are_refused():
    with pytest.raises(BadInput, match=r"expected an array of shape \(…, 4, 4\), got \(4, 3\)"):
        zs.project(np.zeros((4, 3)), zs.cyclic(4))
    with pytest.raises(BadInput, match=r"\(…, 4\), got \(3,\)"):
        zs.project(np.zeros(3), zs.cyclic(4), invariant=True)
    with pytest.raises(BadInput, match="needs 6 samples or more"):
        zs.mean_gap(np.zeros((4, 4)), zs.cyclic(4), samples=5, noise=1.0)
    with pytest.raises(BadInput, match=r"\(out, in\)"):
        zs.mean_gap(np.zeros((2, 4, 4)), zs.cyclic(4), samples=9, noise=1.0)

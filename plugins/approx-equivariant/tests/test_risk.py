"""Dimensions and the bias-variance formula, against counting and simulation."""

from __future__ import annotations

import numpy as np
import pytest
import zoo_symmetry as zs
from hypothesis import given
from hypothesis import strategies as st
from zoo_approx_equivariant.layers import widths
from zoo_approx_equivariant.risk import (
    crossing,
    expected_excess,
    partition_rank,
    simulated_excess,
    weight_count,
)

import zoo
from zoo_core import BadInput


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_the_rank_of_a_partition(sizes):
    labels = [k for k, size in enumerate(sizes) for _ in range(size)]
    assert partition_rank(sizes) == zs.rank(zs.young(labels))


def test_no_cluster_is_empty():
    for sizes in ([], [2, 0]):
        with pytest.raises(BadInput, match="one node or more"):
            partition_rank(sizes)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_weights_are_counted(layers):
    module = zoo.create("gnet", cut=4, hidden=5, layers=layers)
    count = sum(one.numel() for one in module.parameters())
    assert weight_count(16, widths(1, 5, layers, 1)) == count


def test_the_published_crossing_and_none():
    beta = np.array([1, 1, 0.92])
    beta /= np.linalg.norm(beta)
    known = {"noise": 1 / 6, "invariant": True}
    s2, s3 = zs.young([0, 0, 1]), zs.symmetric(3)
    assert crossing(beta, s3, s2, **known) == pytest.approx(22.53125, abs=1e-9)
    assert crossing(np.ones(3), s3, s2, **known) == np.inf
    excess = [expected_excess(beta, one, samples=22, **known) for one in (s2, s3)]
    assert excess[1] < excess[0]


@pytest.mark.parametrize("invariant", [True, False])
def test_simulations_are_what_the_formula_says(invariant):
    groups = [zs.trivial(3), zs.young([0, 0, 1]), zs.symmetric(3)]
    weights = np.random.default_rng(1).standard_normal(3 if invariant else (3, 3))
    known = {"samples": 10, "noise": 0.5, "spread": 2.0, "invariant": invariant}
    found = simulated_excess(weights, groups, runs=20_000, **known)
    for group, measured in zip(groups, found, strict=True):
        assert measured == pytest.approx(expected_excess(weights, group, **known), rel=0.05)

"""The Haar basis: against PyWavelets, and what an orthonormal basis must do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_mamba_selectivity.haar import basis

from zoo_core import BadInput

pywt = pytest.importorskip("pywt")
LENGTHS = st.integers(1, 7).map(lambda power: 2**power)


def signal(seed: int, length: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=length) * 10


def oracle(x: np.ndarray) -> np.ndarray:
    return np.concatenate(pywt.wavedec(x, "haar", mode="periodization"))


@given(seed=st.integers(0, 10**6), length=LENGTHS)
def test_both_ways_agree_with_pywavelets(seed, length):
    x = signal(seed, length)
    np.testing.assert_allclose(basis.haar_coefficients(x), oracle(x), atol=1e-12)
    np.testing.assert_allclose(basis.haar_matrix(length) @ x, oracle(x), atol=1e-12)


@given(seed=st.integers(0, 10**6), length=LENGTHS)
def test_prefix_sums_give_the_coefficients(seed, length):
    x = signal(seed, length)
    sums = np.concatenate([[0.0], np.cumsum(x)])
    found = basis.prefix_weights(length) @ sums / np.sqrt(basis.widths(length))
    np.testing.assert_allclose(found, oracle(x), atol=1e-11)


@given(seed=st.integers(0, 10**6), length=LENGTHS)
def test_parseval_and_linearity(seed, length):
    x, y = signal(seed, length), signal(seed + 1, length)
    first, second = basis.haar_coefficients(np.stack([x, y]))
    assert np.sum(first**2) == pytest.approx(np.sum(x**2))
    both = basis.haar_coefficients(2.0 * x - 3.0 * y)
    np.testing.assert_allclose(both, 2.0 * first - 3.0 * second, atol=1e-11)


@pytest.mark.parametrize("length", [2, 16, 128])
def test_a_constant_has_no_details(length):
    found = basis.haar_coefficients(np.full(length, 3.0))
    assert found[0] == pytest.approx(3.0 * np.sqrt(length))
    np.testing.assert_allclose(found[1:], 0.0, atol=1e-14)


def test_the_basis_is_orthonormal():
    matrix = basis.haar_matrix(32)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(32), atol=1e-12)


def test_rows_have_levels_and_shifts():
    assert basis.level_and_shift(0) is None
    assert [basis.level_and_shift(row) for row in (1, 2, 3, 7)] == [(0, 0), (1, 0), (1, 1), (2, 3)]
    assert basis.widths(8).tolist() == [8, 8, 4, 4, 2, 2, 2, 2]


@pytest.mark.parametrize("length", [0, 1, 3, 12])
def test_other_lengths_are_refused(length):
    with pytest.raises(BadInput, match="2, 4, 8"):
        basis.haar_coefficients(np.zeros(length))

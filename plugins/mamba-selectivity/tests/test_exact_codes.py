"""Codes of tokens: zero where they must be, distinct where they must be, the same for a seed."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_mamba_selectivity.exact.codes import distinct_signs, signs, token_codes

from zoo_core import BadInput


def test_keys_and_values_have_codes_and_nothing_else_has():
    keys, values = token_codes(20, 5, 7, False, 0)
    assert keys.shape == (20, 5)
    assert values.shape == (20, 7)
    np.testing.assert_array_equal(np.abs(keys[1:10]), 1)
    np.testing.assert_array_equal(np.abs(values[10:]), 1)
    np.testing.assert_array_equal(keys[[0, *range(10, 20)]], 0)
    np.testing.assert_array_equal(values[:10], 0)


def test_unit_vectors_are_one_for_each_value():
    _, values = token_codes(12, 4, None, False, 0)
    np.testing.assert_array_equal(values[6:], np.eye(6))


@pytest.mark.parametrize("bits", [6, 30])
def test_distinct_codes_are_distinct(bits):
    drawn = distinct_signs(63, bits, np.random.default_rng(0))
    assert len(np.unique(drawn, axis=0)) == 63
    assert set(np.unique(drawn)) == {-1.0, 1.0}


def test_a_seed_is_always_the_same_draw():
    first, again, other = (token_codes(64, 9, 9, False, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def test_signs_are_fair():
    drawn = signs(400, 50, np.random.default_rng(0))
    assert abs(drawn.mean()) < 4 / np.sqrt(drawn.size)
    gram = drawn @ drawn.T / 50
    assert np.abs(gram - np.eye(400)).max() < 0.9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((7, 3, 3, False, 0), "vocabulary"),
        ((2, 3, 3, False, 0), "vocabulary"),
        ((8, 0, 3, False, 0), "bits"),
        ((8, 3, 0, False, 0), "bits"),
        ((64, 4, 3, True, 0), "at least 5 bits"),
    ],
    ids=["odd", "tiny", "no-key", "no-value", "few"],
)
def test_what_cannot_be_coded_is_refused(arguments, words):
    with pytest.raises(BadInput, match=words):
        token_codes(*arguments)

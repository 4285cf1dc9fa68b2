"""Laws of transition matrices, on random rates and sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_label_noise import transitions as t

from zoo_core import BadInput

RATES = st.floats(0, 1)
SIZES = st.integers(2, 20)
GROUPS = (0, 1, 0, 0, 0, 2, 0, 2, 3, 2)


@given(RATES, SIZES)
def test_rows_sum_to_one_and_the_diagonal_is_the_rate(rate, size):
    for matrix in (t.symmetric(rate, size), t.pair(rate, size)):
        np.testing.assert_allclose(matrix.sum(1), 1)
        np.testing.assert_allclose(np.diag(matrix), 1 - rate)
        assert t.noise_rate(matrix) == pytest.approx(rate)


@given(RATES, RATES, SIZES)
def test_noise_composes_multiplicatively_in_its_signal(one, other, size):
    both = t.symmetric(one, size) @ t.symmetric(other, size)
    signal = t.signal(one, size) * t.signal(other, size)
    rate = t.rate_of(signal, size)
    np.testing.assert_allclose(both, t.symmetric(min(max(rate, 0), 1), size), atol=1e-12)


@given(RATES, SIZES)
def test_inverse_and_determinant_in_closed_form(rate, size):
    c, matrix = t.signal(rate, size), t.symmetric(rate, size)
    assert np.linalg.det(matrix) == pytest.approx(c ** (size - 1), abs=1e-9)
    if abs(c) > 1e-2:
        closed = np.eye(size) / c - (1 - c) / (c * size)
        np.testing.assert_allclose(t.inverse(matrix), closed, atol=1e-6)


def test_at_the_threshold_nothing_can_be_undone():
    with pytest.raises(BadInput, match="cannot be undone"):
        t.inverse(t.symmetric(0.9, 10))
    with pytest.raises(ValueError, match="cannot be undone"):
        t.inverse(t.pair(0.5, 2))


@given(RATES, SIZES)
def test_the_two_conventions_are_the_same_noise(rate, size):
    np.testing.assert_allclose(
        t.uniform(rate, size), t.symmetric(rate * (size - 1) / size, size), atol=1e-12
    )


def test_eighty_percent_redrawn_is_72_percent_wrong():
    assert t.noise_rate(t.uniform(0.8, 10)) == pytest.approx(0.72)


def test_pairs():
    matrix = t.pair(0.45, 4)
    assert matrix[3, 0] == pytest.approx(0.45)
    assert np.count_nonzero(matrix) == 8
    found = t.asymmetric(0.3, 10, t.ASYMMETRIC["cifar10"])
    assert found[9, 1] == found[3, 5] == found[5, 3] == pytest.approx(0.3)
    assert found[0, 0] == 1
    with pytest.raises(BadInput, match="cannot be taken for"):
        t.asymmetric(0.3, 10, {1: 1})


CIFAR = ("airplane", "automobile", "bird", "cat", "deer",
         "dog", "frog", "horse", "ship", "truck")  # fmt: skip
CLOTHES = ("T-shirt", "trouser", "pullover", "dress", "coat",
           "sandal", "shirt", "sneaker", "bag", "ankle boot")  # fmt: skip
CONFUSED = {
    "cifar10": (
        CIFAR,
        {
            ("truck", "automobile"),
            ("bird", "airplane"),
            ("deer", "horse"),
            ("cat", "dog"),
            ("dog", "cat"),
        },
    ),
    "mnist": (tuple("0123456789"), {("7", "1"), ("2", "7"), ("5", "6"), ("6", "5"), ("3", "8")}),
    "fashion-mnist": (
        CLOTHES,
        {
            ("T-shirt", "shirt"),
            ("shirt", "T-shirt"),
            ("pullover", "coat"),
            ("coat", "pullover"),
            ("dress", "coat"),
            ("sandal", "sneaker"),
            ("ankle boot", "sneaker"),
        },
    ),
}
"""What is taken for what, by name."""


@pytest.mark.parametrize("name", CONFUSED)
def test_asymmetric_noise_is_the_literatures(name):
    classes, expected = CONFUSED[name]
    matrix = t.asymmetric(0.4, 10, t.ASYMMETRIC[name])
    flips = np.argwhere((matrix > 0) & ~np.eye(10, dtype=bool))
    assert {(classes[i], classes[j]) for i, j in flips} == expected
    np.testing.assert_allclose(matrix[tuple(flips.T)], 0.4)
    kept = np.setdiff1d(np.arange(10), flips[:, 0])
    np.testing.assert_array_equal(np.diag(matrix)[kept], 1)


def coarse(matrix):
    """Return the matrix of the groups, for classes that are equally frequent."""
    group = np.array(GROUPS)
    same = group[:, None] == group[None]
    return (matrix * same).sum(1)


def test_noise_within_and_across_groups():
    inside = t.within(0.4, GROUPS)
    np.testing.assert_allclose(coarse(inside), 1)  # no class leaves its group
    assert inside[1, 1] == inside[8, 8] == 1  # alone in their groups
    np.testing.assert_allclose(np.diag(inside)[[0, 5]], 0.6)
    outside = t.across(0.6, GROUPS)
    np.testing.assert_allclose(coarse(outside), np.diag(outside))  # none is confused inside
    np.testing.assert_allclose(np.diag(outside), 0.4)
    cyclic = t.cyclic_within(0.3, GROUPS)
    assert cyclic[0, 2] == cyclic[6, 0] == cyclic[9, 5] == pytest.approx(0.3)
    with pytest.raises(BadInput, match="leave no other class"):
        t.across(0.4, [0, 0, 0])


def test_counted_noise():
    matrix, counts = t.counted([0, 0, 0, 0, 1], [0, 0, 0, 1, 1], 2)
    np.testing.assert_allclose(matrix, [[0.75, 0.25], [0, 1]])
    assert counts.sum() == 5
    with pytest.raises(BadInput, match="No example is truly of class 2"):
        t.counted([0, 1], [0, 1], 3)


def test_which_labels_survive_where_truth_is_certain():
    assert t.survives(t.symmetric(0.89, 10)).all()
    assert not t.survives(t.symmetric(0.91, 10)).any()
    assert t.survives(t.pair(0.49, 10)).all() and not t.survives(t.pair(0.51, 10)).any()


def test_cleanlab_has_it_transposed():
    matrix = t.asymmetric(0.3, 10, t.ASYMMETRIC["mnist"])
    theirs = t.to_cleanlab(matrix)
    np.testing.assert_allclose(theirs.sum(0), 1)
    np.testing.assert_allclose(t.from_cleanlab(theirs), matrix)
    with pytest.raises(BadInput, match="from_cleanlab"):
        t.checked(theirs)


def test_cleanlab_makes_the_noise_of_our_matrix():
    """Labels that cleanlab draws from the transpose are ours when counted."""
    noise = pytest.importorskip("cleanlab.benchmarking.noise_generation")
    matrix = t.asymmetric(0.3, 10, t.ASYMMETRIC["mnist"])
    true = np.repeat(np.arange(10), 100)
    theirs = t.to_cleanlab(matrix)
    assert noise.noise_matrix_is_valid(theirs, np.full(10, 0.1))
    np.random.seed(0)
    given = noise.generate_noisy_labels(true, theirs)
    np.testing.assert_allclose(t.counted(true, given, 10)[0], matrix, atol=0.011)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan"), "much", None, True])
def test_rates_outside_of_0_to_1_are_refused(rate):
    for make in (t.symmetric, t.uniform, t.pair):
        with pytest.raises(BadInput, match="between 0 and 1"):
            make(rate, 10)
    with pytest.raises(BadInput, match="two or more"):
        t.symmetric(0.2, 1)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([[1.0]], "shape"),
        ([[0.5, 0.5]], "shape"),
        ([[1.5, -0.5], [0, 1]], "negative"),
        ([[float("nan"), 1], [0, 1]], "infinite"),
        ([[0.5, 0.4], [0, 1]], "sum to 1"),
    ],
)
def test_what_is_no_transition_matrix_is_refused(matrix, words):
    with pytest.raises(BadInput, match=words):
        t.checked(matrix)

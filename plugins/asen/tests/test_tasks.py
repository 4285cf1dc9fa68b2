"""The generators: what their labels are, which symmetry they have, and that they are exact."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest
import zoo_symmetry as zs
from hypothesis import given
from hypothesis import strategies as st
from zoo_asen import data as made
from zoo_asen.checks.colours import commutes
from zoo_asen.colours import as_group
from zoo_asen.sequences import tasks
from zoo_asen.sequences.invariant import CAPITALS, INVARIANT
from zoo_asen.sequences.tasks import TASKS, cyclic_alternating_sum

from zoo_core import BadInput

sequence = st.lists(st.integers(0, 9), min_size=10, max_size=10)


def labels(function, *values, **options):
    found, good = function(np.array([values]), **options)
    assert good.all()
    return "".join(str(int(one)) for one in found[0])


def has_none(function, *values):
    return not function(np.array([values]))[1].any()


def test_palindromes():
    assert labels(tasks.palindromes, 1, 2, 2, 1, 5, 6, 7, 8, 9, 0) == "1111000000"
    assert labels(tasks.palindromes, 1, 2, 2, 1, 1, 2, 7, 8, 9, 0) == "1111110000"
    assert labels(tasks.palindromes, *range(10)) == "0000000000"


def test_runs():
    assert labels(tasks.monotone, 9, 1, 2, 3, 4, 4, 4, 9, 1, 1) == "0111100000"
    assert labels(tasks.monotone, 9, 7, 4, 3, 4, 4, 4, 9, 1, 1) == "1111000000"
    assert labels(tasks.monotone, 9, 1, 2, 3, 3, 4, 4, 9, 1, 1) == "0000000000"
    assert has_none(tasks.monotone, 1, 2, 3, 4, 3, 2, 1, 1, 1, 1)
    assert labels(tasks.constant, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3) == "1111100000"
    assert has_none(tasks.constant, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3)
    assert labels(tasks.constant, 1, 1, 1, 2, 2, 2, 3, 3, 3, 0) == "0000000000"


def test_cyclic_windows():
    assert labels(tasks.cyclic_sum, 4, 0, 0, 0, 0, 0, 0, 1, 5, 6) == "1000000111"
    assert has_none(tasks.cyclic_sum, *[1] * 10)
    assert labels(tasks.cyclic_product, 1, 3, 3, 3, 3, 1, 1, 1, 6, 1) == "0111100000"
    assert labels(cyclic_alternating_sum, 6, 0, 6, 0, 1, 1, 1, 1, 1, 1) == "1111000000"


def test_halves():
    x = (1, 2, 3, 4, 5, 1, 1, 6, 0, 0)
    assert labels(tasks.intersection, *x) == "1000011000"
    assert labels(tasks.difference, *x) == "0111100111"
    assert labels(tasks.target_sum, *x) == "1000000100"


@given(sequence)
def test_the_symmetric_difference_is_the_rest_of_the_intersection(x):
    both, rest = (task(np.array([x]))[0] for task in (tasks.intersection, tasks.difference))
    assert (both ^ rest).all()


@pytest.mark.parametrize("name", TASKS)
def test_labels_commute_with_the_group(name):
    assert commutes(name)


@given(st.sampled_from(sorted(TASKS)), sequence, st.integers(0, 19))
def test_labels_commute_on_any_sequence(name, x, word):
    task = TASKS[name]
    group = as_group(task.group, 10)
    elements = [g for _, g in zip(range(20), group.elements(10**7), strict=False)]
    g = elements[word % len(elements)]
    given_, moved = np.array([x]) % task.values, np.empty((1, 10), np.int64)
    moved[:, g] = given_
    (here, good), (there, also) = task.label(given_), task.label(moved)
    assert (good == also).all()
    assert not good.any() or (there[:, g] == here).all()


@given(sequence, st.sampled_from([2, 3, 4, 5, 6]))
def test_alternating_sums_of_odd_windows_alone_commute_with_reversal(x, window):
    (here, good), (there, also) = (
        cyclic_alternating_sum(np.array([one]), window) for one in (x, x[::-1])
    )
    if good.all() and also.all() and window % 2:
        assert (there[:, ::-1] == here).all()


def test_even_windows_do_not_commute_with_reversal():
    x = np.array([[6, 0, 6, 0, 1, 1, 1, 1, 1, 1]])
    here, there = (cyclic_alternating_sum(one, 4)[0] for one in (x, x[:, ::-1]))
    assert not (there[:, ::-1] == here).all()


@pytest.mark.parametrize("name", TASKS)
def test_a_half_has_what_is_looked_for_and_the_rest_has_not(name):
    task = TASKS[name]
    x, y = task.draw(np.random.default_rng(3), 400)
    assert x.shape == y.shape == (400, 10) and set(np.unique(y)) == {0, 1}
    assert x.min() >= 0 and x.max() == task.values - 1
    found, good = task.label(x)
    assert good.all() and (found == y).all()
    if task.insert is not None:
        assert 0.4 < y.any(1).mean() < 0.65
    with pytest.raises(BadInput, match="expected one or more"):
        task.draw(np.random.default_rng(0), 0)


@pytest.mark.parametrize("name", INVARIANT)
def test_numbers_stay_under_the_group(name):
    task = INVARIANT[name]
    x, numbers = task.draw(np.random.default_rng(3), 300)
    assert (numbers == task.number(x)).all() and len(np.unique(numbers)) > 1
    group = made._invariant_group(task.group)
    for generator in group.generators:
        moved = np.empty_like(x)
        moved[:, list(generator)] = x
        assert (task.number(moved) == numbers).all()
    if task.even:
        assert 0.4 < numbers.mean() < 0.6
    if name == "vandermonde":
        odd = x[:, [1, 0, 2, 3, 4, 5, 6, 7]]
        assert (task.number(odd) == 1 - numbers).all()


def test_numbers_by_hand():
    def number(name, *values):
        return int(INVARIANT[name].number(np.array([values]))[0])

    assert number("intersect", 1, 1, 2, 3, 3, 1, 5, 5) == 2
    assert number("longestpal", 1, 1, 2, 3, 4, 5, 6, 7) == 3
    assert number("longestpal", 1, 1, 2, 2, 4, 4, 6, 6) == 8
    assert number("palindrome", 1, 2, 2, 1, 4, 5, 6, 7) == 1
    assert number("cyclicsum", 5, 0, 0, 0, 0, 1, 4, 6) == 16
    low, high = 3, 3 + CAPITALS
    assert number("detectcapital", *[low] * 8) == number("detectcapital", *[high] * 8) == 1
    assert number("detectcapital", high, *[low] * 7) == 1
    assert number("detectcapital", low, high, *[low] * 6) == 0
    assert number("vandermonde", *range(8)) == 1
    assert zs.alternating(8).degree == 8


def test_a_seed_gives_the_same_bytes_and_each_task_its_own():
    three, one = made.sequence_tasks(3, samples=50), made.sequence_tasks("cyclicsum", samples=50)
    again = made.sequence_tasks(["palindrome", "cyclicsum", "intersect"], samples=50)
    assert three.values.equal(again.values) and three.rows["val"].equal(again.rows["val"])
    assert one.values.equal(three.values[50:100])
    assert (one.rows["test"] + 50).equal(three.by_task(three.rows["test"])["cyclicsum"])
    assert not made.sequence_tasks(3, samples=50, seed=1).values.equal(three.values)
    before = np.random.get_state()[1][:5].tolist()
    every = made.sequence_tasks(9, samples=40)
    numbers = made.invariant_tasks(6, samples=40)
    assert np.random.get_state()[1][:5].tolist() == before
    found = [
        sha256(part.values.numpy().astype("<i8").tobytes()).hexdigest()[:12]
        for part in (every, numbers)
    ]
    assert found == ["9033617035f7", "997fa9841bdd"]

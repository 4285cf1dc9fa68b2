"""The 2-closure against brute force over all permutations, and against what is known."""

import itertools
import math

import numpy as np
import pytest
import zoo_symmetry as zs
from hypothesis import given
from hypothesis import strategies as st

from zoo_core import BadInput


@given(st.data())
def test_closure_of_up_to_six_points_is_that_of_brute_force(data):
    n = data.draw(st.integers(1, 6))
    generators = data.draw(st.lists(st.permutations(range(n)), max_size=2))
    group = zs.PermutationGroup(n, tuple(map(tuple, generators)))
    colours = zs.orbits(group)
    expected = {one for one in itertools.permutations(range(n)) if zs.preserves(one, colours)}
    closure, order = zs.two_closure(group)
    assert order == len(expected)
    assert {tuple(one.tolist()) for one in closure.elements()} == expected
    assert {tuple(one.tolist()) for one in group.elements()} <= expected
    assert (zs.orbits(closure) == colours).all()


@given(st.data())
def test_any_colours_will_do(data):
    n = data.draw(st.integers(1, 5))
    colours = np.array(data.draw(st.lists(st.integers(0, 1), min_size=n * n, max_size=n * n)))
    colours = colours.reshape(n, n)
    expected = [one for one in itertools.permutations(range(n)) if zs.preserves(one, colours)]
    assert zs.two_closure(colours)[1] == len(expected)


@pytest.mark.parametrize(
    ("group", "order"),
    [
        (zs.trivial(30), 1),
        (zs.cyclic(30), 30),
        (zs.dihedral(30), 60),
        (zs.symmetric(30), math.factorial(30)),
        (zs.alternating(30), math.factorial(30)),
        (zs.young([0] * 20 + [1] * 10), math.factorial(20) * math.factorial(10)),
        (zs.wreath(zs.symmetric(5), zs.symmetric(3)), math.factorial(5) ** 3 * 6),
        (zs.wreath(zs.cyclic(4), zs.symmetric(3)), 4**3 * 6),
    ],
    ids=["trivial", "C30", "D30", "S30", "A30", "S20xS10", "S5 wr S3", "C4 wr S3"],
)
def test_closures_that_are_known(group, order):
    closure, found = zs.two_closure(group)
    assert found == order
    assert all(zs.preserves(one, zs.orbits(group)) for one in closure.generators)


def test_colours_that_are_no_square_and_searches_that_take_too_long_are_refused():
    with pytest.raises(BadInput, match=r"shape \(n, n\)"):
        zs.two_closure(np.zeros((2, 3)))
    with pytest.raises(BadInput, match="not decided after 10 assignments"):
        zs.two_closure(zs.symmetric(20), steps=10)

"""Generators: what is a permutation, what a group has, against sympy."""

import numpy as np
import pytest
import zoo_symmetry as zs
from hypothesis import given
from hypothesis import strategies as st
from sympy.combinatorics import Permutation
from sympy.combinatorics import PermutationGroup as Oracle

from zoo_core import BadInput

NAMED = {
    "trivial": (zs.trivial(5), 1),
    "S5": (zs.symmetric(5), 120),
    "S1": (zs.symmetric(1), 1),
    "A5": (zs.alternating(5), 60),
    "A2": (zs.alternating(2), 1),
    "C6": (zs.cyclic(6), 6),
    "C1": (zs.cyclic(1), 1),
    "D6": (zs.dihedral(6), 12),
    "D2": (zs.dihedral(2), 2),
    "reversal": (zs.reversal(6), 2),
    "young": (zs.young(["a", "b", "a", "c", "b", "a"]), 12),
    "product": (zs.direct_product(zs.cyclic(3), zs.symmetric(4)), 72),
    "S3 wr S2": (zs.wreath(zs.symmetric(3), zs.symmetric(2)), 72),
    "S2 wr S3": (zs.wreath(zs.symmetric(2), zs.symmetric(3)), 48),
}


@pytest.mark.parametrize("name", NAMED)
def test_named_groups_have_the_orders_that_they_should(name):
    group, order = NAMED[name]
    listed = [tuple(element) for element in group.elements()]
    assert len(listed) == len(set(listed)) == order
    assert listed[0] == tuple(range(group.degree))
    if group.generators:
        assert Oracle([Permutation(list(one)) for one in group.generators]).order() == order


@given(st.data())
def test_any_generators_list_the_group_that_sympy_lists(data):
    n = data.draw(st.integers(1, 6))
    generators = data.draw(st.lists(st.permutations(range(n)), min_size=1, max_size=3))
    group = zs.PermutationGroup(n, tuple(map(tuple, generators)))
    theirs = Oracle([Permutation(one) for one in generators])
    assert {tuple(one) for one in group.elements()} == {
        tuple(one.array_form) for one in theirs.elements
    }


@pytest.mark.parametrize(
    ("images", "said"),
    [
        ((0, 1, 1), "Generator 1 is no permutation: 1 is the image of two points, 2 of none."),
        ((0, 1, 3), "takes a point to 3; the points are 0 to 2"),
        ((0, 1), "moves 2 points, and the group acts on 3"),
        ((0, 1, 2.5), "has 2.5; the image of a point is a whole number"),
        ((0, 1, True), "has True"),
        (7, "Generator 1 is 7; give the image of every point in a row."),
        ((0, 1, float("nan")), "has nan"),
    ],
)
def test_what_is_no_permutation_is_refused(images, said):
    with pytest.raises(BadInput, match=said.replace("(", r"\(")):
        zs.PermutationGroup(3, (images,))


def test_a_group_needs_a_point_and_a_list_of_elements_an_end():
    with pytest.raises(BadInput, match="one point at least"):
        zs.PermutationGroup(0)
    with pytest.raises(BadInput, match="more than 100 elements"):
        list(zs.symmetric(6).elements(limit=100))
    with pytest.raises(BadInput, match="one group at least"):
        zs.direct_product()


def test_numpy_numbers_and_whole_floats_are_points():
    group = zs.PermutationGroup(3, (tuple(np.array([1.0, 2.0, 0.0])),))
    assert group.generators == ((1, 2, 0),)
    assert group == zs.cyclic(3)

"""Orbits against listed groups, Burnside's lemma and closed forms."""

import itertools
from collections import Counter

import numpy as np
import pytest
import zoo_symmetry as zs
from hypothesis import given
from hypothesis import strategies as st

from zoo_core import BadInput


@st.composite
def groups(draw, most=6):
    n = draw(st.integers(1, most))
    generators = draw(st.lists(st.permutations(range(n)), max_size=3))
    return zs.PermutationGroup(n, tuple(map(tuple, generators)))


def listed_orbits(group, order):
    """Orbits of tuples from every element, numbered by first appearance."""
    elements = list(group.elements())
    found, number = {}, 0
    for points in itertools.product(range(group.degree), repeat=order):
        if points in found:
            continue
        for element in elements:
            found[tuple(int(element[point]) for point in points)] = number
        number += 1
    shape = (group.degree,) * order
    return np.array([found[one] for one in np.ndindex(shape)]).reshape(shape)


@given(groups(most=5), st.integers(1, 3))
def test_generators_give_the_orbits_of_the_listed_group(group, order):
    assert (zs.orbits(group, order) == listed_orbits(group, order)).all()


@given(groups())
def test_rank_is_burnsides(group):
    fixed = [int((element == np.arange(group.degree)).sum()) for element in group.elements()]
    assert zs.rank(group) * len(fixed) == sum(one**2 for one in fixed)
    points = int(zs.orbits(group, 1).max()) + 1
    assert points * len(fixed) == sum(fixed)
    assert zs.hom_dimension(group, 2, 3) == 6 * zs.rank(group)
    assert zs.hom_dimension(group, 2, 3, invariant=True) == 6 * points


@given(groups(), st.data())
def test_a_subgroup_s_colours_refine_and_generators_do_not_matter(group, data):
    kept = data.draw(st.integers(0, len(group.generators)))
    finer = zs.orbits(zs.PermutationGroup(group.degree, group.generators[:kept]))
    pairs = set(zip(finer.ravel().tolist(), zs.orbits(group).ravel().tolist(), strict=True))
    assert len(pairs) == finer.max() + 1
    every = tuple(tuple(element.tolist()) for element in group.elements())[:50]
    if len(every) < 50:
        again = zs.PermutationGroup(group.degree, every)
        assert (zs.orbits(again) == zs.orbits(group)).all()


@pytest.mark.parametrize("n", [2, 3, 4, 7, 10, 200])
def test_closed_forms(n):
    assert zs.rank(zs.trivial(n)) == n**2
    assert zs.rank(zs.symmetric(n)) == 2
    assert zs.rank(zs.cyclic(n)) == n
    assert zs.rank(zs.dihedral(n)) == n // 2 + 1
    if n % 2 == 0:
        assert zs.rank(zs.reversal(n)) == n**2 // 2
    if n >= 4:
        assert (zs.orbits(zs.alternating(n)) == zs.orbits(zs.symmetric(n))).all()


@given(st.lists(st.integers(0, 4), min_size=1, max_size=15))
def test_clusters_of_any_size(labels):
    sizes = Counter(labels).values()
    expected = len(sizes) ** 2 + sum(size >= 2 for size in sizes)
    assert zs.rank(zs.young(labels)) == expected


def test_three_points_tell_rotations_from_all_permutations():
    assert zs.rank(zs.cyclic(3)) == zs.rank(zs.alternating(3)) == 3
    assert zs.rank(zs.symmetric(3)) == 2
    assert zs.rank(zs.wreath(zs.symmetric(5), zs.symmetric(2))) == 3


def test_tuples_that_make_no_sense_or_do_not_fit_are_refused():
    with pytest.raises(BadInput, match="ask for 1 or more"):
        zs.orbits(zs.cyclic(3), 0)
    with pytest.raises(BadInput, match="1,000,000,000 tuples of 3"):
        zs.orbits(zs.cyclic(1000), 3)

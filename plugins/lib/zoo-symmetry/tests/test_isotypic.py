"""Isotypic bases: orthonormal, kept by the group, and all that equivariant maps leave free."""

import numpy as np
import pytest
import zoo_symmetry as zs
from hypothesis import given
from hypothesis import strategies as st

POSE = zs.read_group("(4 1)(5 2)(6 3)\n(10 13)(11 14)(12 15)", 16)
REAL = {
    "trivial": (zs.trivial(4), [(4, 1)]),
    "S5": (zs.symmetric(5), [(1, 1), (1, 4)]),
    "pose": (POSE, [(3, 1), (3, 1), (10, 1)]),
    "D10": (zs.dihedral(10), [(1, 1)] * 2 + [(1, 2)] * 4),
    "S5 wr S2": (zs.wreath(zs.symmetric(5), zs.symmetric(2)), [(1, 1), (1, 1), (1, 8)]),
    "two S4 as one": (
        zs.PermutationGroup(
            8, tuple((*one, *(4 + i for i in one)) for one in zs.symmetric(4).generators)
        ),
        [(2, 1), (2, 3)],
    ),
}


def components_of(group):
    return zs.isotypic_components(group)


@pytest.mark.parametrize("name", REAL)
def test_components_are_those_of_the_theory(name):
    group, expected = REAL[name]
    found = components_of(group)
    assert sorted((one.multiplicity, one.dimension) for one in found) == sorted(expected)
    assert sum(one.multiplicity**2 for one in found) == zs.rank(group)
    first = found[0]
    constant = np.ones(group.degree)
    assert np.allclose(first.basis @ (first.basis.T @ constant), constant)


@pytest.mark.parametrize("name", REAL)
def test_an_equivariant_map_is_free_within_components_and_zero_across(name):
    group, _ = REAL[name]
    found = components_of(group)
    weights = np.random.default_rng(1).standard_normal((group.degree, group.degree))
    weights = zs.project(weights, group)
    for one in found:
        for other in found:
            block = one.basis.T @ weights @ other.basis
            if one is not other:
                assert np.allclose(block, 0, atol=1e-8)
                continue
            m, d = one.multiplicity, one.dimension
            small = block.reshape(m, d, m, d)
            free = np.einsum("adbd->ab", small) / d
            assert np.allclose(small, np.einsum("ab,de->adbe", free, np.eye(d)), atol=1e-8)


@given(st.data())
def test_bases_are_orthonormal_and_kept(data):
    n = data.draw(st.integers(1, 7))
    generators = data.draw(st.lists(st.permutations(range(n)), max_size=2))
    group = zs.PermutationGroup(n, tuple(map(tuple, generators)))
    found = components_of(group)
    whole = np.hstack([one.basis for one in found])
    assert whole.shape == (n, n)
    assert np.allclose(whole.T @ whole, np.eye(n))
    for generator in group.generators:
        for one in found:
            moved = one.basis[np.argsort(generator)]
            assert np.allclose(one.basis @ (one.basis.T @ moved), moved, atol=1e-7)
    assert sum(one.multiplicity**2 for one in found) <= zs.rank(group)


def test_rotations_have_components_of_complex_type():
    """They count twice in the rank, as their maps are rotations as well as multiples."""
    found = components_of(zs.cyclic(5))
    assert sorted((one.multiplicity, one.dimension) for one in found) == [(1, 1), (1, 2), (1, 2)]
    assert zs.rank(zs.cyclic(5)) == 5

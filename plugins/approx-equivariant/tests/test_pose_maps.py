"""Linear maps with a group: they commute with it, have all maps that do, and are nested."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import zoo_symmetry as zs
from hypothesis import given
from hypothesis import strategies as st
from zoo_approx_equivariant.pose.maps import (
    FreeMap,
    IsotypicMap,
    RelaxedMap,
    SymmetricMap,
    sparse,
)
from zoo_signals.skeleton import H36M16

from zoo_core import BadInput

SWAPS = tuple(H36M16.swaps().values())
AUT = zs.PermutationGroup(16, SWAPS)
HAND = zs.wreath(zs.trivial(2), zs.symmetric(3))
"""Three fingers of two joints: a representation of two dimensions."""


def maps(seed, channels=(3, 2)):
    torch.manual_seed(seed)
    found = [SymmetricMap(16, *channels), RelaxedMap(16, *channels), FreeMap(16, *channels)]
    return [one.double() for one in (*found, IsotypicMap(16, *channels, SWAPS))]


def signals(seed, nodes=16, channels=3):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(4, nodes, channels, generator=generator, dtype=torch.float64)


def applied(matrix, x):
    return torch.einsum("bmi,mnio->bno", x, matrix)


@given(st.integers(0, 1000))
def test_the_matrix_is_what_is_computed(seed):
    x = signals(seed)
    for one in maps(seed):
        assert torch.allclose(applied(one.dense(), x), one(x), atol=1e-12)


@given(st.integers(0, 1000), st.permutations(range(16)))
def test_each_commutes_with_its_group_and_no_more(seed, permutation):
    symmetric, relaxed, free, aut = maps(seed)
    x = signals(seed)
    anything = zs.PermutationGroup(16, (tuple(permutation),))
    assert zs.equivariance_error(symmetric, anything, x) < 1e-12
    assert zs.equivariance_error(aut, AUT, x) < 1e-12
    # A knee alone that changes sides is no symmetry of the skeleton.
    knees = zs.PermutationGroup(16, ((0, 1, 5, 3, 4, 2, *range(6, 16)),))
    for one in (relaxed, free, aut):
        assert zs.equivariance_error(one, knees, x) > 1e-3


def test_isotypic_coordinates_of_the_skeleton():
    found = IsotypicMap(16, 4, 5, SWAPS)
    assert found.copies == [(10, 1), (3, 1), (3, 1)]
    basis = found.basis
    assert torch.allclose(basis.T @ basis, torch.eye(16, dtype=torch.float64), atol=1e-12)
    assert sum(block.numel() for block in found.blocks) == 118 * 4 * 5
    values = basis.abs().unique()
    expected = torch.tensor([0, 0.5**0.5, 1], dtype=torch.float64)
    assert all(bool((expected - one).abs().min() < 1e-12) for one in values)


@pytest.mark.parametrize(
    "group",
    [AUT, HAND, zs.young([0, 0, 1, 1, 1, 2]), zs.symmetric(5), zs.trivial(4), zs.dihedral(6)],
    ids=["skeleton", "hand", "partition", "all", "none", "ring"],
)
def test_any_group_has_all_of_its_maps(group):
    found = IsotypicMap(group.degree, 2, 3, group.generators).double()
    x = signals(0, group.degree, 2)
    assert zs.equivariance_error(found, group, x) < 1e-12
    assert sum(one.numel() for one in found.parameters()) == zs.hom_dimension(group, 2, 3)
    assert torch.allclose(applied(found.dense(), x), found(x), atol=1e-12)


@pytest.mark.parametrize("group", [AUT, HAND], ids=["skeleton", "hand"])
def test_a_basis_by_another_machine_gives_the_same_map(group, monkeypatch):
    """Signs of eigenvectors, which are anybody's choice, are no part of what is stored."""
    here = IsotypicMap(group.degree, 2, 3, group.generators).double()
    eigh = np.linalg.eigh

    def other(matrix):
        values, vectors = eigh(matrix)
        return values, vectors * np.where(np.arange(len(values)) % 3, -1.0, 1.0)

    monkeypatch.setattr(np.linalg, "eigh", other)
    there = IsotypicMap(group.degree, 2, 3, group.generators).double()
    there.load_state_dict(here.state_dict())
    assert torch.allclose(there.dense(), here.dense(), atol=1e-12)


def test_a_sparse_basis_depends_on_the_space_alone():
    for one in zs.isotypic_components(AUT):
        size = one.basis.shape[1]
        turn = np.linalg.qr(np.random.default_rng(0).standard_normal((size, size)))[0]
        assert np.abs(sparse(one.basis @ turn) - sparse(one.basis)).max() < 1e-12


def embedded(smaller, group):
    """Return a map of `group` whose matrix is that of a map with more symmetry."""
    matrix = smaller.dense().detach()
    larger = IsotypicMap(16, 3, 2, group.generators).double()
    parts = torch.split(larger.basis, [m * k for m, k in larger.copies], dim=1)
    with torch.no_grad():
        for part, block in zip(parts, larger.blocks, strict=True):
            block.copy_(torch.einsum("mp,mnio,nq->piqo", part, matrix, part).reshape(block.shape))
    return larger


@pytest.mark.parametrize("seed", [0, 1])
def test_smaller_classes_are_within_larger_ones(seed):
    """S_16 within Aut within trivial; relaxed with equal weights is S_16."""
    symmetric, relaxed, free, aut = maps(seed)
    x = signals(seed)
    assert torch.allclose(embedded(symmetric, AUT)(x), symmetric(x), atol=1e-12)
    assert torch.allclose(embedded(aut, zs.trivial(16))(x), aut(x), atol=1e-12)
    with torch.no_grad():
        free.weight.copy_(aut.dense().permute(0, 2, 1, 3).reshape(free.weight.shape))
        relaxed.own.copy_(symmetric.own.expand_as(relaxed.own))
        relaxed.other.copy_(symmetric.other.expand_as(relaxed.other))
    assert torch.allclose(free(x), aut(x), atol=1e-12)
    assert torch.allclose(relaxed(x), symmetric(x), atol=1e-12)
    # Not the other way: a relaxed map loses what its nodes differ in.
    assert not torch.allclose(embedded(maps(seed + 1)[1], AUT)(x), maps(seed + 1)[1](x))


def test_groups_without_such_blocks_are_refused():
    with pytest.raises(BadInput, match="add the reflections"):
        IsotypicMap(5, 1, 1, zs.cyclic(5).generators)
    with pytest.raises(BadInput, match="no permutation"):
        IsotypicMap(3, 1, 1, [[0, 0, 1]])

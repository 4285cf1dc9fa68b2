"""Colours of pairs: their numbers, what keeps them, tying, caps, and what they cannot tell."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import zoo_symmetry as zs
from hypothesis import given
from hypothesis import strategies as st
from zoo_asen.colours import (
    NAMED,
    as_group,
    capped,
    caps,
    closure_note,
    colour_count,
    merged,
    pair_colours,
    point_colours,
    tied,
)

from zoo_core import BadInput


@st.composite
def groups(draw, smallest=2, largest=6):
    n = draw(st.integers(smallest, largest))
    count = draw(st.integers(0, 2))
    return zs.PermutationGroup(
        n, tuple(tuple(draw(st.permutations(range(n)))) for _ in range(count))
    )


@given(groups())
def test_colours_are_as_many_as_burnside_counts_and_are_kept(group):
    colours, points = pair_colours(group), np.arange(group.degree)
    elements = list(group.elements())
    fixed = [int((g == points).sum()) for g in elements]
    assert colour_count(colours) == sum(count**2 for count in fixed) / len(elements)
    assert colour_count(point_colours(group)) == sum(fixed) / len(elements)
    for g in elements:
        assert torch.equal(colours[g][:, g], colours)
    # All elements as generators are the same group.
    listed = zs.PermutationGroup(group.degree, tuple(tuple(g.tolist()) for g in elements))
    assert torch.equal(pair_colours(listed), colours)


@given(groups())
def test_colours_off_the_diagonal_tell_the_points_orbits(group):
    colours, n = pair_colours(group), group.degree
    kinds = [
        frozenset(int(colours[i, j]) for j in range(n) if j != i)
        | {-1 - int(colours[j, i]) for j in range(n) if j != i}
        for i in range(n)
    ]
    same = torch.tensor([[one == other for other in kinds] for one in kinds])
    orbits = point_colours(group)
    assert torch.equal(same, orbits[:, None] == orbits[None, :]) or n == 2
    diagonal = colours.diagonal()
    assert torch.equal(diagonal[:, None] == diagonal, orbits[:, None] == orbits)


@given(groups(), st.data())
def test_a_larger_group_has_coarser_colours_and_ties_features(group, data):
    one = tuple(data.draw(st.permutations(range(group.degree))))
    larger = zs.PermutationGroup(group.degree, (*group.generators, one))
    fine, coarse = pair_colours(group), pair_colours(larger)
    assert merged(fine, coarse) is not None
    assert (merged(coarse, fine) is None) == (colour_count(coarse) < colour_count(fine))
    features = torch.randn(
        colour_count(fine), 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )
    found = tied(features, fine, coarse)[coarse]
    # The projection of the pairs' features onto what the larger group keeps.
    expected = zs.project(np.moveaxis(features[fine].numpy(), 2, 0), larger)
    assert np.allclose(np.moveaxis(found.numpy(), 2, 0), expected)
    copied = features[:1].expand(len(features), -1)
    assert torch.allclose(tied(copied, fine, coarse), copied[: colour_count(coarse)])


@pytest.mark.parametrize(
    ("name", "count"),
    [("trivial", 100), ("reversal", 50), ("cyclic", 10), ("dihedral", 6), ("halves", 3),
     ("symmetric", 2)],
)  # fmt: skip
def test_named_groups_of_ten_points(name, count):
    assert colour_count(pair_colours(as_group(name, 10))) == count
    assert colour_count(pair_colours(as_group(f" {name}\n", 4))) > 1


def test_the_alternating_group_has_the_colours_of_the_symmetric_one():
    for n in range(4, 9):
        group = zs.alternating(n)
        assert torch.equal(pair_colours(group), pair_colours(zs.symmetric(n)))
        assert "2-closure" in closure_note(group)
    assert colour_count(pair_colours(zs.alternating(3))) == 3
    assert colour_count(pair_colours(zs.symmetric(3))) == 2
    for name in NAMED:
        assert closure_note(as_group(name, 6)) == ""
    assert closure_note(zs.direct_product(zs.cyclic(5), zs.trivial(3))) == ""
    assert "60 elements, and colours of pairs allow 120" in closure_note(zs.alternating(5))


def test_groups_as_people_write_them(tmp_path):
    path = tmp_path / "generators.txt"
    path.write_text("# rotations\n1 2 3 0\n")
    rotations = pair_colours(zs.cyclic(4))
    for source in ("cyclic", "(0 1 2 3)", [[1, 2, 3, 0]], str(path), path, zs.cyclic(4)):
        assert torch.equal(pair_colours(as_group(source, 4)), rotations)
    assert colour_count(pair_colours(as_group([], 4))) == 16
    for source, told in (
        ("cyclical", "did you mean 'cyclic'"),
        ([[0, 0, 1, 2]], "no permutation"),
        ([[1, 0]], "4 are expected"),
        (zs.cyclic(5), "4 are asked for"),
        ("0 1 x 2", "whole numbers"),
    ):
        with pytest.raises(BadInput, match=told):
            as_group(source, 4)
    with pytest.raises(BadInput, match="no halves"):
        as_group("halves", 5)


def test_a_graph_is_preferred_softly():
    colours = pair_colours(zs.reversal(4))
    edges = torch.tensor([[0, 1, 2], [1, 2, 3]])
    most = caps(colours, edges, far=0.0)
    assert most[colours[0, 1]] == 20 == most[colours[3, 2]] == most[colours[1, 2]]
    assert most[colours[0, 2]] == 0 == most[colours[0, 0]]
    features = 30 * torch.eye(8)
    features.requires_grad_()
    norms = capped(features, most).norm(dim=1)
    assert torch.equal(norms, most)
    norms.sum().backward()
    assert bool(features.grad.isfinite().all())
    small = 0.1 * torch.eye(8)
    assert torch.equal(capped(small, 1.0), small)
    assert not capped(torch.zeros(8, 8), 0.0).any()


def test_tying_is_refused_where_colours_would_split():
    with pytest.raises(BadInput, match="tying makes colours fewer"):
        tied(torch.ones(2, 3), pair_colours(zs.symmetric(4)), pair_colours(zs.cyclic(4)))

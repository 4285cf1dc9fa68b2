"""Partitions: of grids, of names, of graphs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zoo_approx_equivariant.coarsening import (
    as_labels,
    coarsen,
    graph_of,
    mirrored,
    nested,
    patches,
    refines,
    symmetric_weights,
)

from zoo_core import BadInput


def test_patches_are_in_row_major_order():
    assert patches((4, 4), 2).reshape(4, 4).tolist() == [
        [0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3],
    ]  # fmt: skip
    assert (patches((28, 28), 28) == np.arange(784)).all()
    assert mirrored(2) == (1, 0, 3, 2)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_any_grid_is_cut_as_evenly_as_may_be(height, width, cut):
    if cut > min(height, width):
        with pytest.raises(BadInput, match="cannot be cut"):
            patches((height, width), cut)
        return
    sizes = np.bincount(patches((height, width), cut), minlength=cut * cut)
    assert sizes.min() >= (height // cut) * (width // cut)
    assert sizes.sum() == height * width and len(sizes) == cut * cut


@given(st.integers(1, 28), st.integers(1, 28))
def test_only_dividing_cuts_are_nested(coarse, fine):
    found = refines(patches((28, 28), fine), patches((28, 28), coarse))
    if 28 % coarse == 0 and 28 % fine == 0:
        assert found == (fine % coarse == 0)


def test_names_of_any_kind():
    assert as_labels(["b", "a", "b"]).tolist() == [1, 0, 1]
    assert as_labels([7, 7, 2]).tolist() == [1, 1, 0]
    assert as_labels([2.0, 1.0]).tolist() == [1, 0]


def two_cliques():
    labels = np.repeat([0, 1], 6)
    weights = (labels[:, None] == labels[None, :]).astype(float) - np.eye(12)
    return labels, weights


def test_communities_are_found_also_in_graphs_of_several_parts():
    labels, weights = two_cliques()
    assert refines(coarsen(weights, 2), labels)
    weights[5, 6] = weights[6, 5] = 0.1
    assert refines(coarsen(weights, 2), labels)
    weights = np.zeros((14, 14))
    weights[:12, :12] = two_cliques()[1]
    assert coarsen(weights, 3).max() == 2


@given(st.integers(1, 12), st.integers(0, 50))
def test_partitions_of_a_graph_are_nested(nodes, seed):
    rng = np.random.default_rng(seed)
    weights, _ = symmetric_weights(rng.random((nodes, nodes)) * (rng.random((nodes, nodes)) < 0.4))
    found = nested(weights, range(1, nodes + 1))
    assert [int(one.max()) + 1 for one in found] == list(range(1, nodes + 1))
    assert all(refines(fine, coarse) for coarse, fine in pairwise(found))


def test_coordinates_and_directions():
    line = np.arange(6.0)[:, None]
    near = graph_of(line, 1)
    assert (near == near.T).all() and near[0, 1] == 1 and near[0, 5] == 0
    weights, directed = symmetric_weights([[5, 2, 0], [0, 0, -4], [0, 0, 0]])
    assert directed
    assert weights.tolist() == [[0, 1, 0], [1, 0, 2], [0, 2, 0]]
    with pytest.raises(BadInput, match="cannot be put into"):
        coarsen(near, 7)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: as_labels([[1], [1, 2]]), "a row of names or numbers"),
        (lambda: graph_of([[0.0, np.nan], [1.0, 2.0]]), "expected finite numbers"),
        (lambda: graph_of([0.0, 1.0]), r"the shape \(2,\)"),
        (lambda: coarsen(np.ones((2, 3)), 2), r"the shape \(2, 3\)"),
        (lambda: coarsen([[0.0, np.nan], [np.nan, 0.0]], 2), "expected finite numbers"),
    ],
    ids=["ragged names", "NaN places", "flat places", "no square", "NaN weights"],
)
def test_what_is_no_graph_is_refused(call, said):
    with pytest.raises(BadInput, match=said):
        call()

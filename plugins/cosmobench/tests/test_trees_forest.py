"""What is a merger tree and what is none; taking some of many."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_cosmobench.trees.forest import Forest, joined
from zoo_cosmobench.trees.samples import example_forest

from zoo_core import BadInput

A = (1.0, 0.8, 0.6)


def rows(times=A):
    return np.array([[12.0, 1.0, 2.0, a] for a in times])


def test_trees_are_taken_in_any_order_and_joined_again():
    forest = example_forest(0)
    turned = forest.take([2, 0, 1])
    turned.check()
    assert turned.sizes.tolist() == [12, 9, 5]
    back = turned.take([1, 2, 0])
    assert (back.parent == forest.parent).all() and (back.features == forest.features).all()
    parts = joined([forest.take([one]) for one in range(3)])
    assert (parts.parent == forest.parent).all() and (parts.offsets == forest.offsets).all()
    assert forest.edges.shape == (2, 23) and len(forest.take([]).parent) == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((rows()[:, :3], [-1, 0, 0], [0, 3]), "features of shape"),
        ((rows(), [-1, 0], [0, 3]), "3 haloes have 2 parents"),
        ((rows(), [-1, 0, 0], [0, 2]), "do not begin and end"),
        ((rows()[:0], [], [0]), "There is no tree"),
        ((rows(), [-1, 0, 0], [0, 3, 3]), "Tree 1 has no halo"),
        ((rows((1.0, np.nan, 0.6)), [-1, 0, 0], [0, 3]), "Halo 1 of tree 0 has a that is no"),
        ((rows(), [-1, 0, 5], [0, 3]), "Halo 2 of tree 0 has a parent that is no halo of its tree"),
        ((rows(), [-1, 0, -2], [0, 3]), "a parent that is no halo"),
        ((rows((1.0, 0.8, 1.0)), [-1, 0, 0], [0, 2, 3]), "no halo of its tree"),
        ((rows(), [-1, -1, 0], [0, 3]), "Tree 0 has 2 roots"),
        ((rows(), [1, 2, 0], [0, 3]), "go round in a circle"),
        ((rows((1.0, 0.8, 0.8)), [-1, 2, 1], [0, 3]), "expected a descendant later in time"),
        ((rows((1.0, 0.6, 0.8)), [-1, 0, 1], [0, 3]), "Halo 2 of tree 0 is at a = 0.8"),
        ((rows((1.2, 0.8, 0.6)), [-1, 0, 1], [0, 3]), "the scale factor 1.2"),
        ((rows((1.0, 0.0, 0.6)), [-1, 0, 0], [0, 3]), "the scale factor 0"),
    ],
    ids=[
        "features", "parents", "bounds", "nothing", "empty", "nan", "outside", "negative",
        "strangers", "roots", "circle", "short-circle", "backwards", "future", "bang",
    ],
)  # fmt: skip
def test_what_is_no_merger_tree_is_refused(given, told):
    with pytest.raises(BadInput, match=told):
        Forest.of(*given)

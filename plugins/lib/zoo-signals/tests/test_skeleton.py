"""The skeleton's bones, and what exchanges its left and right."""

import numpy as np
import pytest
from zoo_signals.skeleton import H36M16, Skeleton

from zoo_core import BadInput


def test_the_bones_are_a_tree_over_sixteen_joints():
    adjacency = H36M16.adjacency()
    assert len(H36M16.joints) == 16
    assert len(H36M16.bones) == 15
    assert np.array_equal(adjacency, adjacency.T)
    assert np.all(np.linalg.matrix_power(adjacency + np.eye(16), 15) > 0)


@pytest.mark.parametrize("name", ["legs", "arms"])
def test_a_swap_is_a_symmetry_of_the_bones_that_takes_left_to_right(name):
    swap = np.array(H36M16.swaps()[name])
    adjacency = H36M16.adjacency()
    assert np.array_equal(adjacency[np.ix_(swap, swap)], adjacency)
    assert np.array_equal(swap[swap], np.arange(16))
    moved = [joint for joint in range(16) if swap[joint] != joint]
    assert len(moved) == 6
    for joint in moved:
        name, other = H36M16.joints[joint], H36M16.joints[swap[joint]]
        assert {name[0], other[0]} == {"L", "R"}
        assert name[1:] == other[1:]


def test_the_mirror_is_both_swaps():
    legs, arms = (np.array(one) for one in H36M16.swaps().values())
    assert np.array_equal(legs[arms], H36M16.mirror())


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"joints": ("a", "a")}, "different names"),
        ({"parents": (-1, 2)}, r"expected one of -1 to 1"),
        ({"parents": (-1,)}, r"expected one of -1 to 1"),
        ({"limbs": {"legs": ((0, 2),)}}, "is one of the skeleton's"),
        ({"limbs": {"legs": ((0, 1), (1, 0))}}, "in one pair"),
    ],
    ids=["names", "parent", "parents", "outside", "twice"],
)
def test_what_is_no_skeleton_is_refused(more, told):
    with pytest.raises(BadInput, match=told):
        Skeleton(**{"joints": ("a", "b"), "parents": (-1, 0), **more})

"""Orbits on points, on ordered pairs, on tuples, from generators alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from zoo_core import BadInput
from zoo_symmetry.group import PermutationGroup

_MOST = 50_000_000
"""Tuples whose orbits fit in memory: about 40 bytes for each tuple and generator."""


def orbits(group: PermutationGroup, order: int = 2) -> NDArray[np.intp]:
    """Return the orbit of each tuple of `order` points, an array of shape (n,) * order.

    Orbits are numbered 0, 1, 2 … by the first tuple, in lexicographic order, that lies in them, so
    that equal groups give equal numbers, whatever generates them. Order 1 gives the orbits of
    points; order 2 colours the ordered pairs, and the permutations that keep these colours are the
    group's 2-closure. It takes O(n^order) for each generator.

    Raises `BadInput` for an order below 1, and for tuples that do not fit in memory.
    """
    n = group.degree
    if order < 1:
        raise BadInput(f"Orbits of tuples of {order} points make no sense; ask for 1 or more.")
    count = n**order
    if count * max(len(group.generators), 1) > _MOST:
        raise BadInput(
            f"{n} points have {count:,} tuples of {order}; ask for a smaller order, or give fewer "
            "generators."
        )
    here = np.arange(count).reshape((n,) * order)
    sources, targets = [], []
    for images in group.images:
        there = here[np.ix_(*[images] * order)].ravel()
        moved = there != here.ravel()
        sources.append(here.ravel()[moved])
        targets.append(there[moved])
    if not sources:
        return here
    one, other = np.concatenate(sources), np.concatenate(targets)
    edges = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(count, count))
    # Each generator permutes the tuples, so that following its arrows closes every orbit.
    _, found = connected_components(edges, directed=False)
    return by_first_appearance(found).reshape((n,) * order)


def by_first_appearance(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return labels of any shape renumbered 0, 1, 2 … in the order in which they come."""
    _, first, numbers = np.unique(labels.ravel(), return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.intp)
    place[np.argsort(first)] = np.arange(len(first))
    return place[numbers].reshape(labels.shape)


def rank(group: PermutationGroup) -> int:
    """Return the number of orbits on ordered pairs: the dimension of the equivariant n x n maps."""
    return int(orbits(group).max()) + 1


def hom_dimension(
    group: PermutationGroup, in_channels: int = 1, out_channels: int = 1, *, invariant: bool = False
) -> int:
    """Return the dimension of the equivariant linear maps from (n, in) to (n, out) signals.

    `invariant` counts the maps to `out` numbers that the group leaves as they are.
    """
    number = int(orbits(group, 1).max()) + 1 if invariant else rank(group)
    return in_channels * out_channels * number

"""Groups that have a name, each by two generators at most for a part."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from zoo_core import BadInput
from zoo_symmetry.group import PermutationGroup


def trivial(degree: int) -> PermutationGroup:
    """Return the group that moves nothing."""
    return PermutationGroup(degree)


def symmetric(degree: int) -> PermutationGroup:
    """Return S_n, all permutations: a transposition and a full cycle."""
    return young([0] * degree)


def alternating(degree: int) -> PermutationGroup:
    """Return A_n, the even permutations: the cycles (0 1 i)."""
    generators = []
    for point in range(2, degree):
        images = list(range(degree))
        images[0], images[1], images[point] = 1, point, 0
        generators.append(tuple(images))
    return PermutationGroup(degree, tuple(generators))


def cyclic(degree: int) -> PermutationGroup:
    """Return C_n, the rotations of n points in a ring."""
    return _without_identity(degree, _rotation(degree))


def dihedral(degree: int) -> PermutationGroup:
    """Return D_n, rotations and reversal of n points in a ring: 2 n elements for n >= 3."""
    return _without_identity(degree, _rotation(degree), _reversed(degree))


def reversal(degree: int) -> PermutationGroup:
    """Return the group of two elements that reads n points in a row from the other end."""
    return _without_identity(degree, _reversed(degree))


def young(labels: Sequence[Hashable]) -> PermutationGroup:
    """Return the product of the symmetric groups on the points of equal label: a Young subgroup.

    `labels` names the cluster of each point; clusters may have any size, and lie anywhere.
    """
    degree = len(labels)
    clusters: dict[Hashable, list[int]] = {}
    for point, label in enumerate(labels):
        clusters.setdefault(label, []).append(point)
    generators = []
    for points in clusters.values():
        swap, cycle = list(range(degree)), list(range(degree))
        for one, other in zip(points, [*points[1:], points[0]], strict=True):
            cycle[one] = other
        if len(points) > 1:
            swap[points[0]], swap[points[1]] = points[1], points[0]
            generators.append(tuple(swap))
        if len(points) > 2:
            generators.append(tuple(cycle))
    return PermutationGroup(degree, tuple(generators))


def direct_product(*groups: PermutationGroup) -> PermutationGroup:
    """Return the product of groups that act side by side, on their points one after another."""
    if not groups:
        raise BadInput("A product needs one group at least.")
    degree, generators, begin = sum(group.degree for group in groups), [], 0
    for group in groups:
        for generator in group.generators:
            images = list(range(degree))
            images[begin : begin + group.degree] = [begin + image for image in generator]
            generators.append(tuple(images))
        begin += group.degree
    return PermutationGroup(degree, tuple(generators))


def wreath(inner: PermutationGroup, outer: PermutationGroup) -> PermutationGroup:
    """Return `inner` wr `outer`: blocks of points that move among themselves, and as wholes.

    The points of block b are b * inner.degree and those after it. With S_m and S_2: permutations
    within the halves of 2 m points, and their exchange.
    """
    blocks, size = outer.degree, inner.degree
    within = direct_product(*[inner] * blocks).generators
    whole = tuple(
        tuple(generator[block] * size + point for block in range(blocks) for point in range(size))
        for generator in outer.generators
    )
    return PermutationGroup(blocks * size, within + whole)


def _rotation(degree: int) -> tuple[int, ...]:
    return tuple((point + 1) % degree for point in range(degree))


def _reversed(degree: int) -> tuple[int, ...]:
    return tuple(reversed(range(degree)))


def _without_identity(degree: int, *generators: tuple[int, ...]) -> PermutationGroup:
    moving = tuple(one for one in generators if one != tuple(range(degree)))
    return PermutationGroup(degree, moving)

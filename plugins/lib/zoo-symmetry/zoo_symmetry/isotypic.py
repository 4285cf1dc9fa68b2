"""Isotypic components: coordinates in which every equivariant map is a few small free blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput
from zoo_symmetry.group import PermutationGroup
from zoo_symmetry.orbits import orbits

_TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class Component:
    """All copies of one irreducible representation in the signals on n points.

    `basis` is (n, multiplicity * dimension), with orthonormal columns: those of the first copy, the
    second and so on. `dimension` is that of a copy over the real numbers. Components of one group
    are orthogonal to each other and span everything.
    """

    basis: NDArray[np.float64]
    multiplicity: int
    dimension: int


def isotypic_components(group: PermutationGroup, *, seed: int = 0) -> list[Component]:
    """Return the isotypic components of the permutation representation, the trivial one first.

    An equivariant map takes each component to itself; where every irreducible representation stays
    irreducible over the complex numbers, it is there a free (multiplicity, multiplicity) matrix
    times the identity of a copy, so that the squared multiplicities add up to the group's rank.

    The eigenspaces of a random symmetric equivariant map are irreducible, and two of them are
    copies of each other where another equivariant map has an entry between them. Copies are turned
    so that the map between them is a multiple of the identity.

    Raises `BadInput` for eigenvalues that lie too near to each other; another `seed` draws another
    map.
    """
    places = orbits(group)
    random = np.random.default_rng(seed)
    draw = random.standard_normal((2, int(places.max()) + 1))
    symmetric, linking = draw[0][places], draw[1][places]
    values, vectors = np.linalg.eigh((symmetric + symmetric.T) / 2)
    scale = max(float(np.abs(values).max()), 1.0)
    steps = np.diff(values) / scale
    if bool(((steps > _TOLERANCE / 100) & (steps < _TOLERANCE * 100)).any()):
        raise BadInput(
            f"Two eigenvalues are too near to be told apart; give another seed ({seed})."
        )
    spaces = np.split(vectors, np.flatnonzero(steps > _TOLERANCE) + 1, axis=1)
    found: list[list[NDArray[np.float64]]] = []
    for space in spaces:
        for copies in found:
            between = space.T @ linking @ copies[0]
            size = np.linalg.norm(between)
            if between.shape[0] == between.shape[1] and size > _TOLERANCE * scale:
                # By Schur's lemma it is a multiple of an orthogonal matrix, the change of basis.
                left, _, right = np.linalg.svd(between)
                copies.append(space @ (left @ right))
                break
        else:
            found.append([space])
    components = [Component(np.hstack(one), len(one), one[0].shape[1]) for one in found]
    constant = np.ones(group.degree)
    # All others are orthogonal to it, and stay in an order that rounding does not change.
    return sorted(
        components, key=lambda one: -round(float(np.linalg.norm(constant @ one.basis)), 6)
    )

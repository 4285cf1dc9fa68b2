"""The 2-closure: all permutations that keep the orbits of a group on ordered pairs.

Colours of pairs tell no more of a group than its 2-closure: A_n for n >= 4 has the orbits of S_n.
The search is the usual one for automorphisms of a coloured complete graph: a chain of stabilisers,
at each step of which one permutation is looked for that takes the next point to each other one.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoo_core import BadInput
from zoo_symmetry.group import Permutation, PermutationGroup
from zoo_symmetry.orbits import orbits


def preserves(permutation: Sequence[int] | Permutation, colours: ArrayLike) -> bool:
    """Tell whether a permutation keeps the colours (n, n) of all ordered pairs."""
    images, table = np.asarray(permutation), np.asarray(colours)
    return bool((table[np.ix_(images, images)] == table).all())


def two_closure(
    group: PermutationGroup | ArrayLike, *, steps: int = 100_000
) -> tuple[PermutationGroup, int]:
    """Return all permutations that keep pair colours, as generators, and how many they are.

    `group` is a group, whose 2-closure it is, or colours (n, n). The generators are a strong
    generating set along the points 0, 1, 2 … .

    Raises `BadInput` for colours that are no square, and where `steps` assignments of points do
    not decide it (highly regular colours of many points).
    """
    colours = np.asarray(orbits(group) if isinstance(group, PermutationGroup) else group)
    if colours.ndim != 2 or colours.shape[0] != colours.shape[1]:
        raise BadInput(f"Colours of ordered pairs have the shape (n, n), not {colours.shape}.")
    n = len(colours)
    search = _Search(colours, steps)
    allowed = [colours.diagonal()[:, None] == colours.diagonal()[None, :]]
    for point in range(n - 1):
        allowed.append(search.assign(allowed[-1], point, point))
    generators: list[tuple[int, ...]] = []
    orders = []
    for point in reversed(range(n)):
        orbit = _orbit(point, generators)
        for image in range(point + 1, n):
            if image in orbit or not allowed[point][point, image]:
                continue
            found = search.extend(search.assign(allowed[point], point, image), point + 1)
            if found is not None:
                generators.append(tuple(found.tolist()))
                orbit = _orbit(point, generators)
        orders.append(len(orbit))
    return PermutationGroup(n, tuple(generators)), prod(orders)


def _orbit(point: int, generators: Sequence[Sequence[int]]) -> set[int]:
    orbit, waiting = {point}, [point]
    while waiting:
        one = waiting.pop()
        new = {generator[one] for generator in generators} - orbit
        orbit |= new
        waiting.extend(new)
    return orbit


class _Search:
    """Looks for one permutation that keeps colours, with forward checking."""

    def __init__(self, colours: NDArray[np.intp], steps: int) -> None:
        self.colours, self.left, self.steps = colours, steps, steps

    def assign(self, allowed: NDArray[np.bool_], point: int, image: int) -> NDArray[np.bool_]:
        """Return which images (n, n) are left for each point once `point` goes to `image`."""
        self.left -= 1
        if self.left < 0:
            raise BadInput(
                f"The 2-closure is not decided after {self.steps:,} assignments of points; give "
                "steps=, or fewer points."
            )
        table = self.colours
        left: NDArray[np.bool_] = allowed & (table[:, point, None] == table[None, :, image])
        left &= table[point, :, None] == table[None, image, :]
        left[point] = False
        left[:, image] = False
        left[point, image] = True
        return left

    def extend(self, allowed: NDArray[np.bool_], assigned: int) -> Permutation | None:
        """Return a permutation within `allowed` that keeps colours, or None if there is none.

        The images of the points 0 to `assigned` - 1 are decided.
        """
        done = np.zeros(len(allowed), dtype=bool)
        done[:assigned] = True
        return self._extend(allowed, done)

    def _extend(self, allowed: NDArray[np.bool_], done: NDArray[np.bool_]) -> Permutation | None:
        choices = allowed.sum(1)
        if not choices.all():
            return None
        if done.all():
            images: Permutation = allowed.argmax(1)
            return images
        # The point with the fewest images left fails first.
        point = int(np.where(done, len(done) + 1, choices).argmin())
        done = done.copy()
        done[point] = True
        for image in np.flatnonzero(allowed[point]):
            found = self._extend(self.assign(allowed, point, int(image)), done)
            if found is not None:
                return found
        return None

"""A permutation group, known by its generators."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

Permutation = NDArray[np.intp]
"""Images (n,) of the points 0 to n - 1."""


@dataclass(frozen=True)
class PermutationGroup:
    """The group that permutations of `degree` points generate; without generators, the trivial one.

    Each generator gives the image of every point. Raises `BadInput` for one that is no permutation
    of 0 to degree - 1. Two groups are equal when their generators are; the same group may have
    others.
    """

    degree: int
    generators: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.degree < 1:
            raise BadInput(f"A group acts on one point at least, not on {self.degree}.")
        generators = tuple(
            checked(generator, self.degree, f"Generator {number}")
            for number, generator in enumerate(self.generators, 1)
        )
        object.__setattr__(self, "generators", generators)

    @cached_property
    def images(self) -> NDArray[np.intp]:
        """Return the generators as one array (generators, n)."""
        return np.array(self.generators, dtype=np.intp).reshape(-1, self.degree)

    def elements(self, limit: int = 50_000) -> Iterator[Permutation]:
        """Yield every element (n,), the identity first, in the order of their word lengths.

        Raises `BadInput` for a group of more than `limit` elements.
        """
        identity = tuple(range(self.degree))
        seen, waiting = {identity}, deque([identity])
        while waiting:
            one = waiting.popleft()
            yield np.array(one, dtype=np.intp)
            for generator in self.generators:
                other = tuple(generator[point] for point in one)
                if other in seen:
                    continue
                if len(seen) == limit:
                    raise BadInput(
                        f"The group has more than {limit:,} elements; what lists them all is for "
                        "small groups."
                    )
                seen.add(other)
                waiting.append(other)


def inverse(permutation: Sequence[int] | Permutation) -> Permutation:
    """Return the inverse (n,) of a permutation."""
    return np.argsort(np.asarray(permutation))


def checked(generator: Any, degree: int, where: str) -> tuple[int, ...]:
    """Return the images of a permutation; raises `BadInput`, which begins with `where`."""
    if not isinstance(generator, Iterable):
        raise BadInput(f"{where} is {generator!r}; give the image of every point in a row.")
    images = list(generator)
    whole = [int(image) for image in images if _is_whole(image)]
    if len(whole) < len(images):
        wrong = next(image for image in images if not _is_whole(image))
        raise BadInput(f"{where} has {wrong!r}; the image of a point is a whole number.")
    if len(whole) != degree:
        raise BadInput(
            f"{where} moves {len(whole)} points, and the group acts on {degree}; give "
            "the image of every point, also of those that stay."
        )
    outside = [image for image in whole if not 0 <= image < degree]
    if outside:
        raise BadInput(f"{where} takes a point to {outside[0]}; the points are 0 to {degree - 1}.")
    if len(set(whole)) < degree:
        twice = next(image for image in whole if whole.count(image) > 1)
        missing = next(point for point in range(degree) if point not in set(whole))
        raise BadInput(
            f"{where} is no permutation: {twice} is the image of two points, {missing} of none."
        )
    return tuple(whole)


def _is_whole(image: Any) -> bool:
    if isinstance(image, bool | np.bool_ | str):
        return False
    try:
        return bool(int(image) == image)
    except (TypeError, ValueError, OverflowError):
        return False

"""`Box`: the space that points lie in, periodic or open along each axis, in 1 to 8 dimensions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

Array = NDArray[np.float64]

MOST_AXES = 8


@dataclass(frozen=True)
class Box:
    """A right-angled box; `periods` has the length of each periodic axis, and None for an open one.

    Raises `BadInput` for fewer than 1 or more than 8 axes, and for lengths that are not positive.

    >>> Box.cube(10.0).difference([[9.5, 0, 0]], [[0.5, 0, 0]])
    array([[-1.,  0.,  0.]])
    """

    periods: tuple[float | None, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.periods) <= MOST_AXES:
            raise BadInput(f"A box of {len(self.periods)} axes; expected 1 to {MOST_AXES}.")
        for one in self.periods:
            if one is not None and not (math.isfinite(one) and one > 0):
                raise BadInput(
                    f"A box has the length {one}; expected a positive number, or None for an axis "
                    "without a period."
                )

    @classmethod
    def cube(cls, length: float, dimension: int = 3) -> Box:
        """Return a periodic cube."""
        return cls((float(length),) * dimension)

    @classmethod
    def open(cls, dimension: int = 3) -> Box:
        """Return space without periods."""
        return cls((None,) * dimension)

    @classmethod
    def of(cls, given: Any, dimension: int) -> Box:
        """Return the box that a length, one length an axis, a Box, or None (open) says.

        Raises `BadInput` for what is none of these, and for another number of axes.
        """
        if isinstance(given, Box):
            box = given
        elif given is None:
            box = cls.open(dimension)
        elif isinstance(given, int | float) and not isinstance(given, bool):
            box = cls.cube(given, dimension)
        elif isinstance(given, Sequence | np.ndarray) and not isinstance(given, str):
            try:
                box = cls(tuple(None if one is None else float(one) for one in given))
            except (TypeError, ValueError) as error:
                raise BadInput(f"box={given!r:.60}; expected lengths of its axes.") from error
        else:
            raise BadInput(f"box={given!r:.60}; expected a length, or one length for each axis.")
        if box.dimension != dimension:
            raise BadInput(
                f"The box has {box.dimension} axes and points have {dimension} coordinates."
            )
        return box

    @property
    def dimension(self) -> int:
        """How many axes it has."""
        return len(self.periods)

    @property
    def is_periodic(self) -> bool:
        """Whether all axes are periodic."""
        return None not in self.periods

    @cached_property
    def sizes(self) -> Array:
        """The periods (d,), infinite along open axes."""
        return np.array([math.inf if one is None else one for one in self.periods])

    @property
    def volume(self) -> float:
        """The volume, infinite where an axis is open."""
        return float(np.prod(self.sizes))

    @property
    def farthest(self) -> float:
        """The largest distance that two points can have, by the nearest images."""
        return float(np.linalg.norm(self.sizes / 2))

    def wrap(self, positions: Any) -> Array:
        """Return positions (…, d) moved by periods into 0 <= x < L along periodic axes."""
        found = np.array(positions, np.float64)
        for axis, period in enumerate(self.periods):
            if period is not None:
                inside = np.mod(found[..., axis], period)
                # A tiny negative number is the period itself after rounding.
                found[..., axis] = np.where(inside < period, inside, 0.0)
        return found

    def difference(self, first: Any, second: Any) -> Array:
        """Return first - second (…, d) by the nearest images: at most half a period an axis."""
        gap = np.asarray(first, np.float64) - np.asarray(second, np.float64)
        for axis, period in enumerate(self.periods):
            if period is not None:
                gap[..., axis] -= period * np.round(gap[..., axis] / period)
        return gap

    def distance(self, first: Any, second: Any) -> Array:
        """Return the distances (…) of points (…, d) by the nearest images."""
        return np.asarray(np.linalg.norm(self.difference(first, second), axis=-1))

    def told(self) -> str:
        """Return what it is, in words."""
        if set(self.periods) == {None}:
            return f"open space of {self.dimension} dimensions"
        lengths = " x ".join("open" if one is None else f"{one:g}" for one in self.periods)
        return f"a box of {lengths}"

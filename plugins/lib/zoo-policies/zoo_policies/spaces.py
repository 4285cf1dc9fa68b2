"""What an environment shows, divided: numbers to states, pictures to cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

Array = NDArray[Any]
WHOLE = "image"
"""The name of the camera where the whole observation is a picture."""


@dataclass(frozen=True)
class Layout:
    """Which parts of an observation are numbers and which are images; None is the whole of it."""

    numbers: tuple[str | None, ...]
    images: tuple[str, ...]
    size: int

    def states(self, seen: Sequence[Any]) -> Array:
        """Return the numbers of B observations (B, d), float32."""
        parts = ([one if name is None else one[name] for one in seen] for name in self.numbers)
        return _rows([np.asarray(part) for part in parts], len(seen))

    def batch(self, seen: Any) -> Array:
        """Return the same of a batch of observations in one, as a vector environment gives it."""
        count = len(next(iter(seen.values())) if isinstance(seen, dict) else seen)
        parts = (seen if name is None else seen[name] for name in self.numbers)
        return _rows([np.asarray(part) for part in parts], count)

    def image(self, seen: Any, name: str) -> Array:
        """Return one camera's image (H, W, 3), or those of a batch."""
        return np.asarray(seen if name == WHOLE and not isinstance(seen, dict) else seen[name])


def _rows(parts: Sequence[Array], count: int) -> Array:
    flat = [part.reshape(count, -1) for part in parts if count]
    return np.concatenate(flat or [np.zeros((count, 0))], axis=1).astype(np.float32)


def layout_of(space: Any) -> Layout:
    """Return how observations of a gymnasium space divide.

    Boxes of numbers are the state, in the order of the space; boxes (H, W, 3) of bytes are cameras,
    by their names. Raises `BadInput` for spaces with anything else in them.
    """
    parts: dict[str | None, Any] = dict(getattr(space, "spaces", None) or {None: space})
    numbers: list[str | None] = []
    images: list[str] = []
    size = 0
    for name, part in parts.items():
        shape = getattr(part, "shape", None)
        if not hasattr(part, "low") or shape is None:
            raise BadInput(
                f"Observations hold a {type(part).__name__} ({name or 'the whole'}); expected "
                "boxes of numbers and images (height, width, 3)."
            )
        if len(shape) == 3 and shape[-1] == 3 and part.dtype == np.uint8:
            images.append(WHOLE if name is None else name)
        else:
            numbers.append(name)
            size += int(np.prod(shape))
    return Layout(tuple(numbers), tuple(images), size)

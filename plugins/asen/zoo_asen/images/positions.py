"""Positions that pixels share: a partition of the pixels, and the permutations that it allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput


def patch_labels(size: Sequence[int], patch: int) -> NDArray[np.intp]:
    """Return the patch (H * W,) of each pixel, in rows, for squares of `patch` x `patch` pixels.

    Patches at the right and at the bottom are smaller where the sides are no multiples. Patch 1
    tells all pixels apart; one as large as the longer side tells none. Raises `BadInput` for
    anything but a whole number from 1.
    """
    if not isinstance(patch, int) or isinstance(patch, bool) or patch < 1:
        raise BadInput(f"patch={patch!r}; expected the side of a square in pixels, from 1.")
    height, width = size
    across = -(-width // patch)
    rows, columns = np.arange(height) // patch, np.arange(width) // patch
    labels: NDArray[np.intp] = (rows[:, None] * across + columns).ravel()
    return labels


def shared_by(positions: Sequence[int], size: Sequence[int]) -> NDArray[np.intp]:
    """Return a user's partition, the label of each pixel in rows, as numbers 0, 1, 2 ….

    They count in the order in which labels come. Raises `BadInput` for another number of labels
    than pixels, and for labels that are no whole numbers.
    """
    whole = [isinstance(one, int | np.integer) and not isinstance(one, bool) for one in positions]
    if not all(whole):
        wrong = positions[whole.index(False)]
        raise BadInput(f"positions has {wrong!r}; expected a whole number for each pixel.")
    height, width = size
    if len(positions) != height * width:
        raise BadInput(
            f"There are {len(positions)} positions for {height} x {width} pixels; expected a label "
            f"for each of the {height * width}, row by row."
        )
    known: dict[int, int] = {}
    return np.array([known.setdefault(int(one), len(known)) for one in positions], dtype=np.intp)

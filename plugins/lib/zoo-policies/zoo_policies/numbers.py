"""Numbers as they were given, or an error: nothing of them is lost on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def real(given: Any, kind: DTypeLike = np.float32) -> NDArray[Any]:
    """Return numbers as an array of real ones, a copy that can be written.

    Raises `TypeError` or `ValueError` for what are none, among them complex numbers, whose
    imaginary part NumPy would leave out.
    """
    found = np.asarray(given)
    if found.dtype.kind == "c":
        raise TypeError("complex numbers")
    return found.astype(kind)

"""Parameters as users give them: numbers within bounds, or one sentence that says what is asked."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np

from zoo_core import BadInput


def number(name: str, value: Any, low: float, expected: str) -> float:
    """Return a finite number from `low` on; raises `BadInput`, which says what was expected."""
    real = isinstance(value, Real) and not isinstance(value, bool)
    if not real or not low <= value < np.inf:
        raise BadInput(f"{name} is {value!r}; expected {expected}.")
    return float(value)


def positive(name: str, value: Any, expected: str = "a number above 0") -> float:
    """Return a finite number above 0; raises `BadInput`, which says what was expected."""
    return number(name, value, np.finfo(float).tiny, expected)


def whole(name: str, value: Any, low: int, high: int | None = None, what: str = "") -> int:
    """Return a whole number within bounds, of which `what` says what the upper one is.

    Raises `BadInput`.
    """
    given = isinstance(value, Integral) and not isinstance(value, bool)
    if not given or value < low or (high is not None and value > high):
        bounds = f"from {low}" if high is None else f"from {low} to {high}"
        reason = f", {what}" if what else ""
        raise BadInput(f"{name} is {value!r}; expected a whole number {bounds}{reason}.")
    return int(value)

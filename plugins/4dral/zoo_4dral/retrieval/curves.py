"""Precision and recall over the threshold up to which a found place is believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Thresholds (t,) of descriptors' distances, rising, with the precision and recall of each."""

    thresholds: Array
    precision: Array
    recall: Array

    @property
    def f1(self) -> Array:
        """The harmonic means (t,) of precision and recall; 0 where both are."""
        both = self.precision + self.recall
        return np.asarray(
            np.divide(
                2 * self.precision * self.recall, both, out=np.zeros_like(both), where=both > 0
            )
        )

    def threshold(self, precision: float) -> float:
        """Return the largest distance up to which answers are right with at least this precision.

        Raises `BadInput` where no threshold reaches it, and for no share above 0.
        """
        check_share(precision)
        good = np.flatnonzero(self.precision >= precision)
        if not len(good):
            raise BadInput(
                f"No threshold reaches a precision of {precision:g}; the best has "
                f"{self.precision.max():.3f}."
            )
        return float(self.thresholds[good[-1]])


def check_share(precision: Any) -> None:
    """Raise `BadInput` for a precision that is no share above 0."""
    good = isinstance(precision, int | float) and not isinstance(precision, bool)
    if not good or not 0 < precision <= 1:
        raise BadInput(f"precision={precision!r}; expected a share above 0, at most 1.")


def precision_recall(
    distances: NDArray[np.floating], right: NDArray[np.bool_], possible: int
) -> Curve:
    """Return the curve of answers at distances (m,) that were right or not (m,).

    `possible` is how many queries have a positive: recall is of all these, and an answer to another
    query is wrong. Answers of one distance are believed together. Raises `BadInput` for none, and
    where fewer were possible than right.
    """
    if len(distances) == 0 or len(distances) != len(right) or not np.isfinite(distances).all():
        raise BadInput("Expected a finite distance for each answer, and one answer or more.")
    if possible < max(1, int(right.sum())):
        raise BadInput(f"possible={possible}; expected at least as many as answers were right.")
    order = np.argsort(distances, kind="stable")
    ordered = np.asarray(distances, np.float64)[order]
    last = np.r_[np.flatnonzero(np.diff(ordered)), len(ordered) - 1]
    hits = np.cumsum(right[order])[last]
    return Curve(ordered[last], hits / (last + 1), hits / possible)

"""What the checks share: accuracies in points of test nodes, by method and run, and their words.

Differences are paired: both methods see the same graph, the same split and the same seed. Figures
are rounded before they are judged, so that what is stored is what was judged.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from zoo_core import protocol

OPERATORS = {"A": "adj", "normalised": "lap"}
FOLDS = 10
Values = Sequence[float]
Figures = Mapping[str, Values]
"""Accuracies of each run by names such as "A SE(150) drop 70"."""


def accuracies(
    architecture: str,
    dataset: str,
    runs: Sequence[Mapping[str, Any]],
    shape: Mapping[str, Any],
    recipe: Mapping[str, Any],
) -> list[float]:
    """Train a method anew on each run, and return its test accuracies in points."""
    values = protocol(architecture, dataset, runs, shape=shape, recipe=recipe)
    return [round(100 * value, 3) for value in values]


def by_split(values: Values) -> list[float]:
    """Return the mean of each of the ten splits, which come around again and again."""
    return [round(statistics.fmean(values[fold::FOLDS]), 3) for fold in range(FOLDS)]


def minus(first: Values, second: Values) -> list[float]:
    """Return the differences by run."""
    return [round(a - b, 3) for a, b in zip(first, second, strict=True)]


def means(figures: Figures) -> str:
    """Return the mean of each row for people."""
    return ", ".join(f"{name} {statistics.fmean(row):.1f}" for name, row in figures.items())

"""How the checks compare accuracies, in points of test nodes, and tell what they found.

Differences are paired: both methods see the same graph, the same split and the same seed.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from zoo_core import Estimate, Finding, Verdict, protocol, together

OPERATORS = {"A": "adj", "normalised": "lap"}
FOLDS = 10
Values = Sequence[float]


def accuracies(
    architecture: str, dataset: str, runs: Sequence[Mapping[str, Any]], config: Mapping[str, Any]
) -> list[float]:
    """Train a method anew on each run, and return its test accuracies in points."""
    return [100 * value for value in protocol(architecture, dataset, runs, config)]


def by_split(values: Values) -> list[float]:
    """Return the mean of each of the ten splits, which come around again and again."""
    return [statistics.fmean(values[fold::FOLDS]) for fold in range(FOLDS)]


def told(difference: Estimate) -> str:
    """Return a difference for people: its mean and standard error, in points."""
    return f"{difference.mean:+.1f} ± {difference.error:.1f}"


def mean(values: Values) -> str:
    """Return the mean for people, in points."""
    return f"{statistics.fmean(values):.1f}"


def finding(
    verdicts: Sequence[Verdict], measured: str, figures: Mapping[str, Values], seeds: int
) -> Finding:
    """Return a Finding with the accuracies of each run."""
    return Finding(
        verdict=together(verdicts),
        measured=measured,
        figures={key: [round(value, 3) for value in row] for key, row in figures.items()},
        seeds=list(range(seeds)),
    )

"""How the checks compare: distances of means, medians, ratios, and figures over trials.

Simulations have the paper's populations and our random samples; trial i has its own generator.
Reference figures are those that the published notebooks gave when they were run again, means over
16 (section 7.1) or 10 trials (section 7.2): they are compared with ours in standard errors of the
difference, with the spread of our trials for both. Comparisons are paired by trial or split. Where
errors have no expectation (at p = n) medians or logarithms are compared.

The splits of one table share rows: their intervals say how firmly these splits show something,
not what another table would show.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import binom

from zoo_core import Estimate, estimate
from zoo_pca_ols.factorization import Array

Trials = Sequence[Mapping[str, Sequence[float] | Array]]
"""For each trial, the errors of each method along a sweep."""


def distance(values: Sequence[float], reference: float, trials: int) -> float:
    """Return how far a mean is from one of `trials` other trials, in standard errors."""
    error = statistics.stdev(values) * math.sqrt(1 / trials + 1 / len(values))
    return abs(statistics.fmean(values) - reference) / error


def farthest(distances: Mapping[str, float]) -> str:
    """Return, for people, which of several is the farthest from its reference."""
    name = max(distances, key=lambda one: distances[one])
    return f"the farthest is {name}, {distances[name]:.1f} standard errors"


def median(values: Sequence[float]) -> Estimate:
    """Return a median with its 95 percent interval by order statistics, the longer half of it."""
    ordered = sorted(values)
    count = len(ordered)
    below = max(int(binom.ppf(0.025, count, 0.5)) - 1, 0)
    middle = statistics.median(ordered)
    reach = max(middle - ordered[below], ordered[count - 1 - below] - middle)
    return Estimate(middle, reach / statistics.NormalDist().inv_cdf(0.975), reach, count)


def logs(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """Return log10 of the ratios, trial by trial."""
    return [math.log10(a / b) for a, b in zip(first, second, strict=True)]


def ratio_of_means(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Return mean(first) / mean(second) of paired trials, its interval by the delta method."""
    below = statistics.fmean(second)
    ratio = statistics.fmean(first) / below
    return estimate([ratio + (a - ratio * b) / below for a, b in zip(first, second, strict=True)])


def told(values: Sequence[float], digits: int = 3) -> str:
    """Return a mean with half of its 95 percent interval's width, for people."""
    found = estimate(values)
    return f"{found.mean:.{digits}g} ± {found.reach:.1g}"


def curves(rows: Trials) -> dict[str, dict[str, list[float]]]:
    """Return the median, quartiles and mean of each method at each place, over trials."""
    found = {}
    for name in rows[0]:
        values = np.array([row[name] for row in rows])
        low, middle, high = np.quantile(values, [0.25, 0.5, 0.75], axis=0)
        found[name] = {
            "median": middle.tolist(),
            "low": low.tolist(),
            "high": high.tolist(),
            "mean": values.mean(axis=0).tolist(),
        }
    return found


def at(rows: Trials, name: str, place: int) -> list[float]:
    """Return one method's values at one place of the sweep, trial by trial."""
    return [float(row[name][place]) for row in rows]


def generators(trials: int, experiment: int) -> list[np.random.Generator]:
    """Return a generator for each trial, another for each experiment."""
    return [np.random.default_rng([experiment, trial]) for trial in range(trials)]

"""How the checks compare: verdicts of means and medians, and figures over trials.

Simulations have the paper's populations and our random samples; trial i has its own generator.
Reference figures are those that the published notebooks gave when they were run again, means over
16 (section 7.1) or 10 trials (section 7.2): ours agree when they differ by at most three standard
errors of the difference, with the spread of our trials for both. Comparisons are paired by trial
or split. Where errors have no expectation (at p = n) medians or logarithms are compared.

The splits of one table share rows: their intervals say how firmly these splits show something,
not what another table would show.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import binom

from zoo_core import Finding, Verdict, estimate, together
from zoo_pca_ols.factorization import Array

Trials = Sequence[Mapping[str, Sequence[float] | Array]]
"""For each trial, the errors of each method along a sweep."""


def agrees(values: Sequence[float], reference: float, trials: int) -> Verdict:
    """Hold a mean against one of `trials` other trials: three standard errors of the difference."""
    spread = statistics.stdev(values)
    error = spread * math.sqrt(1 / trials + 1 / len(values))
    return "holds" if abs(statistics.fmean(values) - reference) <= 3 * error else "fails"


def median_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the median and its 95 percent interval by order statistics."""
    ordered = sorted(values)
    below = max(int(binom.ppf(0.025, len(ordered), 0.5)) - 1, 0)
    return statistics.median(ordered), ordered[below], ordered[len(ordered) - 1 - below]


def median_at_least(values: Sequence[float], threshold: float) -> Verdict:
    """Hold a median against a lower bound, by its interval."""
    _, low, high = median_interval(values)
    if low >= threshold:
        return "holds"
    return "fails" if high < threshold else "not established"


def logs(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """Return log10 of the ratios, trial by trial."""
    return [math.log10(a / b) for a, b in zip(first, second, strict=True)]


def short(value: Any) -> Any:
    """Return numbers, in whatever containers, with five significant digits."""
    if isinstance(value, Mapping):
        return {str(key): short(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [short(item) for item in value]
    return float(f"{float(value):.5g}")


def finding(
    verdicts: Sequence[Verdict], measured: str, figures: Mapping[str, Any], trials: int
) -> Finding:
    """Return a Finding of that many trials."""
    return Finding(
        verdict=together(verdicts),
        measured=measured,
        figures=short(figures),
        seeds=list(range(trials)),
    )


def told(values: Sequence[float], digits: int = 3) -> str:
    """Return a mean with its standard error, for people."""
    found = estimate(list(values))
    return f"{found.mean:.{digits}g} ± {found.error:.1g}"


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

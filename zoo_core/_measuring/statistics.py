"""Verdicts on means: what the check of a claim needs to compare methods over paired runs.

Every verdict holds a mean over the runs against its 95 percent interval by Student's t.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from scipy.stats import t as student

from zoo_core.interfaces import Verdict


class Estimate(NamedTuple):
    """A mean over runs, its standard error, and half the width of its 95 percent interval."""

    mean: float
    error: float
    reach: float

    def __neg__(self) -> Estimate:
        return Estimate(-self.mean, self.error, self.reach)


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean over two runs or more, with its standard error and 95 percent interval."""
    error = statistics.stdev(values) / math.sqrt(len(values))
    return Estimate(
        statistics.fmean(values), error, float(student.ppf(0.975, len(values) - 1)) * error
    )


def paired(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Return the mean of the differences by run."""
    return estimate([a - b for a, b in zip(first, second, strict=True)])


def at_least(found: Estimate, threshold: float) -> Verdict:
    """Hold a mean against a lower bound.

    It holds when the mean reaches the bound and its interval is above zero, or above the bound
    where that is negative (a loss that is allowed). It fails when the interval is below the bound.
    Anything else is not established: to be undecided is not to be as good.
    """
    if found.mean >= threshold and found.mean - found.reach > min(threshold, 0.0):
        return "holds"
    return "fails" if found.mean + found.reach < threshold else "not established"


def at_most(found: Estimate, threshold: float) -> Verdict:
    """Hold a mean against an upper bound, as `at_least` holds its negative against a lower one."""
    return at_least(-found, -threshold)


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """Return "holds" when all parts hold, "fails" when one fails."""
    if "fails" in verdicts:
        return "fails"
    return "not established" if "not established" in verdicts else "holds"

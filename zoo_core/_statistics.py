"""Estimates of what was measured: over several runs, over one run's test set, and how many to run.

An interval is a 95 percent one throughout. Runs are taken as independent draws of what varies
between them (seeds, folds, graphs): what they share, such as the nodes of one graph, is outside of
what an interval tells. Only `resampled` reckons with examples that come again in other runs.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Sequence

from zoo_core.interfaces import Estimate, Verdict

CONFIDENCE = 0.95
_MANY = 300
"""Beyond so many degrees of freedom a quantile of Student's t is reckoned from the normal one."""
_ABOUT_NORMAL = (
    (1.0,),
    (1 / 4, 1 / 4),
    (3 / 96, 16 / 96, 5 / 96),
    (-15 / 384, 17 / 384, 19 / 384, 3 / 384),
    (-945 / 92160, -1920 / 92160, 1482 / 92160, 776 / 92160, 79 / 92160),
)
"""For each power of 1 / freedom, from 0, the factors of z, z^3, z^5 …"""
_BLOCK = 2**22
"""How many resampled outcomes are held in memory at a time."""


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean over two runs or more, with its error and its interval by Student's t.

    Raises `ValueError` for a single run, whose spread over runs nobody can know, and for values
    that are not finite.

    >>> found = zoo_core.estimate([0.81, 0.83, 0.82])
    >>> round(found.mean, 2), found.runs
    (0.82, 3)
    """
    runs = len(values)
    if runs < 2:
        raise ValueError(
            f"An estimate over runs needs two or more, and got {runs}; for a single run give "
            "`bootstrap` the outcomes of its test examples."
        )
    _check_finite(values)
    error = statistics.stdev(values) / math.sqrt(runs)
    reach = _student((1 + CONFIDENCE) / 2, runs - 1) * error
    return Estimate(statistics.fmean(values), error, reach, runs)


def paired(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Return the estimate of the differences, first minus second, by run.

    Raises `ValueError` as `estimate` does, and for runs that are not as many on both sides.

    >>> round(zoo_core.paired([0.9, 0.8, 0.7], [0.8, 0.7, 0.5]).mean, 3)
    0.133
    """
    if len(first) != len(second):
        raise ValueError(
            f"A paired difference needs as many runs on both sides, and got {len(first)} and "
            f"{len(second)}."
        )
    return estimate([a - b for a, b in zip(first, second, strict=True)])


def resampled(values: Sequence[float], test_share: float) -> Estimate:
    """Return the mean over runs that resample one data set, such as repeated cross-validation.

    Such runs learn from and are tested on the same examples again and again, so that they are no
    independent draws, and an interval that takes them for such shrinks to nothing. The error here
    is the corrected one,

        stdev(values) * sqrt(1 / runs + test_share / (1 - test_share))

    where `test_share` is the part of the examples that a run is tested on (0.1 for ten folds); its
    second term is the approximate correlation of two runs, and no number of runs takes it away. The
    interval is Student's with runs - 1 degrees of freedom. From Nadeau and Bengio, "Inference for
    the Generalization Error" (Machine Learning 52, 2003), for random splits; Bouckaert and Frank,
    "Evaluating the Replicability of Significance Tests for Comparing Learning Algorithms" (PAKDD
    2004), take it for repeated cross-validation.

    Raises `ValueError` as `estimate` does, and for a share that is not between 0 and 1.

    >>> runs = [0.81, 0.83, 0.82, 0.80]
    >>> zoo_core.resampled(runs, test_share=0.1).reach > zoo_core.estimate(runs).reach
    True
    """
    if not 0 < test_share < 1:
        raise ValueError(
            f"A run is not tested on a share of {test_share} of the examples; expected a number "
            "between 0 and 1, such as 0.1 for ten folds."
        )
    plain = estimate(values)
    wider = math.sqrt(1 + plain.runs * test_share / (1 - test_share))
    return Estimate(plain.mean, plain.error * wider, plain.reach * wider, plain.runs)


def bootstrap(outcomes: Sequence[float], seed: int = 0, draws: int = 2000) -> Estimate:
    """Return the mean of one run's outcomes, one for each example of its test set.

    Examples are drawn anew with replacement; the interval is that of the percentiles of the drawn
    means, and `reach` its longer half. It says how firmly this test set shows the number for this
    one trained model, not how another training would do. Outcomes that are all the same have no
    spread, so that a small test set without a single miss is no evidence for a bound near 1. The
    same for the same seed. Raises `ValueError` for fewer than two outcomes or draws, and for
    outcomes that are not finite.

    >>> hits = [1.0] * 90 + [0.0] * 10
    >>> found = zoo_core.bootstrap(hits, seed=0)
    >>> found.mean, round(found.reach, 2)
    (0.9, 0.06)
    """
    import numpy as np

    if len(outcomes) < 2 or draws < 2:
        raise ValueError(
            f"A bootstrap needs two outcomes and two draws or more, and got {len(outcomes)} and "
            f"{draws}."
        )
    values = np.asarray(outcomes, dtype=np.float64)
    _check_finite(values.tolist())
    generator = np.random.default_rng(seed)
    count = len(values)
    step = max(1, _BLOCK // count)
    blocks = [min(step, draws - start) for start in range(0, draws, step)]
    means = np.concatenate(
        [values[generator.integers(count, size=(rows, count))].mean(axis=1) for rows in blocks]
    )
    mean = statistics.fmean(values.tolist())
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    reach = max(mean - float(low), float(high) - mean, 0.0)
    return Estimate(mean, float(means.std(ddof=1)), reach)


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """Return "holds" when all parts hold, "fails" when one fails; raises `ValueError` for none.

    `verdicts` are those of the parts.

    >>> zoo_core.together(["holds", "not established"])
    'not established'
    """
    if not verdicts:
        raise ValueError("A verdict needs a part at least: from nothing, nothing follows.")
    if "fails" in verdicts:
        return "fails"
    return "not established" if "not established" in verdicts else "holds"


def runs_needed(
    spread: float, margin: float, *, confidence: float = CONFIDENCE, power: float = 0.8
) -> int:
    """Return how many runs it takes until an interval clears a bound that is `margin` away.

    `spread` is the standard deviation over runs, and the true mean is taken to be where it was
    measured. The number is the smallest n >= 2 with

        (t(1 - (1 - confidence) / 2, n - 1) + t(power, n - 1)) * spread / sqrt(n) <= margin

    where t(p, f) is a quantile of Student's t with f degrees of freedom: the first term is half of
    the interval's width, the second leaves room for a mean that comes out worse, so that the
    interval is clear with the given power. Raises `ValueError` for a margin that is not positive
    (no number of runs will do), and for other values that make no sense.

    >>> zoo_core.runs_needed(spread=1.0, margin=2.0)
    5
    """
    if not (0 <= spread < math.inf and 0 < margin < math.inf):
        raise ValueError(
            f"No number of runs is enough for a spread of {spread} and a margin of {margin}; "
            "expected a finite spread and a margin above zero."
        )
    if not (0 < confidence < 1 and 0.5 <= power < 1):
        raise ValueError("Expected 0 < confidence < 1 and 0.5 <= power < 1.")

    def clear(runs: int) -> bool:
        quantiles = _student((1 + confidence) / 2, runs - 1) + _student(power, runs - 1)
        return quantiles * spread <= margin * math.sqrt(runs)

    # What must be small falls with every run, so the first number that will do is found by halving.
    enough = 2
    while not clear(enough):
        enough *= 2
    short = max(enough // 2, 1)
    while enough - short > 1:
        middle = (short + enough) // 2
        short, enough = (short, middle) if clear(middle) else (middle, enough)
    return enough


@functools.cache
def _student(probability: float, freedom: int) -> float:
    """Return a quantile, from the median up, of Student's t with a whole degree of freedom.

    The distribution function is a finite sum (Abramowitz and Stegun, 26.7.3 and 26.7.4), which is
    inverted by halving; beyond `_MANY` degrees their expansion about the normal quantile (26.7.5)
    holds to nine digits. `scipy.special.stdtrit` gives the same, and takes 0.3 s to import, for
    which every page that tells an interval would wait.
    """
    if freedom > _MANY:
        z = statistics.NormalDist().inv_cdf(probability)
        terms = [_polynomial(row, z) / freedom**i for i, row in enumerate(_ABOUT_NORMAL)]
        return math.fsum(terms)
    low, high = 0.0, math.pi / 2
    while low < (angle := (low + high) / 2) < high:
        below = (1 + _within(angle, freedom)) / 2 < probability
        low, high = (angle, high) if below else (low, angle)
    return math.sqrt(freedom) * math.tan(low)


def _within(angle: float, freedom: int) -> float:
    """Return how likely Student's t is within plus and minus sqrt(freedom) tan(angle)."""
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term, total = (cosine if odd else 1.0), 0.0
    for k in range(2 + odd, freedom + 1, 2):
        total += term
        term *= (k - 1) / k * cosine**2
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def _polynomial(coefficients: Sequence[float], z: float) -> float:
    """Return an odd polynomial of z, from its first power up."""
    return math.fsum(one * z ** (2 * k + 1) for k, one in enumerate(coefficients))


def _check_finite(values: Sequence[float]) -> None:
    for value in values:
        if not math.isfinite(value):
            raise ValueError(f"{value} is no result; expected finite numbers.")

"""The noise, estimated from what a network trained on it says: anchors, rates, counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoo_core import BadInput, Estimate
from zoo_label_noise.transitions import Matrix

NORMAL = 1.959964


def anchor_transition(chances: Any, quantile: float = 0.97) -> Matrix:
    """Return T estimated from noisy posteriors (n, K) at anchor points (Patrini et al., 2017).

    Row i is the posterior at the example whose probability of class i is the `quantile` of all:
    there the class is as good as certain, and the posterior of the given labels is row i of T. The
    highest one would be an outlier. Raises `BadInput` for what are no probabilities.
    """
    found = np.asarray(chances, np.float64)
    if found.ndim != 2 or not np.allclose(found.sum(1), 1, atol=1e-3) or found.min() < 0:
        raise BadInput(f"Anchors need probabilities (n, K); got an array of {found.shape}.")
    if not 0 < quantile <= 1:
        raise BadInput(f"quantile={quantile}; expected a number in (0, 1].")
    order = found.argsort(0)
    place = min(len(found) - 1, round(quantile * (len(found) - 1)))
    rows = found[order[place]]
    matrix: Matrix = rows / rows.sum(1, keepdims=True)
    return matrix


def symmetric_rate(chances: Any, quantile: float = 0.97) -> float:
    """Return the rate of symmetric noise that anchors tell: 1 - the mean diagonal of their T."""
    return float(1 - np.diag(anchor_transition(chances, quantile)).mean())


def checked_rate(wrong: int, looked_at: int) -> Estimate:
    """Return the rate of wrong labels among some that a person looked at, with its interval.

    The interval is Wilson's, which is honest for few labels too. Raises `BadInput` for numbers that
    make no sense.
    """
    if not 0 <= wrong <= looked_at or looked_at < 1:
        raise BadInput(f"{wrong} wrong labels of {looked_at} that were looked at make no rate.")
    n, z = looked_at, NORMAL
    share = wrong / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Estimate(float(centre), float(reach / z), float(reach))


def mixed_rate(accuracy: float, agreement: float, num_classes: int) -> float:
    """Return the rate of symmetric noise at which a classifier agrees with labels so often.

    `accuracy` is its accuracy on clean labels (of a small clean set), `agreement` its accuracy on
    the noisy ones. Raises `BadInput` for a classifier at chance, whose agreement tells nothing.
    """
    chance = 1 / num_classes
    if abs(accuracy - chance) < 1e-6:
        raise BadInput("A classifier at chance level tells nothing of the noise.")
    signal = (agreement - chance) / (accuracy - chance)
    return float((1 - signal) * (num_classes - 1) / num_classes)

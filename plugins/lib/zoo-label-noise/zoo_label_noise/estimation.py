"""The noise, estimated from what a network trained on it says: anchors, rates, counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoo_core import BadInput, Estimate
from zoo_label_noise.transitions import Matrix, from_cleanlab, rate_of

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
    return rate_of((agreement - chance) / (accuracy - chance), num_classes)


def annotators_rate(agreement: float, num_classes: int) -> float:
    """Return the rate of symmetric noise at which two independent people agree so often.

    Two labels of one example, each drawn by itself, are the same with c^2 + (1 - c^2) / K. No truth
    is needed, nor a network. Raises `BadInput` for an agreement outside of 0..1. Below chance the
    rate is (K - 1) / K, at which nothing is left to agree on. People who make the same mistakes
    (hard images) agree more often, so that their rate comes out too low.
    """
    if not 0 <= agreement <= 1:
        raise BadInput(f"An agreement of {agreement} was given; expected a share from 0 to 1.")
    chance = 1 / num_classes
    signal = np.sqrt(max((agreement - chance) / (1 - chance), 0.0))
    return rate_of(float(signal), num_classes)


def confident_transition(labels: Any, chances: Any) -> Matrix:
    """Return T by confident learning (Northcutt et al., 2021), as cleanlab estimates it.

    `labels` (n,) are the noisy ones, `chances` (n, K) out-of-sample probabilities of a network that
    learnt from such labels. Raises `BadInput` where cleanlab is not installed, or a class is never
    given as a label.
    """
    try:
        from cleanlab.count import compute_confident_joint, estimate_latent
    except ImportError as error:
        raise BadInput(
            f"Confident learning needs cleanlab ({error}); `pip install cleanlab`, or take "
            "anchor_transition."
        ) from error
    given, found = np.asarray(labels, np.int64), np.asarray(chances, np.float64)
    absent = np.setdiff1d(np.arange(found.shape[1]), given)
    if len(absent):
        raise BadInput(f"No label is {absent[0]}; confident learning needs every class.")
    _, matrix, _ = estimate_latent(compute_confident_joint(given, found), given)
    return from_cleanlab(matrix)

"""What symmetric noise does and does not do, as functions: posteriors, bounds, sample sizes.

eta (…, K) are posteriors P(Y = k | x), rows on the simplex; c is the signal (`transitions.signal`).
Everything here follows from P(given label | x) = T^t eta(x).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput
from zoo_label_noise.transitions import Matrix, inverse, noise_rate

Array = NDArray[np.float64]


def noisy_posterior(eta: Any, transition: Matrix) -> Array:
    """Return the posterior of the given labels, T^t eta; if symmetric, c eta + (1 - c) / K."""
    found: Array = np.asarray(eta, np.float64) @ transition
    return found


def recover(noisy: Any, transition: Matrix) -> Array:
    """Return the clean posterior of an (estimated) noisy one: T^-t, projected on the simplex.

    Raises `BadInput` for T that cannot be undone.
    """
    return project(np.asarray(noisy, np.float64) @ inverse(transition))


def project(points: Any) -> Array:
    """Return the nearest points of the simplex, (…, K) to (…, K), in Euclidean distance."""
    given = np.asarray(points, np.float64)
    falling = -np.sort(-given, axis=-1)
    excess = np.cumsum(falling, axis=-1) - 1
    counts = np.arange(1, given.shape[-1] + 1)
    kept = (falling - excess / counts > 0).sum(-1, keepdims=True)
    threshold = np.take_along_axis(excess, kept - 1, axis=-1) / kept
    found: Array = np.maximum(given - threshold, 0)
    return found


def noisy_accuracy(accuracy: float, signal: float, num_classes: int) -> float:
    """Return the accuracy on symmetrically noisy labels of any classifier: c A + (1 - c) / K."""
    return signal * accuracy + (1 - signal) / num_classes


def clean_accuracy(accuracy: float, signal: float, num_classes: int) -> float:
    """Return the accuracy on clean labels that one on noisy labels means; see `noisy_accuracy`.

    Raises `BadInput` (a `ValueError`) for c = 0.
    """
    if abs(signal) < 1e-9:
        raise BadInput(
            "At this rate noisy labels know nothing of the truth (c = 0), so that no accuracy on "
            "them tells one on clean labels."
        )
    return (accuracy - (1 - signal) / num_classes) / signal


def plug_in_bound(estimated: Any, noisy: Any, signal: float) -> float:
    """Return (1 / c) mean_x sum_k |h_k - eta~_k|, which no excess risk of argmax h exceeds.

    `estimated` h and the true `noisy` posterior are (n, K). This is the paper's theorem in numbers:
    an estimate that is L1 consistent for the noisy posterior is consistent for the clean problem.
    """
    if signal <= 0:
        raise BadInput(f"The bound needs a signal above zero, and c is {signal:.4g}.")
    distance = np.abs(np.asarray(estimated, np.float64) - np.asarray(noisy, np.float64))
    return float(distance.sum(-1).mean() / signal)


def excess_risk(scores: Any, eta: Any) -> float:
    """Return mean_x (max_k eta_k - eta of the class with the highest score)."""
    clean = np.asarray(eta, np.float64)
    chosen = np.asarray(scores).argmax(-1)
    return float((clean.max(-1) - np.take_along_axis(clean, chosen[..., None], -1)[..., 0]).mean())


def effective_size(n: int, signal: float) -> float:
    """Return how many clean labels n noisy ones are worth, to first order: c^2 n."""
    return signal**2 * n


def smoothing_of(transition: Matrix) -> float:
    """Return the label smoothing that symmetric noise is in expectation: a = p K / (K - 1)."""
    size = len(transition)
    return noise_rate(transition) * size / (size - 1)


def vote(chances: Any, k: int, draws: int = 200_000, seed: int = 0) -> float:
    """Return how often class 0 wins a vote of `k` labels drawn from `chances` (K,), ties at random.

    What k-NN on separable data comes to; by simulation, exact enough for three digits.
    """
    generator = np.random.default_rng(seed)
    votes = generator.multinomial(k, np.asarray(chances, np.float64), draws)
    top = votes.max(1, keepdims=True)
    winners = votes == top
    return float((winners[:, 0] / winners.sum(1)).mean())

"""Wrong labels on purpose: drawn once, the same for the same seed, whatever is trained on them."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput
from zoo_label_noise.transitions import Matrix, checked

STREAMS = ("vectorised", "legacy")
PART = 4096
"""Examples whose features are held as float64 at once."""


@dataclass(frozen=True)
class Corrupted:
    """Labels after noise: `labels` (n,), which of them are wrong (`flipped`), and T as realised.

    `realised[i, j]` is the share of class i that is now labelled j; rows of classes that do not
    occur are NaN.
    """

    labels: NDArray[np.int64]
    flipped: NDArray[np.bool_]
    realised: Matrix

    @property
    def rate(self) -> float:
        """The share of labels that are wrong."""
        return float(self.flipped.mean()) if len(self.flipped) else 0.0


def corrupt(
    labels: Any,
    transition: Any,
    seed: int,
    *,
    exact: bool = False,
    stream: str = "vectorised",
) -> Corrupted:
    """Return labels (n,) corrupted by a transition matrix, from a generator of this seed.

    By default each label is drawn by itself: one uniform number an example, in the examples' order,
    against the cumulative row of its class. `exact` gives each class as many labels of each kind as
    the matrix says, up to rounding (the largest remainders first), on examples drawn at random.
    ``stream="legacy"`` is numpy's RandomState(seed) with one multinomial draw an example, as the
    code of Co-teaching and CIFAR-N has it, so that published labels can be made again; it is slow.

    Raises `BadInput` for labels that are no classes of the matrix, and for a seed that is none.
    """
    matrix = checked(transition)
    true = _classes(labels, len(matrix))
    _check_seed(seed)
    if stream not in STREAMS:
        raise BadInput(f"stream={stream!r}; expected {' or '.join(STREAMS)}.")
    if exact and stream == "legacy":
        raise BadInput("The legacy stream draws each label by itself; leave `exact` out.")
    if exact:
        given = _exactly(true, matrix, np.random.default_rng(seed))
    elif stream == "legacy":
        legacy = np.random.RandomState(seed)
        # The rows as they were given: to normalise them again could change their last bits.
        rows = np.asarray(transition, np.float64)
        given = np.array([legacy.multinomial(1, rows[y]).argmax() for y in true], np.int64)
    else:
        given = _drawn(true, matrix, np.random.default_rng(seed))
    return _corrupted(true, given, len(matrix))


def corrupt_by_instance(
    features: Any, labels: Any, rate: float, seed: int, num_classes: int
) -> Corrupted:
    """Return labels whose noise depends on the example: `features` (n, d) decide who is taken for
    whom.

    Example i is wrong with probability q_i, a normal of mean `rate` and deviation 0.1 cut to
    (0, 1); where to is the softmax of its features, standardised here, through one Gaussian matrix
    (d, K), its own class left out. This is CIFAR-N's simplified variant of Xia et al. (2020), who
    have a matrix for each class. Raises `BadInput` for a rate outside of (0, 1).
    """
    _check_seed(seed)
    if not isinstance(rate, Real) or not 0 < rate < 1:
        raise BadInput(f"Instance noise of rate {rate}; expected a number between 0 and 1.")
    true = _classes(labels, num_classes)
    given = np.asarray(features).reshape(len(true), -1)
    generator = np.random.default_rng(seed)
    wrong = _truncated_normal(rate, 0.1, len(true), generator)
    scores = _scores(given, generator.standard_normal((given.shape[1], num_classes)))
    scores[np.arange(len(true)), true] = -np.inf
    scores = np.exp(scores - scores.max(1, keepdims=True))
    chances = scores / scores.sum(1, keepdims=True) * wrong[:, None]
    chances[np.arange(len(true)), true] = 1 - wrong
    taken = _pick(np.cumsum(chances, axis=1), generator.random(len(true)))
    return _corrupted(true, taken, num_classes)


def _scores(features: NDArray[Any], weights: Matrix) -> Matrix:
    """Return standardised features (n, d) times weights (d, K) / sqrt(d), a part at a time.

    Of raw pixels, 0 to 255, the softmax would be one-hot. Whole images as float64 would take eight
    times the memory that they have as bytes, several times over.
    """
    count, width = features.shape
    parts = [slice(start, start + PART) for start in range(0, count, PART)]
    mean = sum(features[part].sum(0, dtype=np.float64) for part in parts) / count
    variance = sum(np.square(features[part] - mean).sum(0) for part in parts) / count
    # (x - mean) / deviation times W is x times the scaled W, less what the mean comes to.
    scaled = weights / np.maximum(np.sqrt(variance), 1e-12)[:, None] / np.sqrt(width)
    return np.concatenate([(features[part] - mean) @ scaled for part in parts])


def _check_seed(seed: int) -> None:
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise BadInput(f"The seed of the noise is {seed!r}; expected a whole number from 0 on.")


def _classes(labels: Any, num_classes: int) -> NDArray[np.int64]:
    found = np.asarray(labels)
    if found.ndim != 1 or not np.issubdtype(found.dtype, np.integer):
        raise BadInput(
            f"Labels of type {found.dtype} and shape {found.shape}; expected class indices (n,)."
        )
    found = found.astype(np.int64, copy=False)
    if len(found) and not 0 <= found.min() <= found.max() < num_classes:
        raise BadInput(
            f"Labels go from {found.min()} to {found.max()}; expected 0 to {num_classes - 1}, the "
            "classes of the transition matrix."
        )
    return found


def _drawn(
    true: NDArray[np.int64], transition: Matrix, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Draw one label an example, by inverting its class's distribution."""
    numbers = generator.random(len(true))
    given = np.empty_like(true)
    # By class: a search in one row of K numbers, where comparing with whole rows would take n K.
    for label, row in enumerate(np.cumsum(transition, axis=1)):
        members = np.flatnonzero(true == label)
        found = np.searchsorted(row[:-1], numbers[members], side="right")
        given[members] = found
    return given


def _pick(cumulative: Matrix, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = (cumulative[:, :-1] <= numbers[:, None]).sum(1)
    return found


def _exactly(
    true: NDArray[np.int64], transition: Matrix, generator: np.random.Generator
) -> NDArray[np.int64]:
    given = true.copy()
    for label, row in enumerate(transition):
        members = np.flatnonzero(true == label)
        wanted = row * len(members)
        counts = np.floor(wanted + 1e-9).astype(np.int64)
        # The remainders go to those that are owed most; ties to the right label.
        owed = wanted - counts + 1e-9 * (np.arange(len(row)) == label)
        counts[np.argsort(-owed, kind="stable")[: len(members) - counts.sum()]] += 1
        given[generator.permutation(members)] = np.repeat(np.arange(len(row)), counts)
    return given


def _truncated_normal(
    mean: float, deviation: float, count: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    found = generator.normal(mean, deviation, count)
    while (outside := (found <= 0) | (found >= 1)).any():
        found[outside] = generator.normal(mean, deviation, int(outside.sum()))
    return found


def _corrupted(true: NDArray[np.int64], given: NDArray[np.int64], num_classes: int) -> Corrupted:
    counts = np.bincount(true * num_classes + given, minlength=num_classes**2)
    counts = counts.reshape(num_classes, num_classes)
    totals = counts.sum(1, keepdims=True)
    realised = np.where(totals > 0, counts / np.maximum(totals, 1), np.nan)
    return Corrupted(given, given != true, realised)

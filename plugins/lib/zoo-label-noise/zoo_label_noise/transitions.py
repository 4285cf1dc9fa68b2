"""Transition matrices: T[i, j] = P(given label j | true label i), float64 (K, K), rows sum to 1.

The rate p of the noise is everywhere the probability of being *wrong*; only `uniform` takes the
other convention, in which a label is drawn anew and may come out right. cleanlab's matrices are
transposed: see `to_cleanlab`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput

Matrix = NDArray[np.float64]

ASYMMETRIC: dict[str, dict[int, int]] = {
    "cifar10": {9: 1, 2: 0, 4: 7, 3: 5, 5: 3},
    "mnist": {7: 1, 2: 7, 5: 6, 6: 5, 3: 8},
    "fashion-mnist": {0: 6, 6: 0, 2: 4, 4: 2, 3: 4, 5: 7, 9: 7},
}
"""Which class is taken for which. CIFAR-10: truck for automobile, bird for airplane, deer for
horse, cat and dog for each other. MNIST: 7 for 1, 2 for 7, 5 and 6 for each other, 3 for 8. These
are the literature's; Fashion-MNIST has no usual one, and this is T-shirt and shirt, pullover and
coat for each other, dress for coat, sandal and ankle boot for sneaker."""


def symmetric(rate: float, num_classes: int) -> Matrix:
    """Return T of symmetric noise: right with 1 - rate, each other class with rate / (K - 1)."""
    _check(rate, num_classes)
    found = np.full((num_classes, num_classes), rate / (num_classes - 1))
    np.fill_diagonal(found, 1 - rate)
    return found


def uniform(rate: float, num_classes: int) -> Matrix:
    """Return T of labels that are drawn anew with probability `rate`, from all K classes.

    It is symmetric noise of rate (K - 1) / K times as large.
    """
    _check(rate, num_classes)
    return symmetric(rate * (num_classes - 1) / num_classes, num_classes)


def pair(rate: float, num_classes: int) -> Matrix:
    """Return T of pair flips: class i is taken for i + 1, the last for the first."""
    return asymmetric(rate, num_classes, {i: (i + 1) % num_classes for i in range(num_classes)})


def asymmetric(rate: float, num_classes: int, pairs: Mapping[int, int]) -> Matrix:
    """Return T in which each class of `pairs` is taken for another one; see `ASYMMETRIC`."""
    _check(rate, num_classes)
    found = np.eye(num_classes)
    for one, other in pairs.items():
        if one == other or not {one, other} <= set(range(num_classes)):
            raise BadInput(f"Class {one} cannot be taken for {other} of {num_classes} classes.")
        found[one, one] -= rate
        found[one, other] += rate
    return found


def within(rate: float, groups: Sequence[int]) -> Matrix:
    """Return T of confusions among the classes of one group; `groups[i]` is that of class i.

    A class that is alone in its group stays clean.
    """
    return _by_groups(rate, groups, inside=True)


def across(rate: float, groups: Sequence[int]) -> Matrix:
    """Return T of confusions with the classes of all other groups, each equally likely."""
    return _by_groups(rate, groups, inside=False)


def _by_groups(rate: float, groups: Sequence[int], *, inside: bool) -> Matrix:
    _check(rate, len(groups))
    group = np.asarray(groups)
    same = group[:, None] == group[None]
    targets = (same if inside else ~same) & ~np.eye(len(group), dtype=bool)
    counts = targets.sum(1, keepdims=True)
    if not counts.any():
        raise BadInput(
            f"The groups {list(groups)} leave no other class to confuse with; give groups of "
            "several classes for noise within them, several groups for noise across."
        )
    flips = np.where(counts > 0, rate, 0.0)
    found: Matrix = np.eye(len(group)) * (1 - flips) + targets * flips / np.maximum(counts, 1)
    return found


def cyclic_within(rate: float, groups: Sequence[int]) -> Matrix:
    """Return T in which each class is taken for the next of its group (CIFAR-100's asymmetric)."""
    return asymmetric(rate, len(groups), cyclic_pairs(groups))


def cyclic_pairs(groups: Sequence[int]) -> dict[int, int]:
    """Return for each class the next of its group, for the last the first; none for one alone."""
    pairs: dict[int, int] = {}
    for group in sorted(set(groups)):
        members = [i for i, one in enumerate(groups) if one == group]
        if len(members) > 1:
            pairs |= dict(zip(members, [*members[1:], members[0]], strict=True))
    return pairs


def counted(true: Any, given: Any, num_classes: int) -> tuple[Matrix, Matrix]:
    """Return T and the counts (K, K) of pairs of a true and a given label (human noise, say).

    Raises `BadInput` for a class that is never the true one, whose row nothing tells.
    """
    pairs = np.asarray(true, np.int64) * num_classes + np.asarray(given, np.int64)
    counts = np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)
    totals = counts.sum(1, keepdims=True)
    if not totals.all():
        absent = ", ".join(str(i) for i in np.flatnonzero(totals[:, 0] == 0)[:5])
        raise BadInput(
            f"No example is truly of class {absent}, so that nothing tells what it is taken for; "
            "count on data that have every class."
        )
    return counts / totals, counts.astype(np.float64)


def checked(transition: object, num_classes: int | None = None) -> Matrix:
    """Return a transition matrix as float64; raises `BadInput` for what is none."""
    found = np.asarray(transition, np.float64)
    square = found.ndim == 2 and found.shape[0] == found.shape[1] >= 2
    if not square or (num_classes is not None and len(found) != num_classes):
        expected = f"({num_classes or 'K'}, {num_classes or 'K'})"
        raise BadInput(
            f"A transition matrix of shape {found.shape} was given; expected {expected}."
        )
    if not np.isfinite(found).all() or found.min() < -1e-9:
        raise BadInput("A transition matrix has negative or infinite entries; expected chances.")
    if np.abs(found.sum(1) - 1).max() > 1e-6:
        raise BadInput(
            "The rows of a transition matrix do not sum to 1; row i holds what true class i is "
            "labelled as (cleanlab has it in columns: see from_cleanlab)."
        )
    chances: Matrix = found.clip(0) / found.clip(0).sum(1, keepdims=True)
    return chances


def signal(rate: float, num_classes: int) -> float:
    """Return c = 1 - p K / (K - 1) of symmetric noise: 1 without noise, 0 where nothing is left."""
    _check(rate, num_classes)
    return 1 - rate * num_classes / (num_classes - 1)


def rate_of(signal: float, num_classes: int) -> float:
    """Return the rate of symmetric noise whose signal is c: (1 - c)(K - 1) / K."""
    return (1 - signal) * (num_classes - 1) / num_classes


def noise_rate(transition: Matrix, priors: Sequence[float] | None = None) -> float:
    """Return the share of wrong labels, for classes as frequent as `priors` (default: equally)."""
    weights = np.full(len(transition), 1 / len(transition)) if priors is None else priors
    return float(1 - np.dot(weights, np.diag(transition)))


def inverse(transition: Matrix) -> Matrix:
    """Return T^-1; raises `BadInput` where noise has left no way back (c = 0, say)."""
    found = checked(transition)
    if np.linalg.cond(found) > 1e10:
        raise BadInput(
            "This noise cannot be undone: its transition matrix is singular (symmetric noise at "
            "the rate (K - 1) / K leaves labels that know nothing of the truth)."
        )
    return np.linalg.inv(found).astype(np.float64)


def survives(transition: Matrix) -> NDArray[np.bool_]:
    """Tell for each class whether it is still its own most frequent label, where y is certain."""
    others = np.where(np.eye(len(transition), dtype=bool), -np.inf, transition)
    kept: NDArray[np.bool_] = np.diag(transition) > others.max(1)
    return kept


def to_cleanlab(transition: Matrix) -> Matrix:
    """Return the matrix as cleanlab has it, P(given = row | true = column): the transpose."""
    return np.ascontiguousarray(transition.T)


def from_cleanlab(matrix: object) -> Matrix:
    """Return a transition matrix of one of cleanlab's, whose columns sum to 1."""
    return checked(np.asarray(matrix, np.float64).T)


def _check(rate: float, num_classes: int) -> None:
    if num_classes < 2:
        raise BadInput(f"Labels of {num_classes} class cannot be wrong; expected two or more.")
    if isinstance(rate, bool) or not isinstance(rate, Real) or not 0 <= rate <= 1:
        raise BadInput(
            f"A noise rate of {rate} was asked for; expected the probability of a wrong label, "
            "between 0 and 1."
        )

"""What label noise is at each level of a hierarchy: exact, from a transition matrix.

T (K, K) has T[y, j] = P(given label j | true label y), `groups` (K,) the superclass of each class,
`priors` (K,) how frequent the true classes are (default: equally).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zoo_label_noise.transitions import Matrix, checked

from zoo_core import BadInput

Array = NDArray[np.float64]


def _weights(priors: Any, count: int) -> Array:
    found = np.full(count, 1 / count) if priors is None else np.asarray(priors, np.float64)
    if found.shape != (count,) or found.min() < 0 or abs(found.sum() - 1) > 1e-6:
        raise BadInput(f"The priors of {count} classes are as many chances that sum to 1.")
    return found


def _same(groups: Any, count: int) -> NDArray[np.bool_]:
    group = np.asarray(groups)
    if group.shape != (count,):
        raise BadInput(f"There are superclasses of {group.size} classes for {count}.")
    found: NDArray[np.bool_] = group[:, None] == group[None]
    return found


def coarse_rate(transition: Any, groups: Any, priors: Any = None) -> float:
    """Return the share of labels whose superclass is wrong; never more than are wrong at all."""
    matrix = checked(transition)
    outside = (matrix * ~_same(groups, len(matrix))).sum(1)
    return float(_weights(priors, len(matrix)) @ outside)


def coarse_transition(transition: Any, groups: Any, priors: Any = None) -> Matrix:
    """Return the transition matrix (S, S) between superclasses.

    Raises `BadInput` for a superclass whose classes never occur.
    """
    matrix = checked(transition)
    same = _same(groups, len(matrix))
    weights, group = _weights(priors, len(matrix)), np.asarray(groups)
    member = (group[None] == np.unique(group)[:, None]).astype(np.float64)
    mass = member @ weights
    if not mass.all() or not same.any():
        raise BadInput("A superclass never occurs, so that nothing tells what it is taken for.")
    found: Matrix = (member * weights) @ matrix @ member.T / mass[:, None]
    return found


def conditional_rates(transition: Any, groups: Any) -> Array:
    """Return for each class (K,) how often a label that stays in its superclass is wrong.

    1 - T[y, y] / sum of T[y, j] over the superclass: the noise that the superclass's network sees
    on images of its own. NaN for a class whose labels all leave the superclass.
    """
    matrix = checked(transition)
    inside = (matrix * _same(groups, len(matrix))).sum(1)
    found = np.full(len(matrix), np.nan)
    np.divide(np.diag(matrix), inside, out=found, where=inside > 0)
    return 1 - found


def contamination(transition: Any, groups: Any, priors: Any = None) -> Array:
    """Return for each superclass (S,) the share of its labels that other superclasses' images have.

    NaN for a superclass that no label names.
    """
    matrix = checked(transition)
    weights, group = _weights(priors, len(matrix)), np.asarray(groups)
    _same(groups, len(matrix))
    member = (group[None] == np.unique(group)[:, None]).astype(np.float64)
    joint = (member * weights) @ matrix @ member.T
    total = joint.sum(0)
    found = np.full(len(total), np.nan)
    np.divide(np.diag(joint), total, out=found, where=total > 0)
    return 1 - found


def symmetric_levels(rate: float, num_classes: int, size: int) -> tuple[float, float]:
    """Return the coarse rate and the rate within of symmetric noise, superclasses of equal `size`.

    p (K - m) / (K - 1), and p (m - 1) / (K - 1) / (1 - coarse rate).
    """
    coarse = rate * (num_classes - size) / (num_classes - 1)
    return coarse, rate * (size - 1) / (num_classes - 1) / (1 - coarse)


def topdown_threshold(sizes: Sequence[int]) -> Array:
    """Return for each superclass (S,) the rate of symmetric noise up to which it is routed right.

    On separable data a class of a superclass with m_s classes keeps the likeliest superclass while
    1 - p (K - m_s) / (K - 1) exceeds p m_t / (K - 1) for all others t: below
    p = (K - 1) / (K + max_t m_t - m_s). The product keeps to (K - 1) / K.
    """
    m = np.asarray(sizes, np.float64)
    if len(m) < 2 or m.min() < 1:
        raise BadInput(f"Superclasses of {list(sizes)} classes; expected two or more, none empty.")
    total = m.sum()
    others = np.array([np.delete(m, i).max() for i in range(len(m))])
    found: Array = (total - 1) / (total + others - m)
    return found

"""Exact optimal transport between two finite measures whose masses need not be equal.

Both distances are of measures on one metric space of diameter at most 1, and what one measure has
more than the other counts at distance 1 (as in the authors' code).
"""

from __future__ import annotations

import numpy as np
from ot.lp.emd_wrap import emd_c

from zoo_core import BadInput, ZooError

_STEPS = 10**7  # of the network simplex; a problem of a thousand points takes about 10^5
_ONE_THREAD = 1
_OPTIMAL = 1  # the solver's code
_GRAIN = 2.0**48


def unbalanced_cost(first: np.ndarray, second: np.ndarray, costs: np.ndarray) -> float:
    """Return the least cost of moving one measure onto the other, in units of mass times cost.

    The smaller measure is matched in full, and each unit that is left of the larger one costs 1.
    `first` (k,) and `second` (l,) are masses above 0, `costs` (k, l) between 0 and 1, all float64.
    Where masses are whole numbers, as here wherever graphs are compared, the flows are too, so that
    only the products with the costs are rounded. Raises `ZooError` where the network simplex did
    not end.
    """
    left = float(first.sum() - second.sum())
    if left < 0:
        first, second, costs, left = second, first, costs.T, -left
    if not second.size:
        return left
    if second.size == 1 and left == 0:
        return float(first @ costs[:, 0])
    if first.size == 1:
        return float(second @ costs[0]) + left
    if left:
        # A point that takes the rest, at distance 1 from everything.
        second = np.append(second, left)
        costs = np.column_stack([costs, np.ones(first.size)])
    _, value, _, _, code = emd_c(first, second, np.ascontiguousarray(costs), _STEPS, _ONE_THREAD)
    if code != _OPTIMAL:
        raise ZooError(
            f"The transport of {first.size} points to {second.size} was not solved (the network "
            f"simplex ended with code {code}); compare smaller graphs."
        )
    return float(value)


def prokhorov_cost(
    first: np.ndarray, second: np.ndarray, costs: np.ndarray, total: float = 1.0
) -> float:
    """Return the least e for which all mass but e of the larger measure moves no further than e.

    The mass that cannot is beta(e): the unbalanced cost where a way costs 0 up to e and 1 beyond.
    It falls in steps at the values of `costs`, so that these are searched by halving.

    Masses (k,) and (l,) and `costs` (k, l) are those of `unbalanced_cost`; `total` is L where
    masses are in units of 1 / L, as whole numbers may be.
    """

    def beta(bound: float) -> float:
        return unbalanced_cost(first, second, (costs > bound).astype(np.float64)) / total

    steps = np.unique(np.append(costs, 0.0)).tolist()
    low, high = -1, len(steps) - 1  # beta(steps[low]) > steps[low]
    least = beta(steps[high])
    if least > steps[high]:
        return least
    before = 1.0
    while high - low > 1:
        middle = (low + high) // 2
        found = beta(steps[middle])
        if found > steps[middle]:
            low, before = middle, found
        else:
            high = middle
    # Between two steps beta is constant: the least e is the upper step, or what beta was before it.
    return float(steps[high] if low < 0 else min(steps[high], before))


def wasserstein(first: np.ndarray, second: np.ndarray, costs: np.ndarray) -> float:
    """Return the unbalanced Wasserstein distance of two measures on a space of diameter 1.

    `first` (k,) and `second` (l,) are masses, `costs` (k, l) distances. Raises `BadInput` for
    shapes that do not fit, NaN, negative masses, or distances beyond 0 to 1.
    """
    *problem, total = _checked(first, second, costs)
    return unbalanced_cost(*problem) / total


def prokhorov(first: np.ndarray, second: np.ndarray, costs: np.ndarray) -> float:
    """Return the Prokhorov distance of two measures on a space of diameter 1.

    Takes and raises what `wasserstein` does.
    """
    return prokhorov_cost(*_checked(first, second, costs))


def _checked(
    first: np.ndarray, second: np.ndarray, costs: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return the problem in whole units of mass, without empty points, and the units of 1."""
    masses = [np.asarray(one, dtype=np.float64).ravel() for one in (first, second)]
    table = np.asarray(costs, dtype=np.float64)
    shape = (masses[0].size, masses[1].size)
    if table.shape != shape:
        raise BadInput(f"The costs have shape {table.shape}, expected {shape}; give one a pair.")
    for name, array in (("first masses", masses[0]), ("second masses", masses[1])):
        if not (np.isfinite(array).all() and (array >= 0).all()):
            raise BadInput(f"The {name} are negative or not finite (NaN); give masses from 0.")
    if not ((table >= 0) & (table <= 1)).all():
        raise BadInput("The costs are not all between 0 and 1 (or NaN); divide by the diameter.")
    # Sums of whole numbers are exact, so that measures of equal mass have equal sums.
    units = _GRAIN / (max(float(one.max(initial=0.0)) for one in masses) or 1.0)
    ours, theirs = (np.rint(one * units) for one in masses)
    return ours[ours > 0], theirs[theirs > 0], table[np.ix_(ours > 0, theirs > 0)], units

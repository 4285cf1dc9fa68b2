"""What a symmetry costs and gains: dimensions, the crossing of two groups, simulations.

`zoo_symmetry.mean_gap` is the formula itself: E[R(least squares) - R(its projection)].
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import zoo_symmetry as zs
from numpy.typing import ArrayLike, NDArray

from zoo_core import BadInput

_BLOCK = 100_000
"""Simulated regressions that are held in memory at a time."""


def partition_rank(sizes: Sequence[int]) -> int:
    """Return r(G) of permutations within clusters of these sizes: K^2, and 1 for each of two nodes.

    It is the number of orbits on ordered pairs of nodes: the dimension of the equivariant maps of
    one channel to one.
    """
    if not len(sizes) or min(sizes) < 1:
        raise BadInput(f"Clusters have one node or more; got the sizes {list(sizes)}.")
    return len(sizes) ** 2 + sum(size >= 2 for size in sizes)


def weight_count(clusters: int, channels: Iterable[tuple[int, int]]) -> int:
    """Return how many weights `CoarsenedLinear` layers have, by the channels in and out of each."""
    return sum(one * other * (clusters + clusters**2) + other for one, other in channels)


def crossing(
    weights: ArrayLike,
    larger: zs.PermutationGroup,
    smaller: zs.PermutationGroup,
    *,
    noise: float,
    spread: float = 1.0,
    invariant: bool = False,
) -> float:
    """Return n*, the number of samples up to which the larger of two groups has the less risk.

    Where the larger makes nothing wrong that the smaller does not, it is infinite. For one output,
    see `zoo_symmetry.mean_gap` for the arguments.
    """
    true = np.asarray(weights, np.float64)

    def wrong(group: zs.PermutationGroup) -> float:
        return float(((true - zs.project(true, group, invariant=invariant)) ** 2).sum())

    def free(group: zs.PermutationGroup) -> int:
        return zs.hom_dimension(group, invariant=invariant)

    more = spread**2 * (wrong(larger) - wrong(smaller))
    saved = noise**2 * (free(smaller) - free(larger))
    return float("inf") if more <= 0 else larger.degree + 1 + saved / more


def expected_excess(
    weights: ArrayLike,
    group: zs.PermutationGroup,
    *,
    samples: int,
    noise: float,
    spread: float = 1.0,
    invariant: bool = False,
) -> float:
    """Return E[R(projection of least squares)] minus the least risk there is, noise^2 an output."""
    true = np.asarray(weights, np.float64)
    outputs = 1 if invariant else group.degree
    plain = noise**2 * outputs * group.degree / (samples - group.degree - 1)
    return plain - zs.mean_gap(
        true, group, samples=samples, noise=noise, spread=spread, invariant=invariant
    )


def simulated_excess(
    weights: ArrayLike,
    groups: Sequence[zs.PermutationGroup],
    *,
    samples: int,
    noise: float,
    spread: float = 1.0,
    invariant: bool = False,
    runs: int = 100_000,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Return the excess risk of projected least squares for each group, by simulation: (groups,).

    Each run draws samples x ~ N(0, spread^2 I) and y = W x + noise, fits least squares, and
    projects it. The risk of weights is then spread^2 times their squared distance.
    """
    true = np.asarray(weights, np.float64)
    rows = true[None] if invariant else true
    n = true.shape[-1]
    rng = np.random.default_rng(seed)
    total = np.zeros(len(groups))
    for start in range(0, runs, _BLOCK):
        count = min(_BLOCK, runs - start)
        x = spread * rng.standard_normal((count, samples, n))
        y = x @ rows.T + noise * rng.standard_normal((count, samples, len(rows)))
        found = np.linalg.solve(x.mT @ x, x.mT @ y).mT
        for place, group in enumerate(groups):
            tied = zs.project(found[:, 0] if invariant else found, group, invariant=invariant)
            total[place] += ((tied - true) ** 2).sum()
    return np.asarray(spread**2 * total / runs)

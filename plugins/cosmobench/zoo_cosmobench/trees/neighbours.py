"""Baselines: the nearest tree by distributions of haloes, the nearest mergers, boosting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_cosmobench.trees.forest import Forest, Trees
from zoo_cosmobench.trees.infilling import Infill

Array = NDArray[np.float64]

_Side = Literal["left", "right"]
_SIDES: tuple[_Side, ...] = ("left", "right")
NEIGHBOURS = range(5, 25)
"""Numbers of nearest mergers of which the validation part chooses one."""


def ks_distances(first: Forest, second: Forest) -> Array:
    """Return distances (s, t) between trees: the sum of squared Kolmogorov-Smirnov statistics.

    The statistics, exact, are those of the distributions of the haloes' three logarithms within
    each tree.
    """
    total = np.zeros((len(first), len(second)))
    for column in range(3):
        total += _ks(_samples(first, column), _samples(second, column)) ** 2
    return total


def _samples(forest: Forest, column: int) -> list[NDArray[np.float32]]:
    return np.split(forest.features[:, column], forest.offsets[1:-1])


def _ks(first: Sequence[NDArray[np.float32]], second: Sequence[NDArray[np.float32]]) -> Array:
    """Return the statistic of each pair of samples, (s, t)."""
    # The largest gap between a step function and another one is at one of its steps: there, or just
    # before. Of each sample of `second` these are its values on either side of the step.
    ends = np.cumsum([0, *map(len, second)])
    stepped = [np.sort(one) for one in second]
    before, after = (
        np.concatenate([np.searchsorted(one, one, side) / len(one) for one in stepped])
        for side in _SIDES
    )
    every = np.concatenate(stepped)
    order = np.argsort(every, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    ranked = every[order]
    found = np.zeros((len(first), len(second)))
    for row, one in enumerate(first):
        gaps = []
        for side, own in zip(_SIDES, (after, before), strict=True):
            # A value counts at all of `ranked` from where it stands in it: beyond it, or at it.
            steps = np.bincount(np.searchsorted(ranked, one, side), minlength=len(ranked) + 1)
            gaps.append(np.abs(steps[:-1].cumsum()[place] / len(one) - own))
        found[row] = np.maximum.reduceat(np.maximum(*gaps), ends[:-1])
    return found


def nearest_targets(data: Trees, split: str = "test") -> Tensor:
    """Return the targets (m, 2) of the training tree that is nearest to each tree of a split."""
    known = data.rows["train"]
    distances = ks_distances(
        data.forest.take(data.rows[split].numpy()), data.forest.take(known.numpy())
    )
    return data.targets[known[torch.from_numpy(distances.argmin(1))]]


def local_of(data: Infill, split: str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the features (m, 12) of mergers and their children, and the answers (m,)."""
    mergers = data.mergers_of(data.rows[split]).numpy()
    return data.questions.local[mergers], data.labels.numpy()[mergers]


def nearest_answers(
    data: Infill, columns: Sequence[int], split: str = "test"
) -> tuple[NDArray[np.int64], int]:
    """Return answers (m,) by the nearest mergers of the training part, and how many were asked.

    `columns` are those of the 12 local features; the number of neighbours is the best of 5 to 24 on
    the validation part.
    """
    from sklearn.neighbors import KNeighborsClassifier

    features, labels = local_of(data, "train")
    kept, kept_labels = local_of(data, "val")
    chosen = list(columns)

    def fitted(count: int) -> KNeighborsClassifier:
        return KNeighborsClassifier(count).fit(features[:, chosen], labels)

    best = max(NEIGHBOURS, key=lambda count: fitted(count).score(kept[:, chosen], kept_labels))
    found: NDArray[np.int64] = fitted(best).predict(local_of(data, split)[0][:, chosen])
    return found, best


def boosted_answers(data: Infill, split: str = "test", seed: int = 0) -> NDArray[np.int64]:
    """Return answers (m,) by gradient boosting on the 12 local features."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(random_state=seed).fit(*local_of(data, "train"))
    found: NDArray[np.int64] = model.predict(local_of(data, split)[0])
    return found

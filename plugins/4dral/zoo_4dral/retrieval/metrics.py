"""Recall@N, average precision and the best F1 of recognised places."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric

from zoo_4dral.retrieval.curves import precision_recall
from zoo_4dral.retrieval.ranking import KEPT, RADIUS
from zoo_core import BadInput


class _Places(Metric):
    """What metrics of places share: a radius in metres, and that some query has a positive."""

    is_differentiable = False
    higher_is_better = True
    full_state_update = False

    def __init__(self, radius: float = RADIUS, **more: Any) -> None:
        super().__init__(**more)
        good = isinstance(radius, int | float) and not isinstance(radius, bool)
        if not good or not math.isfinite(radius) or radius <= 0:
            raise BadInput(f"radius={radius!r}; expected metres above 0, such as {RADIUS:g}.")
        self.radius = float(radius)

    def _check(self, count: float) -> None:
        if not count:
            raise BadInput(
                f"No query has a place of the map within {self.radius:g} m that counts; expected a "
                "map of where the queries were."
            )


class PlaceRecall(_Places):
    """The share of queries for which one of the first N answers is within the radius, in metres.

    Queries without a place of the map within it are skipped, by the official rule.
    """

    found: Tensor
    possible: Tensor

    def __init__(self, count: int = 1, radius: float = RADIUS, **more: Any) -> None:
        super().__init__(radius, **more)
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= KEPT:
            raise BadInput(f"count={count!r}; expected 1 to {KEPT} answers.")
        self.count = count
        for name in ("found", "possible"):
            self.add_state(name, torch.zeros((), dtype=torch.long), dist_reduce_fx="sum")

    def update(self, metres: Tensor, nearest: Tensor) -> None:
        """Take in how far answers (b, k) and the nearest places (b,) are, in metres."""
        possible = nearest <= self.radius
        within = (metres[:, : self.count] <= self.radius).any(1)
        self.found += (within & possible).sum()
        self.possible += possible.sum()

    def compute(self) -> Tensor:
        """Return the share; raises `BadInput` where no query has a positive."""
        self._check(int(self.possible))
        return self.found.double() / self.possible


class PlaceAveragePrecision(_Places):
    """The mean over queries with a positive of the average precision of their rankings."""

    total: Tensor
    possible: Tensor

    def __init__(self, **more: Any) -> None:
        super().__init__(RADIUS, **more)
        self.add_state("total", torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("possible", torch.zeros((), dtype=torch.long), dist_reduce_fx="sum")

    def update(self, precision: Tensor, nearest: Tensor) -> None:
        """Take in average precisions (b,) at 25 m, and how far the nearest places (b,) are."""
        possible = nearest <= self.radius
        self.total += precision.double()[possible].sum()
        self.possible += possible.sum()

    def compute(self) -> Tensor:
        """Return the mean; raises `BadInput` where no query has a positive."""
        self._check(int(self.possible))
        return self.total / self.possible


class PlaceMaxF1(_Places):
    """The best F1 over thresholds of the first answer's distance, up to which it is accepted."""

    distance: list[Tensor]
    right: list[Tensor]
    possible: list[Tensor]

    def __init__(self, radius: float = RADIUS, **more: Any) -> None:
        super().__init__(radius, **more)
        for name in ("distance", "right", "possible"):
            self.add_state(name, [], dist_reduce_fx="cat")

    def update(self, distance: Tensor, metres: Tensor, nearest: Tensor) -> None:
        """Take in descriptors' distances (b,), and metres of answers (b, k) and nearest (b,)."""
        self.distance.append(distance.double())
        self.right.append(metres[:, 0] <= self.radius)
        self.possible.append(nearest <= self.radius)

    def compute(self) -> Tensor:
        """Return the F1; raises `BadInput` where no query has a positive."""
        distance, right, possible = (
            torch.cat(part) if isinstance(part, list) else part
            for part in (self.distance, self.right, self.possible)
        )
        self._check(int(possible.sum()))
        curve = precision_recall(
            distance.numpy(force=True), right.numpy(force=True), int(possible.sum())
        )
        return torch.tensor(curve.f1.max(), dtype=torch.float64)

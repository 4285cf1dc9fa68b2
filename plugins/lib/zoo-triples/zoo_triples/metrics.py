"""Metrics of ranks as `torchmetrics.Metric`: MRR, Hits@k, mean rank, adjusted mean rank (index).

Definitions are the field's, as PyKEEN has them: with E the rank that is expected when candidates
are in random order, (candidates + 1) / 2, the adjusted mean rank is mean(rank) / mean(E), and its
index is 1 - (mean(rank) - 1) / (mean(E) - 1), which is 1 for perfect ranks and 0 for random ones
(Berrendorf et al., 2020).
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor
from torchmetrics import Metric

from zoo_triples.known import COLUMN, Side
from zoo_triples.ranking import ranks

TAKES = ("better", "equal", "candidates", "side", "relation")


class RankMetric(Metric):
    """The mean of a figure of ranks; see `zoo_triples.ranking` for what they are counted from.

    `side` chooses the queries: "head", "tail", "relation", or "both" for heads and tails. `ties` is
    realistic, optimistic or pessimistic. With `macro` the mean is over relations' means. Raises
    `ValueError` for other words.
    """

    full_state_update = False
    higher_is_better = True
    is_differentiable = False

    def __init__(
        self, side: Side | Literal["both"] = "both", ties: str = "realistic", macro: bool = False
    ) -> None:
        super().__init__()
        if side not in ("both", *COLUMN):
            raise ValueError(f"side={side!r} is wrong; expected both, {', '.join(COLUMN)}.")
        if ties not in ("realistic", "optimistic", "pessimistic"):
            raise ValueError(f"ties={ties!r} is wrong; expected realistic, optimistic, pessimistic")
        self.side, self.ties, self.macro = side, ties, macro
        for name in ("ranked", "expected", "about"):
            self.add_state(name, default=[], dist_reduce_fx="cat")

    def update(
        self, better: Tensor, equal: Tensor, candidates: Tensor, side: Tensor, relation: Tensor
    ) -> None:
        """Count one batch of ranks; all (B,), `side` the column that was asked for."""
        wanted = (0, 2) if self.side == "both" else (COLUMN[self.side],)
        chosen = torch.isin(side, torch.tensor(wanted, device=side.device))
        counts = {"better": better[chosen], "equal": equal[chosen]}
        states: dict[str, Any] = {
            "ranked": ranks(counts, self.ties),
            "expected": (candidates[chosen].double() + 1) / 2,
            "about": relation[chosen],
        }
        for name, found in states.items():
            getattr(self, name).append(found)

    def _all(self, name: str) -> Tensor:
        found = getattr(self, name)
        joined = found if isinstance(found, Tensor) else torch.cat(found) if found else None
        if joined is None or not len(joined):
            raise ValueError(f"No query for side {self.side!r} was counted.")
        return joined

    def _mean(self, values: Tensor) -> Tensor:
        if not self.macro:
            return values.mean()
        relations = self._all("about")
        means = [values[relations == one].mean() for one in torch.unique(relations)]
        return torch.stack(means).mean()


class MeanReciprocalRank(RankMetric):
    """The mean of 1 / rank."""

    def compute(self) -> Tensor:
        """Return it, within (0, 1]."""
        return self._mean(1 / self._all("ranked"))


class HitsAt(RankMetric):
    """The share of queries whose true answer is among the first k."""

    def __init__(self, k: int = 10, **more: Any) -> None:
        super().__init__(**more)
        if k < 1:
            raise ValueError(f"k={k} is wrong; expected 1 or more.")
        self.k = k

    def compute(self) -> Tensor:
        """Return it, within [0, 1]."""
        return self._mean((self._all("ranked") <= self.k).double())


class MeanRank(RankMetric):
    """The mean rank; its worst is the number of candidates."""

    higher_is_better = False

    def compute(self) -> Tensor:
        """Return it, 1 or more."""
        return self._mean(self._all("ranked"))


class AdjustedMeanRank(RankMetric):
    """The mean rank over the one that random order gives; 1 is chance."""

    higher_is_better = False

    def compute(self) -> Tensor:
        """Return it, above 0 and below 2."""
        return self._mean(self._all("ranked")) / self._mean(self._all("expected"))


class AdjustedMeanRankIndex(RankMetric):
    """1 for perfect ranks, 0 for random order, -1 for the reverse; 1 for a single candidate."""

    def compute(self) -> Tensor:
        """Return it, within [-1, 1]."""
        expected = self._mean(self._all("expected")) - 1
        if float(expected) == 0:
            return torch.ones((), dtype=torch.float64)
        return 1 - (self._mean(self._all("ranked")) - 1) / expected

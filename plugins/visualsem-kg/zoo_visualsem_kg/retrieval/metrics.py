"""Metrics of one true entity a sentence, as `torchmetrics.Metric`: recall@k, MRR, median rank."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric
from zoo_triples.ranking import ranks


class SentenceRanks(Metric):
    """A figure of the realistic ranks of the true entities; ties are shared."""

    full_state_update = False
    higher_is_better = True
    is_differentiable = False
    ranked: Any

    def __init__(self) -> None:
        super().__init__()
        self.add_state("ranked", default=[], dist_reduce_fx="cat")

    def update(self, better: Tensor, equal: Tensor) -> None:
        """Count a batch: how many candidates are better than the true one, and as good (B,)."""
        self.ranked.append(ranks({"better": better, "equal": equal}))

    def all_ranks(self) -> Tensor:
        """Return all ranks; raises `ValueError` where none was counted."""
        found = self.ranked if isinstance(self.ranked, Tensor) else torch.cat([*self.ranked])
        if not len(found):
            raise ValueError("No sentence was counted.")
        return found


class RecallAt(SentenceRanks):
    """The share of sentences whose entity is among the first k, which is Hits@k too."""

    def __init__(self, k: int = 10) -> None:
        super().__init__()
        if k < 1:
            raise ValueError(f"k={k} is wrong; expected 1 or more.")
        self.k = k

    def compute(self) -> Tensor:
        """Return it, within [0, 1]."""
        return (self.all_ranks() <= self.k).double().mean()


class ReciprocalRank(SentenceRanks):
    """The mean of 1 / rank."""

    def compute(self) -> Tensor:
        """Return it, within (0, 1]."""
        return (1 / self.all_ranks()).mean()

"""What the checks share: accuracies of modules, and how seeds are judged."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

import torch

from zoo_core import Estimate, bootstrap
from zoo_mamba_selectivity.data.sequences import SequenceTask


def by_sequence(module: Any, data: SequenceTask) -> list[float]:
    """Return the percentage of right answers in each sequence of the test split."""
    rows: list[float] = []
    queries = data.part("test").queries()[0].shape[1]
    with torch.no_grad():
        for outputs in module.outputs(data.split("test")):
            right = (outputs["logits"].argmax(dim=-1) == outputs["target"]).double()
            rows += (100 * right.view(-1, queries).mean(dim=1)).tolist()
    return rows


def accuracy(module: Any, data: SequenceTask) -> float:
    """Return the share of right answers in the test split."""
    return fmean(by_sequence(module, data)) / 100


def judged(rows: Sequence[Sequence[float]]) -> list[float] | Estimate:
    """Return the mean of each seed's row, or of one seed alone its bootstrap over the sequences."""
    return [fmean(row) for row in rows] if len(rows) > 1 else bootstrap(rows[0])

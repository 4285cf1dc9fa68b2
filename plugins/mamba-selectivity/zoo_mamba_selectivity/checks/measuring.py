"""What the checks share: accuracies of modules, and figures as they are stored."""

from __future__ import annotations

from statistics import fmean
from typing import Any

import torch

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

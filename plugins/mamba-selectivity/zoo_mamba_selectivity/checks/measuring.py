"""What the checks share: accuracies, modules by name or by recipe, figures for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

import numpy as np
import torch

from zoo_core import Estimate, Run, Verdict, load
from zoo_mamba_selectivity.data.keepnth import Keep
from zoo_mamba_selectivity.data.sequences import SequenceTask
from zoo_mamba_selectivity.train import train_keep, train_recall

SEEDS = (0, 1, 2)


def by_sequence(module: Any, data: SequenceTask, split: str = "test") -> list[float]:
    """Return the share of right answers in each sequence of a split."""
    rows: list[float] = []
    queries = data.part(split).queries()[0].shape[1]
    with torch.no_grad():
        for scores, answers in module.outputs_and_targets(data, split):
            right = (scores.argmax(dim=-1) == answers).double()
            rows += right.view(-1, queries).mean(dim=1).tolist()
    return rows


def accuracy(module: Any, data: SequenceTask, split: str = "test") -> float:
    """Return the share of right answers in a split."""
    return fmean(by_sequence(module, data, split))


def loaded(name: str) -> Any:
    """Return a registered model with its weights; typed loosely, as its class is a string."""
    return load(name)


def trained(data: SequenceTask, config: Mapping[str, Any], seed: int) -> Any:
    """Return a network trained on a task by the recipe that is made for it."""
    recipe = train_keep if isinstance(data, Keep) else train_recall
    return recipe([Run(data=data, seed=seed)], config, _silent)[0]


def _silent(steps: Iterable[Any], **_: Any) -> Iterable[Any]:
    return steps


def if_all(*holds: bool) -> Verdict:
    """Return the verdict of figures that have no spread."""
    return "holds" if all(holds) else "fails"


def told(found: Estimate) -> str:
    """Return a mean and its standard error as text."""
    return f"{found.mean:.3f} ± {found.error:.3f}"


def short(value: Any) -> Any:
    """Return numbers, in whatever containers, with five significant digits."""
    if isinstance(value, dict):
        return {str(key): short(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [short(item) for item in value]
    return float(f"{float(value):.5g}")

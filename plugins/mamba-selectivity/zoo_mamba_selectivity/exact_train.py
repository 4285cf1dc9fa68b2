"""The recipes of the exact models: they are built from their config, and nothing is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from zoo_core.building import construct
from zoo_core.interfaces import Run
from zoo_mamba_selectivity.exact_haar import ExactHaar
from zoo_mamba_selectivity.exact_keepnth import ExactKeepNth
from zoo_mamba_selectivity.exact_recall import ExactRecall

Progress = Callable[..., Any]


def build_recall(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Return an `ExactRecall` for each run; data and the run's seed are not used."""
    return [construct(ExactRecall, config, "recall-exact").eval() for _ in runs]


def build_keepnth(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Return an `ExactKeepNth` for each run; data and the run's seed are not used."""
    return [construct(ExactKeepNth, config, "keepnth-exact").eval() for _ in runs]


def build_haar(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Return an `ExactHaar` for each run; data and the run's seed are not used."""
    return [construct(ExactHaar, config, "haar-exact").eval() for _ in runs]

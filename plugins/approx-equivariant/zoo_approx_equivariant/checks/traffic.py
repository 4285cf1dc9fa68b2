"""Claims on traffic: networks of each group of the sensors, trained alike, measured by run.

Two measures of spread: over three seeds; where one run is all there is, over blocks of two hours of
the test, as errors of neighbouring minutes go together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_signals.forecasting import error_of, errors_by_window

from zoo_approx_equivariant.specs.models import DCRNN_RECIPE
from zoo_approx_equivariant.traffic.persistence import Persistence
from zoo_approx_equivariant.traffic.training import train_forecasts
from zoo_core import Estimate, Finding, Run, bootstrap, create, dataset, load

SEEDS = (0, 1, 2)
GROUPS = {"one cluster": 1, "two clusters": 2, "nine clusters": 9}
NONE = "no sharing"
"""Each sensor has weights of its own: no permutation is left."""
SHIPPED = {
    "one cluster": "dcrnn-metrla",
    "two clusters": "autdcrnn2-metrla",
    "nine clusters": "autdcrnn9-metrla",
}
"""Networks of seed 0 that need no training again."""
EPOCHS = int(DCRNN_RECIPE["epochs"])
BLOCK = 24
"""Windows of a block: two hours."""


def data_of(group: str) -> Any:
    """Return the week with the partition of a group."""
    if group == NONE:
        week = dataset("metr-la-week")
        return replace(week, clusters=np.arange(len(week.graph)))
    return dataset("metr-la-week", clusters=GROUPS[group])


@cache
def network(group: str, seed: int, epochs: int) -> Any:
    """Return the shipped network of a group, or one that is trained with another seed."""
    if seed == 0 and group in SHIPPED and epochs == EPOCHS:
        return load(SHIPPED[group])

    def make(**shape: Any) -> Any:
        torch.manual_seed(seed)
        return create("dcrnn", **shape)

    recipe = {**DCRNN_RECIPE, "epochs": epochs}
    run = Run(data=data_of(group), seed=seed, make=make, recipe=recipe)
    with torch.random.fork_rng(devices=[]):
        return train_forecasts(run, lambda steps, **_: steps)


def error(group: str, seed: int, epochs: int, split: str = "test") -> float:
    """Return the mean absolute error of a group's network in mph."""
    return error_of(network(group, seed, epochs), data_of(group), split)


def over_seeds(epochs: int, seeds: Sequence[int], split: str = "test") -> dict[str, list[float]]:
    """Return the errors of the three groups that are shipped, one a seed."""
    return {group: [error(group, seed, epochs, split) for seed in seeds] for group in GROUPS}


def ahead(epochs: int = EPOCHS, seeds: Sequence[int] = SEEDS) -> Finding:
    """Measure by how much each network is ahead of what was last known."""
    found, week = over_seeds(epochs, seeds), dataset("metr-la-week")
    last = error_of(Persistence(), week, "test")
    first = {
        group: _blocked(errors_by_window(Persistence(), week, "test"), _windows(group, epochs))
        for group in GROUPS
    }
    return Finding(
        quantities={
            f"persistence minus {group}": [last - one for one in found[group]] for group in GROUPS
        },
        told="one run over blocks of two hours: "
        + ", ".join(f"{group} {one.mean:.3f} ± {one.reach:.3f}" for group, one in first.items()),
        figures={**found, "persistence": last, "by step": _by_step(epochs)},
        seeds=tuple(seeds),
    )


def clusters(epochs: int = EPOCHS, seeds: Sequence[int] = SEEDS) -> Finding:
    """Measure how far networks with clusters are behind the one that has one."""
    found = over_seeds(epochs, seeds)
    return Finding(
        quantities={
            f"{group} minus one cluster": _minus(found[group], found["one cluster"])
            for group in ("two clusters", "nine clusters")
        },
        figures=found,
        seeds=tuple(seeds),
    )


def between(epochs: int = EPOCHS, seeds: Sequence[int] = SEEDS) -> Finding:
    """Measure the clusters that the validation part chooses, against both ends of the chain."""
    found, kept = over_seeds(epochs, seeds), over_seeds(epochs, seeds, "val")
    chosen = min(("two clusters", "nine clusters"), key=lambda group: float(np.mean(kept[group])))
    return Finding(
        quantities={
            "the chosen clusters minus one cluster": _minus(found[chosen], found["one cluster"]),
            "the chosen clusters minus no sharing": _blocked(
                _windows(chosen, epochs), _windows(NONE, epochs)
            ),
        },
        told=f"{chosen} are chosen; no sharing has one run, its spread over blocks of two hours",
        figures={
            **found,
            NONE: [error(NONE, 0, epochs)],
            **{f"{group}, validation": values for group, values in kept.items()},
        },
        seeds=tuple(seeds),
    )


def _by_step(epochs: int) -> dict[str, list[float]]:
    """Return the error in mph of each step ahead, of seed 0 and of what was last known."""
    modules = {group: network(group, 0, epochs) for group in GROUPS}
    found = {}
    for group, module in {"persistence": Persistence(), **modules}.items():
        data = data_of(group if group in GROUPS else "one cluster")
        gaps = [
            (one["prediction"] - one["target"]).abs() for one in module.outputs(data.split("test"))
        ]
        # The week has no missing readings.
        found[group] = torch.cat(gaps).double().mean((0, 2)).tolist()
    return found


def _windows(group: str, epochs: int) -> Tensor:
    return errors_by_window(network(group, 0, epochs), data_of(group), "test")


def _blocked(first: Tensor, second: Tensor) -> Estimate:
    """Return the first error minus the second over the same windows, with blocks of time drawn."""
    gaps = ((first[:, 0] - second[:, 0]) / first[:, 1]).numpy()
    blocks = np.array_split(gaps, max(2, round(len(gaps) / BLOCK)))
    return bootstrap([float(one.mean()) for one in blocks])


def _minus(first: Sequence[float], second: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(first, second, strict=True)]

"""Claims on merger trees: networks trained alike, measured by run, beside what learns nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_core import Estimate, Finding, bootstrap, dataset, retrained
from zoo_cosmobench.checks import scores
from zoo_cosmobench.trees.forest import NAMES, Trees
from zoo_cosmobench.trees.infilling import Infill
from zoo_cosmobench.trees.neighbours import (
    boosted_answers,
    local_of,
    nearest_answers,
    nearest_targets,
)
from zoo_cosmobench.trees.training import residuals

SHIPPED = {"DeepSet": "cosmo-deepset-trees-mini", "MPNN": "cosmo-mpnn-trees-mini"}
INFILL = "cosmo-mpnn-infill-mini"
LOCAL = {"scale factors": (3, 7, 11), "all features": tuple(range(12))}
"""The columns of a merger and its children that nearest neighbours are asked by."""


def r2(error: Tensor, target: Tensor) -> list[float]:
    """Return 1 - mean squared error / variance of each column of (m, 2)."""
    error, target = error.double(), target.double()
    values = 1 - error.square().mean(0) / target.var(0, correction=0)
    return [float(one) for one in values]


def by_universe(data: Trees, error: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean error, and the targets, of the trees of each universe (u, 2)."""
    _, place = torch.unique(data.simulations[rows], return_inverse=True)
    count = place.bincount()[:, None]
    shape = (len(count), error.shape[1])
    mean, target = (
        torch.zeros(shape).index_add(0, place, one) / count for one in (error, data.targets[rows])
    )
    return mean, target


def measured(seeds: Sequence[int], names: Sequence[str]) -> dict[str, list[float]]:
    """Return R2 of networks on the test trees by target, of one tree and of all of a universe."""
    data: Trees = dataset("cosmo-mini-trees")
    rows = data.rows["test"]
    found: dict[str, list[float]] = {}
    for name in names:
        for seed in seeds:
            error = residuals(retrained(SHIPPED[name], seed), data, "test")
            for target, value in zip(NAMES, r2(error, data.targets[rows]), strict=True):
                found.setdefault(f"{name}, {target}", []).append(value)
            whole = r2(*by_universe(data, error, rows))
            for target, value in zip(NAMES, whole, strict=True):
                found.setdefault(f"{name}, {target}, mean of four trees", []).append(value)
    return found


def parameters(seeds: Sequence[int] = (0,)) -> Finding:
    """Measure the network that passes messages; one run has its spread over the test trees."""
    found = measured(seeds, ["MPNN"])
    runs = {"MPNN": [_errors("MPNN", seed) for seed in seeds]}
    return Finding(
        quantities={
            f"MPNN, {target}": _score(runs["MPNN"], column) for column, target in enumerate(NAMES)
        },
        told=_told(found),
        figures=found,
        seeds=tuple(seeds),
    )


def topology(seeds: Sequence[int] = (0,)) -> Finding:
    """Measure by how much messages are ahead of haloes alone."""
    found = measured(seeds, ["DeepSet", "MPNN"])
    first, second = ([_errors(name, seed) for seed in seeds] for name in ("MPNN", "DeepSet"))
    return Finding(
        quantities={"MPNN minus DeepSet, sigma_8": _gap(first, second, NAMES.index("sigma_8"))},
        told=_told(found),
        figures=found,
        seeds=tuple(seeds),
    )


def neighbour(seeds: Sequence[int] = (0,)) -> Finding:
    """Measure by how much both networks are ahead of the nearest tree by Kolmogorov-Smirnov."""
    data: Trees = dataset("cosmo-mini-trees")
    target = data.targets[data.rows["test"]]
    error = nearest_targets(data) - target
    nearest = dict(zip(NAMES, r2(error, target), strict=True))
    found = measured(seeds, ["DeepSet", "MPNN"])
    return Finding(
        quantities={
            f"{name} minus nearest neighbour, {one}": _gap(
                [_errors(name, seed) for seed in seeds], [error] * len(seeds), column
            )
            for name in ("DeepSet", "MPNN")
            for column, one in enumerate(NAMES)
        },
        told="nearest neighbour: " + ", ".join(f"{one} {nearest[one]:.3f}" for one in NAMES),
        figures={**found, **{f"nearest neighbour, {one}": nearest[one] for one in NAMES}},
        seeds=tuple(seeds),
    )


def _errors(name: str, seed: int) -> Tensor:
    """Return predictions minus targets (m, 2) of a network on the test trees."""
    return residuals(retrained(SHIPPED[name], seed), dataset("cosmo-mini-trees"), "test")


def _truth(column: int) -> NDArray[np.float64]:
    data: Trees = dataset("cosmo-mini-trees")
    return data.targets[data.rows["test"]][:, column].double().numpy()


def _score(runs: Sequence[Tensor], column: int) -> Estimate | list[float]:
    """Return R2 of each run; of a single run with its spread over the test trees."""
    truth = _truth(column)
    found = [scores.r2(one[:, column].double().numpy(), truth) for one in runs]
    return found[0] if len(found) == 1 else [one.mean for one in found]


def _gap(first: Sequence[Tensor], second: Sequence[Tensor], column: int) -> Estimate | list[float]:
    """Return by how much R2 of the first is above that of the second, as `_score` does."""
    truth = _truth(column)
    found = [
        scores.r2_gap(one[:, column].double().numpy(), other[:, column].double().numpy(), truth)
        for one, other in zip(first, second, strict=True)
    ]
    return found[0] if len(found) == 1 else [one.mean for one in found]


@torch.no_grad()
def answers(module: Any, data: Infill, split: str = "test") -> NDArray[np.int64]:
    """Return the network's answers (m,) on the trees of a split."""
    module.eval()
    return torch.cat([one["logits"].argmax(1) for one in module.outputs(data.split(split))]).numpy()


def infilling(seeds: Sequence[int] = (0,)) -> Finding:
    """Measure answers on hidden mergers, beside the commoner answer, neighbours and boosting.

    One run has its spread over the test mergers, several theirs over runs.
    """
    data: Infill = dataset("cosmo-mini-infill")
    truth = local_of(data, "test")[1]
    near = {name: nearest_answers(data, columns)[0] for name, columns in LOCAL.items()}
    best = max(near, key=lambda name: _right(near[name], truth).mean())
    others = {
        "the commoner answer": np.full_like(truth, int(local_of(data, "train")[1].mean() > 0.5)),
        **{f"nearest neighbours, {name}": one for name, one in near.items()},
        "gradient boosting": boosted_answers(data),
    }
    beside = {name: float(_right(one, truth).mean()) for name, one in others.items()}
    given = [answers(retrained(INFILL, seed), data) for seed in seeds]
    right = [_right(one, truth) for one in given]
    balanced = [
        float(np.mean([_right(one[truth == kind], kind).mean() for kind in (0, 1)]))
        for one in given
    ]
    commoner = _right(others["the commoner answer"], truth)
    return Finding(
        quantities={
            "MPNN": _over(right),
            "MPNN minus the commoner answer": _over([one - commoner for one in right]),
            "MPNN minus nearest neighbours": _over(
                [one - _right(near[best], truth) for one in right]
            ),
        },
        told=", ".join(f"{name} {value:.1f} %" for name, value in beside.items())
        + f"; balanced accuracy of the MPNN {np.mean(balanced):.1f} %",
        figures={
            "MPNN": [float(one.mean()) for one in right],
            "MPNN, balanced": balanced,
            **beside,
        },
        seeds=tuple(seeds),
    )


def _right(found: NDArray[np.int64], truth: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """Return 100 for each right answer, and 0 for others."""
    return np.where(found == truth, 100.0, 0.0)


def _over(runs: Sequence[NDArray[np.float64]]) -> Estimate | list[float]:
    """Return the mean of each run's outcomes; of a single run with its spread over them."""
    if len(runs) == 1:
        return bootstrap(runs[0].tolist())
    return [float(one.mean()) for one in runs]


def _told(found: dict[str, list[float]]) -> str:
    return "; ".join(f"{name} {np.mean(values):.3f}" for name, values in found.items())

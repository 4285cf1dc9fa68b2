"""Claims on clouds: EGNN-Gt and each single scale, with the two-point function beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from torch import Tensor
from zoo_clouds.clouds import Clouds
from zoo_clouds.correlation import log_bins, two_point

from zoo_core import Estimate, Finding, dataset, retrained

POINTS = 512
SHIPPED = {
    "Gt(20, 40)": "egnn-gt-cosmo-mini",
    "c = 20": "egnn-cosmo-mini-c1",
    "c = 40": "egnn-cosmo-mini-c2",
}
TARGET = "sigma_8"
DRAWS = 2000
BINS = log_bins(2.0, 110.0, 20)
PENALTIES = tuple(10.0**power for power in range(-3, 4))

Floats = NDArray[np.float64]


def scales(seeds: Sequence[int] = (0,)) -> Finding:
    """Measure R2 of sigma_8 of the graph-tuple and of each scale alone, trained with each seed.

    The test clouds are drawn anew, the same for all networks, and with them the seeds where there
    are several.
    """
    data = dataset("cosmo-mini-clouds", points=POINTS)
    outputs = {
        name: [tested(retrained(shipped, seed), data) for seed in seeds]
        for name, shipped in SHIPPED.items()
    }
    each = {name: [r2(*one) for one in runs] for name, runs in outputs.items()}
    found = {name: float(np.mean(runs)) for name, runs in each.items()}
    draws = {name: redrawn(runs) for name, runs in outputs.items()}
    both = two_point_score(data)
    first, *single = SHIPPED
    quantities = {f"R2 of {first}": interval(found[first], draws[first], len(seeds))}
    for name in single:
        quantities[f"{first} minus {name}"] = interval(
            found[first] - found[name], draws[first] - draws[name], len(seeds)
        )
    means = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
    return Finding(
        quantities=quantities,
        told=f"{means}; ridge regression on the two-point function of the same clouds {both:.3f}",
        figures={**each, "two-point function": both},
        seeds=tuple(seeds),
    )


def interval(mean: float, draws: Floats, runs: int = 1) -> Estimate:
    """Return what was measured with the reach of 95 percent of what was drawn anew."""
    low, high = np.quantile(draws, [0.025, 0.975])
    reach = float(max(high - mean, mean - low))
    return Estimate(mean=mean, error=float(draws.std()), reach=reach, runs=runs)


@torch.no_grad()
def tested(module: Any, data: Clouds, split: str = "test") -> tuple[Floats, Floats]:
    """Return predictions and true values (m,) of the network's first target on a split."""
    module.eval()
    batches = list(module.outputs(data.split(split)))
    found, true = (
        torch.cat([one[name] for one in batches])[:, 0].double().cpu().numpy()
        for name in ("prediction", "target")
    )
    return found, true


def r2(found: Floats, true: Floats) -> float:
    """Return 1 - the mean squared error over the variance of what is true."""
    return float(1 - np.mean((found - true) ** 2) / np.var(true))


def redrawn(runs: Sequence[tuple[Floats, Floats]], seed: int = 0) -> Floats:
    """Return the mean R2 (draws,) of runs, with clouds and runs drawn anew.

    Each run has predictions and true values (m,) of the same clouds; what is drawn depends on the
    numbers of clouds and of runs alone.
    """
    true = runs[0][1]
    draw = np.random.default_rng(seed)
    rows = draw.integers(0, len(true), (DRAWS, len(true)))
    chosen = draw.integers(0, len(runs), (DRAWS, len(runs)))
    errors = np.stack([((found - true)[rows] ** 2).mean(1) for found, _ in runs], axis=1)
    scores: Floats = 1 - np.take_along_axis(errors, chosen, 1).mean(1) / true[rows].var(1)
    return scores


def two_point_score(data: Clouds) -> float:
    """Return R2 of sigma_8 by ridge regression on log(xi + 1.05) in 20 bins of log r.

    The penalty is chosen by the validation clouds.
    """
    column = list(data.names).index(TARGET)
    rows = {name: statistics(data, data.rows[name]) for name in ("train", "val", "test")}
    true = {name: data.targets[data.rows[name]][:, column].double().numpy() for name in rows}
    scaler = StandardScaler().fit(rows["train"])
    fitted = [
        Ridge(alpha=alpha).fit(scaler.transform(rows["train"]), true["train"])
        for alpha in PENALTIES
    ]
    best = max(fitted, key=lambda one: one.score(scaler.transform(rows["val"]), true["val"]))
    return float(best.score(scaler.transform(rows["test"]), true["test"]))


def statistics(data: Clouds, rows: Tensor) -> Floats:
    """Return log(xi + 1.05) (m, bins) of clouds; 1.05 as xi is -1 where a bin has no pair."""
    return np.stack(
        [np.log(two_point(cloud.positions, cloud.box, BINS) + 1.05) for cloud in data.ready(rows)]
    )

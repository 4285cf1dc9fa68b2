"""Claims on parameters of clouds: every cloud is tested once, by models that did not see it.

Five folds: clouds 0, 5, 10 … are the first test, the next ones the second, and so on; of the others
a fifth chooses (radii, epochs). So there are 1,024 test clouds, for 205 of the benchmark's split.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from zoo_clouds.clouds import Clouds
from zoo_clouds.correlation import two_point_of
from zoo_clouds.pairs import pairs_of

from zoo_core import Estimate, Finding, Run, bootstrap, create, dataset, load
from zoo_cosmobench.checks.scores import r2, r2_gap
from zoo_cosmobench.parameters.least_squares import excess
from zoo_cosmobench.parameters.training import (
    described,
    fit_least_squares,
    fit_two_point,
)
from zoo_cosmobench.specs.claims import PARAMETERS
from zoo_cosmobench.specs.models import ARCHITECTURES

Array = NDArray[np.float64]
ARCHITECTURE = {spec.name: spec for spec in ARCHITECTURES}
FOLDS = 5


def folded(data: Clouds, fold: int) -> Clouds:
    """Return the same clouds with another split."""
    numbers = torch.arange(len(data.targets))
    rest = numbers[numbers % FOLDS != fold]
    chooses = torch.arange(len(rest)) % FOLDS == 0
    rows = {
        "train": rest[~chooses],
        "val": rest[chooses],
        "test": numbers[numbers % FOLDS == fold],
    }
    return replace(data, rows=rows)


def _clouds(count: int) -> Clouds:
    data: Clouds = dataset("cosmo-mini-clouds")
    return replace(data, targets=data.targets[:count])


def run_of(architecture: str, data: Any, **recipe: Any) -> Run:
    """Return an architecture's run on data, seed 0, with other settings of its recipe."""
    spec = ARCHITECTURE[architecture]

    def make(**shape: Any) -> Any:
        torch.manual_seed(0)
        return create(architecture, **{**spec.shape, **shape})

    return Run(data=data, seed=0, make=make, shape=spec.shape, recipe={**spec.recipe, **recipe})


def quietly(steps: Any, **_: Any) -> Any:
    """Return the steps of a training as they are: no progress is shown."""
    return steps


@cache
def described_clouds(count: int) -> tuple[list[float], Array, Tensor]:
    """Return candidate radii, statistics (m, R, 4) and two-point functions (m, b) of clouds.

    Both are of the same pairs, counted once for all folds.
    """
    data = _clouds(count)
    recipe, shape = ARCHITECTURE["cosmo-lls-param"].recipe, described(folded(data, 0))
    steps = np.arange(1, recipe["candidates"] + 1) * recipe["largest"]
    radii = (steps * shape["length"] / recipe["candidates"]).round(6).tolist()
    edges = create("cosmo-2pcf-mlp", **shape).edges
    statistics, functions = [], []
    for cloud in data.ready(torch.arange(count)):
        pairs = pairs_of(cloud.positions, cloud.box, max(radii))
        statistics.append(excess(pairs, radii))
        functions.append(two_point_of(pairs, edges))
    return radii, np.array(statistics), torch.from_numpy(np.array(functions)).float()


@cache
def least_squares_errors(count: int) -> tuple[Array, Array, tuple[Any, ...]]:
    """Return errors and truths (m, 2) over all folds, and the radii of each fold.

    `count` is how many of the clouds are taken, the first.
    """
    data = _clouds(count)
    shape = described(folded(data, 0))
    radii, known, _ = described_clouds(count)
    gaps, truths, chosen = [], [], []
    for fold in range(FOLDS):
        part = folded(data, fold)
        parts = {name: known[part.rows[name].numpy()] for name in ("train", "val")}
        run = run_of("cosmo-lls-param", part)
        module: Any = fit_least_squares(run, shape, [radii] * 2, radii, parts)
        rows = part.rows["test"]
        places = [[radii.index(one) for one in each] for each in module.radii]
        inputs = np.stack([known[rows.numpy()][:, each] for each in places], 1)
        with torch.no_grad():
            found = module(torch.from_numpy(inputs).float()).double()
        gaps.append((found - data.targets[rows]).numpy())
        truths.append(data.targets[rows].double().numpy())
        chosen.append(module.radii)
    return np.concatenate(gaps), np.concatenate(truths), tuple(chosen)


@cache
def two_point_errors(count: int) -> tuple[Array, Array]:
    """Return errors and truths (m, 2) over all folds."""
    data = _clouds(count)
    shape = described(folded(data, 0))
    _, _, functions = described_clouds(count)
    known = [(one,) for one in functions]
    gaps, truths = [], []
    for fold in range(FOLDS):
        part = folded(data, fold)
        pieces = {name: [known[row] for row in part.rows[name].tolist()] for name in part.rows}
        run = run_of("cosmo-2pcf-mlp", part)
        with torch.random.fork_rng(devices=[]):
            module: Any = fit_two_point(run.make(**shape), pieces, run, quietly).eval()
        with torch.no_grad():
            found = module(*module.collated(pieces["test"])).double()
        truth = data.targets[part.rows["test"]].double()
        gaps.append((found - truth).numpy())
        truths.append(truth.numpy())
    return np.concatenate(gaps), np.concatenate(truths)


@torch.no_grad()
def predicted(module: Any, data: Any) -> tuple[Array, Array]:
    """Return errors and true values (m, 2) of the test clouds."""
    both = list(module.outputs(data.split("test")))
    truth = torch.cat([one["target"] for one in both]).double().numpy()
    found = torch.cat([one["prediction"] for one in both]).double().numpy()
    return found - truth, truth


def least_squares(count: int = 1024) -> Finding:
    """Measure R2 of least squares over the folds, and of the shipped model on its test clouds."""
    gaps, truth, radii = least_squares_errors(count)
    own, true = predicted(load("cosmo-lls-param-mini"), dataset("cosmo-mini-clouds"))
    shipped = [_r2(own, true, number) for number in range(len(PARAMETERS))]
    return Finding(
        quantities={
            f"least squares, {name}": _r2(gaps, truth, number)
            for number, name in enumerate(PARAMETERS)
        },
        told="five folds; the shipped model on the 205 test clouds has "
        + ", ".join(
            f"{one.mean:.3f} ± {one.reach:.3f} ({name})"
            for name, one in zip(PARAMETERS, shipped, strict=True)
        ),
        figures={
            "radii": list(radii),
            "predicted": own + true,
            "true": true,
        },
    )


def two_point(count: int = 1024) -> Finding:
    """Measure how far least squares is behind the two-point function, on the same clouds."""
    first, truth = two_point_errors(count)
    second, _, _ = least_squares_errors(count)
    return Finding(
        quantities={
            f"two-point function minus least squares, {name}": r2_gap(
                first[:, number], second[:, number], truth[:, number]
            )
            for number, name in enumerate(PARAMETERS)
        },
        told="R2 over five folds, two-point function "
        + " / ".join(f"{_r2(first, truth, n).mean:.3f}" for n in range(2))
        + ", least squares "
        + " / ".join(f"{_r2(second, truth, n).mean:.3f}" for n in range(2)),
        figures={
            name: [_r2(gaps, truth, number).mean for number in range(2)]
            for name, gaps in (("two-point function", first), ("least squares", second))
        },
    )


def network() -> Finding:
    """Measure how far the shipped network is ahead of least squares on the test clouds."""
    data = dataset("cosmo-mini-clouds")
    found = {
        name: predicted(load(f"cosmo-{name}-mini"), data)
        for name in ("gnn-param", "lls-param", "2pcf-mlp")
    }
    truth = found["lls-param"][1]
    each = {
        name: [_r2(gaps, truth, number) for number in range(2)] for name, (gaps, _) in found.items()
    }
    return Finding(
        quantities={
            f"graph network minus least squares, {name}": r2_gap(
                found["gnn-param"][0][:, number], found["lls-param"][0][:, number], truth[:, number]
            )
            for number, name in enumerate(PARAMETERS)
        },
        told="R2 on the 205 test clouds: "
        + "; ".join(
            f"{name} {both[0].mean:.3f} / {both[1].mean:.3f}" for name, both in each.items()
        ),
        figures={name: gaps + truth for name, (gaps, _) in found.items()} | {"true": truth},
    )


def intervals() -> Finding:
    """Measure how many test clouds lie within the intervals of the shipped least squares."""
    module: Any = load("cosmo-lls-param-mini")
    gaps, _ = predicted(module, dataset("cosmo-mini-clouds"))
    within = np.abs(gaps) <= module.reach.double().numpy()
    return Finding(
        quantities={
            f"test clouds within, {name}": bootstrap((100.0 * within[:, number]).tolist())
            for number, name in enumerate(PARAMETERS)
        },
        told="half widths "
        + ", ".join(
            f"{float(one):.3f} ({name})" for name, one in zip(PARAMETERS, module.reach, strict=True)
        ),
    )


def _r2(gaps: Array, truth: Array, number: int) -> Estimate:
    return r2(gaps[:, number], truth[:, number])

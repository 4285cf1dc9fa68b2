"""Claims on the benchmark's own data: models are trained on them, and measured on their test parts.

Claims download nothing by themselves, and these are gigabytes: where the files are not here yet,
`DataError` tells how to have them, and the claim is skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from zoo_clouds.specs.data import DATASETS as OF_CLOUDS

from zoo_core import DataError, Finding, available, dataset
from zoo_cosmobench.checks.parameters import predicted, quietly, run_of
from zoo_cosmobench.checks.scores import r2, r2_gap, ratio_r2
from zoo_cosmobench.checks.velocities import sums
from zoo_cosmobench.specs.claims import PARAMETERS
from zoo_cosmobench.specs.data import TREES as OF_TREES
from zoo_cosmobench.train import train_least_squares, train_linear_velocity
from zoo_cosmobench.trees.training import residuals, train_trees

TREES = {"DeepSet": "cosmo-deepset-trees", "MPNN": "cosmo-mpnn-trees"}


def parameters(suite: str) -> Finding:
    """Fit least squares with the paper's radii to the clouds of a suite ("CAMELS", say)."""
    data = at_hand(f"cosmobench-{suite.lower()}")
    module = trained("cosmo-lls-param", train_least_squares, data, choose="published")
    gaps, truth = predicted(module, data)
    return Finding(
        quantities={
            f"least squares, {name}": r2(gaps[:, column], truth[:, column])
            for column, name in enumerate(PARAMETERS)
        },
        told=f"{len(truth):,} test clouds of {suite}",
    )


def velocities(suite: str) -> Finding:
    """Fit least squares with the paper's frequencies and powers to the velocities of a suite."""
    data = at_hand(f"cosmobench-{suite.lower()}")
    found = sums(trained("cosmo-lls-velocity", train_linear_velocity, data, published=True), data)
    return Finding(
        quantities={"least squares": ratio_r2(found)},
        told=f"{len(found):,} test clouds of {suite}",
    )


def trees() -> Finding:
    """Train both networks on the benchmark's merger trees."""
    data = at_hand("cosmobench-trees")
    truth = data.targets[data.rows["test"]].double().numpy()
    gaps = {
        name: residuals(trained(architecture, train_trees, data), data, "test").double().numpy()
        for name, architecture in TREES.items()
    }
    last = len(PARAMETERS) - 1
    return Finding(
        quantities={
            **{
                f"MPNN, {name}": r2(gaps["MPNN"][:, column], truth[:, column])
                for column, name in enumerate(PARAMETERS)
            },
            f"MPNN minus DeepSet, {PARAMETERS[last]}": r2_gap(
                gaps["MPNN"][:, last], gaps["DeepSet"][:, last], truth[:, last]
            ),
        },
        told=f"{len(truth):,} test trees",
    )


def at_hand(name: str) -> Any:
    """Return a dataset whose files are in the mirror or the cache; raises `DataError` otherwise."""
    (spec,) = (one for one in (*OF_CLOUDS, *OF_TREES) if one.name == name)
    missing = [file.path for file in spec.files if available(file) is None]
    if missing:
        raise DataError(
            f"{missing[0]} is not here: this claim is measured where {name} has been downloaded, "
            f"by zoo.dataset({name!r})."
        )
    return dataset(name)


def trained(architecture: str, train: Callable[..., Any], data: Any, **recipe: Any) -> Any:
    """Return an architecture that is trained on data by its recipe, seed 0, with settings."""
    with torch.random.fork_rng(devices=[]):
        return train(run_of(architecture, data, **recipe), quietly).eval()

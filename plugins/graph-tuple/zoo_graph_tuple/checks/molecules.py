"""Claims on molecules: GINE-Gt against the paper's networks, and against a fair one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from zoo_molecules.molecules import Molecules

from zoo_core import Estimate, Finding, Run, bootstrap, create, dataset, load
from zoo_graph_tuple.specs.models import MOLECULES
from zoo_graph_tuple.train import train_molecules

SHIPPED = {"GINE-Gt": "gine-gt-qm7", "strong": "gine-qm7-strong", "dense": "gine-qm7-dense"}
FAIR: dict[str, dict[str, Any]] = {
    "GINE-Gt": {"thresholds": [2.0], "hidden": 48},
    "fair dense": {"thresholds": [], "hidden": 84},
}
"""Both with residuals and layer normalisation; of about as many weights."""
Floats = NDArray[np.float64]


def plain() -> Finding:
    """Measure the shipped networks on the test molecules, each against the graph-tuple."""
    data = dataset("qm7")
    gaps = {name: errors(load(model), data) for name, model in SHIPPED.items()}
    return Finding(
        quantities={
            "GINE-Gt": bootstrap(gaps["GINE-Gt"].tolist()),
            **{
                f"GINE-Gt over {name}": ratio(gaps["GINE-Gt"], gaps[name])
                for name in ("strong", "dense")
            },
        },
        told=", ".join(f"{name} {gap.mean():.2f}" for name, gap in gaps.items())
        + " kcal/mol; one run each, its spread over test molecules",
        figures={name: float(gap.mean()) for name, gap in gaps.items()},
    )


def fair(molecules: int, epochs: int, seeds: Sequence[int] = (0, 1, 2)) -> Finding:
    """Measure both networks of `FAIR` by run, trained alike on the first training molecules."""
    data = dataset("qm7")
    few = replace(data, rows={**data.rows, "train": data.rows["train"][:molecules]})
    found: dict[str, list[float]] = {name: [] for name in FAIR}
    weights = {}
    for seed in seeds:
        for name, shape in FAIR.items():
            module = trained(few, shape, epochs, seed)
            found[name].append(float(errors(module, data).mean()))
            weights[name] = sum(one.numel() for one in module.parameters())
    return Finding(
        quantities={
            "GINE-Gt over fair dense": [
                one / other
                for one, other in zip(found["GINE-Gt"], found["fair dense"], strict=True)
            ]
        },
        told=", ".join(
            f"{name} {np.mean(runs):.2f} kcal/mol with {weights[name]:,} weights"
            for name, runs in found.items()
        ),
        figures=found,
        seeds=tuple(seeds),
    )


def trained(data: Molecules, shape: dict[str, Any], epochs: int, seed: int) -> Any:
    """Return a network that is trained with a seed, as `zoo train` does it."""

    def make(**more: Any) -> Any:
        torch.manual_seed(seed)
        return create("gine-gt", **{**shape, **more})

    recipe = {**MOLECULES, "epochs": epochs}
    run = Run(data=data, seed=seed, make=make, shape=shape, recipe=recipe)
    with torch.random.fork_rng(devices=[]):
        return train_molecules(run, lambda steps, **_: steps)


@torch.no_grad()
def errors(module: Any, data: Molecules, split: str = "test") -> Floats:
    """Return the absolute error of the first target for each molecule (m,), in its unit."""
    module.eval()
    gaps = [
        (one["prediction"] - one["target"])[:, 0].abs() for one in module.outputs(data.split(split))
    ]
    return torch.cat(gaps).double().cpu().numpy()


def ratio(first: Floats, second: Floats, draws: int = 2000, seed: int = 0) -> Estimate:
    """Return the ratio of two mean errors on the same molecules, with molecules drawn anew."""
    draw = np.random.default_rng(seed)
    rows = draw.integers(0, len(first), (draws, len(first)))
    found = first[rows].mean(1) / second[rows].mean(1)
    low, high = np.quantile(found, [0.025, 0.975])
    mean = float(first.mean() / second.mean())
    reach = float(max(high - mean, mean - low))
    return Estimate(mean=mean, error=float(found.std()), reach=reach)

"""Why training does not find the construction: what it makes of a layer that starts there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
import torch

from zoo_core import Finding, Run, measure, rounded
from zoo_mamba_selectivity.checks.haar import LEARNED_ROW
from zoo_mamba_selectivity.data.signals import HaarSignals, gaussian
from zoo_mamba_selectivity.exact.thresholds import DECAY, SHARPNESS, haar_ramps
from zoo_mamba_selectivity.haar import basis
from zoo_mamba_selectivity.haar.layers import HaarLayer
from zoo_mamba_selectivity.train import train_layer

LENGTH = 256
CHANNELS = 8
MOVED = 4.0
"""Samples by which thresholds are moved at most, either way."""
RATES = (1e-2, 1e-4, 1e-6)
"""That of the model s6-haar, and smaller ones."""
RECIPE = {"updates": 800, "warmup": 100, "batch_size": 64, "step_lr": 10.0}
SEEDS = (0, 1, 2)


def constructed(moved: float = 0.0, seed: int = 0) -> HaarLayer:
    """Return an S6 layer with the weights of the construction, its thresholds moved at random.

    Each of the six goes up to `moved` samples either way; two channels of the eight are not read.
    """
    thresholds, weights = haar_ramps(LENGTH, [LEARNED_ROW])
    generator = np.random.default_rng(seed)
    thresholds = thresholds + generator.uniform(-moved, moved, len(thresholds))
    module = HaarLayer("s6", LENGTH, [LEARNED_ROW], CHANNELS)
    places = torch.zeros(CHANNELS)
    places[: len(thresholds)] = torch.from_numpy(thresholds / LENGTH)
    layer: Any = module.layer
    layer.place(places, SHARPNESS * LENGTH, DECAY)
    scale = LENGTH / math.sqrt(basis.widths(LENGTH)[LEARNED_ROW])
    with torch.no_grad():
        module.out.weight.zero_()
        module.out.weight[0, : len(thresholds)] = torch.from_numpy(weights[0] * scale)
        module.out.bias.zero_()
    return module


def condition() -> float:
    """Return the condition number of the six ramps: of the squared error in their weights."""
    thresholds, _ = haar_ramps(LENGTH, [LEARNED_ROW])
    ramps = np.maximum(thresholds[:, None] - np.arange(LENGTH), 0)
    return float(np.linalg.cond(ramps @ ramps.T))


def trained_error(moved: float, rate: float, seed: int) -> float:
    """Return the relative squared error in percent of a constructed layer, trained on."""
    data = gaussian(LENGTH, [LEARNED_ROW])
    module = constructed(moved, seed)
    run = Run(data=data, seed=seed, make=lambda **shape: module, recipe={**RECIPE, "lr": rate})
    train_layer(run, lambda steps, **_: steps)
    return _squared_error(module, data)


def haar_start() -> Finding:
    """Train on from the construction, and from it with thresholds moved, at several rates."""
    errors = {
        moved: {rate: [trained_error(moved, rate, seed) for seed in SEEDS] for rate in RATES}
        for moved in (0.0, MOVED)
    }
    stays, comes_back = (_best(errors[moved]) for moved in (0.0, MOVED))
    at_first = _squared_error(constructed(), gaussian(LENGTH, [LEARNED_ROW]))
    number = condition()
    return Finding(
        quantities={
            "condition number of the construction's channels": number,
            "squared error, trained on from the construction": stays,
            "squared error, trained on from thresholds moved": comes_back,
        },
        told=f"condition number {number:.1e}; relative squared error of the construction "
        f"{at_first:.1e} %; trained on by {RECIPE['updates']} updates from there "
        f"{_told(errors[0.0])}; from thresholds moved by up to {MOVED:g} samples "
        f"{_told(errors[MOVED])}",
        figures=rounded(
            {
                "condition": number,
                "at first": at_first,
                "trained on": {
                    f"{moved:g}": {f"{rate:g}": row for rate, row in rows.items()}
                    for moved, rows in errors.items()
                },
            }
        ),
        seeds=list(SEEDS),
    )


def _best(by_rate: Mapping[float, Sequence[float]]) -> list[float]:
    """Return each seed's error at the rate that is best for it."""
    return [min(row) for row in zip(*by_rate.values(), strict=True)]


def _told(by_rate: Mapping[float, Sequence[float]]) -> str:
    return ", ".join(f"{fmean(row):.2g} % at rate {rate:g}" for rate, row in by_rate.items())


def _squared_error(module: HaarLayer, data: HaarSignals) -> float:
    return 100 * measure(module.eval(), data, "test", ["relative-error"])["relative-error"] ** 2

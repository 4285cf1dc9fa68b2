"""The recipe for traffic: the masked error in mph, and the epoch of least validation error."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from zoo_signals.forecasting import error_of, shape_for
from zoo_signals.masking import masked_mae
from zoo_signals.traffic import Traffic

from zoo_core import BadInput, BestEpoch, Run

LONGEST_STEP = 5.0
"""To which norm gradients are clipped."""


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a `RoadNetwork` on `Traffic`; sensors, graph, clusters and scaler are the data's.

    Adam, whose rate falls to 0 as a cosine, on the mean absolute error over known speeds. The
    weights are those of the epoch of least error on the validation windows. Raises `BadInput` for
    data of another kind, for numbers that make no sense, and where the error never was a number.
    """
    recipe, data = run.recipe, run.data
    if not isinstance(data, Traffic):
        raise BadInput("asen-traffic forecasts speeds; give traffic, such as metr-la-week.")
    if recipe["epochs"] < 1 or recipe["batch_size"] < 1 or recipe["learning_rate"] <= 0:
        raise BadInput(f"recipe={dict(recipe)}; expected positive numbers.")
    # The attention sees each sensor itself, whether the graph has loops or not.
    edges = torch.from_numpy(data.graph.edges)
    edges = edges[:, edges[0] != edges[1]]
    module: Any = run.make(edges=edges.shape[1], clusters=data.clusters.tolist(), **shape_for(data))
    module.join(edges)
    device, first = next(module.parameters()).device, data.rows["train"]
    total = recipe["epochs"] * math.ceil(len(first) / recipe["batch_size"])
    optimizer = torch.optim.Adam(module.parameters(), lr=recipe["learning_rate"], fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)
    generator = torch.Generator().manual_seed(run.seed)
    best = BestEpoch(module)
    for _ in progress(range(recipe["epochs"]), desc="training"):
        module.train()
        order = torch.randperm(len(first), generator=generator)
        for rows in torch.split(first[order], recipe["batch_size"]):
            inputs, targets = (one.to(device) for one in data.windows(rows))
            optimizer.zero_grad()
            torch.autograd.backward(masked_mae(module(inputs), targets))
            nn.utils.clip_grad_norm_(module.parameters(), LONGEST_STEP)
            optimizer.step()
            schedule.step()
        best.saw(error_of(module, data, "val"))
    best.restore()
    trained: nn.Module = module
    return trained

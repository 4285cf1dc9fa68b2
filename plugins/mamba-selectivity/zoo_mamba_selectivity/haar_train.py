"""The recipe of the learned Haar layers: mean squared error on fresh Gaussian signals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from zoo_core.building import construct
from zoo_core.errors import BadInput
from zoo_core.interfaces import Run
from zoo_core.models import constructor_part
from zoo_core.registry import registry
from zoo_mamba_selectivity.haar_data import HaarSignals
from zoo_mamba_selectivity.haar_layers import HaarLayer

Progress = Callable[..., Any]
BETAS = (0.9, 0.95)
CLIP = 1.0


def train_layer(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Progress
) -> list[nn.Module]:
    """Train a `HaarLayer` for each run, of the data's length and coefficients.

    Adam on ``updates`` batches of ``batch_size`` fresh signals. The rate rises for ``warmup``
    updates to ``lr`` and falls as a cosine to 0; it is ``step_lr`` times as large for the step's
    projection of S6, whose entries are hundreds of times as large. No weight decay.

    Raises:
        BadInput: the data are no signals.
    """
    return [_train(run, config, progress) for run in runs]


def _train(run: Run, config: Mapping[str, Any], progress: Progress) -> nn.Module:
    data = run.data
    if not isinstance(data, HaarSignals):
        raise BadInput(f"A Haar layer learns from signals, not from a {type(data).__name__}.")
    given = {"length": data.length, "coefficients": list(data.rows)}
    full = {**constructor_part(registry().architecture("haar-layer"), config), **given}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        module: Any = construct(HaarLayer, full, "haar-layer")
    updates, warmup = config["updates"], config["warmup"]

    def rate(update: int) -> float:
        return min((update + 1) / warmup, 1.0) * (1 + math.cos(math.pi * update / updates)) / 2

    steep = [p for name, p in module.named_parameters() if "to_delta" in name]
    others = [p for name, p in module.named_parameters() if "to_delta" not in name]
    groups = [{"params": others, "lr": config["lr"]}]
    if steep:
        groups.append({"params": steep, "lr": config["step_lr"] * config["lr"]})
    optimizer = torch.optim.Adam(groups, betas=BETAS)
    schedule = LambdaLR(optimizer, rate)
    batches = data.stream(run.seed, config["batch_size"])
    module.train()
    for _ in progress(range(updates), desc=f"{updates} updates"):
        x = next(batches)
        wanted = torch.from_numpy(data.targets(x)).float()
        loss = (module(torch.from_numpy(x).float()) - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), CLIP)
        optimizer.step()
        schedule.step()
    trained: nn.Module = module.eval()
    return trained

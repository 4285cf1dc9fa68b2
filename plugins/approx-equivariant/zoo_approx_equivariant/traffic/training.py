"""The recipe: Adam on the masked error in mph, scheduled sampling, the epoch of least error."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from zoo_signals.forecasting import error_of, shape_for
from zoo_signals.masking import masked_mae

from zoo_core import BadInput, BestEpoch, Run

FIRST_DECAY = 2_000
"""Steps after which scheduled sampling falls, as published: a week's training stays before it."""


def truth_share(step: int, decay: float = FIRST_DECAY) -> float:
    """Return how probably the decoder is fed the truth at a step of the training.

    decay / (decay + exp(step / decay)), the inverse sigmoid of Bengio et al. 2015.
    """
    return decay / (decay + math.exp(step / decay))


def train_forecasts(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train `AutDCRNN` on `Traffic`; sensors, graph, clusters and scaler go into its shape."""
    data, recipe = run.data, run.recipe
    module: Any = run.make(
        edges=data.graph.edges.shape[1], clusters=data.clusters.tolist(), **shape_for(data)
    )
    module.join(torch.from_numpy(data.graph.edges), torch.from_numpy(data.graph.weights))
    fit(module, data, run.seed, progress=progress, **recipe)
    trained: nn.Module = module
    return trained


def fit(
    module: Any,
    data: Any,
    seed: int,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    decay: float,
    clip: float,
    progress: Callable[..., Any],
) -> float:
    """Train in place, and return the least mean absolute error on the validation part, in mph.

    The learning rate falls to 0 as a cosine; `clip` bounds the norm of the gradient, and `decay` is
    that of `truth_share`. The module has the weights of the best epoch. Raises `BadInput` for
    numbers that make no sense, and where the error never was a number.
    """
    if min(epochs, batch_size) < 1 or min(learning_rate, decay, clip) <= 0:
        raise BadInput(
            f"epochs={epochs}, batch_size={batch_size}, learning_rate={learning_rate}, "
            f"decay={decay}, clip={clip}; expected positive numbers."
        )
    device = module.projection.weight.device
    first = data.rows["train"]
    total = epochs * math.ceil(len(first) / batch_size)
    optimizer = torch.optim.Adam(module.parameters(), lr=learning_rate, eps=1e-3, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total)
    generator = torch.Generator().manual_seed(seed)
    step, best = 0, BestEpoch(module)
    for _ in progress(range(epochs), desc="training"):
        module.train()
        for rows in first[torch.randperm(len(first), generator=generator)].split(batch_size):
            inputs, targets = (one.to(device) for one in data.windows(rows))
            coins = torch.rand(data.horizon, generator=generator)
            fed = (coins < truth_share(step, decay)).tolist()
            optimizer.zero_grad()
            loss = masked_mae(module(inputs, targets, fed), targets)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(module.parameters(), clip)
            optimizer.step()
            schedule.step()
            step += 1
        best.saw(error_of(module, data, "val"))
    return best.restore()

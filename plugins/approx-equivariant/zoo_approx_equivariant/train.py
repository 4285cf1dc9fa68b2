"""The recipe: full-batch Adam, and the weights of the epoch of least validation error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput, BestEpoch, Run

Pair = tuple[Tensor, Tensor]
"""Inputs (n, N, in) and targets (n, N, out)."""


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a network on images with a hidden square; what the data decide goes into its shape."""
    data = run.data
    if data.size is None:
        raise BadInput("gnet restores images; train symmetry-chain on signals of another graph.")
    module: nn.Module = run.make(
        size=list(data.size), mean=data.mean, std=data.std, square=data.square
    )
    device = next(module.parameters()).device
    learnt, kept = (
        (data.inputs[data.rows[name]].to(device), data.targets[data.rows[name]].to(device))
        for name in ("train", "val")
    )
    fit(module, learnt, kept, progress=progress, **run.recipe)
    return module


def fit(
    module: nn.Module,
    learnt: Pair,
    kept: Pair,
    *,
    epochs: int = 500,
    learning_rate: float = 0.01,
    patience: int = 100,
    progress: Callable[..., Iterable[int]] = lambda steps, **_: steps,
) -> float:
    """Train on all of `learnt` at once, and return the least mean squared error on `kept`.

    The module has the weights of that epoch. Training ends after `patience` epochs in which the
    error on `kept` became no smaller. Raises `BadInput` where it never was a number.
    """
    if epochs < 1 or learning_rate <= 0 or patience < 1:
        raise BadInput(
            f"epochs={epochs}, learning_rate={learning_rate}, patience={patience}; expected "
            "positive numbers."
        )
    optimizer = torch.optim.Adam(module.parameters(), lr=learning_rate, fused=True)
    best = BestEpoch(module)
    for _ in progress(range(epochs), desc="training"):
        module.train()
        optimizer.zero_grad()
        loss = functional.mse_loss(module(learnt[0]), learnt[1])
        torch.autograd.backward(loss)
        optimizer.step()
        best.saw(error_of(module, kept))
        if best.since >= patience:
            break
    return best.restore()


@torch.no_grad()
def error_of(module: nn.Module, pair: Pair) -> float:
    """Return the mean squared error over all nodes."""
    module.eval()
    return float(functional.mse_loss(module(pair[0]), pair[1]))

"""The recipe of `OIDS`: all pairs across the classes at once, against their true distances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput, Run
from zoo_invariant_features.clouds.oi_ds import OIDS
from zoo_invariant_features.clouds.pairs import CloudPairs
from zoo_invariant_features.univariate import Tally, tally

KNOTS = 512


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a network on clouds of two classes; it has the weights of the last step.

    Raises `BadInput` for data of another kind, and where training diverged.
    """
    data = run.data
    if not isinstance(data, CloudPairs):
        raise BadInput("oi-ds learns from clouds of two classes, such as cell-outlines.")
    module: OIDS = run.make(dimension=data.dimension)
    fit(module, data, progress=progress, **run.recipe)
    return module


def fit(
    module: OIDS,
    data: CloudPairs,
    *,
    epochs: int = 400,
    learning_rate: float = 0.003,
    head_rate: float = 0.01,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> float:
    """Train on the pairs of "train", and return their mean squared error at the last step.

    Adam on the whole batch, with `head_rate` for M, s and t, as published; the learning rates fall
    to 0 along a half cosine. Raises `BadInput` for numbers that are none, and where the error is
    none at the end.
    """
    if epochs < 1 or learning_rate <= 0 or head_rate <= 0:
        raise BadInput(
            f"epochs={epochs}, learning_rate={learning_rate}, head_rate={head_rate}; expected "
            "positive numbers."
        )
    sides = [[data.clouds[k] for k in side.tolist()] for side in data.sides("train")]
    target = data.distances("train").to(module.scale)
    count = len(sides[0])
    vectors = _vectors(module, [*sides[0], *sides[1]])
    head = [*module.metric.parameters(), module.scale, module.shift]
    rest = [one for one in module.parameters() if all(one is not other for other in head)]
    optimizer = torch.optim.Adam(
        [{"params": rest, "lr": learning_rate}, {"params": head, "lr": head_rate}]
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    module.train()
    for _ in progress(range(epochs), desc="training"):
        optimizer.zero_grad()
        found = vectors()
        loss = functional.mse_loss(module.between(found[:count], found[count:]), target)
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
    module.eval()
    found = loss.detach()
    if not bool(found.isfinite()):
        raise BadInput("Training diverged: the error is no number; lower learning_rate.")
    return float(found)


def _vectors(module: OIDS, clouds: list[Any]) -> Callable[[], Tensor]:
    """Return a function that gives the clouds' vectors, with what weights do not change done once.

    Scales are fitted to these clouds. Of Gram matrices the curves are evaluated at knots, as in the
    recipe of `DSCI`.
    """
    inputs = module.inputs_of(clouds)
    if module.features != "gram":
        rows = inputs[0]
        module.inner_spread.copy_(rows.std(0, correction=0).clamp(min=1e-6))
        return lambda: module(*inputs)
    network = module.matrices
    diagonal, entries, glue, of_row, of_pair = inputs
    for curve, scalars in ((network.phi_d, diagonal), (network.phi_o, entries), (network.mu, glue)):
        curve.expansion.fit(scalars)
    d, o = (
        _means(tally(scalars.double().cpu(), owner.cpu(), len(glue), curve.expansion.cpu(), KNOTS))
        for scalars, owner, curve in (
            (diagonal, of_row, network.phi_d),
            (entries, of_pair, network.phi_o),
        )
    )
    network.to(glue.device)
    tallies = [(one.weights.to(glue), one.values.to(glue)) for one in (d, o)]

    def vectors() -> Tensor:
        rows, pairs = (
            weights @ curve(values)
            for (weights, values), curve in zip(
                tallies, (network.phi_d, network.phi_o), strict=True
            )
        )
        return module.projected(network.read_out(rows, pairs, glue))

    return vectors


def _means(found: Tally) -> Tally:
    return Tally(found.values, found.weights / found.weights.sum(1, keepdim=True).clamp(min=1))

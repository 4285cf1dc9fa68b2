"""The recipes: AdamW on trees, and the weights of the epoch of least validation error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput, BestEpoch, Run
from zoo_cosmobench.trees.forest import Forest, Trees
from zoo_cosmobench.trees.infilling import Infill

CONFIDENCE = 0.95


def train_trees(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a network on merger trees with targets; raises `BadInput` for other data."""
    data = run.data
    if not isinstance(data, Trees):
        raise BadInput("The network takes merger trees, such as cosmo-mini-trees.")
    module: nn.Module = run.make(names=list(data.names))
    fit_trees(module, data, run.seed, progress=progress, **run.recipe)
    return module


def fit_trees(
    module: Any,
    data: Trees,
    seed: int,
    *,
    epochs: int = 60,
    batch_size: int = 128,
    learning_rate: float = 0.005,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> float:
    """Train on the trees of "train"; return the least error on those of "val".

    AdamW on the mean squared error of the targets, each over its spread; the rate falls to 0 as a
    cosine. Raises `BadInput` for numbers that are none, and where the error never was a number.
    """
    _check(epochs=epochs, batch_size=batch_size, learning_rate=learning_rate)
    rows = data.rows["train"].numpy()
    features = data.forest.take(rows).features
    logs = features[:, :3].astype(np.float64)
    targets = data.targets[data.rows["train"]]
    with torch.no_grad():
        module.mean.copy_(torch.from_numpy(logs.mean(0)))
        module.spread.copy_(torch.from_numpy(np.maximum(logs.std(0, ddof=1), 1e-6)))
        module.extent.copy_(torch.from_numpy(np.stack([features.min(0), features.max(0)])))
        module.centre.copy_(targets.mean(0))
        module.scale.copy_(targets.std(0).clamp_min(1e-6))
    draw = np.random.default_rng(seed)
    steps = -(-len(rows) // batch_size)
    optimizer = torch.optim.AdamW(module.parameters(), lr=learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * steps)
    best = BestEpoch(module)
    for _ in progress(range(epochs), desc="training"):
        module.train()
        for batch in np.array_split(draw.permutation(rows), steps):
            optimizer.zero_grad()
            found = module(*_on(module, data.forest, batch))
            wanted = data.targets[torch.from_numpy(batch)].to(found.device)
            error = (found - wanted) / module.scale
            torch.autograd.backward(error.square().mean())
            optimizer.step()
            schedule.step()
        best.saw(float((residuals(module, data, "val") / module.scale.cpu()).square().mean()))
    least = best.restore()
    reach = residuals(module, data, "val").abs().quantile(CONFIDENCE, dim=0)
    with torch.no_grad():
        module.reach.copy_(reach)
    return least


@torch.no_grad()
def residuals(module: Any, data: Trees, split: str) -> Tensor:
    """Return predictions minus targets (m, 2) of the trees of a split."""
    module.eval()
    return torch.cat(
        [
            module(*_on(module, data.forest, rows.numpy())).cpu() - data.targets[rows]
            for rows in torch.split(data.rows[split], 256)
        ]
    )


def _on(module: nn.Module, forest: Forest, trees: Any) -> list[Tensor]:
    device = next(module.parameters()).device
    return [one.to(device) for one in forest.take(trees).tensors()]


def train_infill(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a network that finds hidden mergers; raises `BadInput` for other data."""
    if not isinstance(run.data, Infill):
        raise BadInput("The network asks for hidden mergers; give cosmo-mini-infill, say.")
    module: nn.Module = run.make()
    fit_infill(module, run.data, run.seed, progress=progress, **run.recipe)
    return module


def fit_infill(
    module: nn.Module,
    data: Infill,
    seed: int,
    *,
    epochs: int = 300,
    learning_rate: float = 0.001,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> float:
    """Train on one tree a step; return the least share of wrong answers on the trees of "val".

    AdamW on the cross entropy of the virtual nodes. Raises `BadInput` for numbers that are none,
    and where the loss never was a number.
    """
    _check(epochs=epochs, learning_rate=learning_rate)
    device = next(module.parameters()).device
    known = {
        int(tree): (
            [one.to(device) for one in data.questions.one(int(tree))],
            data.labels[data.mergers_of(torch.tensor([tree]))].to(device),
        )
        for tree in torch.cat([data.rows["train"], data.rows["val"]])
    }
    draw = np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(module.parameters(), lr=learning_rate, fused=True)
    best = BestEpoch(module)
    for _ in progress(range(epochs), desc="training"):
        module.train()
        for tree in draw.permutation(data.rows["train"].numpy()):
            inputs, labels = known[int(tree)]
            optimizer.zero_grad()
            torch.autograd.backward(functional.cross_entropy(module(*inputs), labels))
            optimizer.step()
        module.eval()
        with torch.no_grad():
            wrong = torch.cat(
                [
                    (module(*known[int(tree)][0]).argmax(1) != known[int(tree)][1]).float()
                    for tree in data.rows["val"]
                ]
            )
            loss = sum(
                float(functional.cross_entropy(module(*known[int(tree)][0]), known[int(tree)][1]))
                for tree in data.rows["val"]
            )
        best.saw(float(wrong.mean()) if np.isfinite(loss) else float("nan"))
    return best.restore()


def _check(**numbers: float) -> None:
    if min(numbers.values()) <= 0 or any(
        number < 1 for name, number in numbers.items() if name != "learning_rate"
    ):
        told = ", ".join(f"{name}={number}" for name, number in numbers.items())
        raise BadInput(f"{told}; expected positive numbers.")

"""The recipe of pose networks: each epoch sees every pose through a camera drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from zoo_signals.joints import size_of
from zoo_signals.pose_metrics import mpjpe
from zoo_signals.poses import Poses
from zoo_signals.skeleton import H36M16

from zoo_core import BadInput, BestEpoch, Run

DECAY, DECAY_STEPS = 0.96, 100_000
"""By how much the learning rate falls, and in how many steps (SemGCN's)."""
LONGEST_STEP = 1.0
"""To which norm gradients are clipped."""


def train_poses(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train a network on poses; it has the weights of the epoch of least validation error.

    Adam on the mean squared error in metres, with batches of `batch` poses. Raises `BadInput` for
    data of another kind.
    """
    data = run.data
    if not isinstance(data, Poses):
        raise BadInput("semgcn lifts poses; give poses, such as cmu-pose16.")
    sizes = size_of(data.inputs[data.rows["train"]].flatten(0, 1).numpy())
    shape: dict[str, Any] = {"extent": [round(float(one), 4) for one in (sizes.min(), sizes.max())]}
    if data.skeleton != H36M16:
        shape |= {
            "nodes": len(data.skeleton.joints),
            "edges": [list(bone) for bone in data.skeleton.bones],
            "joints": list(data.skeleton.joints),
        }
    module: nn.Module = run.make(**shape)
    fit_poses(module, data, run.seed, progress=progress, **run.recipe)
    return module


def fit_poses(
    module: nn.Module,
    data: Poses,
    seed: int,
    *,
    epochs: int = 30,
    learning_rate: float = 0.001,
    batch: int = 64,
    progress: Callable[..., Any] = lambda steps, **_: steps,
) -> float:
    """Train on the poses of "train", and return the least error on those of "val", in metres.

    Raises `BadInput` for numbers that are none, and where the error never was a number.
    """
    if epochs < 1 or learning_rate <= 0 or batch < 2:
        raise BadInput(
            f"epochs={epochs}, learning_rate={learning_rate}, batch={batch}; expected positive "
            "numbers, and 2 poses or more in a batch."
        )
    device = next(module.parameters()).device
    rows = data.rows["train"].numpy()
    cameras = data.inputs.shape[1]
    draw = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(module.parameters(), lr=learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: DECAY ** (step / DECAY_STEPS)
    )
    best = BestEpoch(module)
    for _ in progress(range(epochs), desc="training"):
        module.train()
        order = torch.from_numpy(draw.permutation(rows))
        views = torch.from_numpy(draw.integers(0, cameras, len(rows)))
        inputs, targets = (
            torch.split(given[order, views].to(device), batch)
            for given in (data.inputs, data.targets)
        )
        for x, y in zip(inputs, targets, strict=True):
            # Batch normalisation needs two poses, and a last one alone is left for another epoch.
            if len(x) < 2:
                continue
            optimizer.zero_grad()
            torch.autograd.backward(functional.mse_loss(module(x), y))
            nn.utils.clip_grad_norm_(module.parameters(), LONGEST_STEP)
            optimizer.step()
            schedule.step()
        best.saw(float(errors(module, data, "val").mean()))
    return best.restore()


@torch.no_grad()
def errors(module: nn.Module, data: Poses, split: str, measure: Any = mpjpe) -> Tensor:
    """Return the error in metres of each pose (m,) of a split, the mean over its cameras."""
    module.eval()
    device = next(module.parameters()).device
    found = []
    for rows in torch.split(data.rows[split], 512):
        prediction = module(data.inputs[rows].flatten(0, 1).to(device))
        each = measure(prediction, data.targets[rows].flatten(0, 1).to(device))
        found.append(each.unflatten(0, (len(rows), -1)).mean(1))
    return torch.cat(found)

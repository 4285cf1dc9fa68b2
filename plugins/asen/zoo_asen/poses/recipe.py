"""The recipe for poses: one camera a pose and epoch, the epoch of least validation error."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from zoo_signals.joints import size_of
from zoo_signals.pose_metrics import mpjpe
from zoo_signals.poses import Poses
from zoo_signals.skeleton import H36M16

from zoo_core import BadInput, BestEpoch, Run

NORM = 1.0
"""That gradients are clipped to."""


def train(run: Run, progress: Callable[..., Any]) -> nn.Module:
    """Train on poses by squared error in metres; each epoch, one camera sees each pose.

    Adam, whose rate falls along a cosine. The weights are those of the epoch of least MPJPE on the
    validation poses, by all cameras. Raises `BadInput` for data of another kind, for numbers that
    make no sense, and where the error never was a number.
    """
    recipe, data = run.recipe, run.data
    if not isinstance(data, Poses):
        raise BadInput("asen-pose lifts poses; give poses, such as cmu-pose16.")
    if recipe["epochs"] < 1 or recipe["batch_size"] < 1 or recipe["learning_rate"] <= 0:
        raise BadInput(f"recipe={dict(recipe)}; expected positive numbers.")
    module: nn.Module = run.make(**_told(data))
    device = next(module.parameters()).device
    inputs, targets = (part[data.rows["train"]].to(device) for part in (data.inputs, data.targets))
    kept = tuple(
        part[data.rows["val"]].flatten(0, 1).to(device) for part in (data.inputs, data.targets)
    )
    optimizer = torch.optim.Adam(module.parameters(), lr=recipe["learning_rate"], fused=True)
    generator = torch.Generator().manual_seed(run.seed)
    best = BestEpoch(module)
    for epoch in progress(range(recipe["epochs"]), desc="epochs"):
        order = torch.randperm(len(inputs), generator=generator)
        cameras = torch.randint(0, inputs.shape[1], (len(inputs),), generator=generator)
        module.train()
        batches = torch.split(order, recipe["batch_size"])
        for batch, rows in enumerate(batches):
            share = (epoch + batch / len(batches)) / recipe["epochs"]
            for group in optimizer.param_groups:
                group["lr"] = recipe["learning_rate"] * (1 + math.cos(math.pi * share)) / 2
            optimizer.zero_grad(set_to_none=True)
            seen = rows.to(device), cameras[rows].to(device)
            loss = functional.mse_loss(module(inputs[seen]), targets[seen])
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(module.parameters(), NORM)
            optimizer.step()
        best.saw(float(errors(module, kept[0], kept[1]).mean()))
    best.restore()
    return module


@torch.no_grad()
def errors(module: nn.Module, inputs: Tensor, targets: Tensor, batch_size: int = 256) -> Tensor:
    """Return the MPJPE in metres of each pose (B,)."""
    module.eval()
    parts = zip(torch.split(inputs, batch_size), torch.split(targets, batch_size), strict=True)
    return torch.cat([mpjpe(module(one), other) for one, other in parts])


def _told(data: Any) -> dict[str, Any]:
    """Return what the data decide of the network's shape: how large poses are, the skeleton."""
    sizes = size_of(data.inputs[data.rows["train"]].flatten(0, 1).numpy())
    found: dict[str, Any] = {"extent": [round(float(one), 4) for one in (sizes.min(), sizes.max())]}
    if data.skeleton != H36M16:
        found |= {
            "joints": len(data.skeleton.joints),
            "bones": [list(bone) for bone in data.skeleton.bones],
            "names": list(data.skeleton.joints),
        }
    return found

"""Claims on the method's parts: counts, the published injection, what is read when it acts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_policies.observations import Observation

from zoo_core import Finding, dataset, load
from zoo_world_guidance.data import EVERY
from zoo_world_guidance.dit import ActionHead
from zoo_world_guidance.lessons import Lessons, offsets
from zoo_world_guidance.seeing import frames_of, future_shape
from zoo_world_guidance.specs.claims import COUNTS, IMAGES, STATES
from zoo_world_guidance.specs.models import SIZES

TRAINED = 200
"""Steps in which the two injections may learn to attend."""


def sizes() -> Finding:
    """Count the weights of the action heads, made without memory."""
    found = {}
    for name, _, depth, width, heads in SIZES:
        for condition, way in ((0, "without"), (32, "with")):
            with torch.device("meta"):
                head = ActionHead(condition=condition, width=width, depth=depth, heads=heads)
            count = sum(one.numel() for one in head.parameters())
            found[f"{name.upper()}, {way} conditions"] = count
    assert found.keys() == {
        f"{size}, {w} conditions" for size in COUNTS for w in ("without", "with")
    }
    return Finding(quantities=found)


def dead_attention() -> Finding:
    """Train a head on chunks that the order of its condition's tokens decides, both ways."""
    norms, changes = {}, {}
    for injection in ("released", "learning"):
        head = trained_head(injection)
        norms[injection] = asking(head)
        changes[injection] = change_by_mean(head)
    return Finding(
        quantities={
            "norm of queries and keys after training, as published": norms["released"],
            "change of the output for conditions replaced by their mean, as published": changes[
                "released"
            ],
            "the same with a zero output projection alone": changes["learning"],
        },
        told=f"norm of queries and keys with a zero output projection: {norms['learning']:.2f}",
    )


def task(count: int, generator: torch.Generator) -> tuple[Tensor, ...]:
    """Return z, conditions (B, 4, 8), chunks (B, 4, 2) that the largest token decides, noise, t."""
    condition = torch.randn(count, 4, 8, generator=generator)
    largest = condition[:, :, :1].argmax(1, keepdim=True)
    chosen = condition.gather(1, largest.expand(-1, 1, 8))[..., 1:3]
    chunk = chosen.expand(-1, 4, -1)
    noise = torch.randn(chunk.shape, generator=generator)
    z = torch.zeros(count, 8)
    return z, condition, chunk, noise, torch.rand(count, generator=generator)


def trained_head(injection: str, steps: int = TRAINED) -> ActionHead:
    """Return a small head after some steps of Adam on `task`."""
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        head = ActionHead(
            2, 4, 8, condition=8, width=32, depth=2, heads=4, dropout=0.0, injection=injection
        )
    optimizer = torch.optim.Adam(head.parameters(), lr=3e-3)
    for _ in range(steps):
        z, condition, chunk, noise, t = task(64, generator)
        x = torch.lerp(noise, chunk, t[:, None, None])
        loss = (head(x, t, z, condition) - (chunk - noise)).square().mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    return head


def asking(head: ActionHead) -> float:
    """Return the norm of the weights of queries and keys of all injections."""
    found: list[float] = []
    for block in head.blocks:
        cross: Any = block.get_submodule("injection.cross")
        keys = cross.both.weight[: cross.both.weight.shape[0] // 2]
        found += [float(one.detach().norm()) for one in (cross.query.weight, keys)]
    return math.hypot(*found)


@torch.no_grad()
def change_by_mean(head: ActionHead) -> float:
    """Return by how much the velocity changes where each token becomes the mean of all."""
    z, condition, _, noise, t = task(64, torch.Generator().manual_seed(1))
    plain = head(noise, t, z, condition)
    flat = condition.mean(1, keepdim=True).expand_as(condition)
    return float((head(noise, t, z, flat) - plain).abs().max())


def no_future() -> Finding:
    """Let policies plan on a recorded episode with several futures, and with none."""
    changes = {name: change_by_future(load(name)) for name in (*STATES, *IMAGES)}
    return Finding(
        quantities={"largest change of an action with other futures": max(changes.values())},
        figures={"changes": changes},
    )


def change_by_future(module: nn.Module) -> float:
    """Return by how much actions change where actions and features that come later are others.

    They are drawn at random twice; then there are none: the policy plans by itself.
    """
    policy: Any = module
    data: Any = dataset("pusht-play", labelled=30)
    chosen = data.rows["held-out"][:1]
    own = data.episodes.of(chosen)
    later = offsets(policy.horizon)
    windows = own.windows(policy.horizon, history=policy.history, future=later)
    frames = frames_of(data, vars(policy), data.episodes.rows_of(chosen))
    lessons = Lessons.of(windows, frames, np.arange(0, len(windows), EVERY))
    _, *size = future_shape({**vars(policy), "states": policy.state_size})
    generator = torch.Generator().manual_seed(0)
    said = []
    for _ in range(2):
        features = torch.randn(len(own.states), *size, generator=generator)
        actions = torch.randn(lessons.actions.shape, generator=generator)
        other = replace(lessons, actions=actions, features=features)
        said.append(policy.said_of(other)["prediction"])
    rows = torch.arange(len(lessons.states))
    states, images = lessons.seen(rows)
    cameras = {f"camera {k}": lambda _, one=one: one.numpy() for k, one in enumerate(images)}
    alone = policy.plan(Observation(states, rows, torch.zeros_like(rows), cameras))
    return max(float((one - alone).abs().max()) for one in said)

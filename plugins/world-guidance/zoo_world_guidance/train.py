"""The recipe: one stage for policies that know no future, two for world guidance.

Stage I gives the head conditions of the true future, and the loss of the actions alone shapes
them. Stage II starts from its weights; the Q-Former is frozen, and the policy learns to predict
what it says. All arms have the same number of optimiser steps: 2N, or N + N.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import torch
from einops import repeat
from torch import Tensor, nn
from zoo_policies.normalising import Statistics

from zoo_core import BadInput, Progress, Run
from zoo_world_guidance.dit import ActionHead
from zoo_world_guidance.flow import interpolate, sample_times
from zoo_world_guidance.lessons import Lessons, offsets
from zoo_world_guidance.policy import WorldGuidance
from zoo_world_guidance.seeing import frames_of, future_features, future_shape

_WARM_UP = 100
_MOST = 512
"""Windows at once where nothing is learnt."""


def train(run: Run, progress: Callable[..., Any]) -> WorldGuidance:
    """Train a policy on demonstrations, those without actions included where it can use them.

    Raises `BadInput` for data that are no demonstrations, and for settings that are none.
    """
    recipe = dict(run.recipe)
    _check(recipe)
    guidance = str(run.shape["guidance"])
    lessons, shape = prepared(run.data, run.shape)
    staged = guidance in ("implicit", "explicit")
    total = int(recipe["steps"])
    module: WorldGuidance = run.make(**shape, **({"guidance": "oracle"} if staged else {}))
    lessons = future_features(module, lessons, run.data)
    if guidance == "features":
        _measure(module, lessons, lambda rows: module.features(lessons.future(rows)).flatten(2))
    first = total // 2 if staged else total
    fit(module, lessons, run, recipe, first, "stage1", progress)
    if not staged:
        return module
    second: WorldGuidance = run.make(**shape)
    begin(second, module)
    _measure(second, lessons, lambda rows: second.true_condition(lessons.future(rows)))
    fit(second, lessons, run, recipe, total - first, "stage2", progress)
    return second


def prepared(data: Any, shape: Mapping[str, Any]) -> tuple[Lessons, dict[str, Any]]:
    """Return the windows of the training episodes, and what the data decide of the shape.

    Statistics of actions are those of the episodes whose actions are known. Raises `BadInput` for
    data of another kind.
    """
    episodes = getattr(data, "episodes", None)
    if episodes is None:
        raise BadInput("A policy is trained on demonstrations, such as pusht-human.")
    train_episodes = data.rows["train"]
    horizon = int(shape["horizon"])
    windows = episodes.windows(
        horizon, history=int(shape["history"]), future=offsets(horizon), of=train_episodes
    )
    own = episodes.of(train_episodes)
    known = own.of(own.labelled.nonzero()[0])
    lessons = Lessons.of(windows, frames_of(data, shape))
    statistics = {
        "states": Statistics.of(own.states).to_dict(),
        "actions": Statistics.of(known.actions).to_dict(),
    }
    decided = {
        "states": episodes.states.shape[1],
        "actions": episodes.actions.shape[1],
        "action_names": list(episodes.action_names),
        "statistics": statistics,
    }
    decided["future"] = future_shape({**shape, **decided})
    return lessons, decided


def begin(module: WorldGuidance, first: WorldGuidance) -> None:
    """Give the policy of stage II the weights of stage I, where it has the same parts.

    The Q-Former and what it reads are frozen from here on.
    """
    own = module.state_dict()
    known = {name: tensor for name, tensor in first.state_dict().items() if name in own}
    module.load_state_dict(known, strict=False)
    freeze(module)


def freeze(module: WorldGuidance) -> None:
    """Ask for no gradients of the Q-Former, and keep it in eval mode."""
    for name in ("take", "qformer"):
        getattr(module, name).requires_grad_(False)
    module.get_parameter("moment").requires_grad_(False)


@torch.no_grad()
def _measure(module: WorldGuidance, lessons: Lessons, of: Callable[[Tensor], Tensor]) -> None:
    every = torch.split(torch.arange(len(lessons.states)), _MOST)
    module.conditions.measure(torch.cat([of(rows) for rows in every]))


def fit(
    module: WorldGuidance,
    lessons: Lessons,
    run: Run,
    recipe: Mapping[str, Any],
    steps: int,
    stage: str,
    progress: Callable[..., Any],
) -> None:
    """Train one stage: AdamW, a cosine of the rate, and a moving mean of all weights at its end."""
    wanted = [one for one in module.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(
        wanted, lr=recipe["learning_rate"], weight_decay=recipe["weight_decay"], fused=True
    )
    mean = deepcopy(module)
    both = nn.ModuleDict({"now": module, "mean": mean})
    pair: tuple[list[Tensor], list[Tensor]] = [*mean.parameters()], [*module.parameters()]
    identity = {"seed": run.seed, "steps": steps, "shape": dict(run.shape), "recipe": dict(recipe)}
    kept = Progress.of(run.folder, stage, identity)
    done = kept.restore(both, optimizer)
    module.train()
    conditions = _conditions(module, lessons)
    for step in progress(range(done, steps), desc=stage):
        # A generator of its own for each step, so that a resumed run goes on as it would have.
        torch.manual_seed((run.seed * 2 + (stage == "stage2")) * 10_000_000 + step)
        for group in optimizer.param_groups:
            group["lr"] = recipe["learning_rate"] * rate(step, steps)
        loss = loss_of(module, lessons, recipe, conditions)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(wanted, recipe["clip"])
        optimizer.step()
        with torch.no_grad():
            decay = min(recipe["ema"], (1 + step) / (10 + step))
            torch._foreach_lerp_(pair[0], pair[1], 1 - decay)
        kept.save(both, optimizer, step + 1)
    module.load_state_dict(mean.state_dict())
    module.eval()


def rate(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step: a short rise, then a cosine to zero."""
    return min(1.0, (step + 1) / _WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))


@torch.no_grad()
def _conditions(module: WorldGuidance, lessons: Lessons) -> Tensor | None:
    """Return what is to be predicted of every window, once: the Q-Former is frozen."""
    every = torch.split(torch.arange(len(lessons.states)), _MOST)
    if module.guidance == "features":
        return torch.cat([module.features(lessons.future(rows)).flatten(2) for rows in every])
    if module.predicts_conditions:
        module.qformer.eval()
        return torch.cat([module.true_condition(lessons.future(rows)) for rows in every])
    return None


def loss_of(
    module: WorldGuidance, lessons: Lessons, recipe: Mapping[str, Any], conditions: Tensor | None
) -> Tensor:
    """Return the loss of a batch of windows with actions, and of as many without where it counts.

    The first part is the flow's, the second, with the recipe's `weight`, that of what is predicted.
    """
    batch = int(recipe["batch"])
    rows = lessons.known[torch.randint(len(lessons.known), (batch,))]
    if conditions is not None and len(lessons.videos):
        rows = torch.cat([rows, lessons.videos[torch.randint(len(lessons.videos), (batch,))]])
    states, images = lessons.seen(rows, int(recipe["shift"]))
    hidden = module.hidden(states, images)
    future = lessons.future(rows) if module.guidance == "oracle" else None
    heard, predicted = module.heard(hidden, future)
    chunk = module.actions(lessons.actions[rows[:batch]])
    loss = flow_loss(module.head, chunk, hidden[:batch, -1], heard, recipe)
    if conditions is not None and predicted is not None:
        loss = (
            loss + recipe["weight"] * module.conditions.distance(predicted, conditions[rows]).mean()
        )
    return loss


def flow_loss(
    head: ActionHead, chunk: Tensor, z: Tensor, heard: Any, recipe: Mapping[str, Any]
) -> Tensor:
    """Return the mean squared error of velocities, with `repeats` draws of noise and time each."""
    again, count = int(recipe["repeats"]), len(chunk)
    chunk, z = (repeat(one, "b ... -> (r b) ...", r=again) for one in (chunk, z))
    heard = [
        None
        if one is None
        else tuple(repeat(half[:count], "b ... -> (r b) ...", r=again) for half in one)
        for one in heard
    ]
    noise = torch.randn_like(chunk)
    t = sample_times(len(chunk), str(recipe["t_bias"])).to(chunk)
    found = head.velocity(interpolate(noise, chunk, t), t, z, heard)
    loss: Tensor = (found - (chunk - noise)).square().mean()
    return loss


def _check(recipe: Mapping[str, Any]) -> None:
    for name in ("steps", "batch", "learning_rate", "repeats", "clip"):
        if not 0 < recipe[name] < math.inf:
            raise BadInput(f"{name}={recipe[name]}; expected a number above 0.")
    for name in ("steps", "batch", "repeats", "shift"):
        if recipe[name] != int(recipe[name]):
            raise BadInput(f"{name}={recipe[name]}; expected a whole number.")
    if recipe["t_bias"] not in ("noise", "data"):
        raise BadInput(f"t_bias={recipe['t_bias']!r}; expected noise or data.")
    if not 0 <= recipe["ema"] < 1:
        raise BadInput(f"ema={recipe['ema']}; expected a number from 0 to below 1.")
    for name in ("shift", "weight", "weight_decay"):
        if not recipe[name] >= 0:
            raise BadInput(f"{name}={recipe[name]}; expected 0 or more.")

"""Claims on what conditions encode, of the Q-Former that ships with a policy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from einops import rearrange
from torch import Tensor

from zoo_core import Finding, dataset, load
from zoo_world_guidance.conditions import cosine_distance, mean_share

MODEL = "wog-pusht-state"


@torch.no_grad()
def held_out() -> tuple[Any, Tensor, Tensor]:
    """Return the policy, and conditions and actions of every fourth held-out step."""
    module: Any = load(MODEL)
    lessons = module.lessons_of(dataset("pusht-play", labelled=30).split("held-out"))
    true = module.true_condition(lessons.future(torch.arange(len(lessons.states))))
    return module, true, lessons.actions


def shares() -> Finding:
    """Measure how much of the conditions is their mean, and how near it is to each of them."""
    module, true, actions = held_out()
    alone = 1 - float(cosine_distance(module.conditions.mean.expand_as(true), true).mean())
    centred = rearrange(true - true.mean(0), "n k d -> n (k d)")
    _, scale, axes = torch.linalg.svd(centred, full_matrices=False)
    directions, sent = scale.square(), actions[:, -1] - actions[:, -1].mean(0)
    return Finding(
        quantities={
            "share of the conditions' energy that is their mean": mean_share(true),
            "cosine of the mean alone": alone,
        },
        told=f"two directions have {float(directions[:2].sum() / directions.sum()):.0%} of what "
        "varies",
        figures={
            "directions": (directions / directions.sum())[:16],
            "places": centred @ axes[:2].T,
            "moves": torch.atan2(sent[:, 1], sent[:, 0]),
        },
    )


def copies() -> Finding:
    """Read the chunk of actions off the conditions by ridge regression, in two halves."""
    _, true, actions = held_out()
    inputs = np.asarray(rearrange(true, "n k d -> n (k d)").double())
    targets = np.asarray(rearrange(actions, "n t a -> n (t a)").double())
    inputs = np.concatenate([inputs, np.ones((len(inputs), 1))], 1)
    half = len(inputs) // 2
    rows = ((slice(None, half), slice(half, None)), (slice(half, None), slice(None, half)))
    error = spread = 0.0
    for learn, test in rows:
        gram = inputs[learn].T @ inputs[learn] + 1e-3 * np.eye(inputs.shape[1])
        weights = np.linalg.solve(gram, inputs[learn].T @ targets[learn])
        error += float(((inputs[test] @ weights - targets[test]) ** 2).sum())
        spread += float(((targets[test] - targets[learn].mean(0)) ** 2).sum())
    return Finding(
        quantities={
            "share of the actions' variance that a linear map explains": 1 - error / spread
        },
        told=f"mean squared error {error / targets.size:.0f} squared pixels",
    )

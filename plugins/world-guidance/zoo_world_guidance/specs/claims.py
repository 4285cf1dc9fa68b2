"""What the paper claims, sentence by sentence, and the bounds that each is judged by.

Scores are the mean of an episode's largest reward over 50 fixed seeds of PushT (300 steps at most);
intervals are by bootstrap over episodes and, where there are several, over seeds of the training.
All arms have the same number of optimiser steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zoo_core import claims_in, exact, gain, value

_claim = claims_in("zoo_world_guidance.checks")

STATES = ("wog-pusht-state", "base-pusht-state", "futurefeat-pusht-state")
IMAGES = ("wog-pusht", "base-pusht", "futurefeat-pusht")
SEEDS = (0, 1, 2)
"""Of the training."""
ALL = {"labelled": 186}
"""All demonstrations have actions."""
LONGER = {**ALL, "steps": 9600}
"""The same from images, for four times as long: after 2,400 steps 0.370 was seen."""
COUNTS = {
    "S": (12_473_735, 16_039_175),
    "B": (88_980_743, 117_372_935),
    "L": (307_756_039, 408_600_583),
}
"""Weights of the published action heads, without and with attention to conditions."""
_CPU = "the paper's message, on PushT by a policy of 0.2 million weights"
_CODE = "the published code"


def _changed(seeds: Sequence[int], *asked: str, **changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same for WoG from positions, and for it with other settings."""
    names = ("WoG", *(name.replace("_", " ") for name in changes))
    return {
        "arms": dict.fromkeys(names, STATES[0]),
        "changes": dict(zip(names[1:], changes.values(), strict=True)),
        "seeds": list(seeds),
        "asked": list(asked),
    }


def _arms(models: Sequence[str], seeds: Sequence[int], *asked: str) -> dict[str, Any]:
    """Return what a check that compares arms is called with; WoG is the first."""
    known = dict(zip(("WoG", "base", "future features"), models, strict=True))
    arms = {arm: model for arm, model in known.items() if any(arm in one for one in asked)}
    return {"arms": arms, "seeds": list(seeds), "asked": list(asked)}


CLAIMS = (
    _claim(
        "few-actions",
        "episodes:compared",
        "Where few demonstrations have actions (30 of 186), a policy that predicts and hears "
        "conditions of the future, learnt from all, is ahead of one that learns from these few.",
        {
            "WoG": value(at_least=0.65, unit=""),
            "WoG minus base": gain(at_least=0.15, unit=""),
        },
        _CPU,
        arguments=_arms(STATES, SEEDS, "WoG", "WoG minus base"),
        models=STATES[:2],
        minutes=40,
        slow=True,
    ),
    _claim(
        "few-actions-features",
        "episodes:compared",
        "It is ahead of one that predicts plain features of the future instead of conditions.",
        {"WoG minus future features": gain(at_least=0.0, unit="")},
        _CPU,
        arguments=_arms(STATES, SEEDS, "WoG minus future features"),
        models=(STATES[0], STATES[2]),
        minutes=40,
        slow=True,
    ),
    _claim(
        "from-images",
        "episodes:compared",
        "From images too it is ahead of a policy that learns from the few demonstrations with "
        "actions, and of one that predicts features of future frames.",
        {
            "WoG minus base": gain(at_least=0.0, unit=""),
            "WoG minus future features": gain(at_least=0.0, unit=""),
        },
        "the paper's message, on images of PushT",
        arguments=_arms(IMAGES, SEEDS, "WoG minus base", "WoG minus future features"),
        models=IMAGES,
        minutes=60,
        slow=True,
    ),
    _claim(
        "all-actions",
        "episodes:compared",
        "Where all 186 demonstrations have actions, a policy from positions needs no conditions, "
        "and they cost it nothing.",
        {
            "base": value(at_least=0.85, unit=""),
            "WoG minus base": value(at_least=-0.03, unit=""),
        },
        "this project; the paper has no such case",
        arguments={
            **_arms(STATES, SEEDS[:1], "base", "WoG minus base"),
            "changes": {"WoG": ALL, "base": ALL},
        },
        models=STATES[:2],
        minutes=25,
        slow=True,
    ),
    _claim(
        "all-actions-images",
        "episodes:compared",
        "From images, where all 186 demonstrations have actions, a policy learns the task without "
        "any conditions.",
        {"base": value(at_least=0.55, unit="")},
        "this project",
        arguments={**_arms(IMAGES, SEEDS[:1], "base"), "changes": {"base": LONGER}},
        models=IMAGES[1:2],
        minutes=15,
        slow=True,
    ),
    _claim(
        "centred-loss",
        "episodes:compared",
        "Taking the constant mean out of the conditions before their cosine is taken makes the "
        "policy better: the written loss saturates.",
        {"WoG minus written loss": gain(at_least=0.1, unit="")},
        "this project, on the paper's loss",
        arguments=_changed(SEEDS[:1], "WoG minus written loss", written_loss={"loss": "written"}),
        models=STATES[:1],
        minutes=5,
        slow=True,
    ),
    _claim(
        "explicit-guidance",
        "episodes:compared",
        "Conditions that are predicted and heard (explicit) guide better than those that are "
        "predicted alone (implicit).",
        {"WoG minus implicit": gain(at_least=0.0, unit="")},
        "paper, ablation of stage II",
        arguments=_changed(SEEDS[:1], "WoG minus implicit", implicit={"guidance": "implicit"}),
        models=STATES[:1],
        minutes=5,
        slow=True,
    ),
    _claim(
        "condition-mean",
        "conditions:shares",
        "Most of a condition is a mean that never changes, so that a prediction of the mean alone "
        "has nearly the best cosine, and the written loss has nothing left to teach.",
        {
            "share of the conditions' energy that is their mean": exact(at_least=0.8),
            "cosine of the mean alone": exact(at_least=0.9),
        },
        "this project, on the paper's loss",
        models=STATES[:1],
        minutes=0.5,
    ),
    _claim(
        "condition-copies",
        "conditions:copies",
        "Seen from positions, the conditions are a copy of the actions: a linear map reads the "
        "chunk of actions off them.",
        {"share of the actions' variance that a linear map explains": exact(at_least=0.95)},
        "this project",
        models=STATES[:1],
        minutes=0.5,
    ),
    _claim(
        "dead-attention",
        "structure:dead_attention",
        "The published injection never learns to attend: queries and keys that start at zero "
        "together stay there, and only the mean of the condition's tokens is heard. With a zero "
        "output projection alone it learns.",
        {
            "norm of queries and keys after training, as published": exact(equal=0.0),
            "change of the output for conditions replaced by their mean, as published": exact(
                at_most=1e-5
            ),
            "the same with a zero output projection alone": exact(at_least=1e-3),
        },
        _CODE,
        models=IMAGES[:1],
        minutes=0.3,
    ),
    _claim(
        "no-future",
        "structure:no_future",
        "No future frame is read when the policy acts: whatever the demonstrations' futures are, "
        "and without any, its actions are the same.",
        {"largest change of an action with other futures": exact(equal=0.0, unit="pixels")},
        "paper, stage II",
        models=(*STATES, *IMAGES),
        minutes=0.3,
    ),
    _claim(
        "sizes",
        "structure:sizes",
        "The action heads S, B and L have the published numbers of weights, without and with "
        "attention to conditions.",
        {
            f"{size}, {way} conditions": exact(equal=count)
            for size, counts in COUNTS.items()
            for way, count in zip(("without", "with"), counts, strict=True)
        },
        _CODE,
        models=IMAGES[:1],
        minutes=0.2,
    ),
)

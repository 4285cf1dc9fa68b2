"""The architectures with their recipes, and what is trained."""

from __future__ import annotations

from typing import Any

from zoo_policies.pusht.geometry import CORNERS

from zoo_core import Architecture, Model

_PACKAGE = "zoo_world_guidance"

BODY = {"pose": [2, 3, 4], "points": [list(corner) for corner in CORNERS]}
"""PushT's block: where its pose is in the state, and its corners in its own frame, in pixels."""
IMAGES = {"cameras": 1, "seen": [0, 1], "width": 64}
"""A policy from images is told where the agent is, and must see where the block is."""
FEW = {"labelled": 30}
"""Of 30 demonstrations the actions are known, of 156 the states or images alone."""
FROM_IMAGES = {"steps": 2400, "batch": 16, "repeats": 4, "shift": 2}

SIZES = (("s", 16, 6, 384, 4), ("b", 117, 12, 768, 12), ("l", 409, 24, 1024, 16))
"""Name, millions of weights, depth, width and heads of the published action heads."""

ARCHITECTURES = [
    Architecture(
        name="wog-policy",
        cls=f"{_PACKAGE}.policy:WorldGuidance",
        paper="world-guidance",
        task="imitation-learning",
        summary="a policy that plans chunks of actions by flow matching, guided by conditions of "
        "the future that it predicts",
        shape={
            "guidance": "explicit",
            "loss": "centred",
            "detached": False,
            "cameras": 0,
            "size": 64,
            "seen": None,
            "pose": None,
            "points": [],
            "horizon": 16,
            "execute": 8,
            "history": 2,
            "tokens": 8,
            "condition": 32,
            "width": 48,
            "layers": 2,
            "former_layers": 2,
            "head_width": 64,
            "head_depth": 3,
            "ratio": 2.0,
            "patch": 2,
            "injection": "learning",
            "scale": 1.0,
        },
        recipe={
            "steps": 6000,
            "batch": 32,
            "learning_rate": 1e-3,
            "weight_decay": 1e-4,
            "clip": 1.0,
            "ema": 0.995,
            "weight": 0.3,
            "repeats": 1,
            "shift": 0,
            "t_bias": "noise",
        },
        train=f"{_PACKAGE}.train:train",
        reader=f"{_PACKAGE}.reading:read_demonstrations",
        dataset="pusht-play",
        pipeline_tag="robotics",
        independent_rows=True,
        exportable=True,
        embeds="the condition that is predicted, less its mean; of a policy that predicts none the "
        "cognition feature",
    ),
    *(
        Architecture(
            name=f"wog-dit-{name}",
            cls=f"{_PACKAGE}.dit:ActionHead",
            paper="world-guidance",
            task="imitation-learning",
            summary=f"the action head in the published size {name.upper()}, with {millions} "
            "million weights; untrained",
            shape={
                "actions": 7,
                "horizon": 16,
                "cognition": 4096,
                "condition": 32,
                "width": width,
                "depth": depth,
                "heads": heads,
            },
            pipeline_tag="robotics",
            independent_rows=True,
            exportable=True,
        )
        for name, millions, depth, width, heads in SIZES
    ),
]


def _policy(name: str, guidance: str, summary: str, options: Any = FEW, **shape: Any) -> Model:
    images = "cameras" in shape
    return Model(
        name=name,
        architecture="wog-policy",
        dataset="pusht-play",
        license="Apache-2.0",
        summary=summary,
        shape={"guidance": guidance, **shape},
        recipe=FROM_IMAGES if images else {},
        options=options,
        metrics=("action-mse",),
        storage="float16",
        usage='print(zoo.predict(model, zoo.dataset("pusht-human").episodes.states[0]))'
        if not images
        else "print(zoo.predict(model, seed=100003, steps=20).told)",
    )


MODELS = [
    _policy(
        "wog-pusht",
        "explicit",
        "Pushes a T onto its goal from images; learnt from 30 demonstrations with actions and 156 "
        "videos without, whose conditions of the future it predicts and hears.",
        **IMAGES,
    ),
    _policy(
        "base-pusht",
        "none",
        "The same task from images, from the 30 demonstrations with actions alone.",
        **IMAGES,
    ),
    _policy(
        "futurefeat-pusht",
        "features",
        "The same task from images; of all demonstrations it predicts features of future frames.",
        **IMAGES,
    ),
    _policy(
        "wog-pusht-state",
        "explicit",
        "Pushes a T from its true position; learnt from 30 demonstrations with actions and 156 "
        "without, whose conditions of the future it predicts and hears.",
        **BODY,
    ),
    _policy(
        "base-pusht-state",
        "none",
        "The same task from positions, from the 30 demonstrations with actions alone.",
        **BODY,
    ),
    _policy(
        "futurefeat-pusht-state",
        "features",
        "The same task from positions; of all demonstrations it predicts positions to come.",
        **BODY,
    ),
]

"""Claims on episodes: arms compared on the same 50 seeds of the simulator."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from zoo_core import Finding
from zoo_world_guidance.checks.arms import episodes, mean_of, scores


def compared(
    arms: Mapping[str, str],
    seeds: Sequence[int],
    asked: Sequence[str],
    changes: Mapping[str, Mapping[str, Any]] | None = None,
) -> Finding:
    """Measure arms, and by how much the first is ahead of the others, episode by episode.

    `arms` maps names to registered models, whose recipe is trained with each of `seeds`; `changes`
    maps some of the names to other settings of shape, recipe or data. `asked` are an arm's name, or
    "FIRST minus OTHER"; all others are told.
    """
    runs = tuple(seeds)
    changed = {arm: json.dumps(dict((changes or {}).get(arm, {}))) for arm in arms}
    found = {arm: scores(model, runs, changed[arm]) for arm, model in arms.items()}
    measured: dict[str, Any] = {arm: mean_of(values) for arm, values in found.items()}
    first, *others = arms
    for other in others:
        measured[f"{first} minus {other}"] = mean_of(found[first] - found[other])
    return Finding(
        quantities={name: measured[name] for name in asked},
        told=", ".join(
            f"{name} {one.mean:.3f} ± {one.reach:.3f}"
            for name, one in measured.items()
            if name not in asked
        ),
        figures={
            "scores": found,
            "coverage": {
                arm: [episodes(model, seed, changed[arm])["coverage"] for seed in runs]
                for arm, model in arms.items()
            },
        },
        seeds=runs,
    )

"""The networks that claims compare: shipped ones of seed 0, and others that are trained alike.

The others are kept below ``ZOO_HOME/made``, by all that they are made from: `python -m
zoo_4dral.checks.arms LABEL SEED` makes one beforehand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from zoo_4dral.checks.scores import Array, Found, found_in, hits
from zoo_4dral.specs.models import ARCHITECTURES, ARMS, Arm
from zoo_core import load, train, zoo_home

ONE = (0,)
"""The seed of what is shipped; more of them, such as (0, 1, 2), are trained when they are given."""
WEATHERS: Mapping[str, Mapping[str, Any]] = {"clear": {}, "rain": {"drop": 0.35}}
"""Of the radar's queries."""


@cache
def network(label: str, seed: int) -> Any:
    """Return the network of an arm: the shipped one for seed 0, or one that is trained and kept."""
    arm = ARMS[label]
    if seed == 0 and arm.shipped is not None:
        return load(arm.shipped)
    folder = kept_at(arm, seed)
    if not (folder / "config.json").is_file():
        trained(arm, seed, folder)
    return load(folder)


def kept_at(arm: Arm, seed: int) -> Path:
    """Return the folder of an arm's network, named by its settings and its teacher's tensors."""
    architecture = next(one for one in ARCHITECTURES if one.name == arm.architecture)
    settings = {**architecture.shape, **architecture.recipe, **arm.shape, **arm.recipe}
    told = [arm.architecture, settings, arm.starts, dict(arm.options)]
    digest = sha256(json.dumps(told, sort_keys=True).encode())
    if arm.teacher is not None:
        for tensor in load(arm.teacher).state_dict().values():
            digest.update(tensor.numpy().tobytes())
    name = arm.shipped or arm.architecture
    return zoo_home() / "made" / "4dral" / f"{name}-{seed}-{digest.hexdigest()[:12]}"


def trained(arm: Arm, seed: int, folder: Path) -> Any:
    """Train the network of an arm, and leave it in a folder."""
    return train(
        arm.architecture,
        out=folder,
        seed=seed,
        config={**arm.shape, **arm.recipe},
        options=arm.options,
        given={} if arm.teacher is None else {"teacher": arm.teacher},
        start=arm.teacher if arm.starts else None,
    )


@cache
def found(label: str, seed: int, world: str, fog: float = 0.0, drop: float = 0.0) -> Found:
    """Return what an arm's network finds for the queries of a test world."""
    return found_in(network(label, seed), world, fog, drop)


def outcomes(
    label: str, worlds: Sequence[str], weather: str, seeds: Sequence[int], **more: Any
) -> Sequence[Sequence[Array]]:
    """Return the hits of an arm's networks of each seed in each world; `more` goes to `hits`."""
    how = WEATHERS[weather]
    return [[hits(found(label, seed, world, **how), **more) for seed in seeds] for world in worlds]


def gaps(
    first: Sequence[Sequence[Array]], second: Sequence[Sequence[Array]]
) -> Sequence[Sequence[Array]]:
    """Return the differences of outcomes on the same queries, seed by seed."""
    return [
        [a - b for a, b in zip(*world, strict=True)] for world in zip(first, second, strict=True)
    ]


if __name__ == "__main__":
    network(sys.argv[1], int(sys.argv[2]))

"""The networks that claims compare: shipped ones of seed 0, and others that are trained alike.

`python -m zoo_4dral.checks.arms LABEL SEED` trains one beforehand (see `zoo_core.retrained`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from zoo_4dral.checks.scores import Array, Found, found_in, hits
from zoo_4dral.specs.models import ARMS
from zoo_core import retrained

ONE = (0,)
"""The seed of what is shipped; more of them, such as (0, 1, 2), are trained when they are given."""
WEATHERS: Mapping[str, Mapping[str, Any]] = {"clear": {}, "rain": {"drop": 0.35}}
"""Of the radar's queries."""


@cache
def network(label: str, seed: int) -> Any:
    """Return the network of an arm: the shipped one for seed 0, or one that is trained and kept."""
    return retrained(ARMS[label].shipped, seed)


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

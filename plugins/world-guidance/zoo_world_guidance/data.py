"""PushT to learn from and to be tested in, and the windows that a policy is measured on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from zoo_policies.pusht.data import Simulator, pusht_simulator

from zoo_core import BadInput, Split

EVERY = 4
"""Every so many steps of a held-out demonstration a policy is asked for a chunk."""


def pusht(labelled: int = 186, episodes: int = 50) -> Simulator:
    """Return PushT; of the 186 demonstrations to learn from, `labelled` have their actions.

    The first ones do; of the others the states are known, as of a video. The rest are "held-out".
    Raises `BadInput` for other numbers.
    """
    known = pusht_simulator(episodes)
    train = known.rows["train"]
    if isinstance(labelled, bool) or not isinstance(labelled, int):
        raise BadInput(f"labelled={labelled!r}; expected a whole number.")
    if not 1 <= labelled <= len(train):
        raise BadInput(f"labelled={labelled}; expected 1 to {len(train)} demonstrations.")
    rest = np.setdiff1d(np.arange(len(known.episodes)), train)
    return replace(
        known,
        episodes=known.episodes.without_actions(train[labelled:]),
        rows={"train": train, "held-out": rest},
        facts={
            "demonstrations": len(train),
            "with actions": labelled,
            "held out": len(rest),
            "episodes": episodes,
        },
    )


def recorded_in(split: Split) -> NDArray[Any]:
    """Return the demonstrations that a policy is measured on: of a simulator's split, held-out.

    Raises `BadInput` for data that hold none out.
    """
    rows: Mapping[str, NDArray[Any]] = split.data.rows
    name = "held-out" if split.name in getattr(split.data, "seeds", ()) else split.name
    if name not in rows:
        raise BadInput("These data hold out no demonstrations; measure the policy on pusht-play.")
    return rows[name]

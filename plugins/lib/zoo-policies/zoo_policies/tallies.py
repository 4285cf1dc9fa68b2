"""What an episode adds up to: success, coverage, score and return, each on its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SUCCESS = ("is_success", "success")
"""What environments call it in their info."""


class Tally:
    """What was measured so far of `episodes` episodes.

    "return" is the sum of the rewards and "score" the largest of them; "success" is whether the
    environment ever called the task done and "coverage" the largest share of the goal that was
    covered, both where it tells them.
    """

    def __init__(self, episodes: int) -> None:
        self._found: dict[str, Array] = {
            "score": np.full(episodes, -np.inf),
            "return": np.zeros(episodes),
            "steps": np.zeros(episodes),
        }

    def add(
        self, episodes: Sequence[int], rewards: Array, infos: Sequence[Mapping[str, Any]]
    ) -> None:
        """Take in one step of some episodes."""
        rows = np.asarray(episodes, np.int64)
        self._found["return"][rows] += rewards
        self._found["steps"][rows] += 1
        self._most("score", rows, rewards)
        for name, keys in (("success", SUCCESS), ("coverage", ("coverage",))):
            told = [next((info[key] for key in keys if key in info), None) for info in infos]
            if told and None not in told:
                self._most(name, rows, np.array(told, float))

    def so_far(self, episodes: Sequence[int]) -> dict[str, Array]:
        """Return what was measured of some episodes, by name."""
        return {name: values[list(episodes)] for name, values in self._found.items()}

    def _most(self, name: str, rows: Array, values: Array) -> None:
        known = self._found.setdefault(name, np.full(len(self._found["steps"]), -np.inf))
        known[rows] = np.maximum(known[rows], values)

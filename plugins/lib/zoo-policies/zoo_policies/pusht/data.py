"""The datasets pusht-human, people's demonstrations, and pusht, the simulator with its seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput, Split
from zoo_policies.demonstrations import Demonstrations
from zoo_policies.episodes import Episodes
from zoo_policies.kept import kept
from zoo_policies.lockstep import Lockstep
from zoo_policies.pusht.geometry import ACTION_NAMES, ROOM, STATE_NAMES
from zoo_policies.pusht.recordings import recorded
from zoo_policies.pusht.simulator import Painter, checked_size, pusht

Array = NDArray[Any]

HELD_OUT = 20
"""The last so many episodes are for the test."""
SEEDS = {"val": range(200_000, 200_050), "test": range(100_000, 100_050)}
"""Of the simulator's episodes: those to choose by, and the 50 that are reported."""


class Drawn:
    """Pictures of states of PushT as frames (N, size, size, 3), drawn when they are asked for.

    Once `kept` has drawn them all, they are read from there.
    """

    def __init__(self, states: Array, size: int, name: str) -> None:
        self.states, self.size, self.name = states, checked_size(size), name
        self.shape = (len(states), size, size, 3)
        self.dtype = np.dtype(np.uint8)
        self._all: Array | None = None

    def __getitem__(self, rows: Any) -> Array:
        if self._all is not None:
            return np.asarray(self._all[rows])
        numbers = np.arange(len(self.states))[rows]
        flat, place = np.unique(numbers, return_inverse=True)
        pictures = self._painter(self.states[flat])
        return pictures[place.reshape(numbers.shape)]

    def kept(self) -> Drawn:
        """Return itself with all pictures drawn, in a file below ``ZOO_HOME/made``."""
        if self._all is None:
            self._all = kept(
                f"{self.name}/images-{self.size}-v1",
                self.shape,
                self.dtype,
                lambda rows: self._painter(self.states[rows]),
            )
        return self

    @cached_property
    def _painter(self) -> Painter:
        return Painter(self.size)


class PushTDemonstrations(Demonstrations):
    """Demonstrations of PushT, whose images are drawn from their states."""

    def images(self, size: int = 64) -> Drawn:
        """Return a picture for each step, bytes (N, size, size, 3), drawn from the states.

        `.kept()` draws all of them, once, for trainings.
        """
        return Drawn(self.episodes.states, size, "pusht-human")


@dataclass(frozen=True, eq=False)
class Simulator(PushTDemonstrations):
    """PushT to learn from and to act in.

    Beside the splits of the demonstrations, `seeds` maps others to the seeds of their episodes.
    """

    seeds: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return (*self.rows, *self.seeds)

    def split(self, name: str) -> Split:
        """Return the view of one split: seeds, or the numbers of demonstrations."""
        return (
            Split(self, name, list(self.seeds[name])) if name in self.seeds else super().split(name)
        )

    def environment(self, size: int = 64) -> Lockstep:
        """Return PushT in lockstep, see `zoo_policies.pusht.simulator.pusht`."""
        return pusht(size)


def pusht_human() -> PushTDemonstrations:
    """Return the 206 demonstrations of people: states (25650, 5), actions (25650, 2), in pixels."""
    states, actions, ends = recorded()
    episodes = Episodes(
        states=states,
        actions=actions,
        ends=ends,
        fps=10,
        state_names=STATE_NAMES,
        action_names=ACTION_NAMES,
    ).within(0.0, ROOM)
    numbers = np.arange(len(episodes))
    return PushTDemonstrations(
        episodes=episodes,
        rows={"train": numbers[:-HELD_OUT], "test": numbers[-HELD_OUT:]},
        facts={"episodes": len(episodes), "steps": len(states), "steps a second": 10},
    )


def pusht_simulator(episodes: int = 50) -> Simulator:
    """Return PushT with the seeds of its episodes, the first `episodes` of 50 of each split.

    Raises `BadInput` for other numbers.
    """
    if not isinstance(episodes, int) or not 2 <= episodes <= 50:
        raise BadInput(f"episodes={episodes!r}; expected 2 to 50.")
    human = pusht_human()
    return Simulator(
        episodes=human.episodes,
        rows={"train": human.rows["train"]},
        seeds={name: list(seeds)[:episodes] for name, seeds in SEEDS.items()},
        facts={"episodes": episodes, "steps at most": 300, "steps a second": 10},
    )

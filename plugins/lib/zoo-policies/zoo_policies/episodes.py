"""Episodes: what a robot saw and did, step by step, of any number of recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput
from zoo_policies.numbers import real
from zoo_policies.windows import Windows

Array = NDArray[Any]

MOST_ACTIONS = 32
"""Dimensions of an action."""
MOST_CAMERAS = 3


class Frames(Protocol):
    """Images by step: an array (N, H, W, 3) of bytes, a memory map, or what decodes on demand."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape (N, H, W, 3)."""

    @property
    def dtype(self) -> Any:
        """Bytes (uint8)."""

    def __getitem__(self, rows: Any) -> Array:
        """Return the images of an array of steps, bytes (…, H, W, 3)."""


@dataclass(frozen=True, eq=False)
class Episodes:
    """N steps of E recordings, one after the other; episode e ends before the step `ends[e]`.

    `states` (N, d) are what sensors and simulators tell, `actions` (N, A) what was done at a step,
    with A from 1 to 32, both float32 and in their own units. `cameras` maps 0 to 3 names to the
    images (N, H, W, 3) of the steps, bytes. `labelled` (E,) says of which episodes the actions are
    known: those of the others are NaN, whatever was given, so that nothing learns from them unseen.
    `fps` are steps a second. `tasks` are what each episode was told to do, where that is known.

    Raises `BadInput` for NaN and infinite numbers, for lengths that do not fit, for episodes of
    fewer than two steps, and for images that are none.
    """

    states: Array
    actions: Array
    ends: Array
    cameras: Mapping[str, Frames] = field(default_factory=dict)
    fps: float = 10.0
    labelled: Array | None = None
    state_names: Sequence[str] = ()
    action_names: Sequence[str] = ()
    tasks: Sequence[str] = ()

    def __post_init__(self) -> None:
        states, actions = (_numbers(getattr(self, key), key) for key in ("states", "actions"))
        if len(states) != len(actions):
            raise BadInput(
                f"There are states of {len(states)} steps and actions of {len(actions)}; expected "
                "one of each at every step."
            )
        if actions.shape[1] > MOST_ACTIONS:
            raise BadInput(
                f"Actions have {actions.shape[1]} dimensions; expected 1 to {MOST_ACTIONS}."
            )
        ends = _ends(self.ends, len(states))
        labelled = np.ones(len(ends), bool) if self.labelled is None else np.array(self.labelled)
        if labelled.shape != ends.shape or labelled.dtype != bool:
            raise BadInput(
                f"labelled has the shape {labelled.shape}; expected a yes or no for each of the "
                f"{len(ends)} episodes."
            )
        for name, value in (
            ("states", states),
            ("ends", ends),
            ("labelled", labelled),
            ("fps", _rate(self.fps)),
            ("cameras", dict(self.cameras)),
            ("state_names", _named(self.state_names, states.shape[1], "states")),
            ("action_names", _named(self.action_names, actions.shape[1], "actions")),
        ):
            object.__setattr__(self, name, value)
        known = labelled[self.episode_of]
        object.__setattr__(self, "actions", np.where(known[:, None], actions, np.nan))
        if len(self.tasks) not in (0, len(ends)):
            raise BadInput(f"There are {len(self.tasks)} tasks of {len(ends)} episodes.")
        self._refuse(
            np.asarray(~np.isfinite(states).all(axis=1)), "states that are NaN or infinite"
        )
        self._refuse(
            known & ~np.isfinite(actions).all(1),
            "actions that are NaN or infinite; if its actions are not known, say so by labelled",
        )
        _cameras(self.cameras, len(states))

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def starts(self) -> Array:
        """The first step of each episode (E,)."""
        return np.concatenate([[0], self.ends[:-1]])

    @property
    def lengths(self) -> Array:
        """How many steps each episode has (E,)."""
        return self.ends - self.starts

    @property
    def episode_of(self) -> Array:
        """Which episode each step is of (N,)."""
        return np.repeat(np.arange(len(self.ends)), self.lengths)

    def rows_of(self, episodes: Any) -> Array:
        """Return the steps of some episodes, one after the other."""
        chosen = self.checked(episodes)
        pieces = [np.arange(self.starts[e], self.ends[e]) for e in chosen]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)

    def checked(self, episodes: Any) -> Array:
        """Return numbers of episodes as an array; raises `BadInput` for those that are not here."""
        chosen = np.atleast_1d(np.asarray(episodes))
        whole = chosen.size == 0 or chosen.dtype.kind in "iu"
        if not whole or chosen.ndim != 1 or ((chosen < 0) | (chosen >= len(self))).any():
            raise BadInput(
                f"{str(episodes)[:60]} are no episodes of these; expected numbers from 0 to "
                f"{len(self) - 1}."
            )
        return chosen.astype(np.int64)

    def of(self, episodes: Any) -> Episodes:
        """Return some of the episodes alone; images stay where they are until asked for.

        Raises `BadInput` for none, and for numbers that are not here.
        """
        chosen = self.checked(episodes)
        if not len(chosen):
            raise BadInput("No episode was chosen; give the number of one at least.")
        rows = self.rows_of(chosen)
        return replace(
            self,
            states=self.states[rows],
            actions=self.actions[rows],
            ends=np.cumsum(self.lengths[chosen]),
            labelled=self._labelled[chosen],
            cameras={name: Chosen(frames, rows) for name, frames in self.cameras.items()},
            tasks=[self.tasks[e] for e in chosen] if self.tasks else (),
        )

    def without_actions(self, episodes: Any) -> Episodes:
        """Return these episodes where the actions of some are not known any more (a video)."""
        labelled = self._labelled.copy()
        labelled[self.checked(episodes)] = False
        return replace(self, labelled=labelled)

    def within(self, low: Any, high: Any) -> Episodes:
        """Return these episodes; raises `BadInput` where an action lies outside of a range."""
        # In float32, as actions are: a bound that is no binary number includes itself.
        low, high = (
            np.broadcast_to(np.asarray(one, np.float32), self.actions.shape[1])
            for one in (low, high)
        )
        outside = (self.actions < low) | (self.actions > high)
        if outside.any():
            row, place = map(int, np.argwhere(outside)[0])
            episode = int(np.searchsorted(self.ends, row, side="right"))
            raise BadInput(
                f"Step {row - self.starts[episode]} of episode {episode} has "
                f"{self.action_names[place]} = {self.actions[row, place]:.6g}, outside of "
                f"{low[place]:g} to {high[place]:g}; give actions in the units of the environment."
            )
        return self

    def ahead(self, rows: Any, offsets: Any) -> Array:
        """Return steps that are some offsets away from others, (…, K) for rows (…) and K offsets.

        Before the first and after the last step of the row's own episode the first and the last one
        stand: no other episode is ever reached.
        """
        rows = np.asarray(rows, np.int64)
        episode = np.searchsorted(self.ends, rows, side="right")[..., None]
        away = rows[..., None] + np.asarray(offsets, np.int64)
        found: Array = np.clip(away, self.starts[episode], self.ends[episode] - 1)
        return found

    def windows(
        self,
        horizon: int,
        *,
        history: int = 1,
        future: Sequence[int] = (),
        of: Any = None,
        labelled: bool | None = None,
    ) -> Windows:
        """Return a window for each step: what was known, what was done next, what came later.

        `horizon` is how many actions from the step on, the last one repeated at an episode's end;
        `history` how many states up to the step, the first one repeated; `future` are offsets of
        later steps, clipped at the end. `of` are the episodes (all), `labelled` those alone whose
        actions are known (true) or not (false). Raises `BadInput` for episodes shorter than the
        horizon, and where nothing is left.
        """
        if horizon < 1 or history < 1 or any(offset < 0 for offset in future):
            raise BadInput(
                f"horizon={horizon}, history={history}, future={tuple(future)}; expected 1 step or "
                "more of each, and later steps."
            )
        chosen = np.arange(len(self)) if of is None else self.checked(of)
        if labelled is not None:
            chosen = chosen[self._labelled[chosen] == labelled]
        short = chosen[self.lengths[chosen] < horizon]
        if len(short):
            raise BadInput(
                f"Episode {short[0]} has {self.lengths[short[0]]} steps, fewer than the horizon of "
                f"{horizon}; leave such episodes out, or take a shorter horizon."
            )
        if not len(chosen):
            raise BadInput("There is no episode left to take windows of.")
        return Windows(self, self.rows_of(chosen), horizon, history, tuple(future))

    @property
    def _labelled(self) -> Array:
        assert self.labelled is not None
        return self.labelled

    def _refuse(self, bad: Array, what: str) -> None:
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            episode = int(np.searchsorted(self.ends, row, side="right"))
            raise BadInput(f"Step {row - self.starts[episode]} of episode {episode} has {what}.")


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some steps of `frames`, not read before they are asked for."""

    frames: Frames
    rows: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape (N, H, W, 3)."""
        return (len(self.rows), *self.frames.shape[1:])

    @property
    def dtype(self) -> Any:
        """Bytes (uint8)."""
        return self.frames.dtype

    def __getitem__(self, rows: Any) -> Array:
        return self.frames[self.rows[rows]]


def dealt(episodes: int, *, test: float = 0.1, seed: int = 0) -> dict[str, Array]:
    """Return the episodes of each split: a share `test` for the test, as many to choose by.

    Whole episodes, drawn with `seed`. Raises `BadInput` for fewer than three, and for other shares.
    """
    if episodes < 3 or not 0 < test <= 0.4:
        raise BadInput(
            f"{episodes} episodes, test={test}; expected three or more, one each to learn from, to "
            "choose by and to test on, and a share above 0, of 0.4 at most."
        )
    part = max(1, round(test * episodes))
    order = np.random.default_rng(seed).permutation(episodes)
    parts = {"train": order[2 * part :], "val": order[part : 2 * part], "test": order[:part]}
    return {name: np.sort(rows) for name, rows in parts.items()}


def _numbers(given: Any, name: str) -> Array:
    try:
        found = real(given)
    except (TypeError, ValueError):
        raise BadInput(f"The {name} are no array of numbers (steps, dimensions).") from None
    if found.ndim != 2 or 0 in found.shape:
        raise BadInput(
            f"The {name} have the shape {found.shape}; expected (steps, dimensions), one of each "
            "at least."
        )
    return found


def _ends(given: Any, steps: int) -> Array:
    ends = np.asarray(given)
    if ends.ndim != 1 or not len(ends) or ends.dtype.kind not in "iu":
        raise BadInput(
            f"ends are {str(given)[:60]}; expected whole numbers, the step after the last one of "
            "each episode."
        )
    lengths = np.diff(ends.astype(np.int64), prepend=0)
    if (lengths < 0).any() or ends[-1] != steps:
        raise BadInput(
            f"ends must ascend to the number of steps, {steps}; the last one is {ends[-1]}."
        )
    if (lengths < 2).any():
        episode = int(np.flatnonzero(lengths < 2)[0])
        raise BadInput(
            f"Episode {episode} has {lengths[episode]} steps; expected two or more: leave it out."
        )
    return ends.astype(np.int64)


def _rate(fps: Any) -> float:
    if not isinstance(fps, int | float | np.number) or not 0 < fps < float("inf"):
        raise BadInput(f"fps={fps!r}; expected steps a second, above 0.")
    return float(fps)


def _named(given: Sequence[str], count: int, what: str) -> tuple[str, ...]:
    if given and len(given) != count:
        raise BadInput(f"There are {len(given)} names of {count} dimensions of {what}.")
    return tuple(map(str, given)) or tuple(f"{what[:-1]} {place}" for place in range(count))


def _cameras(cameras: Mapping[str, Frames], steps: int) -> None:
    if len(cameras) > MOST_CAMERAS:
        raise BadInput(f"There are {len(cameras)} cameras; expected 0 to {MOST_CAMERAS}.")
    for name, frames in cameras.items():
        shape: tuple[int, ...] = getattr(frames, "shape", ())
        dtype = getattr(frames, "dtype", None)
        if len(shape) != 4 or shape[0] != steps or shape[-1] != 3 or dtype != np.uint8:
            raise BadInput(
                f"Images of camera {name!r} have the shape {tuple(shape)} and the type {dtype}; "
                f"expected bytes (uint8) of the shape ({steps}, height, width, 3), one image a "
                "step."
            )

"""Rollouts: a policy in many episodes at once, and what came of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from zoo_core import BadInput, Estimate, bootstrap, notice
from zoo_policies.lockstep import lockstep
from zoo_policies.observations import Observation, taken

Array = NDArray[Any]
MEASURED = ("success", "coverage", "score", "return")
"""What metrics take, each a value an episode; an environment may tell no success or coverage."""


@dataclass(frozen=True, eq=False)
class Rollout:
    """What came of E episodes.

    `measured` maps names to a value for each episode (E,): "success" (0 or 1), "coverage" (its
    largest), "score" (the largest reward), "return" (the sum of rewards) and "steps". `states` and
    `actions` have an array (T, d) and (T, A) for each episode: what was seen before each action,
    and the action. `films` maps the seeds that were asked for to frames (T + 1, H, W, 3), the first
    one before any action.
    """

    seeds: Sequence[int]
    measured: Mapping[str, Array]
    states: Sequence[Array]
    actions: Sequence[Array]
    films: Mapping[int, Array] = field(default_factory=dict)
    fps: float = 10.0

    def __len__(self) -> int:
        return len(self.seeds)

    def rows(self) -> list[dict[str, float | int]]:
        """Return a row for each episode, JSON values."""
        return [
            {"seed": seed, **{name: float(values[e]) for name, values in self.measured.items()}}
            for e, seed in enumerate(self.seeds)
        ]

    def outputs(self) -> Iterator[dict[str, Tensor]]:
        """Yield what the metrics success, coverage, score and return take: a model's outputs."""
        yield {
            name: torch.from_numpy(np.asarray(values, np.float64))
            for name, values in self.measured.items()
        }

    def summary(self) -> dict[str, Estimate]:
        """Return the mean of each measure, with its 95 % bootstrap interval over the episodes.

        Raises `BadInput` for one episode, of which there is no interval.
        """
        if len(self) < 2:
            raise BadInput("One episode has no interval; roll out two or more.")
        return {name: bootstrap(values.tolist()) for name, values in self.measured.items()}


def rollout(
    policy: Any,
    environment: Any,
    seeds: Sequence[int],
    *,
    steps: int | None = None,
    film: Sequence[int] = (),
    camera: str | None = None,
    clip: bool = True,
    progress: bool = False,
) -> Rollout:
    """Roll a policy out in an episode for each seed, in lockstep.

    `policy` has ``act(observation, state) -> actions, state`` for a batch of episodes
    (`zoo_policies.observations.Observation`), actions (B, A) in the units of the environment; it is
    called once a step for all episodes that are not over, and its state is divided accordingly.
    `environment` is whatever `zoo_policies.lockstep.lockstep` takes. Episodes end as the
    environment says, and after `steps`. Images are drawn when the policy asks for them; of the
    seeds in `film` frames of one `camera` (the last) are kept at every step. Actions outside of the
    environment's range are clipped, with a notice, or refused where `clip` is false.

    Raises `BadInput` for actions of another shape and for NaN, for the same seed twice, and where
    nothing limits an episode.
    """
    together = lockstep(environment)
    numbers = _seeds(seeds)
    unknown = [seed for seed in film if seed not in numbers]
    if unknown:
        raise BadInput(f"Seed {unknown[0]} is to be filmed and is not rolled out.")
    if not hasattr(policy, "act"):
        raise BadInput(
            f"A {type(policy).__name__} has no act(observation, state); wrap what plans chunks of "
            "actions in zoo_policies.chunks.Chunks."
        )
    limit = steps if steps is not None else getattr(together, "limit", None)
    if limit is None or limit < 1:
        raise BadInput(f"Episodes of this environment have no end (steps={steps}); give steps=300.")
    size = getattr(together, "at_once", len(numbers))
    blocks = [numbers[first : first + size] for first in range(0, len(numbers), size)]
    doing = _Actions(getattr(together, "action_space", None), clip)
    found = _Found(film)
    bar = tqdm(total=len(blocks) * limit, desc="rollout", leave=False, disable=not progress)
    with torch.no_grad(), bar:
        for number, block in enumerate(blocks):
            bar.n = number * limit
            _play(policy, together, block, limit, camera, doing, found, bar)
    doing.tell()
    return found.rollout(numbers, float(getattr(together, "fps", 10.0)))


class _Found:
    """What is kept of episodes, by their seeds."""

    def __init__(self, film: Sequence[int]) -> None:
        self.measured: dict[int, dict[str, float]] = {}
        self.states: dict[int, list[Array]] = {}
        self.actions: dict[int, list[Array]] = {}
        self.films: dict[int, list[Array]] = {int(seed): [] for seed in film}

    def film(self, observation: Observation, camera: str | None) -> None:
        seeds = observation.seeds.tolist()
        rows = [row for row, seed in enumerate(seeds) if seed in self.films]
        if not rows:
            return
        chosen = camera or next(reversed(list(observation.cameras)), None)
        for row, frame in zip(
            rows, observation.take(torch.tensor(rows)).images(chosen), strict=True
        ):
            self.films[seeds[row]].append(frame.numpy())

    def rollout(self, seeds: Sequence[int], fps: float) -> Rollout:
        names = list(self.measured[seeds[0]])
        order = [name for name in MEASURED if name in names]
        order += [name for name in names if name not in order]
        return Rollout(
            seeds=seeds,
            measured={name: np.array([self.measured[s][name] for s in seeds]) for name in order},
            states=[np.stack(self.states[seed]) for seed in seeds],
            actions=[np.stack(self.actions[seed]) for seed in seeds],
            films={seed: np.stack(frames) for seed, frames in self.films.items()},
            fps=fps,
        )


class _Actions:
    """Checks what a policy does, and counts what had to be clipped."""

    def __init__(self, space: Any, clip: bool) -> None:
        self.clip = clip
        self.clipped = self.done = 0
        self.shape = getattr(space, "shape", None)
        self.low, self.high = (getattr(space, key, None) for key in ("low", "high"))
        if space is not None and self.low is None:
            raise BadInput(
                f"Actions are of a {type(space).__name__}; expected a box of 1 to 32 numbers."
            )

    def __call__(self, given: Any, count: int) -> Array:
        actions = np.asarray(given.detach().cpu() if isinstance(given, Tensor) else given)
        expected = (count, *(self.shape or actions.shape[1:]))
        if actions.shape != expected or actions.dtype.kind not in "fiu":
            raise BadInput(
                f"The policy gave actions of the shape {actions.shape}; expected {expected}, a row "
                "for each episode that goes on."
            )
        if not np.isfinite(actions).all():
            raise BadInput("The policy gave an action that is NaN or infinite.")
        self.done += count
        if self.low is None or self.high is None:
            return actions
        outside = ((actions < self.low) | (actions > self.high)).reshape(count, -1).any(1)
        if outside.any() and not self.clip:
            worst = actions[int(np.flatnonzero(outside)[0])]
            raise BadInput(
                f"The policy gave the action {np.round(worst, 3).tolist()}, outside of the "
                f"environment's range, {self.low.tolist()} to {self.high.tolist()}."
            )
        self.clipped += int(outside.sum())
        inside: Array = np.clip(actions, self.low, self.high)
        return inside

    def tell(self) -> None:
        if self.clipped:
            notice(
                f"{self.clipped:,} of {self.done:,} actions lay outside of the environment's range "
                "and were clipped."
            )


def _play(
    policy: Any,
    together: Any,
    seeds: Sequence[int],
    limit: int,
    camera: str | None,
    doing: _Actions,
    found: _Found,
    bar: Any,
) -> None:
    observation, state = together.reset(seeds), None
    found.film(observation, camera)
    for step in range(limit):
        running = observation.seeds.tolist()
        _refuse_unknown_states(observation)
        given, state = _acted(policy, observation, state)
        actions = doing(given, len(running))
        seen = observation.states[:, -1].numpy()
        for row, seed in enumerate(running):
            found.states.setdefault(seed, []).append(seen[row])
            found.actions.setdefault(seed, []).append(actions[row])
        observation, measured, over = together.step(actions)
        found.film(observation, camera)
        for row, seed in enumerate(running):
            if over[row] or step == limit - 1:
                found.measured[seed] = {name: float(v[row]) for name, v in measured.items()}
        bar.update(1)
        if not len(observation):
            return
        if over.any():
            state = taken(state, torch.from_numpy(np.flatnonzero(~over)))


def _refuse_unknown_states(observation: Observation) -> None:
    bad = ~torch.isfinite(observation.states).flatten(1).all(1)
    if bad.any():
        row = int(bad.nonzero()[0])
        raise BadInput(
            f"After {observation.steps[row]} steps the environment of seed "
            f"{observation.seeds[row]} shows a state that is NaN or infinite."
        )


def _acted(policy: Any, observation: Observation, state: Any) -> tuple[Any, Any]:
    answer = policy.act(observation, state)
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise BadInput(
            f"The policy's act gave a {type(answer).__name__}; expected two things, actions and "
            "the state for the next step (None where there is none)."
        )
    # A state that cannot be divided is refused at once, and not when the first episode ends.
    every = torch.arange(len(observation))
    return answer[0], taken(answer[1], every, len(observation))


def _seeds(seeds: Sequence[int]) -> list[int]:
    numbers = [int(seed) for seed in seeds]
    if not numbers or min(numbers) < 0 or len(set(numbers)) < len(numbers):
        raise BadInput(
            f"seeds are {str(numbers)[:60]}; expected different whole numbers from 0, one for each "
            "episode."
        )
    return numbers

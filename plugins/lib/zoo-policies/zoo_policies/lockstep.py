"""Episodes in lockstep: any gymnasium environments, one for each episode, or a vector of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from zoo_core import BadInput
from zoo_policies.observations import Camera, Observation
from zoo_policies.spaces import Layout, layout_of
from zoo_policies.tallies import Tally

Array = NDArray[Any]
GONE = "The episodes went on; ask for images before the next step."
Draw = Callable[[Any], Array]
"""Draws one gymnasium environment: bytes (H, W, 3)."""


class Lockstep:
    """gymnasium environments, one for each episode, of which those that are over rest.

    `maker` makes one. `cameras` maps names to what draws an environment; by default there is one,
    "render", where the environment was made with ``render_mode="rgb_array"``. Images that are part
    of an observation are cameras too. `at_once` is how many episodes run side by side (64).
    """

    def __init__(
        self,
        maker: Callable[[], Any],
        *,
        cameras: Mapping[str, Draw] | None = None,
        at_once: int = 64,
    ) -> None:
        self.at_once = at_once
        self._maker = maker
        self._made = [maker()]
        first = self._made[0]
        self.layout: Layout = layout_of(first.observation_space)
        self.action_space = first.action_space
        spec = getattr(first, "spec", None)
        self.limit: int | None = getattr(spec, "max_episode_steps", None)
        self.fps = float(first.metadata.get("render_fps") or 10)
        renders = getattr(first, "render_mode", None) == "rgb_array"
        self._draws = cameras if cameras is not None else ({"render": _render} if renders else {})
        self._moment = 0
        self._running: list[int] = []
        self._seeds = self._steps = np.zeros(0, np.int64)
        self._tally = Tally(0)

    def reset(self, seeds: Sequence[int]) -> Observation:
        """Begin an episode for each seed; raises `BadInput` for more than `at_once`."""
        if not 1 <= len(seeds) <= self.at_once:
            raise BadInput(f"There are {len(seeds)} seeds; expected 1 to {self.at_once} at once.")
        while len(self._made) < len(seeds):
            self._made.append(self._maker())
        self._running = list(range(len(seeds)))
        self._seeds = np.asarray(seeds, np.int64)
        self._steps = np.zeros(len(seeds), np.int64)
        self._tally = Tally(len(seeds))
        seen = [self._made[e].reset(seed=int(seed))[0] for e, seed in enumerate(seeds)]
        return self._observation(seen)

    def step(self, actions: Any) -> tuple[Observation, dict[str, Array], Array]:
        """Do one action (B, A) in each episode that goes on.

        Returns what those see that still go on, what was measured so far of all B by name, and
        which of the B are over.
        """
        stepped = self._running
        answers = [self._made[e].step(action) for e, action in zip(stepped, actions, strict=True)]
        self._steps[stepped] += 1
        rewards = np.array([float(answer[1]) for answer in answers])
        self._tally.add(stepped, rewards, [answer[4] for answer in answers])
        over = np.array([bool(answer[2] or answer[3]) for answer in answers], bool)
        measured = self._tally.so_far(stepped)
        self._running = [e for e, done in zip(stepped, over, strict=True) if not done]
        seen = [answer[0] for answer, done in zip(answers, over, strict=True) if not done]
        return self._observation(seen), measured, over

    def close(self) -> None:
        """Close the environments."""
        for one in self._made:
            one.close()

    def _observation(self, seen: Sequence[Any]) -> Observation:
        self._moment += 1
        numbers, moment = self._running, self._moment
        draws: dict[str, Callable[[int], Array]] = {}
        for name in self.layout.images:
            draws[name] = partial(_shown, self.layout, seen, name)
        for name, draw in self._draws.items():
            draws[name] = partial(_drawn, draw, [self._made[e] for e in numbers])
        states = self.layout.states(seen) if seen else np.zeros((0, self.layout.size), np.float32)
        running = np.asarray(numbers, np.int64)
        return Observation(
            states=torch.from_numpy(states[:, None]),
            seeds=torch.from_numpy(self._seeds[running]),
            steps=torch.from_numpy(self._steps[running]),
            cameras={
                name: _Once(draw, lambda: moment == self._moment) for name, draw in draws.items()
            },
        )


class _Once:
    """A camera at one moment: draws a row when it is asked for, once, until episodes go on."""

    def __init__(self, draw: Callable[[int], Array], still: Callable[[], bool]) -> None:
        self._draw, self._still = draw, still
        self._kept: dict[int, Array] = {}

    def __call__(self, rows: Sequence[int]) -> Array:
        missing = set(rows) - set(self._kept)
        if missing and not self._still():
            raise BadInput(GONE)
        self._kept |= {row: self._draw(row) for row in missing}
        return np.stack([self._kept[row] for row in rows])


def _shown(layout: Layout, seen: Sequence[Any], name: str, row: int) -> Array:
    return layout.image(seen[row], name)


def _drawn(draw: Draw, environments: Sequence[Any], row: int) -> Array:
    return draw(environments[row])


class VectorLockstep:
    """A gymnasium vector environment: its episodes are stepped together, those over are ignored."""

    def __init__(self, vector: Any) -> None:
        mode = vector.metadata.get("autoreset_mode")
        if getattr(mode, "name", None) == "DISABLED":
            raise BadInput(
                "The vector environment does not reset what is over (autoreset_mode); make it "
                "without that option: episodes that are over are ignored here."
            )
        self.vector = vector
        self.at_once = int(vector.num_envs)
        self.layout = layout_of(vector.single_observation_space)
        self.action_space = vector.single_action_space
        self.limit: int | None = getattr(getattr(vector, "spec", None), "max_episode_steps", None)
        self.fps = float(vector.metadata.get("render_fps") or 10)
        self._moment = 0
        self._running: list[int] = []
        self._seeds = self._steps = np.zeros(0, np.int64)
        self._tally = Tally(0)
        self._last = np.zeros((0, 0), np.float32)

    def reset(self, seeds: Sequence[int]) -> Observation:
        """Begin an episode for each seed; environments left over repeat the last one, unseen."""
        if not 1 <= len(seeds) <= self.at_once:
            raise BadInput(f"There are {len(seeds)} seeds; expected 1 to {self.at_once} at once.")
        self._running = list(range(len(seeds)))
        self._seeds = np.asarray(seeds, np.int64)
        self._steps = np.zeros(len(seeds), np.int64)
        self._tally = Tally(len(seeds))
        filled = [int(seed) for seed in seeds]
        filled += filled[-1:] * (self.at_once - len(seeds))
        seen, _ = self.vector.reset(seed=filled)
        return self._observation(seen)

    def step(self, actions: Any) -> tuple[Observation, dict[str, Array], Array]:
        """Do one action (B, A) in each episode that goes on; see `Lockstep.step`."""
        stepped = self._running
        shape = (self.at_once, *self.action_space.shape)
        if self._last.shape != shape:
            middle = np.clip(0.0, self.action_space.low, self.action_space.high)
            self._last = np.broadcast_to(middle, shape).astype(self.action_space.dtype)
        everyone = self._last.copy()
        everyone[stepped] = actions
        self._last = everyone
        seen, rewards, terminated, truncated, infos = self.vector.step(everyone)
        over = (np.asarray(terminated) | np.asarray(truncated))[stepped]
        self._steps[stepped] += 1
        told = [_info_of(infos, e, done) for e, done in zip(stepped, over, strict=True)]
        self._tally.add(stepped, np.asarray(rewards, float)[stepped], told)
        measured = self._tally.so_far(stepped)
        self._running = [e for e, done in zip(stepped, over, strict=True) if not done]
        return self._observation(seen), measured, over

    def close(self) -> None:
        """Close the environments."""
        self.vector.close()

    def _observation(self, seen: Any) -> Observation:
        self._moment += 1
        numbers = self._running
        states = self.layout.batch(seen)[numbers]

        def sees(name: str | None, moment: int, rows: Sequence[int]) -> Array:
            if moment != self._moment:
                raise BadInput(GONE)
            whole = self.vector.render() if name is None else self.layout.image(seen, name)
            return np.stack([np.asarray(whole[numbers[row]]) for row in rows])

        cameras: dict[str, Camera] = {
            name: partial(sees, name, self._moment) for name in self.layout.images
        }
        if getattr(self.vector, "render_mode", None) == "rgb_array":
            cameras["render"] = partial(sees, None, self._moment)
        return Observation(
            states=torch.from_numpy(states[:, None]),
            seeds=torch.from_numpy(self._seeds[numbers]),
            steps=torch.from_numpy(self._steps[numbers]),
            cameras=cameras,
        )


def lockstep(source: Any, **options: Any) -> Any:
    """Return episodes in lockstep of any environment.

    `source` is a name that gymnasium knows, a function that makes an environment, a vector
    environment (``gymnasium.make_vec``), or one environment, whose episodes then run one after the
    other; what has `reset(seeds)` and `step(actions)` already is returned. `options` go to
    `Lockstep`. Raises `BadInput` for anything else, and where gymnasium is not installed.
    """
    if isinstance(source, Lockstep | VectorLockstep):
        return source
    gymnasium = simulator("gymnasium", "gymnasium")
    if isinstance(source, gymnasium.vector.VectorEnv):
        return VectorLockstep(source)
    if isinstance(source, gymnasium.Env):
        return Lockstep(lambda: source, **{**options, "at_once": 1})
    if isinstance(source, str):
        try:
            return Lockstep(partial(gymnasium.make, source, disable_env_checker=True), **options)
        except (gymnasium.error.Error, ImportError) as error:
            raise BadInput(f"gymnasium makes no environment {source!r}: {error}.") from None
    # A class of environments has reset and step too, and makes one.
    if isinstance(source, type) or (callable(source) and not hasattr(source, "step")):
        return Lockstep(source, **options)
    if hasattr(source, "reset") and hasattr(source, "step"):
        return source
    raise BadInput(
        f"A {type(source).__name__} is no environment; expected a name that gymnasium knows, a "
        "function that makes one, or a vector environment."
    )


def simulator(module: str, install: str) -> Any:
    """Return a module of a simulator; raises `BadInput` where it is not installed."""
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError:
        raise BadInput(
            f"No simulator is installed that brings {module}; run `pip install {install}`."
        ) from None


def _render(one: Any) -> Array:
    return np.asarray(one.render())


def _info_of(infos: Mapping[str, Any], number: int, over: bool) -> dict[str, Any]:
    """Return what a vector environment tells of one of its episodes.

    Beside an array with a value for each environment a mask, ``_NAME``, says whose were told.
    """
    final = infos.get("final_info")
    source = final if over and isinstance(final, Mapping) else infos
    return {
        name: values[number]
        for name, values in source.items()
        if isinstance(values, np.ndarray) and f"_{name}" in source and source[f"_{name}"][number]
    }

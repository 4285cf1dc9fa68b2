"""One robot at a time, as LeRobot's users know it: `reset` and `select_action`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_core import BadInput
from zoo_policies.numbers import real
from zoo_policies.observations import Observation

STATE = "observation.state"


class Selector:
    """Runs a policy that acts on one robot: its actions that are queued never outlive a `reset`.

    The policy's state is held here and nowhere else. `seed` numbers the episodes: each `reset`
    begins another one, or the one that is given.
    """

    def __init__(self, policy: Any, seed: int = 0) -> None:
        if not callable(getattr(policy, "act", None)):
            raise BadInput(
                f"A {type(policy).__name__} has no act(observation, state); wrap what plans chunks "
                "of actions in zoo_policies.chunks.Chunks."
            )
        self._policy = policy
        self._seed = seed - 1
        self.reset()

    def reset(self, seed: int | None = None) -> None:
        """Begin an episode: what was planned before is forgotten."""
        self._seed = self._seed + 1 if seed is None else seed
        self._state: Any = None
        self._steps = 0

    def select_action(self, observation: Mapping[str, Any] | Any) -> Tensor:
        """Return what to do now (A,), of a state (d,), or of LeRobot's dictionary of one step.

        That has "observation.state" and images under "observation.image" or
        "observation.images.NAME": bytes (H, W, 3), or floats (3, H, W) from 0 to 1. With a batch's
        axis first, of B robots that were reset together, it returns (B, A). Raises `BadInput` for
        other shapes and for NaN.
        """
        seen, alone = _observation(observation, self._seed, self._steps)
        with torch.no_grad():
            actions, self._state = self._policy.act(seen, self._state)
        self._steps += 1
        found = torch.as_tensor(actions)
        return found[0] if alone else found


def _observation(given: Any, seed: int, step: int) -> tuple[Observation, bool]:
    """Return a batch of what was seen, and whether it was given without a batch's axis."""
    parts = given if isinstance(given, Mapping) else {STATE: given}
    if STATE not in parts:
        raise BadInput(
            f"An observation has {', '.join(map(str, parts))[:80] or 'nothing'}; expected {STATE}."
        )
    try:
        state = real(parts[STATE])
    except (TypeError, ValueError):
        raise BadInput(f"{STATE} is no array of real numbers.") from None
    if state.ndim not in (1, 2):
        raise BadInput(
            f"{STATE} has the shape {state.shape}; expected numbers (d,) of one robot, or (B, d)."
        )
    if not np.isfinite(state).all():
        raise BadInput(f"{STATE} has NaN or infinity; expected finite numbers.")
    alone = state.ndim == 1
    states = torch.from_numpy(np.atleast_2d(state))
    images = {
        str(name).removeprefix("observation.").removeprefix("images."): _images(
            value, str(name), len(states), alone
        )
        for name, value in parts.items()
        if str(name).startswith("observation.image")
    }
    observation = Observation(
        states=states[:, None],
        seeds=torch.arange(seed, seed + len(states)),
        steps=torch.full((len(states),), step),
        cameras={name: partial(_rows, image) for name, image in images.items()},
    )
    return observation, alone


def _images(given: Any, name: str, count: int, alone: bool) -> NDArray[Any]:
    images = np.asarray(given)[None] if alone else np.asarray(given)
    if images.ndim == 4 and len(images) == count:
        if images.shape[-1] == 3 and images.dtype == np.uint8:
            return images
        inside = images.dtype.kind == "f" and images.min() >= 0 and images.max() <= 1
        if images.shape[1] == 3 and inside:
            return (images.transpose(0, 2, 3, 1) * 255).round().astype(np.uint8)
    raise BadInput(
        f"{name} has the shape {np.shape(given)} and the type {images.dtype}; expected bytes "
        "(height, width, 3), or floats (3, height, width) from 0 to 1, one for each robot."
    )


def _rows(images: NDArray[Any], rows: Sequence[int]) -> NDArray[Any]:
    return images[list(rows)]

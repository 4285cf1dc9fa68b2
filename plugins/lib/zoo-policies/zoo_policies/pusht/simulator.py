"""PushT's simulator, gym-pusht: made, restored to recorded states, and drawn at any size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput
from zoo_policies.lockstep import Lockstep, simulator
from zoo_policies.pusht.geometry import CENTRE_OF_GRAVITY, ROOM

Array = NDArray[Any]
NAME = "gym_pusht/PushT-v0"
INSTALL = "gym-pusht 'pymunk<7'"
SIZES = (8, 512)
"""Sides of pictures in pixels."""
FILM = 192
"""The side of the pictures of films."""


def make_env(**options: Any) -> Any:
    """Return one environment of gym-pusht, which shows its state (5,): 300 steps at 10 a second.

    `options` go to gym-pusht. Raises `BadInput` where it is not installed.
    """
    simulator("gym_pusht", INSTALL)
    gymnasium = simulator("gymnasium", INSTALL)
    return gymnasium.make(NAME, obs_type="state", disable_env_checker=True, **options)


def pusht(size: int = 64, *, at_once: int = 64) -> Lockstep:
    """Return PushT in lockstep, with two cameras: "top" of a side of `size`, and "film" for people.

    Both look from above and draw when they are asked to. Raises `BadInput` for sizes out of range,
    and where no simulator is installed.
    """
    checked_size(size)
    cameras = {"top": _Camera(size), "film": _Camera(FILM)}
    return Lockstep(make_env, cameras=cameras, at_once=at_once)


def restoring(state: Sequence[float] | Array) -> Array:
    """Return what "reset_to_state" has to be given, that a state (5,) comes back as it was.

    gym-pusht sets the position first and the angle second, and pymunk turns a body about its centre
    of gravity c: a block asked for at p lands at p + c - R c. So p - c + R c is asked for.
    """
    try:
        given = np.asarray(state, np.float64)
    except (TypeError, ValueError):
        given = np.zeros(0)
    if given.shape != (5,) or not np.isfinite(given).all():
        raise BadInput(
            f"{str(state)[:60]} is no state of PushT; expected 5 finite numbers: agent x and y, "
            "block x and y in pixels, the block's angle in radians."
        )
    cos, sin = np.cos(given[4]), np.sin(given[4])
    x, y = CENTRE_OF_GRAVITY
    turned = np.array([cos * x - sin * y, sin * x + cos * y])
    return np.concatenate([given[:2], given[2:4] - (x, y) + turned, given[4:]])


def restored(env: Any, state: Sequence[float] | Array) -> Array:
    """Reset an environment to a recorded state (5,), at rest; return what it shows (5,).

    The state is met to 1e-6 of a pixel where nothing overlaps.
    """
    seen, _ = env.reset(options={"reset_to_state": restoring(state)})
    return np.asarray(seen)


class Painter:
    """Draws states of PushT as its simulator does, bytes (size, size, 3).

    The simulator's own picture of 512 pixels a side, made smaller by means over areas: what the
    cameras of `pusht` see of the same state.
    """

    def __init__(self, size: int = 64) -> None:
        self.size = checked_size(size)
        self._env = make_env().unwrapped
        self._env.reset(seed=0)

    def __call__(self, states: Array) -> Array:
        """Return pictures (n, size, size, 3) of states (n, 5)."""
        env, found = self._env, np.empty((len(states), self.size, self.size, 3), np.uint8)
        for number, (x, y, block_x, block_y, angle) in enumerate(np.asarray(states, np.float64)):
            env.agent.position = float(x), float(y)
            # The angle first: it moves the block, which is then put into its place.
            env.block.angle = float(angle)
            env.block.position = float(block_x), float(block_y)
            for body in (env.agent, env.block):
                env.space.reindex_shapes_for_body(body)
            found[number] = picture(env, self.size)
        return found


def picture(env: Any, size: int) -> Array:
    """Return what one environment of PushT looks like from above, bytes (size, size, 3)."""
    import cv2

    surface = env.unwrapped._draw()
    side = int(ROOM)
    # 32 bits a pixel, blue first; the fourth byte is not used.
    pixels: Array = np.frombuffer(surface.get_buffer(), np.uint8).reshape(side, side, 4)
    if size != side:
        pixels = cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA)
    return pixels[..., 2::-1]


def checked_size(size: int) -> int:
    """Return the side of a picture; raises `BadInput` where it is out of range."""
    if not isinstance(size, int) or not SIZES[0] <= size <= SIZES[1]:
        raise BadInput(f"size={size!r}; expected pixels a side, {SIZES[0]} to {SIZES[1]}.")
    return size


class _Camera:
    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self, env: Any) -> Array:
        return picture(env, self.size)

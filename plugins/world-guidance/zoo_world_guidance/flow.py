"""Flow matching: straight paths from noise to an action chunk, and the way back along them.

x_t = (1 - t) x_0 + t x_1 with noise x_0 and the true chunk x_1; the velocity to be learnt is
x_1 - x_0 (paper, section on the action head; the convention is that of the published code).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from einops import rearrange
from torch import Tensor

POINTS = 10
"""Of the time grid from 0 to 1, ends included: nine Euler steps, as published."""
_MARGIN = 1e-3
"""How far times of the training stay from 0 and 1."""
_BIAS = 1.5
"""Times are distributed as Beta(1.5, 1), whose density grows as the square root of t."""


def sample_times(
    count: int, bias: str = "noise", generator: torch.Generator | None = None
) -> Tensor:
    """Return times (count,) of the training in [0.001, 0.999].

    With `bias` "data" they gather near 1, where the chunk is nearly clean, as the published code
    has it; with "noise" near 0, which is the same density in the convention of pi0.
    """
    # The inverse of the distribution function t^1.5.
    t = torch.rand(count, generator=generator) ** (1 / _BIAS)
    if bias == "noise":
        t = 1 - t
    return t * (1 - 2 * _MARGIN) + _MARGIN


def interpolate(noise: Tensor, chunk: Tensor, t: Tensor) -> Tensor:
    """Return x_t (B, T, A), of noise and chunk (B, T, A) at times (B,)."""
    t = rearrange(t, "b -> b 1 1")
    return (1 - t) * noise + t * chunk


def integrate(
    velocity: Callable[[Tensor, Tensor], Tensor], noise: Tensor, points: int = POINTS
) -> Tensor:
    """Return the chunk (B, T, A) that Euler's method reaches from noise, from t = 0 to 1.

    `velocity` is called as ``velocity(x, t)`` with times (B,), at the left end of each of the
    `points` - 1 steps.
    """
    x, step = noise, 1 / (points - 1)
    for number in range(points - 1):
        t = x.new_full((x.shape[0],), number * step)
        x = x + step * velocity(x, t)
    return x


def guided(conditional: Tensor, unconditional: Tensor, scale: float) -> Tensor:
    """Return the velocity of classifier-free guidance: 1 is the conditional one, 0 the other."""
    return unconditional + scale * (conditional - unconditional)

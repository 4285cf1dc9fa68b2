"""What all blocks with weights set by hand have in common.

Two identities make a whole block compute what its bare scan does. The gate is held open by a
constant feature: silu(32) = 32 in float32, and but for 1e-14 in float64; W_out divides by it. A
number r passes the silu after the convolution in a pair of channels: silu(r) - silu(-r) = r.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

Array = np.ndarray
OPEN = 32.0
"""A number at which silu is the identity, but for a relative e^(-32) = 1e-14."""
UNIT_STEP = math.log(math.e - 1)
"""softplus of it is 1."""
NO_DECAY = -40.0
"""A_log of a layer that forgets nothing: A = -exp(-40)."""
CURRENT, PREVIOUS = (1.0, 0.0), (0.0, 1.0)
"""Taps of the current and of the previous token."""


def set_weights(block: nn.Module, weights: dict[str, Array | float]) -> None:
    """Set the named parameters of a block, scalars everywhere, and all others to zero.

    On the meta device, where there is nothing to set, only shapes are checked.
    """
    left = dict(weights)
    with torch.no_grad():
        for name, parameter in block.named_parameters():
            value = torch.as_tensor(left.pop(name, 0.0), dtype=torch.float64, device="cpu")
            parameter.copy_(value.expand(parameter.shape))
    if left:
        raise ValueError(f"The block has no parameters {', '.join(left)}.")


def pairs(rows: Array) -> Array:
    """Return rows (C, d) and then their negatives, (2 C, d): the two channels of each number."""
    return np.concatenate([rows, -rows])


def joined(weights: Array) -> Array:
    """Return weights (K, 2 C) of pairs of channels from those (K, C) of the numbers in them."""
    return np.concatenate([weights, -weights], axis=1)


def taps(channels: int, width: int, now_and_before: tuple[float, float]) -> Array:
    """Return taps (D, w), the same for all channels, from those of the last two tokens.

    With a width of 1 only the current token's tap is left.
    """
    found = np.zeros((channels, width))
    found[:, -1] = now_and_before[0]
    if width > 1:
        found[:, -2] = now_and_before[1]
    return found

"""Rotary position embedding (Su et al., arXiv:2104.09864), on the leading dimensions of each head.

Dimension i turns together with dimension i + rotary / 2, as in Llama's and GPT-NeoX's checkpoints
on the Hub.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor


class Rotation(NamedTuple):
    """Cosines and sines, (T, 1, rotary / 2) or (b, T, 1, rotary / 2), of the tokens' angles."""

    cos: Tensor
    sin: Tensor


def frequencies(rotary: int, base: float, scaling: Mapping[str, Any] | None) -> Tensor:
    """Return the angles per position (rotary / 2,), in float64.

    `scaling` is a checkpoint's own entry: of type "linear" all are divided by its factor; of type
    "llama3" the slow ones are, with a smooth passage. Raises `ValueError` for another type.
    """
    exponent = torch.arange(0, rotary, 2, dtype=torch.float64, device="cpu") / max(rotary, 1)
    found = base**-exponent
    if scaling is None:
        return found
    kind, factor = scaling.get("rope_type"), float(scaling["factor"])
    if kind == "linear":
        return found / factor
    if kind != "llama3":
        raise ValueError(f"rope_scaling of type {kind!r} is not known; it may be linear or llama3.")
    turns = float(scaling["original_max_position_embeddings"]) * found / (2 * math.pi)
    low, high = float(scaling["low_freq_factor"]), float(scaling["high_freq_factor"])
    share = ((turns - low) / (high - low)).clamp(0, 1)
    return found * (share + (1 - share) / factor)


def rotation(positions: Tensor, angles: Tensor, like: Tensor) -> Rotation:
    """Return the cosines and sines at integer positions (T,) or (b, T), in the type of `like`."""
    turned = positions.to(torch.float64)[..., None, None] * angles.to(positions.device)
    return Rotation(turned.cos().to(like.dtype), turned.sin().to(like.dtype))


def rotate(x: Tensor, turn: Rotation) -> Tensor:
    """Turn (b, T, heads, m) by the tokens' angles; dimensions beyond the rotary ones stay."""
    half = turn.cos.shape[-1]
    if half == 0:
        return x
    first, second, rest = x.tensor_split([half, 2 * half], dim=-1)
    turned = [first * turn.cos - second * turn.sin, second * turn.cos + first * turn.sin]
    return torch.cat([*turned, rest] if rest.shape[-1] else turned, dim=-1)

"""Nested values: tuples, lists and mappings of tensors, as `forward` takes and returns them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor


def map(change: Callable[[Tensor], Tensor], value: Any) -> Any:
    """Apply a function to each tensor in nested tuples, lists and mappings."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        return {key: map(change, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [map(change, item) for item in value]
    return value


def tensors(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in nested tuples, lists and mappings."""
    found: list[Tensor] = []

    def keep(tensor: Tensor) -> Tensor:
        found.append(tensor)
        return tensor

    map(keep, value)
    yield from found


def leaves(value: Any) -> Iterator[Tensor]:
    """Yield what nested outputs consist of as dense tensors, plain numbers too."""
    if isinstance(value, Tensor):
        yield value if value.layout == torch.strided else value.to_dense()
    elif isinstance(value, bool | int | float | complex):
        yield torch.as_tensor(value)
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from leaves(item)


def gap(found: Tensor, expected: Tensor) -> float:
    """Return the largest difference relative to the largest number; infinite and NaN must match."""
    kind = torch.complex128 if expected.is_complex() else torch.float64
    a, b = found.detach().to("cpu", kind), expected.detach().to("cpu", kind)
    a, b = torch.where(a.isnan(), 0, a), torch.where(b.isnan(), 0, b)
    if not torch.equal(found.isnan().cpu(), expected.isnan().cpu()):
        return float("inf")
    difference = torch.where(a == b, 0, (a - b).abs())
    if difference.numel() == 0 or not bool(difference.any()):
        return 0.0
    # The floor keeps rounding around outputs that are all zero from counting as a difference.
    return float(difference.max() / b[b.isfinite()].abs().max().clamp(min=1e-6))


def bits(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)

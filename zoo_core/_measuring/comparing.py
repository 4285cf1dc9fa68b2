"""Comparing what modules take, hold and return: tensors, dense or sparse, alone or nested.

Nested means tuples, lists and mappings of tensors and numbers. Used by the test kit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

SMALL = 1e-6
"""Where all numbers are smaller than this, differences are taken relative to it: rounding around
outputs that are zero is no difference."""


def require(holds: bool, reason: str) -> None:
    """Raise `AssertionError` with the reason unless something holds, under ``python -O`` too."""
    if not holds:
        raise AssertionError(reason)


def map_tensors(change: Callable[[Tensor], Tensor], value: Any) -> Any:
    """Return the nested value with each tensor changed."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        return {key: map_tensors(change, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = [map_tensors(change, item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    return value


def leaves(value: Any) -> Iterator[Tensor]:
    """Yield what a nested value consists of as dense tensors, plain numbers too."""
    if isinstance(value, Tensor):
        yield value if value.layout == torch.strided else value.to_dense()
    elif isinstance(value, bool | int | float | complex):
        yield torch.as_tensor(value)
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from leaves(item)


def gap(found: Tensor, expected: Tensor) -> float:
    """Return the largest difference, relative to the largest finite number that was expected.

    NaN and infinities must be in the same places; otherwise the gap is infinite.
    """
    kind = torch.complex128 if expected.is_complex() else torch.float64
    a, b = found.detach().to("cpu", kind), expected.detach().to("cpu", kind)
    a_finite, b_finite = a.isfinite(), b.isfinite()
    # As texts, so that NaN equals NaN.
    if [str(x) for x in a[~a_finite].tolist()] != [str(x) for x in b[~b_finite].tolist()]:
        return float("inf")
    if not torch.equal(a_finite, b_finite):
        return float("inf")
    difference, size = (a - b)[b_finite].abs(), b[b_finite].abs()
    return float(difference.max() / size.max().clamp(min=SMALL)) if len(size) else 0.0


def require_same(found: Any, expected: Any, what: str, tolerance: float = 0.0) -> None:
    """Require equal shapes, and numbers that differ by at most `tolerance` of the largest.

    Raises `AssertionError`, which begins with `what` and states the shapes or the difference.
    """
    ours, theirs = list(leaves(found)), list(leaves(expected))
    shapes, wanted = ([tuple(leaf.shape) for leaf in side] for side in (ours, theirs))
    require(shapes == wanted, f"{what} have shapes {shapes} instead of {wanted}")
    widest = max((gap(a, b) for a, b in zip(ours, theirs, strict=True)), default=0.0)
    require(
        widest <= tolerance,
        f"{what} differ by {widest:.2g} of the largest number (allowed: {tolerance:g})",
    )


def same(found: Any, expected: Any) -> bool:
    """Tell whether two nested values have the same shapes and numbers."""
    try:
        require_same(found, expected, "")
    except AssertionError:
        return False
    return True


def require_same_state(found: nn.Module, expected: nn.Module, which: str) -> None:
    """Require tensors with the same names, types, shapes and bits; raises `AssertionError`."""
    ours, theirs = found.state_dict(), expected.state_dict()
    require(list(ours) == list(theirs), f"the tensors {which} have other names")
    for name, tensor in ours.items():
        wanted = theirs[name]
        alike = tensor.dtype == wanted.dtype and tensor.shape == wanted.shape
        alike = alike and torch.equal(_bits(tensor), _bits(wanted))
        require(alike, f"the tensor {name} {which} differs")


def ties(module: nn.Module) -> list[list[str]]:
    """Return the names of a module's tensors, those that are one tensor together."""
    names: dict[int, list[str]] = {}
    for name, tensor in module.state_dict(keep_vars=True).items():
        names.setdefault(id(tensor), []).append(name)
    return sorted(names.values())


def _bits(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)

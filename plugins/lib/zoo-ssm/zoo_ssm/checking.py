"""What every scan refuses, and the numbers that no product with zero forgets."""

from __future__ import annotations

import torch
from torch import Tensor


def grouped(weights: Tensor, axes: int) -> Tensor:
    """Return B or C with the axis of groups, which may be left out for one group."""
    return weights.unsqueeze(-2) if weights.dim() == axes - 1 else weights


def check_tensors(x: Tensor, **others: Tensor | None) -> None:
    """Raise a ValueError for tensors that are no real numbers, or not where `x` is."""
    for name, each in {"x": x, **others}.items():
        if each is not None and not each.is_floating_point():
            raise ValueError(f"{name} is {each.dtype}; expected a real floating-point tensor.")
        if each is not None and each.device != x.device:
            raise ValueError(f"{name} is on {each.device} and x on {x.device}; move one of them.")


def check_shape(name: str, tensor: Tensor | None, axes: str, shape: tuple[int, ...]) -> None:
    """Raise a ValueError unless a tensor that is given has the shape whose axes are named."""
    if tensor is not None and tuple(tensor.shape) != shape:
        raise ValueError(f"{name} has shape {tuple(tensor.shape)}; expected ({axes}) = {shape}.")


def check_groups(B: Tensor, C: Tensor, over: int, what: str) -> None:
    """Raise a ValueError unless B and C (..., G, N) have the same G, a divisor of `over`."""
    groups = B.shape[-2]
    if C.shape[-2] != groups or groups < 1 or over % groups:
        raise ValueError(
            f"B has {groups} groups and C {C.shape[-2]}; expected the same number, a divisor of "
            f"the {over} {what}."
        )


def check_poles(A: Tensor) -> None:
    """Raise a ValueError for a positive pole; on a CPU only: looking would stall a GPU."""
    if looks_at(A) and bool((A > 0).any()):
        raise ValueError("A has a positive entry, so the state would grow; expected A <= 0.")


def check_starts(x: Tensor, starts: Tensor | None) -> None:
    """Raise a ValueError unless `starts` is bool (b, T), where `x` (b, T, …) is."""
    if starts is None:
        return
    if starts.dtype != torch.bool or starts.shape != x.shape[:2] or starts.device != x.device:
        raise ValueError(
            f"starts is {starts.dtype} of shape {tuple(starts.shape)} on {starts.device}; expected "
            f"torch.bool of shape {tuple(x.shape[:2])} on {x.device}, True at the first token of "
            "each document."
        )


def looks_at(tensor: Tensor) -> bool:
    """Tell whether values are looked at: it would stall a GPU, and stop a compiler."""
    return tensor.device.type == "cpu" and not torch.compiler.is_compiling()


def some_not_finite(*tensors: Tensor | None) -> bool:
    """Tell whether NaN or infinity may be among the values, where values are looked at.

    True also where a sum of finite values overflows, which costs time and nothing else.
    """
    return any(
        each is not None and looks_at(each) and not bool(each.detach().sum().isfinite())
        for each in tensors
    )

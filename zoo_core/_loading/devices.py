"""Where and in what precision: what a person writes, as torch knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo_core._plain import plain
from zoo_core.errors import BadInput

if TYPE_CHECKING:
    import torch

FLOATING = ("float16", "bfloat16", "float32", "float64")


def device_of(device: str | int | torch.device | None) -> torch.device | None:
    """Return a device that can be used; 0 is the first GPU, as for torch, and None stays None.

    Raises `BadInput` for what names no device, or one that is not here.
    """
    if device is None:
        return None
    import torch

    device = plain(device)
    if isinstance(device, bool):
        raise BadInput(f"{device!r} names no device; expected 'cpu', 'cuda', 'cuda:1' or 0.")
    given: Any = int(device) if isinstance(device, str) and device.isdigit() else device
    try:
        found = torch.device("cuda", given) if isinstance(given, int) else torch.device(given)
        torch.empty(0, device=found)
    except (RuntimeError, AssertionError, TypeError, NotImplementedError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise BadInput(
            f"The device {device!r} cannot be used here ({reason}); expected 'cpu', or one that "
            "torch sees, such as 'cuda' or 0."
        ) from error
    return found


def dtype_of(dtype: str | torch.dtype | None) -> torch.dtype | None:
    """Return a floating type, given as torch's or by its name; raises `BadInput` for others."""
    if dtype is None:
        return None
    import torch

    found = getattr(torch, dtype, None) if isinstance(dtype, str) else dtype
    if not isinstance(found, torch.dtype) or str(found).removeprefix("torch.") not in FLOATING:
        raise BadInput(f"{dtype!r} is no floating type; expected {', '.join(FLOATING)}.")
    return found


def device_of_module(module: torch.nn.Module) -> torch.device:
    """Return where a module's tensors are; the CPU for one without tensors.

    `module` is any module; where its tensors are in several places, that of the first one. Raises
    nothing.

    >>> zoo_core.device_of_module(torch.nn.Linear(2, 1))
    device(type='cpu')
    """
    import itertools

    import torch

    first = next(itertools.chain(module.parameters(), module.buffers()), None)
    return torch.device("cpu") if first is None else first.device

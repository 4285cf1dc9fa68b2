"""Where and in what precision: what a person writes, as torch knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo_core._plain import plain
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import FLOATING, Architecture
from zoo_core.errors import BadInput

if TYPE_CHECKING:
    import torch


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
    if not isinstance(found, torch.dtype) or name_of(found) not in FLOATING:
        raise BadInput(f"{dtype!r} is no floating type; expected {', '.join(FLOATING)}.")
    return found


def name_of(dtype: torch.dtype) -> str:
    """Return the name of a type, without torch's."""
    return str(dtype).removeprefix("torch.")


def supported_dtype(
    dtype: str | torch.dtype | None, architecture: Architecture | None, label: str
) -> torch.dtype | None:
    """Return a floating type as `dtype_of` does; raises `BadInput` for one that is not declared.

    `architecture` is None for a module from elsewhere, which declares nothing.
    """
    found = dtype_of(dtype)
    if found is not None and architecture is not None:
        _check_declared(found, architecture, label, "dtype")
    return found


def check_precision(module: torch.nn.Module) -> None:
    """Raise `BadInput` where a module, or autocast around it, has a type that is not declared."""
    made = vars(module).get("zoo_made")
    if made is None:
        return
    architecture = registry().architecture(made.architecture)
    kinds = {tensor.dtype for tensor in (*module.parameters(), *module.buffers())}
    for kind in kinds:
        if kind.is_floating_point:
            _check_declared(kind, architecture, architecture.name, "dtype")
    check_autocast(architecture, device_of_module(module))


def check_autocast(architecture: Architecture, device: torch.device | None) -> None:
    """Raise `BadInput` where autocast is on, to a type that is not declared."""
    import torch

    place = device.type if device is not None else "cpu"
    if torch.is_autocast_enabled(place):
        kind = torch.get_autocast_dtype(place)
        _check_declared(kind, architecture, architecture.name, "autocast")


def _check_declared(dtype: torch.dtype, architecture: Architecture, label: str, asked: str) -> None:
    if name_of(dtype) not in architecture.dtypes:
        raise BadInput(
            f"{label} does not run in {name_of(dtype)}; expected {' or '.join(architecture.dtypes)}"
            f", so leave {asked} out or change it."
        )


def in_dtype(module: torch.nn.Module, dtype: torch.dtype | None) -> torch.nn.Module:
    """Return a module itself, or for another floating type a copy, as it cannot be undone."""
    if dtype is None:
        return module
    import copy

    return copy.deepcopy(module).to(dtype)


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

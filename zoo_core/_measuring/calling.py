"""Calling a module's own methods: in eval mode, without gradients, and leaving all as it was."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from zoo_core._loading.devices import device_of, device_of_module

if TYPE_CHECKING:
    import torch
    import torchmetrics


@contextmanager
def undisturbed(
    module: torch.nn.Module, device: str | int | torch.device | None = None
) -> Iterator[None]:
    """Put a module into eval mode, on a device; restore modes, place and random states after.

    The random states are torch's, Python's and numpy's, as they were before.
    """
    import torch

    place, home = device_of(device), device_of_module(module)
    modes = [(part, part.training) for part in module.modules()]
    numpy: Any = sys.modules.get("numpy")
    states = (random.getstate(), numpy.random.get_state() if numpy else None)
    try:
        module.eval()
        if place is not None:
            module.to(place)
        with torch.random.fork_rng(), torch.no_grad():
            yield
    finally:
        for part, training in modes:
            part.training = training
        if place is not None:
            module.to(home)
        random.setstate(states[0])
        if numpy:
            numpy.random.set_state(states[1])


def piecewise(
    module: torch.nn.Module, device: str | int | torch.device | None, pieces: Iterator[Any]
) -> Iterator[Any]:
    """Yield what an iterator yields; each piece is made as `undisturbed` has it."""
    while True:
        with undisturbed(module, device):
            try:
                piece = next(pieces)
            except StopIteration:
                return
        yield piece


def follow(meter: torchmetrics.Metric, taken: Sequence[Any]) -> None:
    """Put a metric where the outputs that it takes are."""
    import torch

    first = next((value for value in taken if isinstance(value, torch.Tensor)), None)
    if first is not None:
        meter.to(first.device)

"""Calling a module's own methods: in eval mode, without gradients, and leaving all as it was."""

from __future__ import annotations

import inspect
import itertools
import math
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from zoo_core._loading import making
from zoo_core._loading.devices import check_precision, device_of, device_of_module
from zoo_core._measuring import opening
from zoo_core._notices import strictly
from zoo_core._plain import plain

if TYPE_CHECKING:
    import torch
    import torchmetrics


@contextmanager
def undisturbed(
    module: torch.nn.Module, device: str | int | torch.device | None = None
) -> Iterator[None]:
    """Put a module into eval mode, on a device; restore modes, place and random states after.

    The random states are torch's, Python's and numpy's, as they were before. Raises `BadInput` for
    a floating type that the module's architecture does not declare.
    """
    import torch

    check_precision(module)
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


def strictly_if(strict: bool) -> AbstractContextManager[None]:
    """Return a context in which notices are errors, or else are what they are outside of it."""
    return strictly() if strict else nullcontext()


def opened(method: Any, sources: Sequence[Any]) -> list[Any]:
    """Return the sources of a `predict`, the names of registered datasets replaced by the data.

    numpy's numbers become Python's; containers are left to the model.
    A parameter that takes texts, by its annotation, gets every text as it is.
    """
    texts = making.text_options(method, among_others=True)
    return [
        _opened(source, text=name in texts)
        for source, name in zip(sources, _places(method), strict=False)
    ]


def _opened(source: Any, *, text: bool) -> Any:
    if isinstance(source, dict | list | tuple):
        return source
    if opening.is_registered(source) and not text:
        return opening.dataset(source)
    return plain(source)


def room(method: Any) -> float:
    """Return how many sources one call of a `predict` takes, by its signature."""
    kinds = [parameter.kind for parameter in inspect.signature(method).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return math.inf
    return sum(kind is not inspect.Parameter.KEYWORD_ONLY for kind in kinds)


def _places(method: Any) -> Iterator[str]:
    """Yield the names of the parameters that a call's positional arguments go to."""
    for parameter in inspect.signature(method).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            yield from itertools.repeat(parameter.name)
        elif parameter.kind is not parameter.KEYWORD_ONLY:
            yield parameter.name
    yield from itertools.repeat("")  # too many: said where the call is checked


def piecewise(
    module: torch.nn.Module,
    device: str | int | torch.device | None,
    pieces: Iterator[Any],
    *,
    strict: bool = False,
) -> Iterator[Any]:
    """Yield what an iterator yields; each piece is made as `undisturbed` and `strictly` have it."""
    while True:
        with undisturbed(module, device), strictly_if(strict):
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

"""Frozen tensors that models share: a second pinned source, which fills named prefixes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from zoo_core._loading import files, making
from zoo_core._loading.weights import read_tensors
from zoo_core._registry.specs import Base
from zoo_core.errors import PluginError

if TYPE_CHECKING:
    import torch


def base_tensors(base: Base, load: Callable[[str], torch.nn.Module]) -> dict[str, torch.Tensor]:
    """Return a base's tensors by their names in the module that it is the base of.

    `load` loads a registered model. Raises `DataError` when a file cannot be had or has another
    hash, and what `load` raises.
    """
    if base.model is not None:
        state = load(base.model).state_dict()
    elif base.file is not None:
        path = files.fetch(base.file)
        state = making.resolve(base.convert)(path) if base.convert else read_tensors(path)
    return {f"{base.prefix}{name}": tensor for name, tensor in state.items()}


def prefixes(bases: Sequence[Base]) -> tuple[str, ...]:
    """Return the beginnings of the names of tensors that are not stored with a model."""
    return tuple(base.prefix for base in bases)


def freeze(module: torch.nn.Module, bases: Sequence[Base]) -> None:
    """Let no gradient reach a module's base, and put it into eval mode."""
    for name, parameter in module.named_parameters():
        if name.startswith(prefixes(bases)):
            parameter.requires_grad_(False)
    for name, part in module.named_modules():
        if f"{name}.".startswith(prefixes(bases)):
            part.eval()


def check_unchanged(
    module: torch.nn.Module, bases: Sequence[Base], load: Callable[[str], torch.nn.Module]
) -> None:
    """Raise `PluginError` when a module's base is no longer what its source has."""
    import torch

    state = module.state_dict()
    for base in bases:
        for name, tensor in base_tensors(base, load).items():
            if name not in state or not torch.equal(
                state[name].cpu(), tensor.to(state[name].dtype)
            ):
                raise PluginError(
                    f"The recipe changed {name}, which is of a frozen base and is not stored; "
                    "leave it as it is (batch norms in eval mode too), or train without the base."
                )

"""The symmetries that the networks promise, for the contract's checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def relabelled(
    inputs: tuple[Tensor, ...], generator: torch.Generator
) -> tuple[tuple[Tensor, ...], Callable[[Any], Any]]:
    """Rename rows and columns of each matrix: its scalars come in another order, f_* stays."""
    diagonal, entries, glue, of_row, of_pair = inputs
    moved = (_within(diagonal, of_row, generator), _within(entries, of_pair, generator))
    return (*moved, glue, of_row, of_pair), lambda outputs: outputs


def turned(
    inputs: tuple[Tensor, ...], generator: torch.Generator
) -> tuple[tuple[Tensor, ...], Callable[[Any], Any]]:
    """Name the points of each cloud anew; a turned cloud has the same invariants to begin with."""
    if len(inputs) == 5:
        return relabelled(inputs, generator)
    rows, outer, owner = inputs
    return (_within(rows, owner, generator), outer, owner), lambda outputs: outputs


def _within(values: Tensor, owner: Tensor, generator: torch.Generator) -> Tensor:
    """Return values in a random order within what each owner has; owners ascend."""
    order = torch.randperm(len(values), generator=generator)
    return values[order[owner[order].argsort(stable=True)]]

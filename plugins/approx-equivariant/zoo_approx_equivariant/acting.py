"""The symmetry that the networks promise by default, for the contract's checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from zoo_approx_equivariant.coarsening import as_labels, patches

GRID = (28, 28)
CUTS = (4, 7, 14)
"""The cuts of the shipped networks; 1 and 2 are coarser than one of them."""


def within_patches(
    inputs: tuple[Tensor], generator: torch.Generator
) -> tuple[tuple[Tensor], Callable[[Any], Any]]:
    """Permute the pixels within what is one patch in all cuts that are shipped."""
    names = torch.stack([torch.from_numpy(patches(GRID, cut)) for cut in CUTS])
    labels = torch.from_numpy(as_labels((names * torch.tensor([[1], [100], [10_000]])).sum(0)))
    order = torch.randperm(labels.numel(), generator=generator)
    moved = torch.empty_like(order)
    # Both sorted by patch, one of them in a random order within it.
    moved[labels.argsort(stable=True)] = order[labels[order].argsort(stable=True)]
    (signals,) = inputs
    return (signals[:, moved],), lambda outputs: outputs[:, moved]

"""Symmetries that the test kit holds networks on clouds to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def permute_points(
    inputs: tuple[Tensor, ...], generator: torch.Generator
) -> tuple[tuple[Tensor, ...], Callable[[Any], Any]]:
    """Give other numbers to the points of edges, distances, owners and sizes; nothing changes."""
    edges, distances, owner, sizes = inputs
    order = torch.randperm(len(owner), generator=generator)
    shuffled = torch.randperm(len(distances), generator=generator)
    moved = order.argsort()[edges[:, shuffled]], distances[shuffled], owner[order], sizes
    return moved, lambda found: found

"""The symmetry that the network promises by default, for the contract's checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from einops import rearrange
from torch import Tensor

from zoo_asen.images.classifier import SIZE
from zoo_asen.images.positions import patch_labels

PATCH = 2
"""That of a network of which nothing else is said, and of the one that is shipped."""


def within_patches(
    inputs: tuple[Tensor], generator: torch.Generator
) -> tuple[tuple[Tensor], Callable[[Any], Any]]:
    """Permute the pixels within patches, which changes nothing."""
    (images,) = inputs
    order = permuted(torch.from_numpy(patch_labels(SIZE, PATCH)), generator)
    pixels = rearrange(images, "b c h w -> b c (h w)")[..., order]
    height, width = SIZE
    return (rearrange(pixels, "b c (h w) -> b c h w", h=height, w=width),), lambda outputs: outputs


def permuted(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Return a random order (n,) that keeps the label (n,) of each place."""
    order = torch.randperm(len(labels), generator=generator)
    moved = torch.empty_like(order)
    # Both sorted by label, one of them in a random order within it.
    moved[labels.argsort(stable=True)] = order[labels[order].argsort(stable=True)]
    return moved

"""Descriptors that need no training: polar histograms as in Scan Context, and the image itself."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from zoo_core import BadInput

RINGS, SECTORS = 20, 40
BLUR = 2
"""Pixels, of the Gaussian."""


def scan_context(images: Tensor, rings: int = RINGS, sectors: int = SECTORS) -> Tensor:
    """Return the brightest pixel in each ring and sector of images (B, 1, s, s), as unit rows.

    The sensor is in the middle of the first row and looks down the rows; rings are over s pixels
    from it, sectors over the half circle ahead. Scan Context (Kim and Kim, 2018) keeps the greatest
    height; a bird's-eye view has how many points there are instead. A ring's sectors are columns of
    (B, rings * sectors), so that a turned sensor shifts them. Raises `BadInput` for images of
    another shape, and for no ring or sector.
    """
    _check(images)
    if min(rings, sectors) < 1:
        raise BadInput(f"rings={rings}, sectors={sectors}; expected 1 or more of both.")
    cells = _polar(images.shape[-1], rings, sectors).to(images.device)
    flat = images.flatten(1)
    table = flat.new_zeros(len(flat), rings * sectors + 1)
    table = table.scatter_reduce(1, cells.expand(len(flat), -1), flat, "amax")
    return functional.normalize(table[:, :-1], dim=1)


def correlation(images: Tensor, blur: float = BLUR) -> Tensor:
    """Return images (B, 1, s, s), blurred by a Gaussian of `blur` pixels, as unit rows (B, s s).

    The product of two is their correlation. Raises `BadInput` for images of another shape.
    """
    _check(images)
    if blur > 0:
        reach = math.ceil(3 * blur)
        steps = torch.arange(-reach, reach + 1, device=images.device, dtype=images.dtype)
        weights = torch.exp(-((steps / blur) ** 2) / 2)
        weights = weights / weights.sum()
        images = functional.conv2d(images, weights[None, None, :, None], padding=(reach, 0))
        images = functional.conv2d(images, weights[None, None, None, :], padding=(0, reach))
    return functional.normalize(images.flatten(1), dim=1)


def _check(images: Tensor) -> None:
    if images.ndim != 4 or images.shape[1] != 1 or images.shape[2] != images.shape[3]:
        raise BadInput(f"Images have the shape {tuple(images.shape)}; expected (B, 1, s, s).")


@lru_cache(maxsize=4)
def _polar(size: int, rings: int, sectors: int) -> Tensor:
    """Return the number (s s,) of the ring and sector of each pixel, the last for none."""
    ahead = torch.arange(size)[:, None] + 0.5
    left = torch.arange(size)[None, :] + 0.5 - size / 2
    ring = (torch.hypot(ahead, left.expand(size, size)) / size * rings).long()
    sector = ((torch.atan2(left, ahead) / math.pi + 0.5) * sectors).long().clamp(max=sectors - 1)
    cell = ring * sectors + sector
    return torch.where(ring < rings, cell, rings * sectors).flatten()

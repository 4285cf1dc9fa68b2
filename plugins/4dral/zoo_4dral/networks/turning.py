"""Images turned and mirrored, as training and queries need them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

CENTRE, SENSOR = (0.0, 0.0), (0.0, -1.0)
"""Points to turn about, in halves of an image's side: its centre, the middle of its first row."""
PIVOTS = {"sensor": SENSOR, "centre": CENTRE}
"""The same by name."""


def turned(
    images: Tensor,
    angles: Tensor,
    mirrored: Tensor | None = None,
    about: tuple[float, float] = CENTRE,
) -> Tensor:
    """Return images (m, 1, H, W) turned by angles (m,) in radians about a point.

    Those that are `mirrored` (m,) from left to right are so first; what comes in from outside is 0.
    """
    cosine, sine = angles.cos().to(images.dtype), angles.sin().to(images.dtype)
    sign = torch.ones_like(cosine) if mirrored is None else 1 - 2 * mirrored.to(images.dtype)
    x, y = about
    theta = torch.stack(
        [
            torch.stack([sign * cosine, -sign * sine, sign * (x - cosine * x + sine * y)], 1),
            torch.stack([sine, cosine, y - sine * x - cosine * y], 1),
        ],
        1,
    )
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="zeros", align_corners=False)

"""Missing readings: a raw speed of 0, or NaN.

The mask is made of the raw targets. A target that was scaled and scaled back is no exact 0 in
float32 for many means and spreads, and nothing would be masked.
"""

from __future__ import annotations

import torch
from torch import Tensor


def known_of(speeds: Tensor) -> Tensor:
    """Return which raw readings are none that is missing: not 0, not NaN."""
    return (speeds != 0) & ~speeds.isnan()


def masked_mae(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the mean absolute error over known targets, as a loss; 0 where there are none."""
    known = known_of(target)
    gap = torch.where(known, prediction - target, 0.0)
    return gap.abs().sum() / known.sum().clamp(min=1)

"""The precision of states: never below single, whatever comes in."""

from __future__ import annotations

import torch
from torch import Tensor


def state_dtype(*tensors: Tensor | None) -> torch.dtype:
    """Return float64 if any of the tensors is, else float32."""
    wide = any(each is not None and each.dtype == torch.float64 for each in tensors)
    return torch.float64 if wide else torch.float32

"""Means over the nodes of each graph of a ragged batch."""

from __future__ import annotations

import torch
from torch import Tensor


def mean_pool(state: Tensor, offsets: Tensor) -> Tensor:
    """Return the means (B, H) of the rows offsets[b] to offsets[b + 1] of states (n, H)."""
    graph = torch.searchsorted(
        offsets[1:].contiguous(), torch.arange(len(state), device=state.device), right=True
    )
    sums = state.new_zeros(len(offsets) - 1, state.shape[1]).index_add(0, graph, state)
    return sums / offsets.diff().to(state)[:, None]

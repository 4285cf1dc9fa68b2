"""What arrives at the points of a graph: means, sums and maxima of what neighbours send."""

from __future__ import annotations

import torch
from torch import Tensor


def summed(sent: Tensor, receiver: Tensor, count: int) -> Tensor:
    """Return the sums (count, d) of what was sent (E, d) to each receiver (E,)."""
    return sent.new_zeros(count, sent.shape[1]).index_add(0, receiver, sent)


def averaged(sent: Tensor, receiver: Tensor, count: int) -> Tensor:
    """Return the means (count, d); 0 for who receives nothing."""
    degree = summed(sent.new_ones(len(sent), 1), receiver, count)
    return summed(sent, receiver, count) / degree.clamp_min(1)


def largest(sent: Tensor, receiver: Tensor, count: int) -> Tensor:
    """Return the maxima (count, d); 0 for who receives nothing."""
    places = receiver[:, None].expand_as(sent)
    empty = sent.new_zeros(count, sent.shape[1])
    return torch.scatter_reduce(empty, 0, places, sent, "amax", include_self=False)

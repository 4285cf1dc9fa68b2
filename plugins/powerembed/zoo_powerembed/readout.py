"""The inception readout: one feed-forward network per input, joined by another."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from zoo_graphs.layers import FeedForward


class InceptionReadout(nn.Module):
    """One FFN per input, concatenated, then an FFN to the classes; a single input gets one FFN.

    Args:
        widths: d_l of each input.
        num_classes: C.
        hidden_mult: hidden width of input l is ``hidden_mult`` d_l, unless ``hidden_width`` is set.
        hidden_width: hidden width of every input.
        head_width: hidden width of the last FFN; by default that of its input, sum h_l.
        dropout: rate.
    """

    def __init__(
        self,
        widths: Sequence[int],
        num_classes: int,
        hidden_mult: int = 2,
        hidden_width: int | None = None,
        head_width: int | None = None,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        hidden = [hidden_width or hidden_mult * width for width in widths]
        if len(widths) == 1:
            self.branches = nn.ModuleList()
            self.head = FeedForward(widths[0], head_width or hidden[0], num_classes, dropout)
            return
        self.branches = nn.ModuleList(
            FeedForward(width, size, size, dropout)
            for width, size in zip(widths, hidden, strict=True)
        )
        self.activation = nn.PReLU()
        self.dropout = nn.Dropout(dropout)
        total = sum(hidden)
        self.head = FeedForward(total, head_width or total, num_classes, dropout)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """Inputs (n, d_l) to logits (n, C)."""
        if not self.branches:
            (only,) = inputs
            return self.head(only)
        pairs = zip(self.branches, inputs, strict=True)
        joined = torch.cat([branch(single) for branch, single in pairs], dim=-1)
        return self.head(self.dropout(self.activation(joined)))

"""The inception readout: one feed-forward network per input, joined by another."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from zoo_graphs.layers import FeedForward


class InceptionReadout(nn.Module):
    """One FFN per input, concatenated, then an FFN to the classes; a single input gets one FFN.

    `widths` are d_l of each input, and `num_classes` is C. The hidden width of input l is
    `hidden_mult` d_l, unless `hidden_width` is set, that of the last FFN `head_width`, by default
    that of its input, sum h_l. `dropout` is a rate.
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
        """Map inputs (n, d_l) to logits (n, C)."""
        if self.branches:
            pairs = zip(self.branches, inputs, strict=True)
            joined = torch.cat([branch(single) for branch, single in pairs], dim=-1)
            state = self.dropout(self.activation(joined))
        else:
            (state,) = inputs
        logits: Tensor = self.head(state)
        return logits

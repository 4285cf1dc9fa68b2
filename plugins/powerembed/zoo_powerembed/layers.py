"""Layers shared by the architectures: the feed-forward block and the inception readout."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from zoo_graphs.operators import sparse_matmul


def initialize(linear: nn.Linear, gain: float = 1.0) -> None:
    """Xavier-uniform weights, zero bias."""
    nn.init.xavier_uniform_(linear.weight, gain=gain)
    if linear.bias is not None:
        nn.init.zeros_(linear.bias)


def linear_sparse(layer: nn.Linear, inputs: Tensor) -> Tensor:
    """``layer(inputs)`` for inputs that may be sparse CSR."""
    if inputs.layout == torch.strided:
        return layer(inputs)
    product = sparse_matmul(inputs, layer.weight.mT)
    return product if layer.bias is None else product + layer.bias


class FeedForward(nn.Module):
    """FFN(a, b, c) of the paper: Linear(a, b), PReLU (one slope), Dropout, Linear(b, c)."""

    def __init__(self, in_width: int, hidden: int, out_width: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.first = nn.Linear(in_width, hidden)
        self.activation = nn.PReLU()
        self.dropout = nn.Dropout(dropout)
        self.second = nn.Linear(hidden, out_width)
        for linear in (self.first, self.second):
            initialize(linear, gain=math.sqrt(2))

    def forward(self, inputs: Tensor) -> Tensor:
        """(n, a), dense or sparse CSR, to (n, c)."""
        return self.second(self.dropout(self.activation(linear_sparse(self.first, inputs))))


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

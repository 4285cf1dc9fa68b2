"""Layers of node classifiers: products with sparse inputs, and the feed-forward block."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from zoo_graphs.operators import sparse_matmul

BATCH = 2**15
"""Nodes that are read out at a time: what is hidden in a readout is several times its input."""


def in_batches(readout: Callable[[Sequence[Tensor]], Tensor], inputs: Sequence[Tensor]) -> Tensor:
    """Return `readout(inputs)` (n, C) of inputs (n, d), each node by itself, in bounded memory."""
    if len(inputs[0]) <= BATCH:
        return readout(inputs)
    parts = zip(*(torch.split(each, BATCH) for each in inputs), strict=True)
    return torch.cat([readout(part) for part in parts])


def initialize(linear: nn.Linear, gain: float = 1.0) -> None:
    """Draw Xavier-uniform weights, and set the bias to zero."""
    nn.init.xavier_uniform_(linear.weight, gain=gain)
    if linear.bias is not None:
        nn.init.zeros_(linear.bias)


def linear_sparse(layer: nn.Linear, inputs: Tensor) -> Tensor:
    """Return `layer(inputs)` for inputs that may be sparse CSR."""
    if inputs.layout == torch.strided:
        dense: Tensor = layer(inputs)
        return dense
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
        """Map (n, a), dense or sparse CSR, to (n, c)."""
        hidden = self.dropout(self.activation(linear_sparse(self.first, inputs)))
        outputs: Tensor = self.second(hidden)
        return outputs

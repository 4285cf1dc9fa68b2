"""Graph convolutional networks (Kipf and Welling 2017)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from zoo_graphs.layers import initialize, linear_sparse
from zoo_graphs.node_classifier import GraphNetwork
from zoo_graphs.operators import sparse_matmul


class GraphConvolution(nn.Module):
    """H <- S (H W) + b (Kipf and Welling 2017), with Xavier-uniform W."""

    def __init__(self, in_width: int, out_width: int, bias: bool = True) -> None:
        super().__init__()
        self.linear = nn.Linear(in_width, out_width, bias=False)
        self.bias = nn.Parameter(torch.zeros(out_width)) if bias else None
        initialize(self.linear)

    def forward(self, operator: Tensor, inputs: Tensor) -> Tensor:
        """Map (n, n) and (n, a), dense or sparse CSR, to (n, b)."""
        outputs = sparse_matmul(operator, linear_sparse(self.linear, inputs))
        return outputs if self.bias is None else outputs + self.bias


class GCN(GraphNetwork):
    """Graph convolutional network; 2 layers of hidden width 64 unless told otherwise.

    `in_features` is p, `num_classes` is C, and `class_names` are names by class index. `hidden` is
    the width of the hidden layers (the block-model study uses 2 p), `layers` the number of
    convolutions, with dropout between them, and `activation` "relu", or "prelu" as in the
    block-model study.
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        hidden: int = 64,
        layers: int = 2,
        dropout: float = 0.5,
        activation: str = "relu",
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        if activation not in ("relu", "prelu"):
            raise ValueError(f"activation is {activation!r}; expected one of relu, prelu.")
        widths = [in_features, *[hidden] * (layers - 1), num_classes]
        self.convolutions = nn.ModuleList(GraphConvolution(a, b) for a, b in pairwise(widths))
        self.activations = nn.ModuleList(
            nn.ReLU() if activation == "relu" else nn.PReLU() for _ in range(layers - 1)
        )
        self.dropout = nn.Dropout(dropout)

    def propagate(self, operator: Tensor, features: Tensor) -> Tensor:
        """Return logits (n, C) from S (n, n) and X (n, p), dense or sparse CSR."""
        state: Tensor = self.convolutions[0](operator, features)
        for activation, convolution in zip(self.activations, self.convolutions[1:], strict=True):
            state = convolution(operator, self.dropout(activation(state)))
        return state

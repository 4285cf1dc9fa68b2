"""Generalised PageRank networks (Chien et al. 2021)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from zoo_graphs.layers import FeedForward
from zoo_graphs.node_classifier import GraphNetwork
from zoo_graphs.operators import sparse_matmul


class GPRGNN(GraphNetwork):
    """Generalised PageRank network: sum_t gamma_t S^t MLP(X), gamma learnt.

    `in_features` is p, `num_classes` is C, and `class_names` are names by class index. `hidden` is
    the hidden width of the MLP (the comparison in the paper has p), `hops` is K, the highest power
    of S, and `dropout` the rate in the MLP and before propagation.
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        hidden: int = 64,
        hops: int = 10,
        dropout: float = 0.5,
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        self.mlp = FeedForward(in_features, hidden, num_classes, dropout)
        self.dropout = nn.Dropout(dropout)
        bound = math.sqrt(3 / (hops + 1))
        gamma = torch.empty(hops + 1).uniform_(-bound, bound)
        self.gamma = nn.Parameter(gamma / gamma.abs().sum())

    def propagate(self, operator: Tensor, features: Tensor) -> Tensor:
        """Return logits (n, C) from S (n, n) and X (n, p), dense or sparse CSR."""
        state = self.dropout(self.mlp(features))
        total: Tensor = self.gamma[0] * state
        for weight in self.gamma[1:]:
            state = sparse_matmul(operator, state)
            total = total + weight * state
        return total

"""Deep graph convolutional networks with initial residuals (Chen et al. 2020)."""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn.functional import dropout, relu
from zoo_graphs.layers import initialize, linear_sparse
from zoo_graphs.node_classifier import GraphNetwork
from zoo_graphs.operators import sparse_matmul


class GCNII(GraphNetwork):
    """GCN with initial residual and identity mapping.

    H_l = relu(((1 - alpha) S H_{l-1} + alpha H_0) ((1 - beta_l) I + beta_l W_l)),
    beta_l = log(theta / l + 1), between an input and an output layer.

    `in_features` is p, `num_classes` is C, and `class_names` are names by class index. `hidden` is
    the width, `layers` the number of convolutions, `alpha` the share of the initial residual,
    `theta` the decay of the identity mapping, and `dropout` the rate before every layer.
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        hidden: int = 64,
        layers: int = 10,
        alpha: float = 0.1,
        theta: float = 0.5,
        dropout: float = 0.5,
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        self.alpha, self.theta, self.dropout = alpha, theta, dropout
        self.first = nn.Linear(in_features, hidden)
        self.mappings = nn.ModuleList(nn.Linear(hidden, hidden, bias=False) for _ in range(layers))
        self.last = nn.Linear(hidden, num_classes)
        for linear in (self.first, *self.mappings, self.last):
            initialize(linear)

    def propagate(self, operator: Tensor, features: Tensor) -> Tensor:
        """Return logits (n, C) from S (n, n) and X (n, p), dense or sparse CSR."""
        initial = relu(linear_sparse(self.first, features))
        state = initial
        for depth, mapping in enumerate(self.mappings, start=1):
            beta = math.log(self.theta / depth + 1)
            spread = sparse_matmul(operator, dropout(state, self.dropout, self.training))
            mixed = (1 - self.alpha) * spread + self.alpha * initial
            state = relu((1 - beta) * mixed + beta * mapping(mixed))
        logits: Tensor = self.last(dropout(state, self.dropout, self.training))
        return logits

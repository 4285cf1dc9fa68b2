"""A multilayer perceptron on the features alone."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import relu
from zoo_graphs.layers import initialize, linear_sparse
from zoo_graphs.node_classifier import GraphNetwork


class NodeMLP(GraphNetwork):
    """Multilayer perceptron on the raw features, blind to the graph.

    `in_features` is p, `num_classes` is C, and `class_names` are names by class index. `hidden` is
    the width of the hidden layer, after which there is dropout.
    """

    takes_negative_weights = True

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        hidden: int = 64,
        dropout: float = 0.5,
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        self.first = nn.Linear(in_features, hidden)
        self.second = nn.Linear(hidden, num_classes)
        self.dropout = nn.Dropout(dropout)
        initialize(self.first)
        initialize(self.second)

    def forward(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Return logits (n, C) of X (n, p); the graph is accepted and ignored."""
        self.check_features(features)
        return self.propagate(None, features.to(self.first.weight))

    def propagate(self, operator: Tensor | None, features: Tensor) -> Tensor:
        """Return logits (n, C) from S (n, n) and X (n, p), dense or sparse CSR."""
        logits: Tensor = self.second(self.dropout(relu(linear_sparse(self.first, features))))
        return logits

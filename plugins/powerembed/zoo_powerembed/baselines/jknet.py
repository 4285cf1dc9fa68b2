"""Jumping knowledge networks (Xu et al. 2018)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from zoo_graphs.layers import FeedForward, in_batches
from zoo_graphs.node_classifier import GraphNetwork
from zoo_graphs.operators import sparse_matmul
from zoo_graphs.spectral import leading_singular

from zoo_powerembed.baselines.gcn import GraphConvolution


class JKNet(GraphNetwork):
    """Jumping knowledge on spectral features, as compared with in the paper.

    H_0 = X B, then convolutions k -> k without nonlinearity; the concatenation of all L + 1 states
    goes to FFN((L + 1) k, 2 (L + 1) k, C).

    `in_features` is p, `num_classes` is C, and `class_names` are names by class index. `k` is the
    number of columns of H_0, `hops` is L, the number of convolutions, `hidden` the hidden width of
    the readout (by default 2 (L + 1) k), and `dropout` the rate in it.
    """

    projection: Tensor

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        k: int = 100,
        hops: int = 10,
        hidden: int | None = None,
        dropout: float = 0.5,
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        self.register_buffer("projection", torch.zeros(in_features, k))
        self.convolutions = nn.ModuleList(GraphConvolution(k, k) for _ in range(hops))
        joined = (hops + 1) * k
        self.readout = FeedForward(joined, hidden or 2 * joined, num_classes, dropout)

    def prepare(self, data: Any) -> None:
        """Set the projection B of the features' leading singular vectors."""
        basis = leading_singular(data.features, self.projection.shape[1])[1]
        self.projection = basis.to(self.projection.dtype)

    def propagate(self, operator: Tensor, features: Tensor) -> Tensor:
        """Return logits (n, C) from S (n, n) and X (n, p), dense or sparse CSR."""
        states = [sparse_matmul(features, self.projection)]
        for convolution in self.convolutions:
            states.append(convolution(operator, states[-1]))
        return in_batches(lambda part: self.readout(torch.cat(list(part), dim=1)), states)

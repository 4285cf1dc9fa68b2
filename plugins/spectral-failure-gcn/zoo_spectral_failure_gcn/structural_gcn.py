"""The paper's semi-supervised GCN, on structure alone."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from zoo_graphs.graph import Graph
from zoo_graphs.node_classifier import NodeClassifier
from zoo_graphs.operators import operator_matrix, sparse_matmul

from zoo_core import BadInput
from zoo_spectral_failure_gcn.convolution import (
    averaging,
    check_epochs,
    check_features,
    check_finite,
    glorot,
    graph_inputs,
)
from zoo_spectral_failure_gcn.reading import open_graph


class StructuralGCN(NodeClassifier):
    """Semi-supervised GCN on structure alone: logits S ReLU(S F W0 + b0) W1 + b1.

    Without the biases no threshold could be learnt from `ones` or `degree`: all logits would be
    multiples of one positive number for each node.

    `features` says what nodes start from, see `convolution.node_features`; `hidden` is the width of
    the hidden layer, `in_features` p, `num_classes` C, and `class_names` go by class index.
    """

    def __init__(
        self,
        features: str = "ones",
        hidden: int = 32,
        in_features: int = 1,
        num_classes: int = 2,
        class_names: list[str] | None = None,
    ) -> None:
        check_features(features)
        super().__init__(in_features, num_classes, class_names)
        self.features, self.hidden = features, hidden
        self.first = torch.nn.Parameter(torch.zeros(in_features, hidden))
        self.second = torch.nn.Parameter(torch.zeros(hidden, num_classes))
        self.first_bias = torch.nn.Parameter(torch.zeros(hidden))
        self.second_bias = torch.nn.Parameter(torch.zeros(num_classes))

    def forward(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Map edges (2, m) and F (n, p), dense or sparse CSR, to logits (n, C).

        Raises `BadInput` for features of another width than p, `ValueError` for malformed edges.
        """
        self.check_features(features)
        edges, given, weight = self.own_tensors(edge_index, features, edge_weight)
        operator = operator_matrix(edges, len(given), "lap", edge_weight=weight, dtype=given.dtype)
        return self._logits(operator, given)

    def _logits(self, operator: Tensor, features: Tensor) -> Tensor:
        """Map S (n, n) and F (n, p) to logits (n, C)."""
        averaged = sparse_matmul(operator, sparse_matmul(features, self.first))
        return self.propagate(operator, averaged)

    def propagate(self, operator: Tensor, averaged: Tensor) -> Tensor:
        """Map S (n, n) and S F W0 (n, h) to logits (n, C)."""
        hidden = torch.relu(averaged + self.first_bias)
        return sparse_matmul(operator, hidden @ self.second) + self.second_bias

    def fit(
        self, graph: Any, *, seed: int = 0, epochs: int = 200, lr: float = 0.01
    ) -> StructuralGCN:
        """Train on the labels of a graph's training nodes by Adam; returns itself.

        Raises `BadInput` where the graph has no edges, no labels or no training nodes, or other
        features or classes than the module was made for, and where training diverges.
        """
        check_epochs(epochs)
        graph = self.known_graph(graph)
        if graph.labels is None or not graph.masks.get("train", torch.zeros(1)).any():
            raise BadInput(f"{graph.name} has no labelled training nodes, which this needs.")
        self.class_codes(graph.class_names)
        generator = torch.Generator().manual_seed(seed)
        self.first.data = glorot(self.in_features, self.hidden, generator, self.first)
        self.second.data = glorot(self.hidden, self.num_classes, generator, self.second)
        self.first_bias.data.zero_()
        self.second_bias.data.zero_()
        operator, features = graph_inputs(graph, self.features, self.in_features, self.first)
        averaged = averaging(operator, features, self.hidden)
        nodes = graph.masks["train"].nonzero()[0]
        train = torch.from_numpy(nodes).to(self.first.device)
        labels = torch.from_numpy(graph.labels[nodes]).to(self.first.device)
        optimizer = torch.optim.Adam(self.parameters(), lr=lr, fused=True)
        for _ in range(epochs):
            logits = self.propagate(operator, averaged(self.first))
            optimizer.zero_grad()
            torch.autograd.backward(cross_entropy(logits[train], labels))
            optimizer.step()
        check_finite(torch.cat([one.detach().flatten() for one in self.parameters()]), lr)
        self.eval()
        return self

    def known_graph(self, graph: Any, features: Any = None) -> Graph:
        """Read a graph, features or not, and check that it is one for this module."""
        data = open_graph(graph, features)
        self.check_graph(data)
        return data

    def _graph_logits(self, graph: Any, features: Any) -> Tensor:
        known = self.known_graph(graph, features)
        return self._logits(*graph_inputs(known, self.features, self.in_features, self.first))

"""Classifier on a spectral embedding: [V_K, V'_kappa] and one hidden layer (section 3.2)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from zoo_graphs.layers import FeedForward
from zoo_graphs.node_classifier import NodeClassifier
from zoo_graphs.operators import operator_matrix, sparse_matmul
from zoo_graphs.reading import read_graph

from zoo_core import BadInput
from zoo_sparse_dense_gnn.filters import OPERATORS

SAME_GRAPH = 0.01
"""How far, relative to their images, stored columns may be from being eigenvectors of the graph
that is given: float16 makes 0.0005, and a graph with a twentieth of its edges removed ten times as
much as is allowed."""


class SpectralMLP(NodeClassifier):
    """Leading eigenvectors of S beside those of X X^T, then Linear, PReLU, dropout, Linear.

    Transductive: eigenvectors say nothing about another graph (their signs alone are arbitrary),
    so the training graph's embedding is stored, and is the model's only input. A graph that is
    given to `predict` is recognised by its operator and features, which must have the stored
    columns as eigenvectors.

    `in_features` is p, kept to recognise the training graph, `num_classes` C, `class_names` go by
    class index, and `own_nodes` is n. `k` is K, the number of eigenvectors of S, and `kappa` that
    of X X^T, 0 for none. `hidden` is the width of the hidden layer, by default 2 (K + kappa), and
    `dropout` the rate after it. `operator` makes S, "adj" (A + I) or "lap" (D^-1/2 (A + I)
    D^-1/2). Raises `ValueError` for an argument that is out of range.
    """

    own_representations: Tensor
    spectrum: Tensor

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        own_nodes: int = 0,
        k: int = 150,
        kappa: int = 150,
        hidden: int | None = None,
        operator: str = "lap",
        dropout: float = 0.5,
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        if operator not in OPERATORS:
            raise ValueError(f"operator is {operator!r}; expected one of {', '.join(OPERATORS)}.")
        if not 1 <= k <= own_nodes:
            raise ValueError(f"k is {k}; expected 1 to {own_nodes}, the number of nodes.")
        most = min(own_nodes, in_features)
        if not 0 <= kappa <= most:
            raise ValueError(
                f"kappa is {kappa}; expected 0 to {most}, the smaller of nodes and features."
            )
        if hidden is not None and hidden < 1:
            raise ValueError(f"hidden is {hidden}; expected 1 or more.")
        self.k, self.kappa, self.operator = k, kappa, operator
        self.readout = FeedForward(k + kappa, hidden or 2 * (k + kappa), num_classes, dropout)
        self.register_buffer("own_representations", torch.zeros(own_nodes, k + kappa))
        self.register_buffer("spectrum", torch.zeros(k + kappa))

    def forward(self, nodes: Tensor) -> Tensor:
        """Return the logits (m, C) of the given nodes (m,) of the training graph."""
        own = self.own_representations
        logits: Tensor = self.readout(own[nodes.to(own.device)])
        return logits

    def own_logits(self) -> Tensor:
        """Return the logits (n, C) of all nodes of the training graph."""
        logits: Tensor = self.readout(self.own_representations)
        return logits

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Return up to 30 distinct nodes of the training graph."""
        count = self.own_representations.shape[0]
        order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
        return (order[:30].to(self.own_representations.device),)

    def _graph_logits(self, graph: Any, features: Any) -> Tensor:
        data = read_graph(graph, features=features)
        own = (self.own_representations.shape[0], self.in_features)
        if (data.num_nodes, data.num_features) != own or not self._is_own(data):
            raise BadInput(
                f"this transductive model knows only its training graph of n={own[0]} nodes and "
                f"p={own[1]} features, and the graph given is another one: call predict() without "
                "a graph, train a spectral-mlp on yours, or use a graph-filter model."
            )
        return self.own_logits()

    def _is_own(self, data: Any) -> bool:
        """Tell whether the stored columns are eigenvectors of a graph of the same size."""
        columns, spectrum = self.own_representations.cpu().float(), self.spectrum.cpu().float()
        weight = None if data.edge_weights is None else torch.from_numpy(data.edge_weights)
        matrix = operator_matrix(
            torch.from_numpy(data.edges), data.num_nodes, self.operator, edge_weight=weight
        )
        features = data.feature_tensor(torch.float32)
        images = sparse_matmul(matrix, columns[:, : self.k])
        found = [(images, columns[:, : self.k] * spectrum[: self.k])]
        if self.kappa:
            right = torch.from_numpy(data.features.T @ columns[:, self.k :].numpy())
            images = sparse_matmul(features, right)
            found.append((images, columns[:, self.k :] * spectrum[self.k :] ** 2))
        return all(
            bool((image - scaled).norm() <= SAME_GRAPH * scaled.norm()) for image, scaled in found
        )

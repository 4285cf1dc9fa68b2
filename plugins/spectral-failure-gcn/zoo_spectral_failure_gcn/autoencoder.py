"""Graph autoencoders: unsupervised GCN features (Kipf and Welling 2016), GAE and VGAE."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from zoo_graphs.graph import Graph
from zoo_graphs.operators import operator_matrix

from .convolution import (
    averaging,
    check_epochs,
    check_features,
    check_finite,
    feature_width,
    glorot,
    node_features,
    propagation,
)
from .decoder import Reconstruction
from .node_embedding import NodeEmbedding, open_graph


class GraphAutoencoder(NodeEmbedding):
    """Z = S ReLU(S F W0) W1, trained so that sigmoid(Z Z^T) gives back A + I.

    S = D^(-1/2) (A + I) D^(-1/2). What F is decides what Z can know: from ``ones`` and ``degree``
    every node of a regular graph gets the same point, whatever the weights. ``identity`` gives each
    node weights of its own and is not bound by that, nor by the paper's argument.

    Args:
        k: number of coordinates.
        features: "ones", "degree", "identity", "random" or "given" (the graph's own).
        hidden: width of the hidden layer; also of random features.
        variational: VGAE: Z is the mean of a normal posterior, whose log deviation is
            S ReLU(S F W0) W2, held to N(0, I).
        in_features: p; known from the graph.
        nodes: n of the fitted graph; 0 before.
        num_classes: C.
        class_names: names by class index.
    """

    points: Tensor

    def __init__(
        self,
        k: int = 2,
        features: str = "ones",
        hidden: int = 32,
        variational: bool = False,
        in_features: int = 1,
        nodes: int = 0,
        num_classes: int = 0,
        class_names: list[str] | None = None,
    ) -> None:
        check_features(features)
        if k < 1 or hidden < 1:
            raise ValueError(f"k is {k} and hidden is {hidden}; expected 1 or more.")
        super().__init__(k, in_features, nodes, num_classes, class_names)
        self.k, self.features, self.hidden, self.variational = k, features, hidden, variational
        self.first = nn.Parameter(torch.zeros(in_features, hidden))
        self.second = nn.Parameter(torch.zeros(hidden, k))
        self.deviation = nn.Parameter(torch.zeros(hidden, k)) if variational else None
        self.register_buffer("points", torch.zeros(nodes, k))
        self.config = self.arguments()

    def arguments(self) -> dict[str, Any]:
        """Return the constructor's arguments that make a module of this shape."""
        return {
            "k": self.k,
            "features": self.features,
            "hidden": self.hidden,
            "variational": self.variational,
            "in_features": self.in_features,
            "nodes": self.nodes,
            "num_classes": self.num_classes,
            "class_names": self.class_names,
        }

    def fit(
        self,
        graph: Any,
        features: Any = None,
        *,
        seed: int = 0,
        epochs: int = 200,
        lr: float = 0.01,
        progress: Callable[[Iterable[int]], Iterable[int]] = iter,
    ) -> GraphAutoencoder:
        """Train on a graph by Adam and, where it has labels, fit the head; returns itself.

        Labels are not looked at before the points are final. Time is O(n^2 k) an epoch: seconds
        for a thousand nodes, minutes for ten thousand.

        Args:
            graph: anything ``zoo_graphs.inputs.read_graph`` takes, with or without features.
                Weights count in S; the decoder asks only where there is an edge.
            features: feature matrix (n, p), when ``graph`` does not bring its own; read if the
                module's choice is "given".
            seed: of the first weights and the posterior's samples.
            epochs: Adam's steps.
            lr: their size.
            progress: called with the epochs' range, as ``tqdm.tqdm`` is.

        Raises:
            BadInput: the graph is malformed, has no edges or all of them, or negative weights; or
                it has no features and the choice is "given"; or training diverges.
        """
        check_epochs(epochs)
        known = open_graph(graph, features)
        self.adopt(known)
        self.in_features = feature_width(self.features, known, self.hidden)
        dtype = self.first.dtype
        operator = propagation(known, dtype)
        given = node_features(known, self.features, self.in_features, dtype)
        target = Reconstruction(torch.from_numpy(known.edges), known.num_nodes)
        generator = torch.Generator().manual_seed(seed)
        self.first = nn.Parameter(glorot(self.in_features, self.hidden, generator, self.first))
        self.second = nn.Parameter(glorot(self.hidden, self.k, generator, self.second))
        if self.deviation is not None:
            self.deviation = nn.Parameter(glorot(self.hidden, self.k, generator, self.second))
        averaged = averaging(operator, given, self.hidden)
        optimizer = torch.optim.Adam(self.parameters(), lr=lr, fused=True)
        for _ in progress(range(epochs)):
            hidden = torch.relu(averaged(self.first))
            points = operator @ (hidden @ self.second)
            optimizer.zero_grad()
            if self.deviation is None:
                points.backward(target.gradient(points.detach()))
            else:
                spread = operator @ (hidden @ self.deviation)
                noise = torch.randn(points.shape, generator=generator, dtype=dtype)
                sample = points + noise * spread.exp()
                pull = target.gradient(sample.detach())
                ((sample * pull).sum() + divergence(points, spread)).backward()
            optimizer.step()
        with torch.no_grad():
            self.points = operator @ (torch.relu(averaged(self.first)) @ self.second)
        check_finite(self.points, lr)
        self.fit_head(known)
        self.config = self.arguments()
        return self.eval()

    def own_points(self) -> Tensor:
        """Return Z (n, k), of VGAE the posterior's means."""
        return self.points

    def graph_points(self, graph: Graph) -> Tensor:
        """Return the points (n, k) of any graph whose features the network takes.

        From ``ones``, ``degree`` and ``given`` that is any graph; ``identity`` needs the same
        nodes, in the same order; ``random`` gives a node of the same number the same features.

        Raises:
            BadInput: features of another width, or negative weights.
        """
        self.check_fitted()
        features = node_features(graph, self.features, self.in_features, self.first.dtype)
        operator = propagation(graph, self.first.dtype)
        return self.encode(operator, features)

    def forward(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Map edges (2, m) and F (n, p) to logits (n, C), or points (n, k) without a head.

        Args:
            edge_index: node pairs, in one or both directions.
            features: dense or sparse CSR.
            edge_weight: (m,) non-negative weights, 1 by default.

        Raises:
            BadInput: features of another width than p.
            ValueError: malformed edges.
        """
        self.check_features(features)
        operator = operator_matrix(
            edge_index, len(features), "lap", edge_weight=edge_weight, dtype=self.first.dtype
        )
        return self.head(self.encode(operator, features))

    def encode(self, operator: Tensor, features: Tensor) -> Tensor:
        """Map S (n, n) and F (n, p) to points (n, k)."""
        return operator @ (torch.relu(operator @ (features @ self.first)) @ self.second)


def divergence(means: Tensor, spreads: Tensor) -> Tensor:
    """Return the mean over nodes of KL(N(mean, exp(spread)^2) || N(0, I)), divided by n.

    The division sets it against a loss that is a mean over n^2 pairs (tkipf/gae).
    """
    each = 0.5 * (means.square() + (2 * spreads).exp() - 1) - spreads
    return each.sum(dim=1).mean() / len(means)

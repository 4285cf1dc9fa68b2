"""Graph autoencoders: unsupervised GCN features (Kipf and Welling 2016), GAE and VGAE."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from zoo_graphs.graph import Graph
from zoo_graphs.operators import operator_matrix, sparse_matmul
from zoo_graphs.recognition import structure_hash

from zoo_core import BadInput
from zoo_spectral_failure_gcn.convolution import (
    averaging,
    check_epochs,
    check_features,
    check_finite,
    feature_width,
    glorot,
    graph_inputs,
)
from zoo_spectral_failure_gcn.decoder import Reconstruction
from zoo_spectral_failure_gcn.node_embedding import NodeEmbedding


class GraphAutoencoder(NodeEmbedding):
    """Z = S ReLU(S F W0) W1, trained so that sigmoid(Z Z^T) gives back A + I.

    S = D^(-1/2) (A + I) D^(-1/2). What F is decides what Z can know: from `ones` and `degree`
    every node of a regular graph gets the same point, whatever the weights. `identity` gives each
    node weights of its own and is not bound by that, nor by the paper's argument.

    `k` is the number of coordinates; `features` are "ones", "degree", "identity", "random" or
    "given" (the graph's own); `hidden` is the width of the hidden layer, also of random features.
    With `variational` (VGAE), Z is the mean of a normal posterior, whose log deviation is
    S ReLU(S F W0) W2, held to N(0, I). The graph that is fitted tells the rest: `in_features` is p,
    `nodes` n (0 before), `num_classes` C, `class_names` go by class index, and with identity
    features it is known again by the `fingerprint` of its edges and weights.
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
        fingerprint: str = "",
    ) -> None:
        check_features(features)
        if k < 1 or hidden < 1:
            raise ValueError(f"k is {k} and hidden is {hidden}; expected 1 or more.")
        super().__init__(k, in_features, nodes, num_classes, class_names)
        self.k, self.features, self.hidden, self.variational = k, features, hidden, variational
        self.fingerprint = fingerprint
        self.first = nn.Parameter(torch.zeros(in_features, hidden))
        self.second = nn.Parameter(torch.zeros(hidden, k))
        self.deviation = nn.Parameter(torch.zeros(hidden, k)) if variational else None
        self.register_buffer("points", torch.zeros(nodes, k))

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
            "fingerprint": self.fingerprint,
        }

    def fit(
        self,
        graph: Any,
        features: Any = None,
        *,
        seed: int = 0,
        epochs: int = 200,
        lr: float = 0.01,
        hours: float = 1.0,
        progress: Callable[[Iterable[int]], Iterable[int]] = iter,
    ) -> GraphAutoencoder:
        """Train on a graph by Adam and, where it has labels, fit the head; returns itself.

        `graph` is anything that `zoo_graphs.reading.read_graph` takes, with or without features,
        and `features` (n, p) where it does not bring its own; they are read if the module's choice
        is "given". Weights count in S; the decoder asks only where there is an edge. Labels are not
        looked at before the points are final. `seed` is that of the first weights and of the
        posterior's samples, `epochs` are Adam's steps of size `lr`, and `progress` is called with
        their range, as `tqdm.tqdm` is. Time is O(n^2 k) an epoch: seconds for a thousand nodes,
        minutes for ten thousand; what is estimated to take more than so many `hours` is refused.
        Raises `BadInput` where the graph is malformed, has no edges or all of them, or negative
        weights; where it has no features and the choice is "given"; where training would take too
        long; and where it diverges.
        """
        check_epochs(epochs)
        known = self.known_graph(graph, features)
        self.adopt(known)
        self.fingerprint = structure_hash(known) if self.features == "identity" else ""
        self.in_features = feature_width(self.features, known, self.hidden)
        operator, given = graph_inputs(known, self.features, self.in_features, self.first)
        edges = torch.from_numpy(known.edges).to(self.first.device)
        target = Reconstruction(edges, known.num_nodes)
        target.check_time(self.k, epochs, hours, self.first)
        generator = torch.Generator().manual_seed(seed)
        self.first = nn.Parameter(glorot(self.in_features, self.hidden, generator, self.first))
        self.second = nn.Parameter(glorot(self.hidden, self.k, generator, self.second))
        if self.deviation is not None:
            self.deviation = nn.Parameter(glorot(self.hidden, self.k, generator, self.second))
        averaged = averaging(operator, given, self.hidden)
        optimizer = torch.optim.Adam(self.parameters(), lr=lr, fused=True)
        for _ in progress(range(epochs)):
            hidden = torch.relu(averaged(self.first))
            points = sparse_matmul(operator, hidden @ self.second)
            optimizer.zero_grad()
            if self.deviation is None:
                torch.autograd.backward(points, target.gradient(points.detach()))
            else:
                spread = sparse_matmul(operator, hidden @ self.deviation)
                noise = torch.randn(points.shape, generator=generator, dtype=points.dtype)
                sample = points + noise.to(points.device) * spread.exp()
                pull = target.gradient(sample.detach())
                torch.autograd.backward((sample * pull).sum() + divergence(points, spread))
            optimizer.step()
        with torch.no_grad():
            hidden = torch.relu(averaged(self.first))
            self.points = sparse_matmul(operator, hidden @ self.second)
        check_finite(self.points, lr)
        self.fit_head(known)
        self.eval()
        return self

    def own_points(self) -> Tensor:
        """Return Z (n, k), of VGAE the posterior's means."""
        return self.points

    def graph_points(self, graph: Graph) -> Tensor:
        """Return the points (n, k) of any graph whose features the network takes.

        From `ones`, `degree` and `given` that is any graph; `identity` knows the fitted one alone,
        whose nodes have weights of their own; `random` gives a node of the same number the same
        features. Raises `BadInput` for features of another width, and another graph.
        """
        self.check_fitted()
        inputs = graph_inputs(graph, self.features, self.in_features, self.first)
        if self.features == "identity" and structure_hash(graph) != self.fingerprint:
            raise BadInput(
                f"{graph.name} is another graph than the one of {self.nodes} nodes, each with "
                "weights of its own, that this network was fitted to: fit it anew."
            )
        return self.encode(*inputs)

    def forward(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Map edges (2, m) and F (n, p) to logits (n, C), or points (n, k) without a head.

        `edge_index` holds node pairs, in one or both directions, `features` are dense or sparse
        CSR, and `edge_weight` (m,) is not negative, 1 by default. Raises `BadInput` for features of
        another width than p, and `ValueError` for malformed edges.
        """
        self.check_features(features)
        edges, given, weight = self.own_tensors(edge_index, features, edge_weight)
        operator = operator_matrix(edges, len(given), "lap", edge_weight=weight, dtype=given.dtype)
        return self._read_out(self.encode(operator, given))

    def encode(self, operator: Tensor, features: Tensor) -> Tensor:
        """Map S (n, n) and F (n, p) to points (n, k)."""
        hidden = sparse_matmul(operator, sparse_matmul(features, self.first))
        return sparse_matmul(operator, torch.relu(hidden) @ self.second)


def divergence(means: Tensor, spreads: Tensor) -> Tensor:
    """Return the mean over nodes of KL(N(mean, exp(spread)^2) || N(0, I)), divided by n.

    The division sets it against a loss that is a mean over n^2 pairs (tkipf/gae).
    """
    each = 0.5 * (means.square() + (2 * spreads).exp() - 1) - spreads
    return each.sum(dim=1).mean() / len(means)

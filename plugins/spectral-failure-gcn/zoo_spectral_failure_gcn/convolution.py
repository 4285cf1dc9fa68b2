"""Two graph convolutions on structure alone: what nodes are given to start from, and the layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from zoo_graphs.graph import Graph
from zoo_graphs.node_classifier import NodeClassifier
from zoo_graphs.operators import csr_tensor, operator_matrix

from zoo_core.errors import BadInput

from .node_embedding import open_graph

FEATURES = ("ones", "degree", "identity", "random", "given")
_DENSE = 0.1  # share of entries from which a dense operator multiplies faster


def check_features(features: str) -> None:
    """Raise ValueError unless this is a known choice of features."""
    if features not in FEATURES:
        raise ValueError(f"features is {features!r}; expected one of {', '.join(FEATURES)}.")


def feature_width(features: str, graph: Graph, hidden: int) -> int:
    """Return p, the columns of a graph's features of this choice."""
    own = {"identity": graph.num_nodes, "random": hidden, "given": graph.num_features}
    return own.get(features, 1)


def node_features(graph: Graph, features: str, width: int, dtype: torch.dtype) -> Tensor:
    """Return F (n, p) of a graph: dense, or sparse CSR for identity and given features.

    ``ones`` are equal everywhere; ``degree`` is degree over mean degree; ``identity`` tells every
    node apart; ``random`` are standard normal numbers that depend on the node's number alone;
    ``given`` are the graph's own.

    Raises:
        BadInput: the features are not p columns wide: another number of nodes with ``identity``,
            other given features, or none.
    """
    n = graph.num_nodes
    if features == "given" and not graph.num_features:
        raise BadInput(
            f"{graph.name} has no node features, and features='given' reads them: give some, or "
            "choose ones, degree, identity or random."
        )
    found = feature_width(features, graph, width)
    if found != width:
        what = "nodes, each with weights of its own" if features == "identity" else "features"
        raise BadInput(
            f"{graph.name} has {found} {what}, but this network was fitted to {width}: fit it anew."
        )
    if features == "ones":
        return torch.ones(n, 1, dtype=dtype)
    if features == "degree":
        weight = torch.ones(graph.num_edges)
        if graph.edge_weights is not None:
            weight = torch.from_numpy(graph.edge_weights)
        ends = torch.from_numpy(graph.edges).flatten()
        degrees = torch.zeros(n, dtype=dtype).index_add(0, ends, weight.to(dtype).repeat(2))
        return (degrees / degrees.mean().clamp(min=1e-30))[:, None]
    if features == "identity":
        every = torch.arange(n)
        return csr_tensor(torch.arange(n + 1), every, torch.ones(n, dtype=dtype), (n, n))
    if features == "random":
        return torch.randn(n, width, generator=torch.Generator().manual_seed(0), dtype=dtype)
    return graph.feature_tensor(dtype)


def propagation(graph: Graph, dtype: torch.dtype) -> Tensor:
    """Return S = D^(-1/2) (A + I) D^(-1/2) (n, n), dense where most entries are there.

    Raises:
        BadInput: the graph has negative weights.
    """
    weight = None
    if graph.edge_weights is not None:
        weight = torch.from_numpy(graph.edge_weights)
        if (weight < 0).any():
            raise BadInput(
                f"{graph.name} has negative edge weights, which no convolution averages over: use "
                "ase, or other weights."
            )
    n = graph.num_nodes
    edges = torch.from_numpy(graph.edges)
    operator = operator_matrix(edges, n, "lap", edge_weight=weight, dtype=dtype)
    return operator.to_dense() if 2 * graph.num_edges > _DENSE * n * n else operator


def averaging(operator: Tensor, features: Tensor, hidden: int) -> Callable[[Tensor], Tensor]:
    """Return W0 -> S F W0 (n, h) as a function that multiplies as little as it can.

    Training calls it hundreds of times with the same S and F, so narrow F are averaged over the
    neighbours once.
    """
    if features.layout == torch.strided and features.shape[1] <= hidden:
        averaged = operator @ features
        return lambda weights: averaged @ weights
    return lambda weights: operator @ (features @ weights)


def check_epochs(epochs: Any) -> None:
    """Raise BadInput unless this is a number of epochs."""
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 0:
        raise BadInput(f"epochs is {epochs!r}; expected an integer from 0.")


def check_finite(values: Tensor, lr: float) -> None:
    """Raise BadInput where training has diverged."""
    if not values.isfinite().all():
        raise BadInput(f"training diverged with lr={lr}: choose a smaller step, as 0.01.")


def glorot(rows: int, columns: int, generator: torch.Generator, like: Tensor) -> Tensor:
    """Return Glorot-uniform weights (rows, columns) drawn in single precision."""
    weights = torch.empty(rows, columns)
    torch.nn.init.xavier_uniform_(weights, generator=generator)
    return weights.to(like)


class StructuralGCN(NodeClassifier):
    """Semi-supervised GCN on structure alone: logits S ReLU(S F W0 + b0) W1 + b1.

    Without the biases no threshold could be learnt from ``ones`` or ``degree``: all logits would be
    multiples of one positive number for each node.

    Args:
        features: what nodes start from; see :func:`node_features`.
        hidden: width of the hidden layer.
        in_features: p.
        num_classes: C.
        class_names: names by class index.
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

        Raises:
            BadInput: features of another width than p.
            ValueError: malformed edges.
        """
        self.check_features(features)
        operator = operator_matrix(
            edge_index, len(features), "lap", edge_weight=edge_weight, dtype=self.first.dtype
        )
        return self.propagate(operator, operator @ (features @ self.first))

    def propagate(self, operator: Tensor, averaged: Tensor) -> Tensor:
        """Map S (n, n) and S F W0 (n, h) to logits (n, C)."""
        hidden = torch.relu(averaged + self.first_bias)
        return operator @ (hidden @ self.second) + self.second_bias

    def fit(
        self, graph: Any, *, seed: int = 0, epochs: int = 200, lr: float = 0.01
    ) -> StructuralGCN:
        """Train on the labels of a graph's training nodes by Adam; returns itself.

        Raises:
            BadInput: the graph has no edges, no labels or no training nodes, or other features or
                classes than the module was made for; training diverges.
        """
        check_epochs(epochs)
        graph = open_graph(graph)
        if graph.labels is None or not graph.masks.get("train", torch.zeros(1)).any():
            raise BadInput(f"{graph.name} has no labelled training nodes, which this needs.")
        self.check_classes(graph.class_names)
        generator = torch.Generator().manual_seed(seed)
        self.first.data = glorot(*self.first.shape, generator, self.first)
        self.second.data = glorot(*self.second.shape, generator, self.second)
        self.first_bias.data.zero_()
        self.second_bias.data.zero_()
        operator = propagation(graph, self.first.dtype)
        features = node_features(graph, self.features, self.in_features, self.first.dtype)
        averaged = averaging(operator, features, self.hidden)
        train = torch.from_numpy(graph.masks["train"].nonzero()[0])
        labels = torch.from_numpy(graph.labels)[train]
        optimizer = torch.optim.Adam(self.parameters(), lr=lr, fused=True)
        for _ in range(epochs):
            logits = self.propagate(operator, averaged(self.first))
            optimizer.zero_grad()
            cross_entropy(logits[train], labels).backward()
            optimizer.step()
        check_finite(torch.cat([one.detach().flatten() for one in self.parameters()]), lr)
        return self.eval()

    def _graph_logits(self, graph: Any, features: Any) -> Tensor:
        known = open_graph(graph, features)
        given = node_features(known, self.features, self.in_features, self.first.dtype)
        operator = propagation(known, self.first.dtype)
        return self.propagate(operator, operator @ (given @ self.first))

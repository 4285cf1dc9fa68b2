"""The methods that PowerEmbed is compared with, on sparse matrices throughout."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, relu
from zoo_graphs.layers import FeedForward, initialize, linear_sparse
from zoo_graphs.node_classifier import GraphNetwork, NodeClassifier
from zoo_graphs.operators import sparse_matmul
from zoo_graphs.spectral import leading_singular

from zoo_core.errors import BadInput

from .readout import InceptionReadout


class NodeMLP(GraphNetwork):
    """Multilayer perceptron on the raw features, blind to the graph.

    Args:
        in_features: p.
        num_classes: C.
        class_names: names by class index.
        hidden: width of the hidden layer.
        dropout: rate after it.
    """

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
        """Logits (n, C) of X (n, p); the graph is accepted and ignored."""
        self.check_features(features)
        return self.propagate(None, features.to(self.first.weight.dtype))

    def propagate(self, operator: Tensor | None, features: Tensor) -> Tensor:
        """Logits (n, C) from S (n, n) and X (n, p), dense or sparse CSR."""
        return self.second(self.dropout(relu(linear_sparse(self.first, features))))


class GraphConvolution(nn.Module):
    """H <- S (H W) + b (Kipf and Welling 2017), with Xavier-uniform W."""

    def __init__(self, in_width: int, out_width: int, bias: bool = True) -> None:
        super().__init__()
        self.linear = nn.Linear(in_width, out_width, bias=False)
        self.bias = nn.Parameter(torch.zeros(out_width)) if bias else None
        initialize(self.linear)

    def forward(self, operator: Tensor, inputs: Tensor) -> Tensor:
        """(n, n) and (n, a), dense or sparse CSR, to (n, b)."""
        outputs = sparse_matmul(operator, linear_sparse(self.linear, inputs))
        return outputs if self.bias is None else outputs + self.bias


class GCN(GraphNetwork):
    """Graph convolutional network; 2 layers of hidden width 64 unless told otherwise.

    Args:
        in_features: p.
        num_classes: C.
        class_names: names by class index.
        hidden: width of the hidden layers (the paper's block-model study uses 2 p).
        layers: number of convolutions.
        dropout: rate between them.
        activation: "relu", or "prelu" as in the block-model study.
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
        """Logits (n, C) from S (n, n) and X (n, p), dense or sparse CSR."""
        state = self.convolutions[0](operator, features)
        for activation, convolution in zip(self.activations, self.convolutions[1:], strict=True):
            state = convolution(operator, self.dropout(activation(state)))
        return state


class GPRGNN(GraphNetwork):
    """Generalised PageRank network (Chien et al. 2021): sum_t gamma_t S^t MLP(X), gamma learnt.

    Args:
        in_features: p.
        num_classes: C.
        class_names: names by class index.
        hidden: hidden width of the MLP; the comparison in the paper has p.
        hops: K, the highest power of S.
        dropout: rate in the MLP and before propagation.
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
        """Logits (n, C) from S (n, n) and X (n, p), dense or sparse CSR."""
        state = self.dropout(self.mlp(features))
        total = self.gamma[0] * state
        for weight in self.gamma[1:]:
            state = sparse_matmul(operator, state)
            total = total + weight * state
        return total


class JKNet(GraphNetwork):
    """Jumping knowledge (Xu et al. 2018) on spectral features, as compared with in the paper.

    H_0 = X B, then convolutions k -> k without nonlinearity; the concatenation of all L + 1
    states goes to FFN((L + 1) k, 2 (L + 1) k, C).

    Args:
        in_features: p.
        num_classes: C.
        class_names: names by class index.
        k: columns of H_0.
        hops: L, the number of convolutions.
        hidden: hidden width of the readout; by default 2 (L + 1) k.
        dropout: rate in the readout.
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
        """Logits (n, C) from S (n, n) and X (n, p), dense or sparse CSR."""
        states = [sparse_matmul(features, self.projection)]
        for convolution in self.convolutions:
            states.append(convolution(operator, states[-1]))
        return self.readout(torch.cat(states, dim=1))


class GCNII(GraphNetwork):
    """GCN with initial residual and identity mapping (Chen et al. 2020).

    H_l = relu(((1 - alpha) S H_{l-1} + alpha H_0) ((1 - beta_l) I + beta_l W_l)),
    beta_l = log(theta / l + 1), between an input and an output layer.

    Args:
        in_features: p.
        num_classes: C.
        class_names: names by class index.
        hidden: width.
        layers: number of convolutions.
        alpha: share of the initial residual.
        theta: decay of the identity mapping.
        dropout: rate before every layer.
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
        """Logits (n, C) from S (n, n) and X (n, p), dense or sparse CSR."""
        initial = relu(linear_sparse(self.first, features))
        state = initial
        for depth, mapping in enumerate(self.mappings, start=1):
            beta = math.log(self.theta / depth + 1)
            spread = sparse_matmul(operator, dropout(state, self.dropout, self.training))
            mixed = (1 - self.alpha) * spread + self.alpha * initial
            state = relu((1 - beta) * mixed + beta * mapping(mixed))
        return self.last(dropout(state, self.dropout, self.training))


class ASEClassifier(NodeClassifier):
    """Adjacency spectral embedding, then FFN(k, 2k, C) or an inception over several embeddings.

    Transductive: eigenvectors say nothing about another graph (their signs alone are arbitrary),
    so the embedding of the training graph is the model's only input. With ``num_inputs`` 1 it is
    the k eigenvectors of A + I of largest |eigenvalue|, unscaled; :class:`AX` reads Cov(X) too.

    Args:
        in_features: p, kept to recognise the training graph.
        num_classes: C.
        class_names: names by class index.
        own_nodes: n.
        k: number of eigenvectors.
        num_inputs: number of embeddings.
        hidden_mult: hidden width, in multiples of k.
        dropout: rate.
    """

    own_representations: Tensor

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        own_nodes: int = 0,
        k: int = 100,
        num_inputs: int = 1,
        hidden_mult: int = 2,
        dropout: float = 0.5,
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        if k > own_nodes:
            raise ValueError(f"k is {k}; expected at most {own_nodes}, the number of nodes.")
        self.readout = InceptionReadout([k] * num_inputs, num_classes, hidden_mult, dropout=dropout)
        self.register_buffer("own_representations", torch.zeros(num_inputs, own_nodes, k))

    def forward(self, nodes: Tensor) -> Tensor:
        """Logits (m, C) of the given nodes (m,) of the training graph."""
        return self.readout(list(self.own_representations[:, nodes]))

    def own_logits(self) -> Tensor:
        """Logits (n, C) of all nodes of the training graph."""
        return self.readout(list(self.own_representations))

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Up to 30 distinct nodes of the training graph."""
        count = self.own_representations.shape[1]
        order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
        return (order[:30].to(self.own_representations.device),)

    def _graph_logits(self, graph: Any, features: Any) -> Tensor:
        from zoo_graphs.inputs import read_graph

        data = read_graph(graph, features=features)
        own = (self.own_representations.shape[1], self.in_features)
        if (data.num_nodes, data.num_features) != own:
            raise BadInput(
                f"graph has {data.num_nodes} nodes and p={data.num_features} features, but this "
                f"transductive model knows only its training graph (n={own[0]}, p={own[1]}): call "
                "predict() without a graph, or use a PowerEmbed model."
            )
        return self.own_logits()


class AX(ASEClassifier):
    """A_X of the paper: an inception over the eigenvectors of A + I and the features' Cov(X).

    Takes the arguments of :class:`ASEClassifier`, whose ``num_inputs`` is 2 here.
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        own_nodes: int = 0,
        k: int = 100,
        hidden_mult: int = 2,
        dropout: float = 0.5,
    ) -> None:
        super().__init__(
            in_features, num_classes, class_names, own_nodes, k, 2, hidden_mult, dropout
        )

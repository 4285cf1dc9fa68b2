"""Polynomial graph filters, and the network made of them (arXiv:2211.03231, equation of a layer).

X_l = dropout(sigma(sum_k S^k X_(l-1) H_lk)), k from 0 to K - 1: K taps, which is degree K - 1.
PyTorch Geometric's TAGConv is the same layer with a bias.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from zoo_graphs.node_classifier import GraphNetwork
from zoo_graphs.operators import operator_matrix
from zoo_graphs.products import Constant, multiply

from zoo_sparse_dense_gnn.frequency import FrequencyResponse, decompose

OPERATORS = ("adj", "lap")
NONLINEARITIES = ("prelu", "identity")


class GraphFilter(nn.Module):
    """Y = sum_k S^k X H_k, without a bias.

    X has `in_width` columns and Y `out_width`; `taps` is K, the number of matrices H_k, of which 1
    ignores the graph.
    """

    def __init__(self, in_width: int, out_width: int, taps: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(in_width * taps)
        self.taps = nn.Parameter(torch.empty(taps, in_width, out_width).uniform_(-bound, bound))

    def forward(self, operator: Tensor | Constant, inputs: Tensor | Constant) -> Tensor:
        """Return Y (n, b) from S (n, n) and X (n, a), each dense, sparse CSR or constant.

        Horner's scheme: S is applied to b columns and never to a sparse X, which it would fill.
        """
        *lower, last = self.taps
        state: Tensor = multiply(inputs, last)
        for tap in reversed(lower):
            state = multiply(inputs, tap) + multiply(operator, state)
        return state

    def response(self, eigenvalues: Tensor) -> Tensor:
        """Return h(lambda) = sum_k lambda^k H_k, (m, a, b), at eigenvalues (m,).

        The filter acts on each eigenvector v by itself: V^T Y = h(Lambda) V^T X.
        """
        powers = eigenvalues[:, None] ** torch.arange(len(self.taps), device=eigenvalues.device)
        found: Tensor = torch.tensordot(powers.to(self.taps.dtype), self.taps, dims=1)
        return found


class GraphFilterNetwork(GraphNetwork):
    """Node classifier of polynomial graph filters; the output layer is a filter of one tap.

    Graph and features of any size are accepted as long as the features keep their width and
    meaning; edge weights count, directions do not, and a node without edges sees itself alone.

    `in_features` is p, `num_classes` C, and `class_names` go by class index. `layers` filters of
    `taps` taps and width `hidden` come before the output layer. `nonlinearity` is "prelu" (one
    slope a layer), or "identity" for the linear network; `operator` makes S, "adj" (A + I) or "lap"
    (D^-1/2 (A + I) D^-1/2). `dropout` is the rate after each filter layer, and `output_dropout`
    drops entries of the logits in training, too, as the original code does. `own_nodes` is the
    number n of nodes whose logits are stored, so that the model classifies its own graph without
    data; 0 for none. Raises `ValueError` for an argument that is out of range.
    """

    own_outputs: Tensor | None

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        hidden: int = 128,
        layers: int = 1,
        taps: int = 2,
        nonlinearity: str = "prelu",
        operator: str = "lap",
        dropout: float = 0.5,
        output_dropout: bool = False,
        own_nodes: int = 0,
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        if operator not in OPERATORS:
            raise ValueError(f"operator is {operator!r}; expected one of {', '.join(OPERATORS)}.")
        if nonlinearity not in NONLINEARITIES:
            raise ValueError(
                f"nonlinearity is {nonlinearity!r}; expected one of {', '.join(NONLINEARITIES)}."
            )
        if min(hidden, layers, taps) < 1:
            raise ValueError(
                f"hidden is {hidden}, layers is {layers} and taps is {taps}; expected 1 or more."
            )
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout is {dropout}; expected a rate from 0 to below 1.")
        self.operator, self.dropout, self.output_dropout = operator, dropout, output_dropout
        widths = [in_features, *[hidden] * layers]
        self.filters = nn.ModuleList(GraphFilter(a, b, taps) for a, b in pairwise(widths))
        self.activations = nn.ModuleList(
            nn.PReLU() if nonlinearity == "prelu" else nn.Identity() for _ in range(layers)
        )
        self.output = GraphFilter(hidden, num_classes, 1)
        own = torch.zeros(own_nodes, num_classes) if own_nodes else None
        self.register_buffer("own_outputs", own)

    def graph_operator(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Return S (n, n) as sparse CSR in the dtype of `features`."""
        operator: Tensor = operator_matrix(
            edge_index,
            features.shape[0],
            self.operator,
            edge_weight=edge_weight,
            dtype=features.dtype,
        )
        return operator

    def propagate(self, operator: Tensor | Constant, features: Tensor | Constant) -> Tensor:
        """Return logits (n, C) from S (n, n) and X (n, p), each dense, sparse CSR or constant."""
        state: Any = features
        for layer, activation in zip(self.filters, self.activations, strict=True):
            state = dropout(activation(layer(operator, state)), self.dropout, self.training)
        logits = self.output(operator, state)
        rate = self.dropout if self.output_dropout else 0.0
        return dropout(logits, rate, self.training)

    def own_logits(self) -> Tensor | None:
        """Return logits (n, C) of the training graph's nodes, as trained, if they are stored."""
        return self.own_outputs

    def frequency_response(self, graph: Any, features: Any = None) -> FrequencyResponse:
        """Return V^T f(S, X), V the eigenvectors of S: which frequencies the logits are made of.

        `graph` is anything that `zoo_graphs.reading.read_graph` takes, and `features` (n, p) where
        it does not bring its own. Raises `BadInput` for a graph that cannot be read, has features
        of another width, or has more than 12,000 nodes.
        """
        data = self.known_graph(graph, features)
        logits = self._logits_of(data, None)
        weight = None if data.edge_weights is None else torch.from_numpy(data.edge_weights)
        operator = operator_matrix(
            torch.from_numpy(data.edges),
            data.num_nodes,
            self.operator,
            edge_weight=weight,
            dtype=torch.float64,
        )
        return decompose(operator, logits, self.class_names)

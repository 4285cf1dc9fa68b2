"""Perceptrons on spectral embeddings of the training graph: ASE and A_X."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from zoo_graphs.node_classifier import NodeClassifier
from zoo_graphs.reading import read_graph

from zoo_core import BadInput
from zoo_powerembed.readout import InceptionReadout


class ASEClassifier(NodeClassifier):
    """Adjacency spectral embedding, then FFN(k, 2k, C) or an inception over several embeddings.

    Transductive: eigenvectors say nothing about another graph (their signs alone are arbitrary), so
    the embedding of the training graph is the model's only input. With one of `num_inputs` it is
    the k eigenvectors of A + I of largest |eigenvalue|, unscaled; `AX` reads Cov(X) too.

    `in_features` is p, kept to recognise the training graph of n = `own_nodes` nodes, and
    `num_classes` is C; `class_names` are names by class index. `k` is the number of eigenvectors,
    `hidden_mult` the hidden width in multiples of k, and `dropout` a rate.
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
        """Return logits (m, C) of the given nodes (m,) of the training graph."""
        own = self.own_representations
        logits: Tensor = self.readout(list(own[:, nodes.to(own.device)]))
        return logits

    def own_logits(self) -> Tensor:
        """Return logits (n, C) of all nodes of the training graph."""
        logits: Tensor = self.readout(list(self.own_representations))
        return logits

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Return up to 30 distinct nodes of the training graph."""
        count = self.own_representations.shape[1]
        order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
        return (order[:30].to(self.own_representations.device),)

    def _graph_logits(self, graph: Any, features: Any) -> Tensor:
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

    Takes the arguments of `ASEClassifier`, whose `num_inputs` is 2 here.
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

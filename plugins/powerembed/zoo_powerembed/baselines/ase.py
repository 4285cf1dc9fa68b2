"""Perceptrons on spectral embeddings of the training graph: ASE and A_X."""

from __future__ import annotations

import torch
from torch import Tensor
from zoo_graphs.recognition import TransductiveClassifier

from zoo_powerembed.readout import InceptionReadout


class ASEClassifier(TransductiveClassifier):
    """Adjacency spectral embedding, then FFN(k, 2k, C) or an inception over several embeddings.

    Transductive: eigenvectors say nothing about another graph (their signs alone are arbitrary), so
    the embedding of the training graph is the model's only input. With one of `num_inputs` it is
    the k eigenvectors of A + I of largest |eigenvalue|, unscaled; `AX` reads Cov(X) too.

    `in_features` is p and `num_classes` is C; `class_names` are names by class index. The training
    graph has n = `own_nodes` nodes and is recognised by its `fingerprint`. `k` is the number of
    eigenvectors, `hidden_mult` the hidden width in multiples of k, and `dropout` a rate.
    """

    takes_negative_weights = True
    reads_features = False

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
        fingerprint: str = "",
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        if k > own_nodes:
            raise ValueError(f"k is {k}; expected at most {own_nodes}, the number of nodes.")
        self.fingerprint = fingerprint
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


class AX(ASEClassifier):
    """A_X of the paper: an inception over the eigenvectors of A + I and the features' Cov(X).

    Takes the arguments of `ASEClassifier`, whose `num_inputs` is 2 here.
    """

    reads_features = True

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        own_nodes: int = 0,
        k: int = 100,
        hidden_mult: int = 2,
        dropout: float = 0.5,
        fingerprint: str = "",
    ) -> None:
        super().__init__(
            in_features,
            num_classes,
            class_names,
            own_nodes,
            k,
            2,
            hidden_mult,
            dropout,
            fingerprint,
        )

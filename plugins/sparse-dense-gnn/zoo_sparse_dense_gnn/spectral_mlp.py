"""Classifier on a spectral embedding: [V_K, V'_kappa] and one hidden layer (section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor
from zoo_graphs.layers import FeedForward
from zoo_graphs.recognition import TransductiveClassifier

from zoo_sparse_dense_gnn.filters import OPERATORS


class SpectralMLP(TransductiveClassifier):
    """Leading eigenvectors of S beside those of X X^T, then Linear, PReLU, dropout, Linear.

    Transductive: eigenvectors say nothing about another graph (their signs alone are arbitrary),
    so the training graph's embedding is stored, and is the model's only input.

    `in_features` is p, `num_classes` C, `class_names` go by class index, and `own_nodes` is n of
    the training graph, which is recognised by its `fingerprint`. `k` is K, the number of
    eigenvectors of S, and `kappa` that of X X^T, 0 for none. `hidden` is the width of the hidden
    layer, by default 2 (K + kappa), and `dropout` the rate after it. `operator` makes S, "adj"
    (A + I) or "lap" (D^-1/2 (A + I) D^-1/2). Raises `ValueError` for an argument that is out of
    range.
    """

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
        fingerprint: str = "",
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
        self.fingerprint, self.reads_features = fingerprint, kappa > 0
        self.takes_negative_weights = operator == "adj"
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

"""PowerEmbed: power iteration over a graph, read out hop by hop (arXiv:2209.12054)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from zoo_graphs.layers import in_batches
from zoo_graphs.node_classifier import NodeClassifier
from zoo_graphs.operators import operator_matrix, sparse_matmul

from zoo_core import BadInput, Split
from zoo_powerembed.power import iterate
from zoo_powerembed.readout import InceptionReadout

MODES = ("all", "last", "first_last")


class PowerEmbed(NodeClassifier):
    """Node classification from the list of normalised power iterates.

    H_0 = X B with B (p, k) from the singular value decomposition of the training graph's features
    (a buffer, because H_0 is otherwise defined only up to signs); [P_0, ..., P_L] by
    `power_iterates`; then an inception readout. Graph and features of any size are accepted as long
    as the features keep their width and meaning; columns grow with the graph, so that copies of a
    graph get its predictions. The same class covers SGC (mode "last", operator "lap", normalize
    "none"), SIGN (mode "all", normalize "none") and the spectral baseline Cov(X) (hops 0).

    - `in_features` is p, `num_classes` is C, and `class_names` are names by class index;
    - `k` is the number of columns of H_0; p if `project` is "identity";
    - `hops` is L;
    - `operator` is "adj" (A + I), "lap" (D^-1/2 (A + I) D^-1/2) or "rw" (D^-1 (A + I));
    - `mode` says which iterates are read: "all", "last" or "first_last";
    - `hidden_mult` is the hidden width per hop, in multiples of k, `hidden_width` the same as a
      number, and `head_width` the hidden width of the last feed-forward block; by default that of
      its input;
    - `dropout` is a rate;
    - `normalize` is "inverse" (the paper's) or "none";
    - `upper_tri` is the variant with the upper triangle of the Gram matrix;
    - `project` is "svd", or "identity" for H_0 = X;
    - `own_nodes` is the number n of nodes whose representations are stored, so that the model
      classifies its own graph without data; 0 for none;
    - `train_nodes` is the number of nodes of the training graph, if that is not `own_nodes`; where
      neither says it (0), columns have length 1 on every graph.
    """

    projection: Tensor | None
    own_representations: Tensor | None

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        k: int = 100,
        hops: int = 2,
        operator: str = "adj",
        mode: str = "all",
        hidden_mult: int = 2,
        dropout: float = 0.5,
        normalize: str = "inverse",
        upper_tri: bool = False,
        project: str = "svd",
        own_nodes: int = 0,
        hidden_width: int | None = None,
        head_width: int | None = None,
        train_nodes: int = 0,
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        _check_choice("operator", operator, ("adj", "lap", "rw"))
        _check_choice("mode", mode, MODES)
        _check_choice("normalize", normalize, ("inverse", "none"))
        _check_choice("project", project, ("svd", "identity"))
        if k < 1 or hops < 0:
            raise ValueError(f"k is {k} and hops is {hops}; expected k >= 1 and hops >= 0.")
        self.k = in_features if project == "identity" else k
        self.hops, self.operator, self.mode = hops, operator, mode
        self.normalize, self.upper_tri = normalize, upper_tri
        self.train_nodes = train_nodes or own_nodes
        self.takes_negative_weights = hops == 0
        used = len(self.used_hops)
        self.readout = InceptionReadout(
            [self.k] * used, num_classes, hidden_mult, hidden_width, head_width, dropout
        )
        projection = torch.zeros(in_features, k) if project == "svd" else None
        self.register_buffer("projection", projection)
        own = torch.zeros(used, own_nodes, self.k) if own_nodes else None
        self.register_buffer("own_representations", own)

    @property
    def used_hops(self) -> list[int]:
        """The hops that the readout reads."""
        if self.mode == "last" or self.hops == 0:
            return [self.hops]
        return [0, self.hops] if self.mode == "first_last" else list(range(self.hops + 1))

    def project_features(self, features: Tensor) -> Tensor:
        """Return H_0 (n, k) of a feature matrix (n, p), dense or sparse CSR.

        Raises `BadInput` for features of another width than p.
        """
        self.check_features(features)
        features = features.to(self.readout.head.first.weight)
        if self.projection is None:
            return features.to_dense()
        return sparse_matmul(features, self.projection)

    def iterates(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> list[Tensor]:
        """Return all of [P_0, ..., P_L], each (n, k); arguments as for `forward`."""
        return list(self._iterates(edge_index, features, edge_weight))

    def _iterates(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None
    ) -> Iterator[Tensor]:
        edge_index, features, edge_weight = self.own_tensors(edge_index, features, edge_weight)
        h0 = self.project_features(features)
        matrix = operator_matrix(
            edge_index, h0.shape[0], self.operator, edge_weight=edge_weight, dtype=h0.dtype
        )
        return iterate(
            matrix,
            h0,
            self.hops,
            normalize=self.normalize,
            upper_tri=self.upper_tri,
            nodes=self.train_nodes or None,
        )

    def representations(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> list[Tensor]:
        """Return the iterates (n, k) at `used_hops`: the input of `classify`."""
        found = enumerate(self._iterates(edge_index, features, edge_weight))
        return [iterate for hop, iterate in found if hop in self.used_hops]

    def classify(self, representations: Sequence[Tensor]) -> Tensor:
        """Return logits (n, C) of representations (n, k), one per hop in `used_hops`."""
        return in_batches(self.readout, representations)

    def forward(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Return logits (n, C).

        `edge_index` are (2, m) node pairs, in one or both directions; `features` is X (n, p), dense
        or sparse CSR; `edge_weight` are (m,) non-negative weights, 1 by default. Raises `BadInput`
        for features of another width than p, and `ValueError` for malformed edges.
        """
        return self.classify(self.representations(edge_index, features, edge_weight))

    @torch.no_grad()
    def embed(self, graph: Any = None, features: Any = None) -> Tensor:
        """Return a row for each node, (n, d): the iterates that the readout reads, side by side.

        `graph` and `features` are as for `predict`; by default the graph is the one whose
        representations the model keeps. Of a split of a graph the rows are those of its nodes.
        Raises `BadInput` as `predict` does.
        """
        if graph is None:
            if self.own_representations is None:
                raise BadInput("no graph was given and this model keeps none of its own: give one.")
            return torch.cat(list(self.own_representations), dim=1)
        nodes = torch.as_tensor(graph.indices) if isinstance(graph, Split) else None
        source = graph.data if isinstance(graph, Split) else graph
        rows = torch.cat(self.representations(*self.graph_inputs(source, features)), dim=1)
        return rows if nodes is None else rows[nodes.to(rows.device)]

    def example_sources(self, seed: int = 0) -> list[Any]:
        """Return a small graph with features for `embed`."""
        return [self.example_inputs(seed)]

    @property
    def example_nodes(self) -> int:
        """Clearly more nodes than columns: else every eigenvalue of S counts, tiny ones too."""
        return max(30, 3 * self.k)

    def own_logits(self) -> Tensor | None:
        """Return logits (n, C) of the training graph's nodes, if the model keeps its own."""
        if self.own_representations is None:
            return None
        return self.classify(list(self.own_representations))


def _check_choice(field: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise ValueError(f"{field} is {value!r}; expected one of {', '.join(choices)}.")

"""The message-passing network: GIN or graph convolution, trained or frozen as drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.graph_set_tensors import (
    check_names,
    check_shapes,
    example_graphs,
    graph_of_node,
)
from zoo_graphs.reading.labels import Labels

from zoo_core import BadInput, Split
from zoo_fine_grained_expressivity.data import labelled
from zoo_fine_grained_expressivity.networks.inputs import (
    Inputs,
    checked_tensors,
    example_tensors,
    read_inputs,
)
from zoo_fine_grained_expressivity.networks.layers import (
    CONVOLUTIONS,
    Neighbours,
    Standardisation,
)


class GraphNetwork(nn.Module):
    """A message-passing network that classifies graphs.

    A graph's embedding is the sum of its nodes' rows after L layers. Size-normalised ("-m" in the
    paper), every layer's output is multiplied by 1/n and the readout is the mean. The embedding is
    standardised unit by unit before the head: without that the head of a narrow network cannot
    learn from numbers of size n^-L in a short schedule (the paper has H = 512 and no
    standardisation).

    `in_features` is F, and 1 means that nodes have the constant feature 1 and labels are not read;
    `num_classes` is C, `hidden` H and `layers` L. `class_names` are by class index, and by default
    the indices themselves; `label_names` are what the node labels 0, 1, ... are called in a user's
    graph. `convolution` is "gin" or "gc"; `size_norm` says whether layers and readout are
    normalised by the graph's size, `standardised` whether the embedding is standardised. `trained`
    false freezes all parameters below the head as they are drawn; `dropout` is the probability with
    which the head drops a hidden unit in training.
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        class_names: list[str] | None = None,
        label_names: list[str] | None = None,
        convolution: str = "gin",
        hidden: int = 64,
        layers: int = 3,
        size_norm: bool = True,
        standardised: bool = True,
        trained: bool = True,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        names = [str(i) for i in range(num_classes)] if class_names is None else list(class_names)
        if len(names) != num_classes:
            raise ValueError(f"class_names has {len(names)} names for {num_classes} classes.")
        if convolution not in CONVOLUTIONS:
            known = ", ".join(CONVOLUTIONS)
            raise ValueError(f"convolution is {convolution!r}; expected one of {known}.")
        if min(in_features, num_classes, hidden, layers) < 1:
            raise ValueError("in_features, num_classes, hidden and layers are 1 or more.")
        self.in_features, self.hidden = in_features, hidden
        self.class_names, self.label_names = names, list(label_names or [])
        self.size_norm, self.trained = size_norm, trained
        layer = CONVOLUTIONS[convolution]
        widths = [in_features] + [hidden] * (layers - 1)
        self.convolutions = nn.ModuleList(layer(width, hidden) for width in widths)
        self.convolutions.requires_grad_(trained)
        self.standardise = Standardisation(hidden) if standardised else nn.Identity()
        self.head = nn.Sequential(
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, edges: Tensor, offsets: Tensor, features: Tensor) -> Tensor:
        """Return the logits of graphs, (g, C).

        `edges` (2, e) int64 go from source to target, an undirected edge in both directions, in the
        numbering of the union of all graphs; `offsets` (g + 1,) int64 says where each graph's nodes
        start, as `zoo_graphs.graph_set_tensors` does, and `features` (n, F) are the nodes' rows.
        Raises `BadInput` for wrong shapes; values are checked where graphs are read.
        """
        logits: Tensor = self.head(self.standardise(self.pooled(edges, offsets, features)))
        return logits

    def pooled(self, edges: Tensor, offsets: Tensor, features: Tensor) -> Tensor:
        """Return the embeddings (g, H) before standardisation; arguments and errors of `forward`.

        BatchNorm uses the statistics of this batch in training mode, and stored ones otherwise.
        """
        self._check_shapes(edges, offsets, features)
        weight = next(self.head.parameters())
        x = features.to(weight)
        edges, offsets = edges.to(weight.device), offsets.to(weight.device)
        # Sizes by shape, not by len, which would make constants of them in an exported graph.
        batch = graph_of_node(offsets, x.shape[0])
        share = offsets.diff().to(x.dtype).reciprocal()[:, None]
        neighbours = Neighbours(edges, x.shape[0])
        for convolution in self.convolutions:
            x = convolution(x, neighbours)
            x = x * share[batch] if self.size_norm else x
        sums = x.new_zeros(share.shape[0], self.hidden).index_add(0, batch, x)
        return sums * share if self.size_norm else sums

    @torch.no_grad()
    def predict(
        self, *sources: Any, node_label: str = "label", labels: Labels | None = None
    ) -> list[dict[str, Any]]:
        """Classify graphs, which are what `zoo_graphs.reading.read_graphs` takes.

        A network that was trained on node labels needs them, in the node attribute `node_label`:
        the names in `label_names`, or with `labels` "codes" their numbers. Another one does not
        read them. Rows are ``{"graph": i, "label": class name, "score": its probability}``. Raises
        `BadInput` for no graph, an unusable one, or labels that are missing or unknown.
        """
        inputs = self._read(sources, node_label, labels)
        with _evaluating(self):
            rows = self(*inputs).double().softmax(dim=1)
        return [
            {"graph": i, "label": self.class_names[int(row.argmax())], "score": float(row.max())}
            for i, row in enumerate(rows)
        ]

    @torch.no_grad()
    def embed(
        self, *sources: Any, node_label: str = "label", labels: Labels | None = None
    ) -> Tensor:
        """Return the embeddings (g, H) of graphs: pooled over nodes, and standardised.

        Sources are those of `predict`, or a split of a `GraphSet`. Raises `BadInput` as `predict`.
        """
        if len(sources) == 1 and isinstance(sources[0], Split):
            split = sources[0]
            inputs = checked_tensors(split.data.select(split.indices), self.in_features)
        else:
            inputs = self._read(sources, node_label, labels)
        with _evaluating(self):
            embeddings: Tensor = self.standardise(self.pooled(*inputs))
        return embeddings

    def example_sources(self, seed: int = 0) -> list[GraphSet]:
        """Return three small graphs, one by one, with labels that the network knows."""
        several = example_graphs(seed, [5, 6, 8], num_labels=self.in_features)
        several = replace(several, node_label_names=tuple(self.label_names))
        return [several.select([place]) for place in range(several.num_graphs)]

    def outputs(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yield the "logits" (g, C) and classes (g,) as "target" of a split of a `GraphSet`, once.

        Raises `BadInput` for other data, other classes, or unknown node labels.
        """
        graphs, labels = labelled(split, self.class_names)
        check_names(graphs.node_label_names, self.label_names, "node")
        logits = self(*checked_tensors(graphs, self.in_features))
        yield {"logits": logits, "target": labels.to(logits.device)}

    def example_inputs(self, seed: int = 0) -> Inputs:
        """Return four small graphs with random features for `forward`."""
        return example_tensors(seed, self.in_features)

    def _read(self, sources: tuple[Any, ...], node_label: str, labels: Labels | None) -> Inputs:
        return read_inputs(sources, self.in_features, self.label_names, node_label, labels)

    def _check_shapes(self, edges: Tensor, offsets: Tensor, features: Tensor) -> None:
        check_shapes(edges, offsets, features)
        if features.dim() != 2 or features.shape[1] != self.in_features or not features.shape[0]:
            raise BadInput(
                f"The features have shape {tuple(features.shape)}, expected (n, "
                f"{self.in_features}); give every node {self.in_features} numbers, and at least "
                "one node."
            )


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    """Put a module in eval mode, and each of its parts back into its own mode."""
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for part, mode in modes.items():
            part.training = mode

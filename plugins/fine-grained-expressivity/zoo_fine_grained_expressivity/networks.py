"""Message-passing networks for graphs: GIN and graph convolution, trained or frozen as drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.operators import csr_tensor
from zoo_graphs.products import Constant, multiply

from zoo_core.errors import BadInput
from zoo_fine_grained_expressivity.networks_inputs import (
    Inputs,
    check_inputs,
    example_tensors,
    read_inputs,
    to_tensors,
)

_SHARE = 1e-5
_MOMENTUM = 0.1


def adjacency(edge_index: Tensor, like: Tensor) -> Constant:
    """Return the block matrix of a batch, (n, n), of the type of `like`: 1 at (v, u) for u -> v.

    One sparse product sums over all neighbours of all graphs, ten times as fast as index_add.
    """
    n = like.shape[0]
    order = torch.argsort(edge_index[1] * n + edge_index[0])
    source, target = edge_index[:, order]
    rows = torch.bincount(target, minlength=n).cumsum(0)
    matrix = csr_tensor(
        torch.cat([rows.new_zeros(1), rows]), source, like.new_ones(len(source)), (n, n)
    )
    return Constant(matrix)


class GINLayer(nn.Module):
    """MLP((1 + eps) x + sum of the neighbours), eps learned from 0."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.eps = nn.Parameter(torch.zeros(1))
        self.mlp = nn.Sequential(
            nn.Linear(width, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.BatchNorm1d(hidden),
        )

    def forward(self, x: Tensor, neighbours: Constant) -> Tensor:
        """Return (n, H) from node rows (n, F) and the block matrix of the batch."""
        result: Tensor = self.mlp((1 + self.eps) * x + multiply(neighbours, x))
        return result


class GCLayer(nn.Module):
    """W_rel (sum of the neighbours) + b + W_root x, without a nonlinearity."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.relation = nn.Linear(width, hidden)
        self.root = nn.Linear(width, hidden, bias=False)

    def forward(self, x: Tensor, neighbours: Constant) -> Tensor:
        """Return (n, H) from node rows (n, F) and the block matrix of the batch."""
        result: Tensor = self.relation(multiply(neighbours, x)) + self.root(x)
        return result


class Standardisation(nn.Module):
    """Each unit of an embedding minus its mean, divided by its standard deviation.

    As BatchNorm1d without affine parameters, but the constant beside the variance is a share of
    the mean variance: size-normalised embeddings scale as n^-L, where BatchNorm's absolute one
    drowns the variance, and with none a unit that is constant in training explodes on new graphs.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(hidden))
        self.register_buffer("variance", torch.ones(hidden))

    def forward(self, embeddings: Tensor) -> Tensor:
        """Return (g, H) of (g, H): by batch statistics in training mode, else by stored ones."""
        mean, variance = self.mean, self.variance
        if self.training:
            mean, variance = embeddings.mean(dim=0), embeddings.var(dim=0, correction=0)
            with torch.no_grad():
                self.mean.lerp_(mean, _MOMENTUM)
                self.variance.lerp_(variance, _MOMENTUM)
        least = torch.finfo(variance.dtype).tiny
        return (embeddings - mean) * (variance + _SHARE * variance.mean() + least).rsqrt()

    @torch.no_grad()
    def store(self, embeddings: Tensor) -> None:
        """Store the statistics of embeddings (g, H)."""
        self.mean.copy_(embeddings.mean(dim=0))
        self.variance.copy_(embeddings.var(dim=0, correction=0))


CONVOLUTIONS: dict[str, type[nn.Module]] = {"gin": GINLayer, "gc": GCLayer}


class GraphNetwork(nn.Module):
    """A message-passing network that classifies graphs.

    A graph's embedding is the sum of its nodes' rows after L layers. Size-normalised ("-m" in the
    paper), every layer's output is multiplied by 1/n and the readout is the mean. The embedding is
    standardised unit by unit before the head: without that the head of a narrow network cannot
    learn from numbers of size n^-L in a short schedule (the paper has H = 512 and no
    standardisation).

    Args:
        in_features: F; 1 means that nodes have the constant feature 1 and labels are not read.
        num_classes: C.
        class_names: names by class index; by default the indices themselves.
        label_names: what the node labels 0, 1, ... are called in a user's graph.
        convolution: "gin" or "gc".
        hidden: H.
        layers: L.
        size_norm: whether layers and readout are normalised by the graph's size.
        standardised: whether the embedding is standardised.
        trained: False freezes all parameters below the head as they are drawn.
        dropout: the probability with which the head drops a hidden unit in training.
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

    def forward(self, features: Tensor, edge_index: Tensor, batch: Tensor) -> Tensor:
        """Return the logits of graphs, (g, C).

        Args:
            features: (n, F) rows of the nodes of all graphs.
            edge_index: (2, e) int64, from source to target, an undirected edge in both directions.
            batch: (n,) int64, the graph of each node; no number below its maximum is missing.

        Raises:
            BadInput: a wrong shape, a value that is not finite, an edge to a node that is not
                there, or a graph without nodes.
        """
        logits: Tensor = self.head(self.standardise(self.embed(features, edge_index, batch)))
        return logits

    def embed(self, features: Tensor, edge_index: Tensor, batch: Tensor) -> Tensor:
        """Return the embeddings (g, H) before standardisation; arguments and errors of `forward`.

        BatchNorm uses the statistics of this batch in training mode, and stored ones otherwise.
        """
        check_inputs(features, edge_index, batch, self.in_features)
        sizes = torch.bincount(batch)
        share = sizes.to(features.dtype).reciprocal()[:, None]
        neighbours = adjacency(edge_index, features)
        x = features
        for convolution in self.convolutions:
            x = convolution(x, neighbours)
            x = x * share[batch] if self.size_norm else x
        sums = x.new_zeros(len(sizes), self.hidden).index_add(0, batch, x)
        return sums * share if self.size_norm else sums

    @torch.no_grad()
    def predict(self, *sources: Any, node_label: str | None = "label") -> list[dict[str, Any]]:
        """Classify graphs.

        Args:
            *sources: graphs, see `zoo_graphs.graph_set_inputs.read_graphs`. Node labels are those
                of the training data: numbers, or the names in `label_names`.
            node_label: the node attribute with labels; None for none.

        Returns:
            Rows ``{"graph": i, "label": class name, "score": its probability}``.

        Raises:
            BadInput: no graph, an unusable one, or an unknown node label.
        """
        inputs = read_inputs(sources, self.in_features, self.label_names, node_label)
        rows = self(*self._placed(inputs)).double().softmax(dim=1)
        return [
            {"graph": i, "label": self.class_names[int(row.argmax())], "score": float(row.max())}
            for i, row in enumerate(rows)
        ]

    @torch.no_grad()
    def featurize(self, *sources: Any, node_label: str | None = "label") -> Tensor:
        """Return the standardised embeddings (g, H) of graphs; raises `BadInput` as `predict`."""
        inputs = read_inputs(sources, self.in_features, self.label_names, node_label)
        embeddings: Tensor = self.standardise(self.embed(*self._placed(inputs)))
        return embeddings

    def outputs_and_targets(self, data: Any, split: str) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield logits (g, C) and classes (g,) of one split of a `GraphSet`.

        Raises `BadInput` for other data, an unknown split, other classes, or unknown node labels.
        """
        if not isinstance(data, GraphSet) or data.labels is None:
            raise BadInput(f"A {type(data).__name__} is no labelled set of graphs; give one.")
        if split not in data.splits:
            raise BadInput(f"There is no split {split!r}; use one of {', '.join(data.splits)}.")
        if list(data.class_names) != self.class_names:
            raise BadInput(
                f"The data's classes are {', '.join(data.class_names)}, but this model's are "
                f"{', '.join(self.class_names)}; give data with the same classes."
            )
        chosen = data.splits[split]
        inputs = self._placed(to_tensors(data.select(chosen), self.in_features))
        yield self(*inputs), torch.from_numpy(data.labels[chosen]).to(inputs[1].device)

    def example_inputs(self, seed: int = 0) -> Inputs:
        """Return four small graphs with random features for `forward`."""
        return example_tensors(seed, self.in_features)

    def _placed(self, inputs: Inputs) -> Inputs:
        """Return the tensors where the parameters are, features in their type."""
        weight = next(self.head.parameters())
        features, edge_index, batch = inputs
        return features.to(weight), edge_index.to(weight.device), batch.to(weight.device)

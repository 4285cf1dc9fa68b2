"""What node classifiers share: prediction, evaluation, examples, and propagation over a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import Any

import torch
from torch import Tensor, nn

from zoo_core import BadInput, Split
from zoo_graphs.graph import Graph
from zoo_graphs.operators import operator_matrix
from zoo_graphs.reading import read_graph


class NodeClassifier(nn.Module):
    """Base of modules that map `(edge_index, features, edge_weight)` to logits (n, C).

    `in_features` is p, the width of the feature matrix, and `num_classes` is C; `class_names` are
    names by class index, by default the indices themselves.

    `takes_negative_weights` declares whether a graph's edge weights may be negative: averages over
    neighbours, and roots of degrees, are none then. It is asked in `check_graph` alone, which
    `predict`, `evaluate` and training share.
    """

    takes_negative_weights: bool = False

    def __init__(
        self, in_features: int, num_classes: int, class_names: Sequence[str] | None = None
    ) -> None:
        super().__init__()
        names = [str(i) for i in range(num_classes)] if class_names is None else list(class_names)
        if len(names) != num_classes:
            raise ValueError(f"class_names has {len(names)} names for {num_classes} classes.")
        self.in_features = in_features
        self.num_classes = num_classes
        self.class_names = names

    def predict(
        self,
        graph: Any = None,
        features: Any = None,
        *,
        nodes: int | Sequence[int] | None = None,
        top: int = 1,
    ) -> list[dict[str, Any]]:
        """Return rows `{"node": i, "label": name, "score": probability}`, `top` per node, best
        first.

        `graph` is anything `zoo_graphs.reading.read_graph` takes; by default the graph that the
        model was trained on, if it keeps that graph's representations. `features` is a matrix (n,
        p) for a graph that does not bring its own. `nodes` says which nodes to classify; all by
        default.

        Raises `BadInput` for no graph where one is needed, a feature matrix of another width,
        negative weights where the model takes none, or a node or `top` out of range.
        """
        if not _is_index(top) or not 1 <= top <= self.num_classes:
            raise BadInput(
                f"top is {top!r}, but this model knows {self.num_classes} classes: "
                f"ask for 1 to {self.num_classes}."
            )
        logits = self._logits_of(graph, features)
        chosen = _checked_nodes(nodes, logits.shape[0])
        scores, classes = logits[chosen].softmax(dim=1).topk(int(top), dim=1)
        return [
            {"node": node, "label": self.class_names[label], "score": score}
            for node, row, labels in zip(chosen, scores.tolist(), classes.tolist(), strict=True)
            for score, label in zip(row, labels, strict=True)
        ]

    def outputs(self, split: Split) -> Iterator[Mapping[str, Tensor]]:
        """Yield the logits (m, C) and the target (m,), the labels of one split's nodes, once.

        The split is of a `zoo_graphs.graph.Graph` with labels, which are matched to the model's
        classes by name. Raises `BadInput` for other classes, and for a graph as `predict` does.
        """
        data: Graph = split.data
        codes = torch.tensor(self.class_codes(data.class_names))
        logits = self._logits_of(data, None)
        labels, nodes = (torch.as_tensor(part) for part in (data.labels, split.indices))
        yield {
            "logits": logits[nodes.to(logits.device)],
            "target": codes[labels[nodes].long()].to(logits.device),
        }

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Return small valid inputs: a random connected graph with Gaussian features."""
        generator = torch.Generator().manual_seed(seed)
        n = self.example_nodes
        ring = torch.stack([torch.arange(n), (torch.arange(n) + 1) % n])
        chords = torch.randint(0, n, (2, 2 * n), generator=generator)
        features = torch.randn(n, self.in_features, generator=generator)
        weight = next(self.parameters())
        return torch.cat([ring, chords], dim=1).to(weight.device), features.to(weight)

    def own_logits(self) -> Tensor | None:
        """Return logits of the nodes that the model was trained on, if it keeps their
        representations.
        """
        return None

    def own_tensors(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return a graph's tensors where the parameters are; numbers in the parameters' dtype."""
        weight = next(self.parameters())
        return (
            edge_index.to(weight.device),
            features.to(weight.device, weight.dtype),
            None if edge_weight is None else edge_weight.to(weight),
        )

    def check_features(self, features: Any) -> None:
        """Raise `BadInput` unless `features` is (n, p)."""
        if features.shape[-1] != self.in_features:
            raise BadInput(
                f"graph has p={features.shape[-1]} features but this model was trained on "
                f"p={self.in_features}: give the features in the vocabulary of its dataset."
            )

    def class_codes(self, names: Sequence[str]) -> list[int]:
        """Return this model's number of each of the data's classes.

        They go by name, or by number where data or model have classes without names. Raises
        `BadInput` unless they are the same classes.
        """
        given, known = list(names), self.class_names
        if set(given) == set(known):
            return [known.index(name) for name in given]
        numbers = [str(i) for i in range(len(known))]
        if len(given) != len(known) or numbers not in (given, known):
            raise BadInput(
                f"the data's classes are {', '.join(given)}, but this model's are "
                f"{', '.join(known)}: call them so, and name those that the data have not with "
                "class_names."
            )
        return list(range(len(known)))

    def known_graph(self, graph: Any, features: Any = None) -> Graph:
        """Read a graph and check that it is one for this model, whatever `read_graph` takes."""
        data = read_graph(graph, features)
        self.check_graph(data)
        return data

    def check_graph(self, graph: Graph) -> None:
        """Raise `BadInput` for negative weights, unless the model takes them."""
        weights = graph.edge_weights
        if weights is None or self.takes_negative_weights or not (weights < 0).any():
            return
        first = int((weights < 0).argmax())
        low, high = graph.edges[:, first].tolist()
        raise BadInput(
            f"{graph.name} has negative edge weights, the first is {weights[first]:g} of ({low}, "
            f"{high}), and this model averages over neighbours: give weights from 0, or leave "
            "those edges out."
        )

    @property
    def example_nodes(self) -> int:
        """The number of nodes of `example_inputs`."""
        return 30

    @torch.no_grad()
    def _logits_of(self, graph: Any, features: Any) -> Tensor:
        """Return logits in eval mode, whatever mode the module is in."""
        training = self.training
        self.eval()
        try:
            if graph is not None:
                return self._graph_logits(graph, features)
            logits = self.own_logits()
        finally:
            self.train(training)
        if logits is None:
            raise BadInput(
                "no graph was given and this model keeps none of its own: pass a graph with "
                f"{self.in_features} features per node."
            )
        return logits

    def _graph_logits(self, graph: Any, features: Any) -> Tensor:
        logits: Tensor = self(*self.graph_inputs(graph, features))
        return logits

    def graph_inputs(self, graph: Any, features: Any = None) -> tuple[Tensor, ...]:
        """Return the inputs of `forward` for whatever `read_graph` takes; weights if it has some.

        Raises `BadInput` as `predict` does.
        """
        data = self.known_graph(graph, features)
        weight = next(self.parameters())
        if weight.device.type == "cpu" and weight.dtype not in (torch.float32, torch.float64):
            raise BadInput(
                f"PyTorch has no sparse products in {weight.dtype} on a processor: load the model "
                "in float32 or float64 to predict on a graph."
            )
        matrix = data.feature_tensor(weight.dtype)
        self.check_features(matrix)
        edges = torch.from_numpy(data.edges)
        weights = None if data.edge_weights is None else torch.from_numpy(data.edge_weights)
        edges, matrix, weights = self.own_tensors(edges, matrix, weights)
        return (edges, matrix) if weights is None else (edges, matrix, weights)


class GraphNetwork(NodeClassifier):
    """Base of networks that propagate with S = D^(-1/2) (A + I) D^(-1/2) while they train.

    Subclasses implement `propagate`, and `graph_operator` for another S. Training makes S once and
    calls that; `forward` makes it anew from the edges.
    """

    def forward(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Return logits (n, C) of a graph's nodes.

        `edge_index` are (2, m) node pairs, in one or both directions; `features` is X (n, p), dense
        or sparse CSR; `edge_weight` are (m,) non-negative weights, 1 by default. Raises `BadInput`
        for features of another width than p, and `ValueError` for malformed edges.
        """
        self.check_features(features)
        edge_index, features, edge_weight = self.own_tensors(edge_index, features, edge_weight)
        return self.propagate(self.graph_operator(edge_index, features, edge_weight), features)

    def graph_operator(
        self, edge_index: Tensor, features: Tensor, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Return S (n, n) as sparse CSR in the dtype of `features`."""
        return operator_matrix(
            edge_index, features.shape[0], "lap", edge_weight=edge_weight, dtype=features.dtype
        )

    def propagate(self, operator: Tensor, features: Tensor) -> Tensor:
        """Return logits (n, C) from S (n, n) and X (n, p)."""
        raise NotImplementedError

    def prepare(self, data: Any) -> None:
        """Compute, before training, the buffers that the data determine; none by default."""


def permute_nodes(
    inputs: tuple[Tensor, ...], generator: torch.Generator | None = None
) -> tuple[tuple[Tensor, ...], Callable[[Any], Any]]:
    """Relabel the nodes of `example_inputs` at random.

    `inputs` are `(edge_index, features[, edge_weight])` with dense features; or `(nodes,)`, as
    transductive models take it. Return `(inputs', act)`: the relabelled inputs, and the map from
    the outputs (a tensor, or a list of tensors) of the original inputs to those expected of
    `inputs'`.
    """
    transductive = len(inputs) == 1
    count = inputs[0 if transductive else 1].shape[0]
    order = torch.randperm(count, generator=generator).to(inputs[0].device)

    def act(outputs: Any) -> Any:
        if isinstance(outputs, Tensor):
            return outputs[order]
        return type(outputs)(act(output) for output in outputs)

    if transductive:
        return (inputs[0][order],), act
    edge_index, features, *weights = inputs
    return (torch.argsort(order)[edge_index], features[order], *weights), act


def _is_index(value: Any) -> bool:
    """Tell whether a value is an integer; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def _checked_nodes(nodes: int | Sequence[int] | None, count: int) -> list[int]:
    if nodes is None:
        return list(range(count))
    listed = nodes.tolist() if hasattr(nodes, "tolist") else nodes
    listed = [listed] if not isinstance(listed, Iterable) else list(listed)
    if isinstance(nodes, str) or not all(map(_is_index, listed)):
        raise BadInput(
            f"nodes is {nodes!r:.60}; expected a node's index or a list of indices, as [0, 5]."
        )
    chosen = [int(node) for node in listed]
    wrong = [node for node in chosen if not 0 <= node < count]
    if wrong:
        raise BadInput(
            f"node {wrong[0]} is not in the graph: its {count} nodes are numbered from 0 "
            f"to {count - 1}."
        )
    return chosen

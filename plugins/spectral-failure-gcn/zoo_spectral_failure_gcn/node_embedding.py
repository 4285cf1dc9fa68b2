"""What the embeddings share: a graph in, points out, labels read off the points afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_graphs.graph import Graph
from zoo_graphs.node_classifier import NodeClassifier

from zoo_core import BadInput, Split
from zoo_spectral_failure_gcn.diagnostics import diagnose
from zoo_spectral_failure_gcn.discriminant import LinearDiscriminant
from zoo_spectral_failure_gcn.reading import open_graph


class NodeEmbedding(NodeClassifier):
    """Base of modules that give each node of a graph a point, fitted without labels.

    Where the graph has labels, those of the training nodes (all, without a split) fit a linear
    discriminant on the finished points: `head`, else the identity.

    `width` is k, the number of coordinates; `in_features` the columns of the features that are
    read, 0 for none; `nodes` n of the graph that it was fitted to, 0 before; `num_classes` C, 0 for
    a graph without labels; `class_names` go by class index.
    """

    def __init__(
        self,
        width: int,
        in_features: int,
        nodes: int,
        num_classes: int,
        class_names: Sequence[str] | None,
    ) -> None:
        super().__init__(in_features, num_classes, class_names)
        self.nodes = nodes
        self.head = LinearDiscriminant(width, num_classes) if num_classes else nn.Identity()

    def fit(self, graph: Any, features: Any = None) -> NodeEmbedding:
        """Place the nodes of a graph and, where it has labels, fit the head; returns itself."""
        raise NotImplementedError

    def known_graph(self, graph: Any, features: Any = None) -> Graph:
        """Read a graph, features or not, and check that it is one for this module."""
        data = open_graph(graph, features)
        self.check_graph(data)
        return data

    def own_points(self) -> Tensor:
        """Return the points (n, k) of the graph that the module was fitted to."""
        raise NotImplementedError

    def graph_points(self, graph: Graph) -> Tensor:
        """Return the points (n, k) of a given graph."""
        raise NotImplementedError

    def link_scores(self, pairs: Tensor) -> Tensor:
        """Return how likely pairs (2, t) of the fitted graph's nodes are joined, as scores (t,)."""
        points = self.embed()
        return (points[pairs[0]] * points[pairs[1]]).sum(dim=1)

    @torch.no_grad()
    def embed(self, graph: Any = None, features: Any = None) -> Tensor:
        """Return the points (n, k) of the fitted graph's nodes, or of another graph's.

        `graph` is anything that `zoo_graphs.reading.read_graph` takes, with or without features,
        and `features` (n, p) where it does not bring its own; what another graph may be is said at
        each class. Of a split of a graph the points are those of its nodes. Raises `BadInput` where
        nothing was fitted yet, and for a graph that is malformed or cannot be embedded.
        """
        if graph is None:
            self.check_fitted()
            return self.own_points()
        if isinstance(graph, Split):
            points = self.graph_points(self.known_graph(graph.data, features))
            return points[torch.as_tensor(graph.indices).to(points.device)]
        return self.graph_points(self.known_graph(graph, features))

    def example_sources(self, seed: int = 0) -> list[Any]:
        """Return no source for `embed`: the fitted graph's nodes are what is at hand."""
        return []

    def predict(
        self,
        graph: Any = None,
        features: Any = None,
        *,
        give: str | None = None,
        nodes: int | Sequence[int] | None = None,
        top: int = 1,
    ) -> Any:
        """Tell the nodes' labels, their points, or what a structure-only method can see here.

        `graph` and `features` are as for `embed`; by default the graph is the one that the module
        was fitted to. `give` is "labels", "embedding" or "report" (see `diagnostics.diagnose`;
        needs the graph): by default labels where the module knows some, else the embedding. `nodes`
        are all unless chosen, and `top` is the number of labels per node, best first. Return rows
        `{"node", "label", "score"}` or `{"node", "embedding"}`, or the report. Raises `BadInput`
        for an option that is out of range, or a graph that is unusable.
        """
        give = give or ("labels" if self.num_classes else "embedding")
        if give == "report":
            return self.report(graph, features)
        if give == "embedding":
            points = self.embed(graph, features)
            chosen = _picked(nodes, len(points))
            return [
                {"node": node, "embedding": row}
                for node, row in zip(chosen, points[chosen].tolist(), strict=True)
            ]
        if give != "labels":
            raise BadInput(f"give is {give!r}; expected labels, embedding or report.")
        if not self.num_classes:
            raise BadInput(
                "this embedding was fitted to a graph without labels, so it knows none: ask for "
                "give='embedding', or fit it to a graph with labels."
            )
        return super().predict(graph, features, nodes=nodes, top=top)

    def report(self, graph: Any, features: Any = None) -> dict[str, Any]:
        """Tell what the points know beyond degrees; see `diagnostics.diagnose`.

        Raises `BadInput` as `embed` does, and when no graph is given.
        """
        if graph is None:
            raise BadInput(
                "a report needs the graph, which the module does not keep: give it, by name with "
                "zoo.dataset or as a file."
            )
        known = self.known_graph(graph, features)
        return diagnose(known, self.embed(known))

    def outputs(self, split: Split) -> Iterator[Mapping[str, Tensor]]:
        """Yield the logits (m, C) and the target (m,) of one split's nodes.

        Raises `BadInput` where module or data have no labels, for other classes, and another graph.
        """
        if not self.num_classes or split.data.labels is None:
            raise BadInput(
                "there are no labels to measure by: they are needed where the embedding is fitted "
                "and where it is measured."
            )
        yield from super().outputs(split)

    def own_logits(self) -> Tensor | None:
        """Return logits (n, C) of the fitted graph's nodes."""
        return self._read_out(self.embed())

    def check_fitted(self) -> None:
        """Raise `BadInput` before `fit`."""
        if not self.nodes:
            raise BadInput("this embedding has not seen a graph yet: call fit(graph) first.")

    def adopt(self, graph: Graph) -> None:
        """Take over what a graph says about nodes and classes, with a head that is not fitted."""
        labelled = graph.labels is not None and graph.num_classes > 1
        self.nodes = graph.num_nodes
        self.class_names = list(graph.class_names) if labelled else []
        self.num_classes = len(self.class_names)

    def fit_head(self, graph: Graph) -> None:
        """Fit the discriminant to the points of the labelled nodes, if there are labels."""
        if not self.num_classes:
            self.head = nn.Identity()
            return
        points = self.own_points()
        labels = torch.as_tensor(graph.labels, device=points.device).long()
        train = graph.masks.get("train", np.ones(graph.num_nodes, dtype=bool))
        if graph.unlabelled is not None:
            train = train & ~graph.unlabelled
        known = torch.as_tensor(train, device=points.device)
        if not known.any():
            raise BadInput(
                f"{graph.name} has labels, but no training node: give a train mask with a node at "
                "least, or leave the masks out."
            )
        head = LinearDiscriminant(points.shape[1], self.num_classes).to(points)
        self.head = head.fit(points[known], labels[known])

    def _graph_logits(self, graph: Any, features: Any) -> Tensor:
        return self._read_out(self.embed(graph, features))

    def _read_out(self, points: Tensor) -> Tensor:
        """Map points (n, k) to logits (n, C), or to themselves without a head."""
        logits: Tensor = self.head(points)
        return logits


def _picked(nodes: Any, count: int) -> list[int]:
    wanted = np.arange(count) if nodes is None else np.atleast_1d(np.asarray(nodes))
    whole = wanted.dtype.kind in "iu" or wanted.size == 0
    if not whole or wanted.ndim != 1 or not ((wanted >= 0) & (wanted < count)).all():
        raise BadInput(
            f"nodes is {nodes!r:.60}; expected a node's index or a list of indices from 0 to "
            f"{count - 1}, as [0, 5]."
        )
    return [int(node) for node in wanted]

"""Classification by the nearest reference graph in the distance of iterated degree measures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.graph_set_tensors import example_graphs, to_graphs, to_tensors
from zoo_graphs.reading import read_graphs

from zoo_core import BadInput, Split
from zoo_fine_grained_expressivity.data import labelled
from zoo_fine_grained_expressivity.idm.distance import MAX_MINUTES, between, check_kind
from zoo_fine_grained_expressivity.idm.measures import check_level

ROUNDING = 12
"""Distances that agree to so many decimals are ties."""


class IDMNearest(nn.Module):
    """A graph gets the class of the reference graph nearest to it; labels of nodes are not used.

    References are kept as graphs. Where the nearest ones are of several classes, as happens at
    distance 0 where 1-WL does not tell graphs of different classes apart, the first of these
    classes is taken.

    `num_classes` is C, `num_graphs` r, the references, and `num_edges` m, the edges of all of them;
    `class_names` are by class index, and by default the indices themselves. `level` is h of the
    distance, and `kind` "wasserstein" or "prokhorov".
    """

    edges: Tensor
    offsets: Tensor
    labels: Tensor

    def __init__(
        self,
        num_classes: int = 2,
        num_graphs: int = 2,
        num_edges: int = 0,
        class_names: list[str] | None = None,
        level: int = 3,
        kind: str = "wasserstein",
    ) -> None:
        super().__init__()
        names = [str(i) for i in range(num_classes)] if class_names is None else list(class_names)
        if len(names) != num_classes or num_classes < 2 or num_graphs < num_classes:
            raise ValueError(
                f"class_names has {len(names)} names for {num_classes} classes and {num_graphs} "
                "references; expected two classes or more, and a reference for each."
            )
        self.class_names = names
        self.level, self.kind = check_level(level), check_kind(kind)
        # Until references are kept, there are as many graphs of one node, the classes by turns.
        self.register_buffer("edges", torch.zeros(2, num_edges, dtype=torch.int64))
        self.register_buffer("offsets", torch.arange(num_graphs + 1))
        self.register_buffer("labels", torch.arange(num_graphs) % num_classes)

    def keep(self, graphs: GraphSet) -> None:
        """Make these labelled graphs the references; as many as the constructor was told of."""
        edges, offsets = to_tensors(graphs)
        self.edges.copy_(edges)
        self.offsets.copy_(offsets)
        self.labels.copy_(torch.from_numpy(np.asarray(graphs.labels)))

    def forward(self, edges: Tensor, offsets: Tensor) -> Tensor:
        """Return minus the distance to the nearest reference of each class, (g, C) float64.

        `edges` is (2, m) int64, undirected, in the numbering of the union of all graphs, and
        `offsets` (g + 1,) int64 says where each graph's nodes start. Raises `BadInput` for
        malformed graphs, or one without nodes.
        """
        return self.logits(self.distances(to_graphs(edges, offsets))).to(edges.device)

    def distances(
        self, graphs: GraphSet, workers: int = 1, max_minutes: float = math.inf
    ) -> np.ndarray:
        """Return the distances of graphs to the references, (g, r) float64."""
        return between(
            graphs,
            to_graphs(self.edges, self.offsets),
            self.level,
            self.kind,
            workers=workers,
            max_minutes=max_minutes,
        ).round(ROUNDING)

    def logits(self, distances: np.ndarray) -> Tensor:
        """Return minus the smallest distance by class, (g, C), of distances to the references."""
        labels = self.labels.cpu().numpy()
        columns = [
            distances[:, labels == label].min(axis=1, initial=1.0)
            for label in range(len(self.class_names))
        ]
        return -torch.from_numpy(np.stack(columns, axis=1))

    def predict(
        self, *sources: Any, workers: int = 1, max_minutes: float = MAX_MINUTES
    ) -> list[dict[str, Any]]:
        """Classify graphs, which are what `zoo_graphs.reading.read_graphs` takes.

        Rows are ``{"graph": i, "label": name, "distance": number, "reference": j, "margin":
        number}``: the first nearest reference of the class, and how much further the nearest one
        of another class is (0 for a tie). `workers` are processes, and
        `max_minutes` bounds the time, see `zoo_fine_grained_expressivity.idm.distance.pairwise`.
        Raises `BadInput` for no graph, or unusable ones.
        """
        if not sources:
            raise BadInput("No graph was given; give one or more.")
        distances = self.distances(
            read_graphs(*sources, node_label=None, edge_label=None), workers, max_minutes
        )
        labels = self.labels.cpu().numpy()
        rows = []
        for i, row in enumerate(-self.logits(distances).numpy()):
            label = int(row.argmin())
            inside = np.flatnonzero(labels == label)
            rows.append(
                {
                    "graph": i,
                    "label": self.class_names[label],
                    "distance": float(row[label]),
                    "reference": int(inside[distances[i, inside].argmin()]),
                    "margin": float(np.delete(row, label).min() - row[label]),
                }
            )
        return rows

    def outputs(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yield the "logits" (g, C) and classes (g,) as "target" of a split of a `GraphSet`, once.

        Raises `BadInput` for other data, or other classes.
        """
        graphs, labels = labelled(split, self.class_names)
        yield {"logits": self.logits(self.distances(graphs)), "target": labels}

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Return two small graphs for `forward`."""
        inputs: tuple[Tensor, ...] = to_tensors(example_graphs(seed, range(6, 8)))
        return inputs

"""Classification by homomorphism densities of trees: a fixed featuriser with a linear head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.graph_set_tensors import example_graphs, to_graphs, to_tensors
from zoo_graphs.reading import read_graphs

from zoo_core import BadInput, Split
from zoo_fine_grained_expressivity.data import labelled
from zoo_fine_grained_expressivity.trees.homomorphisms import all_trees, densities


class TreeHomClassifier(nn.Module):
    """A linear classifier on the densities of all trees up to a size; labels are not used.

    Densities of large trees are small: each is standardised by its mean and deviation over the
    training graphs, which are buffers.

    `num_classes` is C; `largest_tree` is the most nodes of a tree, 2 to 10 (there are 24 trees of 2
    to 7 nodes); `class_names` are by class index, and by default the indices themselves.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        num_classes: int = 2,
        largest_tree: int = 7,
        class_names: list[str] | None = None,
    ) -> None:
        super().__init__()
        names = [str(i) for i in range(num_classes)] if class_names is None else list(class_names)
        if len(names) != num_classes or num_classes < 2:
            raise ValueError(f"class_names has {len(names)} names for {num_classes} classes.")
        self.class_names = names
        self.trees = all_trees(largest_tree)
        if not self.trees:
            raise ValueError(f"largest_tree is {largest_tree}; expected 2 or more.")
        self.register_buffer("mean", torch.zeros(len(self.trees)))
        self.register_buffer("deviation", torch.ones(len(self.trees)))
        self.head = nn.Linear(len(self.trees), num_classes)

    def forward(self, edges: Tensor, offsets: Tensor) -> Tensor:
        """Return the logits of graphs, (g, C).

        `edges` is (2, m) int64, undirected, in the numbering of the union of all graphs, and
        `offsets` (g + 1,) int64 says where each graph's nodes start. Raises `BadInput` for
        malformed graphs, or one without nodes.
        """
        return self.logits(to_graphs(edges, offsets))

    def logits(self, graphs: GraphSet) -> Tensor:
        """Return the logits of graphs, (g, C)."""
        logits: Tensor = self.head(self.standardised(graphs))
        return logits

    def standardised(self, graphs: GraphSet) -> Tensor:
        """Return the standardised densities of the trees in graphs, (g, trees)."""
        found = torch.from_numpy(densities(graphs, self.trees)).to(self.mean.device)
        # Subtracted in float64: a density may differ from its mean in the last digits only.
        scaled = (found - self.mean.double()) / self.deviation.double()
        return scaled.to(self.head.weight.dtype)

    def embed(self, *sources: Any) -> Tensor:
        """Return the standardised densities of the trees in graphs, (g, trees).

        Sources are those of `predict`, or a split of a `GraphSet`. Raises `BadInput` as `predict`.
        """
        if not sources:
            raise BadInput("No graph was given; give one or more.")
        if len(sources) == 1 and isinstance(sources[0], Split):
            return self.standardised(sources[0].data.select(sources[0].indices))
        return self.standardised(read_graphs(*sources, node_label=None, edge_label=None))

    def example_sources(self, seed: int = 0) -> list[GraphSet]:
        """Return three small graphs, one by one, for `embed`."""
        several = example_graphs(seed, [5, 8, 6])
        return [several.select([place]) for place in range(several.num_graphs)]

    @torch.no_grad()
    def predict(self, *sources: Any) -> list[dict[str, Any]]:
        """Classify graphs, which are what `zoo_graphs.reading.read_graphs` takes.

        Rows are ``{"graph": i, "label": name, "score": probability}``. Raises `BadInput` for no
        graph, or unusable ones.
        """
        if not sources:
            raise BadInput("No graph was given; give one or more.")
        scores = self.logits(read_graphs(*sources, node_label=None, edge_label=None)).softmax(dim=1)
        return [
            {"graph": i, "label": self.class_names[int(row.argmax())], "score": float(row.max())}
            for i, row in enumerate(scores)
        ]

    def outputs(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yield the "logits" (g, C) and classes (g,) as "target" of a split of a `GraphSet`, once.

        Raises `BadInput` for other data, or other classes.
        """
        graphs, labels = labelled(split, self.class_names)
        logits = self.logits(graphs)
        yield {"logits": logits, "target": labels.to(logits.device)}

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Return six small graphs for `forward`."""
        inputs: tuple[Tensor, ...] = to_tensors(example_graphs(seed, range(6, 12)))
        return inputs

"""The distances as a module: nothing is fitted, and two graphs are compared level by level."""

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
from zoo_fine_grained_expressivity.data import DistancePairs
from zoo_fine_grained_expressivity.idm.distance import (
    MAX_MINUTES,
    check_kind,
    distance,
    pairwise,
    profile,
)
from zoo_fine_grained_expressivity.idm.measures import check_level


class IDMDistance(nn.Module):
    """The distance of pairs of graphs by their iterated degree measures.

    `kind` is "wasserstein" (delta_W) or "prokhorov" (delta_P); `level` is h, and 1 compares the
    distributions of degrees.
    """

    def __init__(self, kind: str = "wasserstein", level: int = 3) -> None:
        super().__init__()
        self.kind, self.level = check_kind(kind), check_level(level)

    def forward(self, edges: Tensor, offsets: Tensor) -> Tensor:
        """Return the distance of each pair, (P,) float64; pair i is graphs 2i and 2i + 1.

        `edges` is (2, m) int64, undirected, in the numbering of the union of all graphs, and
        `offsets` (2 P + 1,) int64 says where each graph's nodes start. Raises `BadInput` for
        malformed graphs, an odd number of them, or one without nodes.
        """
        found = self.distances(to_graphs(edges, offsets))
        return torch.from_numpy(found).to(edges.device)

    def distances(self, graphs: GraphSet) -> np.ndarray:
        """Return what `forward` does, (P,) float64, for 2 P graphs."""
        if len(graphs) % 2:
            raise BadInput(
                f"There are {len(graphs)} graphs, and pairs need an even number; give two graphs "
                "for each pair."
            )
        pairs = [
            distance(graphs[i], graphs[i + 1], self.level, self.kind, max_minutes=math.inf)
            for i in range(0, len(graphs), 2)
        ]
        return np.array(pairs, dtype=np.float64)

    def predict(
        self,
        *sources: Any,
        level: int | None = None,
        kind: str | None = None,
        workers: int = 1,
        max_minutes: float = MAX_MINUTES,
    ) -> dict[str, Any] | list[dict[str, Any]]:
        """Return how far graphs are apart; labels of nodes and edges are not used.

        `sources` are two graphs or more, as `zoo_graphs.reading.read_graphs` takes them.
        For two graphs the answer has "level", the distances "wasserstein" and "prokhorov", each as
        a list over levels 1 to h, and "separated": the first level at which they are not 0, which
        is the round in which 1-WL with normalised masses tells the graphs apart, or None. For more
        graphs, or where a `kind` is asked for, it is a row ``{"first": i, "second": j, "distance":
        number}`` for each pair. `level` and `kind` are by default the module's; `workers` are
        processes, and `max_minutes` bounds the time, see
        `zoo_fine_grained_expressivity.idm.distance.pairwise`.

        Raises `BadInput` for fewer than two graphs, unusable ones, a level below 1, and an unknown
        kind.
        """
        level = check_level(self.level if level is None else level)
        if not sources:
            raise BadInput("No graph was given, and a distance is of two; give two or more.")
        graphs = read_graphs(*sources, node_label=None, edge_label=None)
        if len(graphs) < 2:
            raise BadInput("One graph was given, and a distance is of two; give a second one.")
        if len(graphs) == 2 and kind is None:
            found = profile(graphs, level, workers=workers, max_minutes=max_minutes)
            apart = [h for h, value in enumerate(found["wasserstein"], start=1) if value > 0]
            return {"level": level, **found, "separated": apart[0] if apart else None}
        table = pairwise(graphs, level, kind or self.kind, workers=workers, max_minutes=max_minutes)
        rows, columns = np.triu_indices(len(graphs), 1)
        return [
            {"first": i, "second": j, "distance": float(table[i, j])}
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        ]

    def outputs(self, split: Split) -> Iterator[dict[str, Tensor]]:
        """Yield distances as "prediction" and known ones as "target", (P,) float64, once.

        Raises `BadInput` for other data than `DistancePairs`, or another kind or level.
        """
        data = split.data
        if not isinstance(data, DistancePairs):
            raise BadInput(
                f"A distance is evaluated on pairs with known distances, not on a "
                f"{type(data).__name__}; use idm-closed-forms."
            )
        if (data.kind, data.level) != (self.kind, self.level):
            raise BadInput(
                f"The data are {data.kind} distances of level {data.level}, this model's are "
                f"{self.kind} ones of level {self.level}; give the data these options."
            )
        yield {
            "prediction": torch.from_numpy(self.distances(data.graphs)),
            "target": torch.from_numpy(data.distances),
        }

    def example_inputs(self, seed: int = 0) -> tuple[Tensor, ...]:
        """Return three pairs of small graphs for `forward`."""
        inputs: tuple[Tensor, ...] = to_tensors(example_graphs(seed, range(6, 12)))
        return inputs

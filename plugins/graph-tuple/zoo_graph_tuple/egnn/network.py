"""`EgnnNetwork`: EGNN-Gt, or one of the graphs that it is held against, with a head for clouds."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from zoo_core import BadInput
from zoo_graph_tuple.egnn.layer import EgnnGt, Near
from zoo_graph_tuple.pooling import mean_pool


class EgnnNetwork(nn.Module):
    """Clouds of points, with views of who is near whom, to numbers (B, outputs).

    A linear map of the points' features (the constant 1 by default), layers of `EgnnGt`, the mean
    over points, and an MLP. View k has the pairs with cutoffs[k - 1] < r <= cutoffs[k]; where
    `words` is "first" one view alone is used. Translations, rotations and reflections of a cloud
    leave the numbers as they are, as far as its box has that symmetry. Raises `BadInput` for sizes
    that leave nothing, and for cutoffs that do not grow.
    """

    def __init__(
        self,
        cutoffs: Sequence[float],
        outputs: int = 1,
        features: int = 1,
        hidden: int = 24,
        layers: int = 2,
        words: str | Sequence[Sequence[int]] = "crossed",
        centres: int = 16,
        edge_norm: bool = True,
        still: bool = True,
    ) -> None:
        super().__init__()
        if min(outputs, features, hidden, layers) < 1 or centres < 2:
            raise BadInput(
                f"outputs={outputs}, features={features}, hidden={hidden}, layers={layers}, "
                f"centres={centres}; expected 1 or more of each, and 2 centres."
            )
        self.cutoffs = tuple(float(one) for one in cutoffs)
        if not self.cutoffs or list(self.cutoffs) != sorted({*self.cutoffs, 0.0})[1:]:
            raise BadInput(f"cutoffs={list(cutoffs)}; expected positive distances that grow.")
        self.embedding = nn.Linear(features, hidden)
        self.layers = nn.ModuleList(
            EgnnGt(hidden, len(self.cutoffs), words, centres, edge_norm, still, place == layers - 1)
            for place in range(layers)
        )
        self.head = nn.Sequential(nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, outputs))

    def forward(
        self, features: Tensor, offsets: Tensor, views: Sequence[tuple[Tensor, Tensor]]
    ) -> Tensor:
        """Return numbers (B, outputs) of a batch of clouds.

        Cloud b has the points offsets[b] to offsets[b + 1] of `features` (n, f); each view is its
        edges (2, E) from sender to receiver, and the vectors (E, d) between them.
        """
        found: Tensor = self.head(self.pooled(features, offsets, views))
        return found

    def pooled(
        self, features: Tensor, offsets: Tensor, views: Sequence[tuple[Tensor, Tensor]]
    ) -> Tensor:
        """Return the mean states (B, hidden) of the clouds' points, before the head."""
        state = self.embedding(features)
        moved = features.new_zeros(len(features), views[0][1].shape[1])
        near = [
            Near(edges, vectors, degrees(edges, features), cutoff)
            for (edges, vectors), cutoff in zip(views, self.cutoffs, strict=False)
        ]
        for layer in self.layers:
            state, moved = layer(state, moved, near)
        return mean_pool(state, offsets)

    def fusion(self) -> list[dict[str, float]]:
        """Return for each layer the learned weight of each word, of states; none for one word."""
        return [
            {
                "".join(str(view + 1) for view in word): float(weight.detach())
                for word, weight in zip(layer.words, layer.of_states(), strict=True)
            }
            for layer in self.layers
            if isinstance(layer, EgnnGt) and layer.of_states is not None
        ]


def degrees(edges: Tensor, like: Tensor) -> Tensor:
    """Return how many edges (n,) each point receives, at least 1."""
    ones = like.new_ones(edges.shape[1])
    return like.new_zeros(len(like)).index_add(0, edges[1], ones).clamp_min(1)

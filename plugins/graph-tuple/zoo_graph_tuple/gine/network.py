"""`GineNetwork`: GINE-Gt, or one of the graphs that it is held against, with a head for graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from zoo_core import BadInput
from zoo_graph_tuple.gine.layer import Gine, GineGt, Read, apply
from zoo_graph_tuple.pooling import mean_pool


class GineNetwork(nn.Module):
    """Graphs of nodes with features (n, `features`), and views of their edges, to numbers (B, out).

    A linear encoder, `layers` of `GineGt`, each followed by layer normalisation and ReLU, the mean
    over nodes, and an MLP. With `plain` it is the paper's baseline on the first view: layers of
    GINE with one edge encoder for all, each followed by ReLU, without residual and normalisation.

    Works on any graphs: `graph_tuple` makes the views of a PyG graph. Raises `BadInput` for sizes
    that leave nothing.
    """

    def __init__(
        self,
        features: int,
        edge_features: int,
        outputs: int = 1,
        hidden: int = 64,
        layers: int = 2,
        views: int = 2,
        words: str | Sequence[Sequence[int]] = "crossed",
        tied: bool = False,
        plain: bool = False,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        if min(features, edge_features, outputs, hidden) < 1 or layers < 1:
            raise BadInput(
                f"features={features}, edge_features={edge_features}, outputs={outputs}, "
                f"hidden={hidden}, layers={layers}; expected 1 or more of each."
            )
        self.plain = plain
        self.encoder = nn.Linear(features, hidden)
        self.edge_encoder = nn.Linear(edge_features, hidden) if plain else None
        self.layers = nn.ModuleList(
            Gine(hidden, batch_norm)
            if plain
            else GineGt(hidden, edge_features, views, words, tied, batch_norm)
            for _ in range(layers)
        )
        self.norms = nn.ModuleList(
            nn.Identity() if plain else nn.LayerNorm(hidden) for _ in range(layers)
        )
        self.head = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, outputs))

    def forward(
        self,
        nodes: Tensor,
        offsets: Tensor,
        views: Sequence[tuple[Tensor, Any]],
        read: Read = apply,
    ) -> Tensor:
        """Return numbers (B, outputs) of a batch of graphs.

        Graph b has the nodes offsets[b] to offsets[b + 1] of `nodes` (n, features); each view is
        its edges (2, E), source and target, and their features (E, edge_features).
        """
        found: Tensor = self.head(self.pooled(nodes, offsets, views, read))
        return found

    def pooled(
        self,
        nodes: Tensor,
        offsets: Tensor,
        views: Sequence[tuple[Tensor, Any]],
        read: Read = apply,
    ) -> Tensor:
        """Return the mean states (B, hidden) of the graphs' nodes, before the head."""
        state = self.encoder(nodes)
        encoded = None if self.edge_encoder is None else read(self.edge_encoder, views[0][1])
        for layer, norm in zip(self.layers, self.norms, strict=True):
            if encoded is None:
                state = layer(state, views, read)
            else:
                state = layer(state, views[0][0], encoded)
            state = norm(state).relu()
        return mean_pool(state, offsets)

    def fusion(self) -> list[dict[str, float]]:
        """Return for each layer the learned weight of each word; none for a plain network."""
        return [
            {
                "".join(str(view + 1) for view in word): float(weight.detach())
                for word, weight in zip(layer.words, layer.weights, strict=True)
            }
            for layer in self.layers
            if isinstance(layer, GineGt)
        ]

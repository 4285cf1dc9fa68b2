"""`GineGt`: message passing in each view of a graph-tuple and in their compositions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from zoo_graph_tuple.words import paper_weights, words_of

Read = Callable[[nn.Linear, Any], Tensor]


def apply(linear: nn.Linear, rows: Tensor) -> Tensor:
    """Return a linear map of rows."""
    found: Tensor = linear(rows)
    return found


class Gine(nn.Module):
    """A graph isomorphism layer with edge features, GINE: f(h_i + sum_j ReLU(h_j + e_ij)).

    f is an MLP, H -> H -> H, with batch normalisation over nodes after its first linear map where
    `batch_norm` is (section 2 of Chen, Huang and Villar 2025, after Hu et al. 2020; epsilon is 0).
    """

    def __init__(self, hidden: int, batch_norm: bool = True) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(hidden, hidden),
            nn.BatchNorm1d(hidden) if batch_norm else nn.Identity(),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
        )

    def forward(self, state: Tensor, edges: Tensor, encoded: Tensor) -> Tensor:
        """Return (n, H) of states (n, H), edges (2, E) and their features (E, H)."""
        # index_select: its gradient is a sum over rows, many times cheaper than that of state[...].
        messages = state.index_select(0, edges[0]).add_(encoded).relu_()
        found: Tensor = self.mlp(state.index_add(0, edges[1], messages))
        return found


class GineGt(nn.Module):
    """One layer of GINE-Gt: h + sum over words w of c_w p_w, with learnable scalars c.

    p_(a) is a GINE of h in view a, and p_(a, b) a GINE of ReLU(p_(a)) in view b; each word has its
    own MLP, or with `tied` they share one. Edge features (E, `edge_features`) of a view are mapped
    to H channels by a linear map of that view. For `words` see `words_of`: any number of views,
    and the ablations without cross terms, or with one view.
    """

    def __init__(
        self,
        hidden: int,
        edge_features: int,
        views: int = 2,
        words: str | Sequence[Sequence[int]] = "crossed",
        tied: bool = False,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        self.words = words_of(views, words)
        self.encoders = nn.ModuleDict(
            {
                str(view): nn.Linear(edge_features, hidden)
                for view in sorted({word[-1] for word in self.words})
            }
        )
        kinds = 1 if tied else len(self.words)
        self.passes = nn.ModuleList(Gine(hidden, batch_norm) for _ in range(kinds))
        self.weights = nn.Parameter(paper_weights(self.words))

    def forward(
        self, state: Tensor, views: Sequence[tuple[Tensor, Any]], read: Read = apply
    ) -> Tensor:
        """Return states (n, H) of states (n, H) and views: edges (2, E) and features (E, a).

        `read` maps features by a view's linear map, where they are something other than rows.
        """
        encoded = {}
        for view, linear in self.encoders.items():
            assert isinstance(linear, nn.Linear)
            encoded[int(view)] = read(linear, views[int(view)][1])
        found: dict[tuple[int, ...], Tensor] = {}
        for place, word in enumerate(self.words):
            given = found[word[:-1]].relu() if word[:-1] else state
            gine = self.passes[min(place, len(self.passes) - 1)]
            found[word] = gine(given, views[word[-1]][0], encoded[word[-1]])
        return state + torch.einsum("w,wnh->nh", self.weights, torch.stack(list(found.values())))

"""Equivariant linear layers on coloured pairs: what coloured attention is held against."""

from __future__ import annotations

import torch
from einops import einsum, rearrange
from torch import Tensor, nn

from zoo_core import BadInput

MOST = 2**28
"""Numbers of the maps of all pairs of one layer."""


class LinearStack(nn.Module):
    """Layers h + ReLU(LayerNorm(W h + b)) whose linear maps commute with what keeps the colours.

        (W h + b)_i = sum_j W[c_ji] h_j + b[c_ii]

    has one matrix for each colour of ordered pairs, and one bias for each colour of points: every
    linear map that is equivariant to the colours' group, and no other (Maron et al. 2019,
    "Invariant and equivariant graph networks", for all permutations). A row of the table has the
    matrices and biases of all layers, `width` numbers; which tasks share nothing but what is
    outside of it. Raises `BadInput` for more than `MOST` numbers of a layer's maps.
    """

    def __init__(self, channels: int, layers: int, points: int) -> None:
        super().__init__()
        if (points * channels) ** 2 > MOST:
            raise BadInput(
                f"base='linear' with n={points} and hidden={channels} needs "
                f"{(points * channels) ** 2:,} weights a layer; up to {MOST:,} are held. Make "
                "hidden smaller, or take base='attention'."
            )
        self.channels, self.points = channels, points
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(layers))

    @property
    def width(self) -> int:
        """How many numbers a colour has."""
        return len(self.norms) * (self.channels + 1) * self.channels

    @torch.no_grad()
    def reset(self, table: Tensor) -> None:
        """Draw matrices from N(0, 1 / (n channels)), so that sums over n points keep their size."""
        table.normal_(std=(self.points * self.channels) ** -0.5)
        self._by_layer(table)[:, :, -1] = 0

    def forward(self, points: Tensor, table: Tensor, colours: Tensor) -> Tensor:
        """Return points (…, n, channels), of points, a table (r, width) and colours (…, n, n)."""
        for norm, weights in zip(self.norms, self._by_layer(table).unbind(1), strict=True):
            maps, biases = weights[:, :-1], weights[:, -1]
            sums = einsum(points, maps[colours], "... j c, ... j i c d -> ... i d")
            own = biases[colours.diagonal(dim1=-2, dim2=-1)]
            points = points + norm(sums + own).relu()
        return points

    def _by_layer(self, table: Tensor) -> Tensor:
        return rearrange(
            table, "r (layer c d) -> r layer c d", layer=len(self.norms), d=self.channels
        )

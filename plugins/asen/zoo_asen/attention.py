"""GATv2 on coloured pairs, dense and batched, or on the edges of one graph."""

from __future__ import annotations

import torch
from einops import einsum, rearrange
from torch import Tensor, nn
from torch.nn import functional

from zoo_core import BadInput

SLOPE = 0.2
"""Of the leaky rectifier in the scores."""


class ColouredGATv2(nn.Module):
    """Attention among n points whose scores see a feature of each pair's colour.

    With heads of d = channels / heads numbers,

        s_ij = a . LeakyReLU(W_l h_j + W_r h_i + W_e e_ij)
        out_i = sum_j softmax_j(s_ij) W_l h_j,

    heads side by side, plus a bias (Brody, Alon and Yahav 2022, "How attentive are graph attention
    networks?"). The pair of source j and target i has the colour ``colours[j, i]``, whose feature
    is a row of a table; what W_e makes of the table is computed once, not once a sample.

    What a point sends to itself has, with `self_loop` "mean", the mean of the features of all pairs
    that come in (the layer that the paper used does so, and the diagonal's colours are never
    looked at), and with "orbit" the feature of the diagonal's own colour. Raises `BadInput` for
    another `self_loop`, and for channels that heads do not divide.
    """

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        edge_channels: int | None = None,
        self_loop: str = "mean",
    ) -> None:
        super().__init__()
        if heads < 1 or channels < 1 or channels % heads:
            raise BadInput(f"{channels} channels do not divide among {heads} heads.")
        if self_loop not in ("mean", "orbit"):
            raise BadInput(f"self_loop={self_loop!r}; expected 'mean' or 'orbit'.")
        self.heads, self.self_loop = heads, self_loop
        self.source = nn.Linear(channels, channels)
        self.target = nn.Linear(channels, channels)
        self.edge = nn.Linear(edge_channels or channels, channels, bias=False)
        self.score = nn.Parameter(torch.empty(heads, channels // heads))
        self.bias = nn.Parameter(torch.zeros(channels))
        for linear in (self.source, self.target, self.edge):
            nn.init.xavier_uniform_(linear.weight)
        for linear in (self.source, self.target):
            nn.init.zeros_(linear.bias)
        nn.init.xavier_uniform_(self.score)

    def forward(
        self, points: Tensor, table: Tensor, colours: Tensor, edges: Tensor | None = None
    ) -> Tensor:
        """Return (…, n, channels) of points (…, n, channels).

        `table` (r, edge_channels) has the features of colours; `colours` (…, n, n) are broadcast
        over the points' batch. With `edges` (2, E), from sources to targets, a point sees along
        those and itself alone; colours are then (n, n), and pairs (i, i) among the edges do not
        count.
        """
        features = self.edge(table)
        sources, targets = self.source(points), self.target(points)
        if edges is None:
            return self._dense(sources, targets, features[colours.transpose(-1, -2)])
        return self._along(sources, targets, features, colours, edges)

    def _dense(self, sources: Tensor, targets: Tensor, pairs: Tensor) -> Tensor:
        """Attend among all pairs, whose features (…, i, j, channels) have the target first."""
        n = pairs.shape[-2]
        if self.self_loop == "mean":
            own = pairs.diagonal(dim1=-3, dim2=-2).transpose(-1, -2)
            mean = (pairs.sum(-2) - own) / max(n - 1, 1)
            here = torch.eye(n, dtype=torch.bool, device=pairs.device)[..., None]
            pairs = torch.where(here, mean[..., :, None, :], pairs)
        scores = self._scores(sources[..., None, :, :] + targets[..., :, None, :] + pairs)
        weights = rearrange(scores, "... i j head -> ... head i j").softmax(-1)
        values = rearrange(sources, "... j (head d) -> ... head j d", head=self.heads)
        return rearrange(weights @ values, "... head i d -> ... i (head d)") + self.bias

    def _along(
        self, sources: Tensor, targets: Tensor, features: Tensor, colours: Tensor, edges: Tensor
    ) -> Tensor:
        """Attend along edges, and to itself: softmax and sum over what comes in at each point."""
        n = sources.shape[-2]
        one, other = edges
        # What leads to itself is not taken out: sizes would depend on what the edges are.
        real = one != other
        pairs = features[colours[one, other]]
        if self.self_loop == "mean":
            counted = real.to(pairs.dtype)
            count = torch.zeros(n, dtype=pairs.dtype, device=pairs.device)
            count = count.index_add(0, other, counted)
            own = pairs.new_zeros(n, pairs.shape[-1]).index_add(0, other, counted[:, None] * pairs)
            own = own / count.clamp_min(1)[:, None]
        else:
            own = features[colours.diagonal()]
        here = torch.arange(n, device=edges.device)
        one, other = torch.cat([one, here]), torch.cat([other, here])
        absent = torch.cat([~real, torch.zeros_like(here, dtype=torch.bool)])
        pairs = torch.cat([pairs, own])
        scores = self._scores(sources[..., one, :] + targets[..., other, :] + pairs)
        scores = scores.masked_fill(absent[:, None], float("-inf"))
        # The largest score at each target is taken off, so that no exponential overflows.
        most = scores.new_full((*scores.shape[:-2], n, self.heads), float("-inf"))
        place = other[:, None].expand(scores.shape)
        most = most.scatter_reduce(-2, place, scores.detach(), "amax")
        powers = (scores - most[..., other, :]).exp()
        total = torch.zeros_like(most).index_add(-2, other, powers)
        weights = powers / total[..., other, :]
        values = rearrange(sources[..., one, :], "... (head d) -> ... head d", head=self.heads)
        sent = rearrange(weights[..., None] * values, "... head d -> ... (head d)")
        return torch.zeros_like(sources).index_add(-2, other, sent) + self.bias

    def _scores(self, sums: Tensor) -> Tensor:
        """Return scores (…, heads) of sums (…, channels)."""
        # One product with a block-diagonal matrix (heads, channels) copies no sums.
        one_head = torch.eye(self.heads, dtype=self.score.dtype, device=self.score.device)
        blocks = einsum(self.score, one_head, "head d, head k -> k head d").flatten(1)
        return functional.linear(functional.leaky_relu(sums, SLOPE), blocks)


class ColouredStack(nn.Module):
    """Layers h + ReLU(LayerNorm(Linear(GATv2(h)))) that share one table of colours."""

    def __init__(
        self,
        channels: int,
        layers: int = 4,
        heads: int = 8,
        edge_channels: int | None = None,
        self_loop: str = "mean",
    ) -> None:
        super().__init__()
        self.attention = nn.ModuleList(
            ColouredGATv2(channels, heads, edge_channels, self_loop) for _ in range(layers)
        )
        self.update = nn.ModuleList(
            nn.Sequential(nn.Linear(channels, channels), nn.LayerNorm(channels), nn.ReLU())
            for _ in range(layers)
        )

    def forward(
        self, points: Tensor, table: Tensor, colours: Tensor, edges: Tensor | None = None
    ) -> Tensor:
        """Return points (…, n, channels), as `ColouredGATv2` takes them, after all layers."""
        for attention, update in zip(self.attention, self.update, strict=True):
            points = points + update(attention(points, table, colours, edges))
        return points

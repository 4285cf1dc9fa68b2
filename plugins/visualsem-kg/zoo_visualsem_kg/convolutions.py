"""Messages over a graph's edges: GraphSAGE with the "gcn" aggregator, and graph attention.

`edges` are (2, E), from sources to targets; multi-edges count separately.
"""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

SLOPE = 0.01
"""Of the leaky ReLU in attention: the official code's, not GAT's usual 0.2."""


def message_edges(triples: Tensor, both_ways: bool = True) -> Tensor:
    """Return the edges of triples (m, 3), head to tail, and back again with `both_ways`."""
    forward = triples[:, [0, 2]].T
    return torch.cat([forward, forward.flip(0)], 1) if both_ways else forward


class SageConv(nn.Module):
    """m_i = (h_i + sum of h_j over in-neighbours) / (their number + 1), and W m + b."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)

    def forward(self, h: Tensor, edges: Tensor) -> Tensor:
        """Return (n, outputs)."""
        source, target = edges
        total = h.index_add(0, target, h[source])
        ones = h.new_ones(len(h), 1)
        count = ones.index_add(0, target, h.new_ones(edges.shape[1], 1))
        found: Tensor = self.linear(total / count)
        return found


class AttentionConv(nn.Module):
    """Heads side by side: z = W h, weights softmax_j LeakyReLU(a [z_j ; z_i]), their sum of z_j.

    An entity without in-neighbours has the vector 0, unless there are self-loops among the edges.
    `h` is (n, inputs), or (n, heads, inputs) where each head has vectors of its own.
    """

    def __init__(self, inputs: int, outputs: int, heads: int = 1) -> None:
        super().__init__()
        self.heads = heads
        self.weight = nn.Parameter(torch.empty(heads, inputs, outputs))
        self.attend = nn.Parameter(torch.empty(heads, 2, outputs))
        for tensor in (self.weight, self.attend):
            nn.init.xavier_normal_(tensor, gain=2**0.5)

    def attention(self, z: Tensor, edges: Tensor) -> Tensor:
        """Return the weights (E, heads), which sum to 1 over each target's edges."""
        source, target = edges
        from_source, from_target = ((z * self.attend[:, side]).sum(-1) for side in (0, 1))
        logits = functional.leaky_relu(from_source[source] + from_target[target], SLOPE)
        # Any constant for each target leaves the softmax; the largest logit keeps it finite.
        highest = torch.full_like(from_target, -torch.inf).scatter_reduce(
            0, target[:, None].expand_as(logits), logits.detach(), "amax"
        )
        share = (logits - highest[target]).exp()
        total = torch.zeros_like(from_target).index_add(0, target, share)
        return share / total[target]

    def forward(self, h: Tensor, edges: Tensor) -> Tensor:
        """Return (n, heads * outputs)."""
        if h.dim() == 2:
            h = h[:, None].expand(-1, self.heads, -1)
        z = torch.einsum("nhi,hio->nho", h, self.weight)
        weights = self.attention(z, edges)
        source, target = edges
        found = torch.zeros_like(z).index_add(0, target, weights[..., None] * z[source])
        return rearrange(found, "n h o -> n (h o)")


class SageEncoder(nn.Module):
    """Two layers with dropout on their inputs, ReLU between them; with `skip`, h + h0."""

    def __init__(self, dim: int, dropout: float, skip: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleList([SageConv(dim, dim), SageConv(dim, dim)])
        self.dropout, self.skip = dropout, skip

    @torch.no_grad()
    def add_identity(self) -> None:
        """Add the identity to each layer's weight, so that vectors begin as means of others."""
        for layer in self.layers:
            assert isinstance(layer, SageConv)
            layer.linear.weight.add_(torch.eye(*layer.linear.weight.shape))

    def forward(self, h0: Tensor, edges: Tensor) -> Tensor:
        """Return (n, d)."""
        h = h0
        for number, layer in enumerate(self.layers):
            h = functional.dropout(h, self.dropout, self.training)
            h = layer(h, edges)
            if number == 0:
                h = h.relu()
        return h + h0 if self.skip else h


class AttentionEncoder(nn.Module):
    """Two heads, concatenated, ELU, then one head; with `skip`, h + h0.

    With `self_loops` every entity attends to itself too. The official layout has none, and
    vectors of its own for each head: h0 is then (n, 2, d).
    """

    HEADS = 2

    def __init__(self, dim: int, dropout: float, skip: bool, self_loops: bool) -> None:
        super().__init__()
        self.first = AttentionConv(dim, dim, self.HEADS)
        self.second = AttentionConv(self.HEADS * dim, dim)
        self.dropout, self.skip, self.self_loops = dropout, skip, self_loops

    def forward(self, h0: Tensor, edges: Tensor) -> Tensor:
        """Return (n, d)."""
        if self.self_loops:
            own = torch.arange(len(h0), device=h0.device)
            edges = torch.cat([edges, own.expand(2, -1)], 1)
        h = functional.dropout(h0, self.dropout, self.training)
        h = functional.elu(self.first(h, edges))
        found: Tensor = self.second(functional.dropout(h, self.dropout, self.training), edges)
        return found + h0 if self.skip else found

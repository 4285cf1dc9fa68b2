"""What a recurrent network on a road graph is made of: diffusion, weights by cluster, the unit.

Nodes stand in front, (N, B, channels), cluster after cluster: both supports act by one sparse
product on (N, B * channels), and the weights of a cluster by one dense product.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from zoo_signals.sensors import transitions

SUPPORTS = 2
"""Along the edges, and against them."""


class Diffusion:
    """What signals (N, B, d) become on a directed graph in up to `steps` steps both ways.

    With S_1 = (D_out^-1 A)^T and S_2 = (D_in^-1 A^T)^T these are z, then for each support S z and,
    by Chebyshev's recursion from z anew, 2 S (S z) - z and so on: (N, B, (1 + 2 steps) d).
    """

    def __init__(self, edges: Tensor, weights: Tensor, nodes: int, steps: int) -> None:
        self.nodes, self.steps = nodes, steps
        along, against = transitions(edges, weights, nodes)
        # One matrix (2 N, N) for both: its rows sorted, as a sparse product needs them.
        receivers = torch.cat([edges[1], edges[0] + nodes])
        order = receivers.argsort(stable=True)
        self.values = torch.cat([along, against])[order]
        senders = torch.cat([edges[0], edges[1]])[order]
        rows = SUPPORTS * nodes
        counts = receivers.new_zeros(rows).index_add(0, receivers, torch.ones_like(receivers))
        self.offsets = (counts.cumsum(0) - counts).int()
        self.first = senders.int()
        self.further = (senders + nodes * (receivers[order] >= nodes)).int()

    def __call__(self, signals: Tensor) -> Tensor:
        """Return (N, B, (1 + 2 steps) d) of signals (N, B, d)."""
        parts = [signals]
        if self.steps:
            before = signals.repeat(SUPPORTS, 1, 1) if self.steps > 1 else signals
            now = self._sent(self.first, signals)
            parts += now.chunk(SUPPORTS)
            for _ in range(1, self.steps):
                before, now = now, 2 * self._sent(self.further, now) - before
                parts += now.chunk(SUPPORTS)
        return torch.cat(parts, -1)

    def _sent(self, senders: Tensor, signals: Tensor) -> Tensor:
        found = functional.embedding_bag(
            senders,
            signals.flatten(1),
            self.offsets,
            mode="sum",
            per_sample_weights=self.values.to(signals.dtype),
        )
        return found.view(-1, *signals.shape[1:])


class ClusteredLinear(nn.Module):
    """A linear map of the channels of each node, by the weights of its cluster.

    `weight` (K, in, out) and `bias` (K, out): all clusters begin with the same values, drawn as
    Xavier's normal, and 0. `tied` clusters have one weight, and biases of their own.
    """

    def __init__(self, clusters: int, in_channels: int, out_channels: int, tied: bool) -> None:
        super().__init__()
        first = torch.empty(1, in_channels, out_channels)
        nn.init.xavier_normal_(first[0])
        self.weight = nn.Parameter(first if tied else first.repeat(clusters, 1, 1))
        self.bias = nn.Parameter(torch.zeros(clusters, out_channels))

    def forward(self, signals: Tensor, sizes: Sequence[int]) -> Tensor:
        """Return (N, B, out) of signals (N, B, in), whose nodes stand cluster after cluster.

        `sizes` are how many nodes each of the K clusters has.
        """
        parts = zip(
            torch.split(signals, list(sizes)),
            self.weight.expand(len(sizes), -1, -1),
            self.bias,
            strict=True,
        )
        found = [
            torch.addmm(bias, part.flatten(0, 1), weight).view(*part.shape[:2], -1)
            for part, weight, bias in parts
        ]
        return torch.cat(found)


class DiffusionCell(nn.Module):
    """A gated recurrent unit whose candidate state looks at the graph.

        r, u = sigmoid([x, h] W + b),  c = tanh(D([x, r h]) W_k + b_k),  h' = u h + (1 - u) c,

    where D is `Diffusion` and k the node's cluster. The gates see each node alone, and begin with
    biases of 1. Source: the paper's code for traffic, with weights that each cluster really has.
    """

    def __init__(self, clusters: int, channels: int, hidden: int, steps: int, tied: bool) -> None:
        super().__init__()
        width = channels + hidden
        self.gates = nn.Linear(width, 2 * hidden)
        nn.init.xavier_normal_(self.gates.weight)
        nn.init.ones_(self.gates.bias)
        self.candidate = ClusteredLinear(clusters, (1 + SUPPORTS * steps) * width, hidden, tied)

    def forward(
        self, inputs: Tensor, state: Tensor, diffusion: Diffusion, sizes: Sequence[int]
    ) -> Tensor:
        """Return the next state (N, B, hidden); `sizes` are those of the clusters."""
        gates = self.gates(torch.cat([inputs, state], -1)).sigmoid()
        reset, update = gates.chunk(2, -1)
        seen = diffusion(torch.cat([inputs, reset * state], -1))
        candidate = self.candidate(seen, sizes).tanh()
        return torch.lerp(candidate, state, update)

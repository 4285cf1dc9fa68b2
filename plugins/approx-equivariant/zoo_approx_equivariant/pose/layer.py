"""The layer of G-SemGCN: an equivariant map, an operation of the graph, and a bias."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import zoo_symmetry as zs
from einops import einsum
from numpy.typing import NDArray
from torch import Tensor, nn

from zoo_approx_equivariant.pose.maps import (
    FreeMap,
    IsotypicMap,
    NodeMap,
    RelaxedMap,
    SymmetricMap,
)
from zoo_core import BadInput

GROUPS = ("S_N", "relaxed", "Aut", "trivial")
OPERATIONS = ("none", "gc", "self", "full", "pt")
_ABSENT = -1.0
"""The logit of what is no edge, where weights point along the graph."""


def node_map(
    group: str,
    nodes: int,
    in_channels: int,
    out_channels: int,
    generators: Sequence[Sequence[int]] = (),
) -> NodeMap:
    """Return the linear maps of one of `GROUPS`; "Aut" is the group that `generators` generate."""
    if group == "Aut":
        return IsotypicMap(nodes, in_channels, out_channels, generators)
    kinds: dict[str, type[NodeMap]] = {
        "S_N": SymmetricMap,
        "relaxed": RelaxedMap,
        "trivial": FreeMap,
    }
    if group not in kinds:
        raise BadInput(f"group={group!r}; expected one of {', '.join(GROUPS)}.")
    return kinds[group](nodes, in_channels, out_channels)


class GraphLayer(nn.Module):
    """h = f(x), then an operation of the graph on h, and a bias (out,) that all nodes share.

    `adjacency` (N, N) says where edges are; every node is its own neighbour too. `operation` is

    - "none": h as it is.
    - "gc": h <- A h, with A the adjacency with self-loops, each row divided by its sum.
    - "full": h <- A h, with A[n] the softmax of learnt logits over the neighbours of n (the edge
      weights that the paper describes).
    - "self": h[n] <- A[n, n] h[n] with the same A: nothing comes from neighbours. It is what the
      paper's released code computes.
    - "pt": the matrix of f from node m to node n is multiplied by the softmax over all m of a
      learnt logit on edges, and -1 elsewhere: weights point along the graph.

    Logits begin at 1. They are tied along the orbits of `tied`, generators of a group, on pairs of
    nodes, so that with those of the group of f the whole layer commutes with it; without any, each
    entry has its own. Raises `BadInput` for an adjacency or a permutation that is none, and for
    permutations that do not keep the edges, where the operation uses them.
    """

    places: Tensor
    edges: Tensor

    def __init__(
        self,
        adjacency: NDArray[np.float64],
        in_channels: int,
        out_channels: int,
        group: str = "Aut",
        generators: Sequence[Sequence[int]] = (),
        operation: str = "self",
        tied: Sequence[Sequence[int]] = (),
    ) -> None:
        super().__init__()
        nodes = len(adjacency)
        if operation not in OPERATIONS:
            raise BadInput(f"graph_op={operation!r}; expected one of {', '.join(OPERATIONS)}.")
        self.operation = operation
        self.map = node_map(group, nodes, in_channels, out_channels, generators)
        edges = np.asarray(adjacency) + np.eye(nodes) > 0
        if operation != "none":
            kept = zs.PermutationGroup(nodes, tuple(map(tuple, tied)))
            if any((edges[np.ix_(one, one)] != edges).any() for one in kept.images):
                raise BadInput(
                    f"A generator does not keep the edges of the graph, so that graph_op="
                    f"{operation!r} would break its symmetry; give graph_op='none', or "
                    "automorphisms."
                )
            if operation != "gc":
                orbits = zs.orbits(kept)[edges]
                _, places = np.unique(orbits, return_inverse=True)
                self.logits = nn.Parameter(torch.ones(int(places.max()) + 1))
                self.register_buffer("places", torch.from_numpy(places.ravel()), persistent=False)
        rows, columns = np.nonzero(edges)
        self.register_buffer("edges", torch.from_numpy(np.stack([rows, columns])), persistent=False)
        self.bias = nn.Parameter(torch.empty(out_channels))
        nn.init.uniform_(self.bias, -(out_channels**-0.5), out_channels**-0.5)

    def forward(self, signals: Tensor) -> Tensor:
        """Return (B, N, out) of signals (B, N, in)."""
        if self.operation == "pt":
            # Receiver first in the weights along the graph, sender first in those of the map.
            matrix = self.map.dense() * self.adjacency().T[..., None, None]
            hidden: Tensor = einsum(signals, matrix, "b m i, m n i o -> b n o")
            return hidden + self.bias
        hidden = self.map(signals)
        if self.operation == "self":
            hidden = hidden * self.adjacency().diagonal()[:, None]
        elif self.operation != "none":
            hidden = self.adjacency() @ hidden
        return hidden + self.bias

    def adjacency(self) -> Tensor:
        """Return what weighs nodes (N, N), receiver first: each row sums to 1."""
        rows, columns = self.edges
        like, nodes = self.bias, self.map.nodes
        if self.operation in ("none", "gc"):
            here = like.new_zeros(nodes, nodes)
            here = here.index_put((rows, columns), like.new_ones(len(rows)))
            return here / here.sum(1, keepdim=True)
        absent = _ABSENT if self.operation == "pt" else float("-inf")
        logits = like.new_full((nodes, nodes), absent)
        return logits.index_put((rows, columns), self.logits[self.places]).softmax(1)

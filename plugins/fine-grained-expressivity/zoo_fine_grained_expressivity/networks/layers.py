"""The layers of the networks: GIN, graph convolution, and the standardisation of embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

_SHARE = 1e-5
_MOMENTUM = 0.1


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The in-neighbours of n nodes, by edges (2, e) from source to target.

    Those of node v stand in `sources` (e,), in ascending order, from ``starts[v]`` on.
    """

    edges: Tensor
    num_nodes: int

    @cached_property
    def sources(self) -> Tensor:
        """The neighbours of all nodes, one node after the other."""
        source, target = self.edges[0], self.edges[1]
        return source[torch.argsort(target * self.num_nodes + source)]

    @cached_property
    def starts(self) -> Tensor:
        """Where the neighbours of each node start."""
        target = self.edges[1]
        # Not bincount, whose result has a shape that depends on the numbers.
        degrees = target.new_zeros(self.num_nodes).index_add(0, target, torch.ones_like(target))
        return degrees.cumsum(0) - degrees

    @cached_property
    def reversed(self) -> Neighbours:
        """The neighbours along the edges' opposite direction."""
        return Neighbours(self.edges.flip(0), self.num_nodes)

    def sum(self, x: Tensor) -> Tensor:
        """Return the sum of each node's neighbours, (n, F), of node rows (n, F).

        As fast as a product with the sparse adjacency matrix, and several times as fast as
        index_add.
        """
        total: Tensor = _Sum.apply(x, self)
        return total


class _Sum(torch.autograd.Function):
    """Sums over neighbours; the gradient is one over those in the opposite direction.

    embedding_bag's own gradient takes several times as long.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, neighbours: Neighbours) -> Tensor:
        ctx.neighbours = neighbours
        return embedding_bag(neighbours.sources, x, neighbours.starts, mode="sum")

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return ctx.neighbours.reversed.sum(gradient.contiguous()), None


class GINLayer(nn.Module):
    """MLP((1 + eps) x + sum of the neighbours), eps learned from 0."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.eps = nn.Parameter(torch.zeros(1))
        self.mlp = nn.Sequential(
            nn.Linear(width, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.BatchNorm1d(hidden),
        )

    def forward(self, x: Tensor, neighbours: Neighbours) -> Tensor:
        """Return (n, H) from node rows (n, F)."""
        result: Tensor = self.mlp((1 + self.eps) * x + neighbours.sum(x))
        return result


class GCLayer(nn.Module):
    """W_rel (sum of the neighbours) + b + W_root x, without a nonlinearity."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.relation = nn.Linear(width, hidden)
        self.root = nn.Linear(width, hidden, bias=False)

    def forward(self, x: Tensor, neighbours: Neighbours) -> Tensor:
        """Return (n, H) from node rows (n, F)."""
        result: Tensor = self.relation(neighbours.sum(x)) + self.root(x)
        return result


class Standardisation(nn.Module):
    """Each unit of an embedding minus its mean, divided by its standard deviation.

    As BatchNorm1d without affine parameters, but the constant beside the variance is a share of
    the mean variance: size-normalised embeddings scale as n^-L, where BatchNorm's absolute one
    drowns the variance, and with none a unit that is constant in training explodes on new graphs.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(hidden))
        self.register_buffer("variance", torch.ones(hidden))

    def forward(self, embeddings: Tensor) -> Tensor:
        """Return (g, H) of (g, H): by batch statistics in training mode, else by stored ones."""
        mean, variance = self.mean, self.variance
        if self.training:
            mean, variance = embeddings.mean(dim=0), embeddings.var(dim=0, correction=0)
            with torch.no_grad():
                self.mean.lerp_(mean, _MOMENTUM)
                self.variance.lerp_(variance, _MOMENTUM)
        least = torch.finfo(variance.dtype).tiny
        return (embeddings - mean) * (variance + _SHARE * variance.mean() + least).rsqrt()

    @torch.no_grad()
    def store(self, embeddings: Tensor) -> None:
        """Store the statistics of embeddings (g, H)."""
        self.mean.copy_(embeddings.mean(dim=0))
        self.variance.copy_(embeddings.var(dim=0, correction=0))


CONVOLUTIONS: dict[str, type[nn.Module]] = {"gin": GINLayer, "gc": GCLayer}

"""Linear layers that commute with a group of permutations of the nodes of one fixed graph.

Signals are (B, N, d): B signals on N nodes with d channels. What the layers compute inside has the
nodes in front, (N, B, d), where sums over clusters run through contiguous memory; networks turn
their signals once, and call `nodes_first`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np
import torch
import zoo_symmetry as zs
from torch import Tensor, nn

from zoo_approx_equivariant.coarsening import Labels, as_labels, refines
from zoo_core import BadInput

MOST_ORBITS = 400
"""Nodes of a graph whose pairs are listed: the weights of each channel are then (N, N)."""


class NodeLayer(nn.Module):
    """A linear map of signals (B, N, in) to (B, N, out), written with the nodes in front."""

    bias: nn.Parameter
    in_channels: int
    out_channels: int
    nodes: int

    def forward(self, signals: Tensor) -> Tensor:
        """Return (B, N, out) of signals (B, N, in)."""
        return self.nodes_first(signals.transpose(0, 1)).transpose(0, 1)

    def nodes_first(self, signals: Tensor) -> Tensor:
        """Return (N, B, out) of signals (N, B, in)."""
        raise NotImplementedError

    def dense(self) -> Tensor:
        """Return the weights as one matrix a pair of channels: (out, in, N, N)."""
        raise NotImplementedError

    def reset_parameters(self) -> None:
        """Draw everything from U(-s, s) with s = 1 / sqrt(out): by fan-out, as published."""
        bound = self.out_channels**-0.5
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)


class CoarsenedLinear(NodeLayer):
    """All linear maps that commute with permutations within clusters of the nodes.

        y[n] = W_diag[k(n)] x[n] + (1 / N) sum_l W_off[k(n), l] S[l] + b,

    where k(n) is the cluster of node n and S[l] the sum of x over cluster l. `clusters` names the
    cluster of each node: any partition, of unequal sizes, with single nodes. `coarse` are further
    permutations of whole clusters, as lists of images; they tie the weights of the clusters, and
    pairs of clusters, that they take to each other (mirrored patches, say).

    The weights are w_diag (out, in, K) and w_off (out, in, K, K), receiver first; with `coarse`
    the last axes are its orbits on clusters and on pairs. The bias (out,) is the same on all nodes.
    Raises `BadInput` for labels that are none, and for permutations of clusters of unequal sizes.
    """

    labels: Tensor

    def __init__(
        self,
        clusters: Sequence[Any],
        in_channels: int = 1,
        out_channels: int = 1,
        coarse: Sequence[Sequence[int]] = (),
    ) -> None:
        super().__init__()
        self.partition: Labels = as_labels(clusters)
        self.nodes, count = len(self.partition), int(self.partition.max()) + 1
        self.in_channels, self.out_channels, self.clusters = in_channels, out_channels, count
        self.coarse = zs.PermutationGroup(count, tuple(map(tuple, coarse)))
        _check_sizes(self.partition, self.coarse)
        self.register_buffer("labels", torch.from_numpy(self.partition.copy()), persistent=False)
        pair = (out_channels, in_channels)
        diag: tuple[int, ...] = (count,)
        off: tuple[int, ...] = (count, count)
        self.tied = bool(self.coarse.generators)
        if self.tied:
            places = zs.orbits(self.coarse, 1), zs.orbits(self.coarse, 2)
            for name, table in zip(("diag_orbits", "off_orbits"), places, strict=True):
                self.register_buffer(name, torch.from_numpy(table.ravel()), persistent=False)
            diag, off = ((int(table.max()) + 1,) for table in places)
        self.w_diag = nn.Parameter(torch.empty(*pair, *diag))
        self.w_off = nn.Parameter(torch.empty(*pair, *off))
        self.bias = nn.Parameter(torch.empty(out_channels))
        self.reset_parameters()

    def weights(self) -> tuple[Tensor, Tensor]:
        """Return the weights of each cluster (out, in, K) and of each pair (out, in, K, K)."""
        if not self.tied:
            return self.w_diag, self.w_off
        places: dict[str, Any] = dict(self.named_buffers())
        off = self.w_off.index_select(2, places["off_orbits"])
        return (
            self.w_diag.index_select(2, places["diag_orbits"]),
            torch.unflatten(off, 2, (self.clusters, self.clusters)),
        )

    def nodes_first(self, signals: Tensor) -> Tensor:
        """Return (N, B, out) of signals (N, B, in)."""
        diag, off = self.weights()
        empty = signals.new_zeros(self.clusters, *signals.shape[1:])
        sums = empty.index_add(0, self.labels, signals) / self.nodes
        far = torch.einsum("oikl,lbi->kbo", off, sums) + self.bias
        near = diag.permute(2, 1, 0).index_select(0, self.labels)
        return torch.baddbmm(far.index_select(0, self.labels), signals, near)

    def dense(self) -> Tensor:
        """Return the weights as one matrix a pair of channels: (out, in, N, N)."""
        diag, off = self.weights()
        spread = off[:, :, self.labels][..., self.labels] / self.nodes
        return spread + torch.diag_embed(diag[:, :, self.labels])

    def group(self) -> zs.PermutationGroup:
        """Return the permutations of the nodes that it commutes with."""
        within = zs.young(self.partition.tolist())
        members = [np.flatnonzero(self.partition == k) for k in range(self.clusters)]
        whole = []
        for generator in self.coarse.generators:
            images = np.empty(self.nodes, np.intp)
            for cluster, image in enumerate(generator):
                images[members[cluster]] = members[image]
            whole.append(tuple(images.tolist()))
        return zs.PermutationGroup(self.nodes, (*within.generators, *whole))

    @torch.no_grad()
    def refined(self, clusters: Sequence[Any]) -> CoarsenedLinear:
        """Return the layer of a finer partition that computes the same.

        Raises `BadInput` for a partition whose clusters do not lie within those here.
        """
        fine = CoarsenedLinear(clusters, self.in_channels, self.out_channels)
        if fine.nodes != self.nodes or not refines(fine.partition, self.partition):
            raise BadInput(
                "The clusters are no finer than the layer's: each has to lie within one of its "
                "clusters."
            )
        first = np.unique(fine.partition, return_index=True)[1]
        above = torch.from_numpy(self.partition[first])
        diag, off = self.weights()
        fine.w_diag.copy_(diag[:, :, above])
        fine.w_off.copy_(off[:, :, above][..., above])
        fine.bias.copy_(self.bias)
        return fine


class OrbitLinear(NodeLayer):
    """All linear maps that commute with any group of permutations, by its orbits on pairs of nodes.

    `generators` are permutations of the nodes, as lists of images; there is a weight (out, in) for
    each orbit on ordered pairs (n, n'), and the sum over n' is divided by N for pairs of different
    nodes, as in `CoarsenedLinear`. The matrix of each channel is (N, N), so that it is for graphs
    of few nodes. Raises `BadInput` for permutations that are none, and for too many nodes.
    """

    orbits: Tensor

    def __init__(
        self,
        nodes: int,
        generators: Sequence[Sequence[int]] = (),
        in_channels: int = 1,
        out_channels: int = 1,
    ) -> None:
        super().__init__()
        if nodes > MOST_ORBITS:
            raise BadInput(
                f"A general group on {nodes} nodes needs a table of all their pairs; up to "
                f"{MOST_ORBITS} nodes are listed. Give clusters instead."
            )
        self.nodes, self.in_channels, self.out_channels = nodes, in_channels, out_channels
        self.permutations = zs.PermutationGroup(nodes, tuple(map(tuple, generators)))
        table = zs.orbits(self.permutations)
        self.register_buffer("orbits", torch.from_numpy(table), persistent=False)
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, int(table.max()) + 1))
        self.bias = nn.Parameter(torch.empty(out_channels))
        self.reset_parameters()

    def nodes_first(self, signals: Tensor) -> Tensor:
        """Return (N, B, out) of signals (N, B, in)."""
        return torch.einsum("oinm,mbi->nbo", self.dense(), signals) + self.bias

    def dense(self) -> Tensor:
        """Return the weights as one matrix a pair of channels: (out, in, N, N)."""
        here = torch.eye(self.nodes, device=self.orbits.device, dtype=self.weight.dtype)
        scale = here + (1 - here) / self.nodes
        return self.weight[:, :, self.orbits] * scale

    def group(self) -> zs.PermutationGroup:
        """Return the permutations of the nodes that it commutes with."""
        return self.permutations


def through(layers: nn.ModuleList, signals: Tensor) -> Tensor:
    """Return (B, N, out) of signals (B, N, in): one layer after the other, with ReLU between."""
    hidden = signals.transpose(0, 1)
    # A list of modules does not tell their kind.
    for number, layer in enumerate(cast(Iterable[NodeLayer], layers)):
        if number:
            hidden = hidden.relu()
        hidden = layer.nodes_first(hidden)
    return hidden.transpose(0, 1)


def widths(in_channels: int, hidden: int, layers: int, out_channels: int) -> list[tuple[int, int]]:
    """Return the channels in and out of each layer; raises `BadInput` for none."""
    if layers < 1 or hidden < 1:
        raise BadInput(f"layers={layers}, hidden={hidden}; expected 1 or more of each.")
    steps = [in_channels, *[hidden] * (layers - 1), out_channels]
    return list(pairwise(steps))


def _check_sizes(partition: Labels, coarse: zs.PermutationGroup) -> None:
    sizes = np.bincount(partition)
    for generator in coarse.generators:
        moved = sizes[list(generator)]
        if not np.array_equal(moved, sizes):
            one = int(np.flatnonzero(moved != sizes)[0])
            raise BadInput(
                f"A permutation takes cluster {one} of {sizes[one]} nodes to cluster "
                f"{generator[one]} of {moved[one]}; only clusters of equal size change places."
            )

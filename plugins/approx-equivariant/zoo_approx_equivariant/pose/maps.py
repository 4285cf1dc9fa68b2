"""Linear maps of signals (B, N, in) to (B, N, out) that commute with a group, or nearly so.

Each knows its matrix, `dense` (N, N, in, out): first the node that sends, then the one that
receives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import zoo_symmetry as zs
from einops import einsum, rearrange
from numpy.typing import NDArray
from torch import Tensor, nn

from zoo_core import BadInput


class NodeMap(nn.Module):
    """A linear map, without bias, of signals on N nodes."""

    def __init__(self, nodes: int, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.nodes, self.in_channels, self.out_channels = nodes, in_channels, out_channels

    def forward(self, signals: Tensor) -> Tensor:
        """Return (B, N, out) of signals (B, N, in)."""
        raise NotImplementedError

    def dense(self) -> Tensor:
        """Return the matrix (N, N, in, out), sender first."""
        raise NotImplementedError

    def reset_parameters(self) -> None:
        """Draw the weights from U(-s, s), s = 1 / sqrt(N in)."""
        bound = (self.nodes * self.in_channels) ** -0.5
        for weight in self.parameters():
            nn.init.uniform_(weight, -bound, bound)


class SymmetricMap(NodeMap):
    """All maps that commute with S_N: y[j] = x[j] W_own + sum of the others' x W_other."""

    def __init__(self, nodes: int, in_channels: int, out_channels: int) -> None:
        super().__init__(nodes, in_channels, out_channels)
        self.own = nn.Parameter(torch.empty(in_channels, out_channels))
        self.other = nn.Parameter(torch.empty(in_channels, out_channels))
        self.reset_parameters()

    def forward(self, signals: Tensor) -> Tensor:
        """Return (B, N, out) of signals (B, N, in)."""
        return signals @ (self.own - self.other) + signals.sum(1, keepdim=True) @ self.other

    def dense(self) -> Tensor:
        """Return the matrix (N, N, in, out), sender first."""
        here = torch.eye(self.nodes, dtype=self.own.dtype, device=self.own.device)[..., None, None]
        return here * self.own + (1 - here) * self.other


class RelaxedMap(NodeMap):
    """The same with weights of each sender, W_own[j] and W_other[i].

    No group has it as its maps: it breaks the symmetry by as little as gives every node a name.
    """

    def __init__(self, nodes: int, in_channels: int, out_channels: int) -> None:
        super().__init__(nodes, in_channels, out_channels)
        self.own = nn.Parameter(torch.empty(nodes, in_channels, out_channels))
        self.other = nn.Parameter(torch.empty(nodes, in_channels, out_channels))
        self.reset_parameters()

    def forward(self, signals: Tensor) -> Tensor:
        """Return (B, N, out) of signals (B, N, in)."""
        here = einsum(signals, self.own - self.other, "b n i, n i o -> b n o")
        return here + einsum(signals, self.other, "b n i, n i o -> b o")[:, None]

    def dense(self) -> Tensor:
        """Return the matrix (N, N, in, out), sender first."""
        here = torch.eye(self.nodes, dtype=self.own.dtype, device=self.own.device)[..., None, None]
        return here * self.own[:, None] + (1 - here) * self.other[:, None]


class FreeMap(NodeMap):
    """All linear maps: no symmetry, a weight for each pair of nodes and of channels."""

    def __init__(self, nodes: int, in_channels: int, out_channels: int) -> None:
        super().__init__(nodes, in_channels, out_channels)
        self.weight = nn.Parameter(torch.empty(nodes * in_channels, nodes * out_channels))
        self.reset_parameters()

    def forward(self, signals: Tensor) -> Tensor:
        """Return (B, N, out) of signals (B, N, in)."""
        found = signals.flatten(1) @ self.weight
        return found.view(-1, self.nodes, self.out_channels)

    def dense(self) -> Tensor:
        """Return the matrix (N, N, in, out), sender first."""
        return rearrange(self.weight, "(m i) (n o) -> m n i o", m=self.nodes, n=self.nodes)


class IsotypicMap(NodeMap):
    """All maps that commute with a group, as free blocks in its isotypic coordinates.

    In an orthonormal basis B of the nodes' functions, adapted to the group, an equivariant map is
    one free matrix (m in, m out) for each kind of irreducible representation that occurs m times,
    and zero across kinds: y = B W B^T x. `generators` are permutations of the nodes, as lists of
    images. With legs and arms that swap, S_2 x S_2 on 16 joints, m is 10, 3 and 3.

    Raises `BadInput` for permutations that are none, and for groups some of whose maps are in no
    such block (rotations of a ring without reflections).
    """

    basis: Tensor

    def __init__(
        self,
        nodes: int,
        in_channels: int,
        out_channels: int,
        generators: Sequence[Sequence[int]] = (),
    ) -> None:
        super().__init__(nodes, in_channels, out_channels)
        self.group = zs.PermutationGroup(nodes, tuple(map(tuple, generators)))
        components = zs.isotypic_components(self.group)
        self.copies = [(one.multiplicity, one.dimension) for one in components]
        if sum(count**2 for count, _ in self.copies) != zs.rank(self.group):
            raise BadInput(
                "Some maps that commute with this group are in no block of its isotypic basis, as "
                "for rotations of a ring; add the reflections, or another generator."
            )
        basis = np.hstack(
            [sparse(one.basis) if one.dimension == 1 else one.basis for one in components]
        )
        # Made again from the generators, and never stored: in half the bits it were no basis.
        self.register_buffer("basis", torch.from_numpy(basis), persistent=False)
        self.blocks = nn.ParameterList(
            torch.empty(count * in_channels, count * out_channels) for count, _ in self.copies
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw each block from U(-s, s), s = 1 / sqrt(m in): by what it sums over."""
        for block in self.blocks:
            bound = block.shape[0] ** -0.5
            nn.init.uniform_(block, -bound, bound)

    def forward(self, signals: Tensor) -> Tensor:
        """Return (B, N, out) of signals (B, N, in)."""
        basis = self.basis.to(signals)
        found = []
        parts = torch.split(basis.T @ signals, [m * k for m, k in self.copies], dim=1)
        for part, block, (count, size) in zip(parts, self.blocks, self.copies, strict=True):
            kept = rearrange(part, "b (m k) i -> b k (m i)", k=size) @ block
            found.append(rearrange(kept, "b k (m o) -> b (m k) o", m=count))
        back: Tensor = basis @ torch.cat(found, dim=1)
        return back

    def dense(self) -> Tensor:
        """Return the matrix (N, N, in, out), sender first."""
        basis = self.basis.to(self.blocks[0])
        parts = torch.split(basis, [m * k for m, k in self.copies], dim=1)
        found: Any = sum(
            einsum(
                rearrange(part, "n (m k) -> n m k", k=size),
                rearrange(block, "(m i) (l o) -> m i l o", m=count, l=count),
                rearrange(part, "n (m k) -> n m k", k=size),
                "p m k, m i l o, n l k -> p n i o",
            )
            for part, block, (count, size) in zip(parts, self.blocks, self.copies, strict=True)
        )
        matrix: Tensor = found
        return matrix


def sparse(basis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return another orthonormal basis (n, k) of the same space, made of few nodes each.

    One node after the other is projected into the space, and orthogonalised against those before:
    pairs of nodes that swap give (1, 1) / sqrt 2 and (1, -1) / sqrt 2, whatever basis was given.
    """
    projector = basis @ basis.T
    found: list[NDArray[np.float64]] = []
    for column in projector.T:
        rest = column - sum((one * (one @ column) for one in found), np.zeros_like(column))
        size = np.linalg.norm(rest)
        if size > 1e-6:
            found.append(np.where(np.abs(rest) > 1e-9 * size, rest, 0.0) / size)
    return np.stack(found, axis=1)

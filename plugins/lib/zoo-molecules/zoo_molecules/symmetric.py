"""Ragged batches of symmetric matrices: their scalars in one flat row, none of them padded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_core import BadInput

ASYMMETRY = 1e-6
"""Of the largest entry: what is taken for rounding."""


@dataclass(frozen=True)
class SymmetricMatrices:
    """M symmetric matrices of any sizes, as what lies on their diagonals and above.

    `diagonal` (A,) has the diagonals after one another, `offsets` (M + 1,) where each begins.
    `entries` (P,) are the X_ij with i < j of all matrices in turn, row by row, and `pairs` (2, P)
    their i and j as places in `diagonal`.
    """

    diagonal: Tensor
    entries: Tensor
    pairs: Tensor
    offsets: Tensor

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sizes(self) -> Tensor:
        """How many rows each matrix has (M,)."""
        return self.offsets.diff()

    @property
    def matrix_of_row(self) -> Tensor:
        """Which matrix each entry of `diagonal` is of (A,)."""
        return torch.arange(len(self)).repeat_interleave(self.sizes)

    @property
    def matrix_of_pair(self) -> Tensor:
        """Which matrix each of `entries` is of (P,)."""
        return torch.arange(len(self)).repeat_interleave(pair_counts(self.sizes))

    def glue(self) -> Tensor:
        """Return f_* = sum over i of X_ii times the sum over j other than i of X_ij, as (M,).

        The invariant that ties diagonal and off-diagonal entries together (Blum-Smith, Huang,
        Cuturi and Villar 2024, arXiv:2405.08097).
        """
        first, second = self.diagonal[self.pairs[0]], self.diagonal[self.pairs[1]]
        found = torch.zeros(len(self), dtype=self.diagonal.dtype)
        return found.index_add(0, self.matrix_of_pair, (first + second) * self.entries)

    def take(self, rows: Tensor) -> SymmetricMatrices:
        """Return some of the matrices, in the order of `rows` (m,)."""
        sizes = self.sizes[rows]
        ends = torch.cat([torch.zeros(1, dtype=torch.long), pair_counts(self.sizes).cumsum(0)])
        places = ragged_places(self.offsets[rows], sizes)
        chosen = ragged_places(ends[rows], pair_counts(sizes))
        offsets = torch.cat([torch.zeros(1, dtype=torch.long), sizes.cumsum(0)])
        moved = (offsets[:-1] - self.offsets[rows]).repeat_interleave(pair_counts(sizes))
        return SymmetricMatrices(
            self.diagonal[places], self.entries[chosen], self.pairs[:, chosen] + moved, offsets
        )

    def dense(self, size: int | None = None) -> Tensor:
        """Return the matrices with zeros around (M, size, size); `size` is the largest by default.

        Raises `BadInput` where a matrix is larger.
        """
        largest = int(self.sizes.max()) if len(self) else 0
        size = largest if size is None else size
        if largest > size:
            raise BadInput(f"A matrix has {largest} rows; size={size} is too small.")
        found = torch.zeros(len(self), size, size, dtype=self.diagonal.dtype)
        within = torch.arange(len(self.diagonal)) - self.offsets[self.matrix_of_row]
        found[self.matrix_of_row, within, within] = self.diagonal
        one, other = within[self.pairs]
        found[self.matrix_of_pair, one, other] = self.entries
        found[self.matrix_of_pair, other, one] = self.entries
        return found


def pair_counts(sizes: Tensor) -> Tensor:
    """Return how many entries i < j matrices of these sizes have."""
    return torch.div(sizes * (sizes - 1), 2, rounding_mode="floor")


def ragged_places(starts: Tensor, counts: Tensor) -> Tensor:
    """Return the places start, …, start + count - 1 of all pieces after one another."""
    before = counts.cumsum(0) - counts
    return torch.arange(int(counts.sum())) + (starts - before).repeat_interleave(counts)


def pairs_of(offsets: Tensor) -> Tensor:
    """Return all pairs i < j within each piece (2, P), piece by piece and row by row."""
    sizes = offsets.diff()
    rows = torch.arange(int(offsets[-1])) - offsets[:-1].repeat_interleave(sizes)
    later = sizes.repeat_interleave(sizes) - rows - 1
    first = torch.arange(int(offsets[-1])).repeat_interleave(later)
    return torch.stack([first, ragged_places(torch.arange(int(offsets[-1])) + 1, later)])


def as_symmetric(matrices: NDArray[np.floating] | Tensor, label: str = "X") -> SymmetricMatrices:
    """Return one matrix (n, n) as a batch of one, or many (M, n, n) of one size.

    Raises `BadInput` for what is not square, not finite, empty or not symmetric.
    """
    given = torch.as_tensor(matrices, dtype=torch.float64)
    given = given[None] if given.dim() == 2 else given
    if given.dim() != 3 or given.shape[1] != given.shape[2] or not given.shape[1]:
        raise BadInput(
            f"{label} has the shape {tuple(given.shape)}; expected a square matrix (n, n), or "
            "(M, n, n), of one row or more."
        )
    if not bool(given.isfinite().all()):
        raise BadInput(f"{label} has NaN or infinite entries; expected numbers.")
    gap = (given - given.transpose(1, 2)).abs().flatten(1).amax(1)
    limit = ASYMMETRY * given.abs().flatten(1).amax(1)
    if bool((gap > limit).any()):
        worst = int((gap - limit).argmax())
        raise BadInput(
            f"{label} is not symmetric (matrix {worst}: X_ij and X_ji differ by up to "
            f"{float(gap[worst]):.3g}); expected a symmetric matrix, such as (X + X^T) / 2."
        )
    count, size = given.shape[:2]
    offsets = torch.arange(count + 1) * size
    upper = torch.triu_indices(size, size, 1)
    return SymmetricMatrices(
        diagonal=given.diagonal(dim1=1, dim2=2).flatten(),
        entries=given[:, upper[0], upper[1]].flatten(),
        pairs=pairs_of(offsets),
        offsets=offsets,
    )


def joined(parts: list[SymmetricMatrices]) -> SymmetricMatrices:
    """Return the matrices of several batches as one batch; raises `BadInput` for none."""
    if not parts:
        raise BadInput("There is no matrix; give one or more.")
    shifts = np.cumsum([0, *(len(part.diagonal) for part in parts)])
    return SymmetricMatrices(
        diagonal=torch.cat([part.diagonal for part in parts]),
        entries=torch.cat([part.entries for part in parts]),
        pairs=torch.cat([p.pairs + int(s) for p, s in zip(parts, shifts, strict=False)], 1),
        offsets=torch.cat(
            [
                torch.zeros(1, dtype=torch.long),
                *(p.offsets[1:] + int(s) for p, s in zip(parts, shifts, strict=False)),
            ]
        ),
    )

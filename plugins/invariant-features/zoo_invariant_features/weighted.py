"""Symmetric matrices that are no molecules: weighted graphs with self-loops, and their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from zoo_molecules.molecules import columns_of
from zoo_molecules.symmetric import SymmetricMatrices

from zoo_core import Split


@dataclass(frozen=True)
class WeightedGraphs:
    """M symmetric matrices of any sizes, with targets (M, T) float64.

    `units` maps the T targets' names, in order, to their units ("" for none), and `rows` the names
    of splits to their matrices.
    """

    matrices: SymmetricMatrices
    names: Sequence[str]
    targets: Tensor = field(default_factory=lambda: torch.zeros(0, 0, dtype=torch.float64))
    units: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.matrices)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    @property
    def facts(self) -> dict[str, int | str]:
        """What a card says of the matrices."""
        return {"matrices": len(self), "targets": ", ".join(self.units) or "none"}

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])

    def columns(self, names: Sequence[str]) -> list[int]:
        """Return which columns of `targets` have these names; raises `BadInput` for another."""
        return columns_of(names, list(self.units), "These matrices")

"""Molecules with what is known of them: one ragged batch, with targets, units and splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from zoo_core import BadInput, Split, closest
from zoo_molecules.elements import formula, symbol_of
from zoo_molecules.symmetric import SymmetricMatrices


@dataclass(frozen=True)
class Molecules:
    """M molecules of A atoms together, as their Coulomb matrices.

    `matrices` are in atomic units (see `zoo_molecules.coulomb`), `numbers` (A,) the atomic numbers,
    and `positions` (A, 3) the atoms' places in ångström, None where matrices are all there is.
    `targets` (M, T) are float64, `units` maps the T targets' names, in order, to their units, and
    `rows` the names of splits to their molecules.
    """

    matrices: SymmetricMatrices
    numbers: Tensor
    positions: Tensor | None = None
    names: Sequence[str] = ()
    targets: Tensor = field(default_factory=lambda: torch.zeros(0, 0, dtype=torch.float64))
    units: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.matrices)

    @property
    def offsets(self) -> Tensor:
        """Where each molecule begins in `numbers` and `positions` (M + 1,)."""
        return self.matrices.offsets

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    @property
    def facts(self) -> dict[str, int | str]:
        """What a card says of the molecules."""
        return {
            "molecules": len(self),
            "atoms": len(self.numbers),
            "elements": ", ".join(map(symbol_of, self.elements)),
            "targets": ", ".join(f"{name} ({unit})" for name, unit in self.units.items()),
        }

    @property
    def elements(self) -> list[int]:
        """The atomic numbers that occur, ascending."""
        return sorted(set(self.numbers.tolist()))

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])

    def formulas(self) -> list[str]:
        """Return the formula of each molecule."""
        return [
            formula(one.tolist()) for one in torch.split(self.numbers, self.matrices.sizes.tolist())
        ]

    def columns(self, names: Sequence[str]) -> list[int]:
        """Return which columns of `targets` have these names; raises `BadInput` for another."""
        return columns_of(names, list(self.units), "These molecules")

    def atom_counts(self, elements: Sequence[int]) -> Tensor:
        """Return how many atoms of each of some elements each molecule has (M, elements)."""
        hits = self.numbers[:, None] == torch.tensor(list(elements))
        found = torch.zeros(len(self), len(elements), dtype=torch.float64)
        return found.index_add(0, self.matrices.matrix_of_row, hits.double())


def columns_of(names: Sequence[str], known: Sequence[str], what: str) -> list[int]:
    """Return the places of target names among those known of `what` ("These molecules").

    Raises `BadInput` for another name.
    """
    for name in names:
        if name not in known:
            told = ", ".join(known) or "none at all"
            raise BadInput(
                f"{what} have no target {name!r}; they have {told}{closest(name, known)}"
            )
    return [known.index(name) for name in names]


def dealt(count: int, seed: int, parts: tuple[float, float] = (0.8, 0.1)) -> dict[str, Tensor]:
    """Return a random split of `count` molecules into "train", "val" and "test".

    By numpy's default_rng(seed); `parts` are the shares of the first two, rounded.
    """
    import numpy as np

    order = torch.from_numpy(np.random.default_rng(seed).permutation(count))
    val = round(parts[1] * count)
    test = round((1 - sum(parts)) * count)
    first = count - val - test
    pieces = torch.split(order, [first, val, test])
    return dict(zip(("train", "val", "test"), pieces, strict=True))

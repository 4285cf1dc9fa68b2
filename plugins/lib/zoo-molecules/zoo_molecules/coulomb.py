"""Coulomb matrices in atomic units: 0.5 Z^2.4 on the diagonal, Z_i Z_j / |R_i - R_j| beside it.

Rupp, Tkatchenko, Müller and von Lilienfeld, PRL 108, 058301 (2012). Distances are in bohr: ångström
would make every off-diagonal entry 1.89 times as small.
"""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core import BadInput
from zoo_molecules.symmetric import SymmetricMatrices, as_symmetric, pairs_of
from zoo_molecules.units import BOHR


def coulomb(numbers: Tensor, positions: Tensor, offsets: Tensor) -> SymmetricMatrices:
    """Return the Coulomb matrices of molecules, in float64.

    `numbers` (A,) are the atomic numbers of all molecules after one another, `positions` (A, 3)
    their places in ångström, and `offsets` (M + 1,) where each molecule begins.
    """
    charges, places = numbers.double(), positions.double() / BOHR
    one, other = pairs_of(offsets)
    distances = (places[one] - places[other]).norm(dim=-1)
    return SymmetricMatrices(
        diagonal=0.5 * charges**2.4,
        entries=charges[one] * charges[other] / distances,
        pairs=torch.stack([one, other]),
        offsets=offsets,
    )


def charges_of(diagonal: Tensor) -> Tensor:
    """Return the atomic numbers that diagonals of Coulomb matrices tell (A,).

    Raises `BadInput` for a diagonal that 0.5 Z^2.4 of no whole number gives.
    """
    charges = (2 * diagonal.double()).clamp(min=0) ** (1 / 2.4)
    numbers = charges.round()
    off = (charges - numbers).abs() > 0.01
    if bool((off | (numbers < 1)).any()):
        worst = float(diagonal[off | (numbers < 1)][0])
        raise BadInput(
            f"A diagonal entry is {worst:.5g}; expected 0.5 Z^2.4 of an atomic number, as Coulomb "
            "matrices have it (0.5 for hydrogen, 36.858 for carbon)."
        )
    return numbers.long()


def from_padded(matrices: Tensor, label: str = "X") -> SymmetricMatrices:
    """Return Coulomb matrices (M, n, n) that have zeros after the last atom, without the zeros.

    Raises `BadInput` where they are not symmetric, have entries beyond the last atom, or tell no
    atom.
    """
    whole = as_symmetric(matrices, label)
    count, size = len(whole), int(whole.sizes[0])
    real = (whole.diagonal != 0).view(count, size)
    sizes = real.sum(1)
    expected = torch.arange(size) < sizes[:, None]
    kept = expected.flatten()[whole.pairs].all(0)
    if bool((real != expected).any()) or bool((whole.entries[~kept] != 0).any()):
        raise BadInput(f"{label} has entries beyond the last atom; expected zeros there alone.")
    if not bool((sizes > 0).all()):
        raise BadInput(f"{label} has a matrix without any atom (row {int(sizes.argmin())}).")
    offsets = torch.cat([torch.zeros(1, dtype=torch.long), sizes.cumsum(0)])
    return SymmetricMatrices(
        whole.diagonal[expected.flatten()], whole.entries[kept], pairs_of(offsets), offsets
    )

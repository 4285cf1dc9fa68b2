"""What energies can be: total or atomisation energies, in the unit that is stated."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from zoo_core import BadInput, notice
from zoo_molecules.units import ENERGIES, energy_factor

TOTAL = (0.8, 1.25)
"""Total energies over the sum of -0.5 Z^2.4 hartree, which free atoms have nearly."""
PER_ATOM = (45.0, 140.0)
"""Atomisation energies in kcal/mol an atom: H2 has 55, methane 84, carbon dioxide 130."""
ALIKE = 0.25
"""How far the energies an atom spread, over their mean; no other property grows so with size."""


def kind_of_energies(energies: Tensor, diagonal_sums: Tensor, sizes: Tensor) -> tuple[str, str]:
    """Return what energies (M,) are, and their unit: "total" or "atomisation"; else two "".

    `diagonal_sums` (M,) are the traces of the Coulomb matrices, `sizes` (M,) the numbers of atoms.
    The units differ by factors that leave no overlap. Atomisation energies are told where ten
    molecules of different sizes have nearly the same energy an atom.
    """
    totals = -energies / diagonal_sums
    each = energies.abs() / sizes
    alike = len(each) >= 10 and bool(sizes.min() < sizes.max())
    alike = alike and float(each.std() / each.mean()) < ALIKE
    for unit in ENERGIES:
        found = totals * energy_factor(unit, "hartree")
        if bool(((found > TOTAL[0]) & (found < TOTAL[1])).all()):
            return "total", unit
        if alike and PER_ATOM[0] < float(each.median()) * ENERGIES[unit] < PER_ATOM[1]:
            return "atomisation", unit
    return "", ""


def check_energies(name: str, energies: Tensor, unit: str, traces: Tensor, sizes: Tensor) -> None:
    """Refuse energies that are in another unit than `unit`, and tell of total energies.

    Units that are no energies are let through. Raises `BadInput`.
    """
    if unit not in ENERGIES or not len(energies):
        return
    kind, found = kind_of_energies(energies, traces, sizes.to(energies.dtype))
    if kind and found != unit:
        raise BadInput(
            f"{name} looks like {kind} energies in {found}, and its unit is said to be {unit}; "
            f"say units={found}, or leave {name} out."
        )
    if kind == "total":
        notice(
            f"{name} are total energies: nearly all of them is that of free atoms, which the "
            "counts of atoms tell; atomisation energies are what is left without it."
        )


def free_atoms(elements: Sequence[int], unit: str) -> Tensor:
    """Return about the energy of free atoms, -0.5 Z^2.4 hartree, in a unit of energy (E,)."""
    charges = torch.tensor(list(elements), dtype=torch.float64)
    return -0.5 * charges**2.4 * energy_factor("hartree", unit)

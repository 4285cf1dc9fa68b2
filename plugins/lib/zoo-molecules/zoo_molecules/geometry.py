"""What geometries can be: atoms that lie apart as bonds do, in the unit that is stated."""

from __future__ import annotations

import torch
from torch import Tensor

from zoo_core import BadInput, notice
from zoo_molecules.elements import RADII, symbol_of
from zoo_molecules.symmetric import pairs_of
from zoo_molecules.units import BOHR

CLOSEST, FARTHEST = 0.5, 5.0
"""How near an atom's nearest neighbour may be, in ångström; the bond of H2 has 0.74."""
STRETCHED = (1.5, 2.8)
"""Distances over sums of covalent radii when bohr are taken for ångström: 1.89 times 0.8 to 1.4."""
SHRUNK = (0.42, 0.74)
"""The same when ångström are taken for bohr: 0.529 times 0.8 to 1.4."""


def check_geometry(
    numbers: Tensor,
    positions: Tensor,
    offsets: Tensor,
    names: list[str],
    unit: str,
    stated: bool,
) -> None:
    """Refuse geometries that are none, or are in another unit than `unit`.

    `positions` (A, 3) are in ångström, as they follow from `unit`. The unit is told by each atom's
    distance to its nearest neighbour over the sum of both covalent radii, whose median is near 1 in
    molecules. A person who `stated` the unit is only told by a notice (stretched bonds and noble
    gases are rare, and no mistake); otherwise it is refused. Raises `BadInput` for NaN, a molecule
    of one atom, atoms in one place or far from all others.
    """
    for row in (~positions.isfinite().all(1)).nonzero()[:1, 0].tolist():
        name = names[int((offsets <= row).sum()) - 1]
        raise BadInput(f"{name} has a position that is no number; expected x, y and z in {unit}.")
    for row in (offsets.diff() < 2).nonzero()[:1, 0].tolist():
        count = int(offsets.diff()[row])
        raise BadInput(f"{names[row]} has {count or 'no'} atom; expected two atoms or more.")
    one, other = pairs_of(offsets)
    distances = (positions[one] - positions[other]).norm(dim=1)
    radii = torch.tensor(RADII, dtype=positions.dtype)[numbers - 1]
    nearest, ratio = (
        _least(values, one, other, len(numbers))
        for values in (distances, distances / (radii[one] + radii[other]))
    )
    for row, (begin, end) in enumerate(
        zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ):
        near, typical = nearest[begin:end], float(ratio[begin:end].median())
        told = _other_unit(typical, unit)
        if told and not stated:
            raise BadInput(
                f"{names[row]} looks as if it were in {told}: its bonds are {typical:.2f} times as "
                f"long as atoms' radii let expect when it is read in {unit}; say length={told}, or "
                f"length={unit} if it is so."
            )
        least, most = float(near.min()), float(near.max())
        if least < CLOSEST or most > FARTHEST:
            worst = near.argmin() if least < CLOSEST else near.argmax()
            symbol = symbol_of(int(numbers[begin + int(worst)]))
            raise BadInput(
                f"{names[row]} has an atom ({symbol}) {float(near[worst]):.3g} Å from its nearest "
                f"neighbour; expected {CLOSEST} to {FARTHEST:g} Å: two atoms are in one place, "
                f"it is more than one molecule, or the unit is not {unit}."
            )
        if told:
            notice(
                f"{names[row]} is read in {unit} as stated; its bonds are {typical:.2f} times as "
                "long as usual."
            )


def _least(values: Tensor, one: Tensor, other: Tensor, count: int) -> Tensor:
    """Return each atom's least value over the pairs that it is in (count,)."""
    found = torch.full((count,), float("inf"), dtype=values.dtype)
    for places in (one, other):
        found = found.scatter_reduce(0, places, values, "amin")
    return found


def _other_unit(typical: float, unit: str) -> str | None:
    """Return the unit that geometries are in whose bonds have `typical` times the usual length."""
    if unit == "angstrom" and STRETCHED[0] <= typical <= STRETCHED[1]:
        return "bohr"
    if unit == "bohr" and SHRUNK[0] <= typical <= SHRUNK[1]:
        return "angstrom"
    if unit != "nm" and 0.08 <= typical * (1 if unit == "angstrom" else 1 / BOHR) <= 0.14:
        return "nm"
    return None

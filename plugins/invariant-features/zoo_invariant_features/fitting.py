"""Whether data fit a network: of its kind, of elements that it saw, in units it can be told in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from zoo_molecules.elements import symbol_of
from zoo_molecules.molecules import Molecules
from zoo_molecules.units import ENERGIES, energy_factor

from zoo_core import BadInput, notice
from zoo_invariant_features.weighted import WeightedGraphs


def check_fits(
    data: Any, elements: Sequence[int] | None, sizes: Sequence[int] | None = None
) -> None:
    """Refuse data of another kind, and molecules with elements that a network never saw.

    `elements` is None for a network of matrices that are no molecules. Molecules of fewer or more
    atoms than `sizes` has are told by a notice.
    """
    if elements is None:
        if not isinstance(data, WeightedGraphs):
            raise BadInput("This network takes symmetric matrices that are no molecules.")
        return
    if not isinstance(data, Molecules):
        raise BadInput("This network takes molecules, such as qm7.")
    unseen = [symbol_of(one) for one in data.elements if one not in elements]
    if unseen:
        known = ", ".join(symbol_of(one) for one in elements)
        raise BadInput(
            f"There is {', '.join(unseen)} in these molecules; this network has seen {known} alone."
        )
    if sizes is not None:
        least, most = int(data.matrices.sizes.min()), int(data.matrices.sizes.max())
        if least < sizes[0] or most > sizes[1]:
            outside = f"{least}" if least == most else f"{least} to {most}"
            notice(
                f"These molecules have {outside} atoms; the network has seen {sizes[0]} to "
                f"{sizes[1]}, and is less sure beyond."
            )


def converted(units: Mapping[str, str], network: Any) -> Tensor:
    """Return by what targets of data are multiplied to be in a network's units (T,).

    Raises `BadInput` where one unit cannot be made the other.
    """
    factors = []
    for name, own in zip(network.targets, network.units, strict=True):
        given = units[name]
        if given != own and not {given, own} <= set(ENERGIES):
            raise BadInput(
                f"{name} of these data is in {given or 'no unit'}, of the network in "
                f"{own or 'no unit'}; expected the same unit."
            )
        factors.append(1.0 if given == own else energy_factor(given, own))
    return torch.tensor(factors, dtype=torch.float64)

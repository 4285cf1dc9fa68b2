"""QM7 as this zoo has it: real geometries, PBE0 energies, and GFN2-xTB properties beside them."""

from __future__ import annotations

import numpy as np
import torch
from zoo_tables import open_arrays

from zoo_core import fetch
from zoo_molecules.coulomb import coulomb
from zoo_molecules.molecules import Molecules, dealt
from zoo_molecules.specs.data import QM7, QM7_GFN2, QM7_TARGETS


def qm7() -> Molecules:
    """Return the 7,101 molecules with their seven targets, and the split of the zoo's figures.

    Atomisation energies are negative (an energy that is set free), in kcal/mol. Raises `DataError`
    where a file is not to be had.
    """
    with open_arrays(fetch(QM7)) as arrays:
        counts = arrays["n_atoms"].astype(np.int64)
        numbers = torch.from_numpy(arrays["z"].astype(np.int64))
        positions = torch.from_numpy(arrays["xyz"].astype(np.float64))
        energies = arrays["ae_pbe0"]
        names = tuple(map(str, arrays["name"]))
    keys = {**{name: f"{name}_ev" for name in ("homo", "lumo", "gap", "ip", "ea")}}
    keys["dipole"] = "dipole_debye"
    with open_arrays(fetch(QM7_GFN2)) as arrays:
        columns = [energies, *(arrays[keys[name]] for name in QM7_TARGETS if name in keys)]
    offsets = torch.from_numpy(np.concatenate([[0], np.cumsum(counts)]))
    return Molecules(
        matrices=coulomb(numbers, positions, offsets),
        numbers=numbers,
        positions=positions,
        names=names,
        targets=torch.from_numpy(np.stack(columns, 1).astype(np.float64)),
        units={name: unit for name, (_, unit) in QM7_TARGETS.items()},
        rows=dealt(len(counts), 0),
    )

"""Units by name: lengths to ångström, energies to kcal/mol, and which one a number can be in.

CODATA 2018: 1 bohr = 0.529177210903 Å, 1 hartree = 27.211386245988 eV = 627.509474063 kcal/mol;
1 kcal = 4.184 kJ.
"""

from __future__ import annotations

from collections.abc import Mapping

from zoo_core import BadInput, closest

BOHR = 0.529177210903
"""Of one bohr, in ångström."""
HARTREE = 627.5094740631
"""Of one hartree, in kcal/mol."""

LENGTHS: Mapping[str, float] = {"angstrom": 1.0, "bohr": BOHR, "nm": 10.0}
"""In ångström."""
ENERGIES: Mapping[str, float] = {
    "kcal/mol": 1.0,
    "kJ/mol": 1 / 4.184,
    "eV": HARTREE / 27.211386245988,
    "hartree": HARTREE,
}
"""In kcal/mol."""
_OTHER_NAMES = {
    "Å": "angstrom", "A": "angstrom", "ang": "angstrom", "ångström": "angstrom", "a0": "bohr",
    "au": "bohr", "kcal": "kcal/mol", "kj/mol": "kJ/mol", "ev": "eV", "ha": "hartree",
    "Ha": "hartree", "Eh": "hartree", "Hartree": "hartree", "Bohr": "bohr", "Angstrom": "angstrom",
}  # fmt: skip


def length_unit(name: str) -> str:
    """Return the name of a unit of length as `LENGTHS` has it; raises `BadInput` for another."""
    return _known(name, LENGTHS, "length")


def energy_unit(name: str) -> str:
    """Return the name of a unit of energy as `ENERGIES` has it; raises `BadInput` for another."""
    return _known(name, ENERGIES, "energy")


def energy_factor(given: str, wanted: str) -> float:
    """Return how many `wanted` one `given` is; raises `BadInput` for units that are no energies."""
    return ENERGIES[energy_unit(given)] / ENERGIES[energy_unit(wanted)]


def _known(name: str, units: Mapping[str, float], kind: str) -> str:
    found = _OTHER_NAMES.get(name, name) if isinstance(name, str) else name
    if found not in units:
        raise BadInput(
            f"{name!r} is no unit of {kind}; expected {', '.join(units)}{closest(str(name), units)}"
        )
    return str(found)

"""The elements: symbols, and single-bond radii by which a wrong unit of length is seen."""

from __future__ import annotations

from zoo_core import BadInput, closest

SYMBOLS = tuple(
    """H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se
    Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho
    Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm""".split()
)
"""By atomic number, from 1."""
RADII = (
    0.31, 0.28, 1.28, 0.96, 0.84, 0.76, 0.71, 0.66, 0.57, 0.58, 1.66, 1.41, 1.21, 1.11, 1.07, 1.05,
    1.02, 1.06, 2.03, 1.76, 1.70, 1.60, 1.53, 1.39, 1.39, 1.32, 1.26, 1.24, 1.32, 1.22, 1.22, 1.20,
    1.19, 1.20, 1.20, 1.16, 2.20, 1.95, 1.90, 1.75, 1.64, 1.54, 1.47, 1.46, 1.42, 1.39, 1.45, 1.44,
    1.42, 1.39, 1.39, 1.38, 1.39, 1.40, 2.44, 2.15, 2.07, 2.04, 2.03, 2.01, 1.99, 1.98, 1.98, 1.96,
    1.94, 1.92, 1.92, 1.89, 1.90, 1.87, 1.87, 1.75, 1.70, 1.62, 1.51, 1.44, 1.41, 1.36, 1.36, 1.32,
    1.45, 1.46, 1.48, 1.40, 1.50, 1.50, 2.60, 2.21, 2.15, 2.06, 2.00, 1.96, 1.90, 1.87, 1.80, 1.69,
)  # fmt: skip
"""Covalent radii in ångström by atomic number, from 1 (Cordero et al. 2008)."""


def atomic_number(symbol: str) -> int:
    """Return the atomic number of a symbol; raises `BadInput` for what is none."""
    found = symbol.strip().capitalize()
    if found not in SYMBOLS:
        raise BadInput(f"{symbol!r} is the symbol of no element{closest(found, SYMBOLS)}")
    return SYMBOLS.index(found) + 1


def symbol_of(number: int) -> str:
    """Return the symbol of an atomic number; raises `BadInput` for what is none."""
    if not 1 <= number <= len(SYMBOLS):
        raise BadInput(f"{number} is no atomic number; expected 1 to {len(SYMBOLS)}.")
    return SYMBOLS[number - 1]


def formula(numbers: list[int]) -> str:
    """Return the formula of atoms in Hill's order: carbon, hydrogen, then by the alphabet."""
    counts = {symbol: 0 for symbol in sorted(map(symbol_of, numbers))}
    for number in numbers:
        counts[symbol_of(number)] += 1
    first = [one for one in ("C", "H") if "C" in counts and one in counts]
    order = [*first, *(one for one in counts if one not in first)]
    return "".join(one + (str(counts[one]) if counts[one] > 1 else "") for one in order)

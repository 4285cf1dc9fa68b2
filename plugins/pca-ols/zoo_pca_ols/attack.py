"""Data poisoning by one added row, and the exact updates that tell what it does (section 5)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from zoo_core import BadInput
from zoo_pca_ols.factorization import Array, factorize

EPSILON = 1e-5


class Poison(NamedTuple):
    """The row that the attacker adds: features x (p,) of unit norm, and target y."""

    x: Array
    y: float


def poison(design: Array, rng: np.random.Generator, *, epsilon: float = EPSILON) -> Poison:
    """Return x0 = (X^T r + eps 1) / norm with r ~ N(0, I_n), y0 = 0, for a design X (n, p).

    For p > n the row lies almost in the row space of X; to interpolate it takes a huge
    coefficient along the tiny part that does not.
    """
    x = design.T @ rng.standard_normal(len(design)) + epsilon
    return Poison(x / np.linalg.norm(x), 0.0)


def add_row(design: Array, y: Array, row: Poison) -> tuple[Array, Array]:
    """Return design (n + 1, p) and targets (n + 1,) with the row at the end."""
    return np.vstack([design, row.x]), np.append(y, row.y)


def interpolator_update(design: Array, coefficients: Array, row: Poison) -> Array:
    """Return the min-norm interpolator (p,) after the row is added, from the one before.

    b' = b + (y0 - x0^T b) / |x_perp|^2 x_perp, x_perp = (I - X^+ X) x0; for designs X (n, p)
    without centring, of rank n, where x0 is outside the row space.

    Raises `BadInput` where the row is in the row space of the design.
    """
    v = factorize(design, centre=False).v
    outside = row.x - v @ (v.T @ row.x)
    outside = outside - v @ (v.T @ outside)  # once more, or rounding would be all that is left
    size = float(outside @ outside)
    if size <= (np.finfo(float).eps * np.linalg.norm(row.x)) ** 2:
        raise BadInput("The row is in the row space of the design; use least_squares_update.")
    return coefficients + (row.y - row.x @ coefficients) / size * outside


def least_squares_update(design: Array, coefficients: Array, row: Poison) -> Array:
    """Return OLS (p,) after the row is added, by Sherman and Morrison's formula.

    For designs (n, p) without centring, of full column rank p <= n.

    Raises `BadInput` where the columns are not independent.
    """
    found = factorize(design, centre=False)
    if found.rank < design.shape[1]:
        raise BadInput("The design has dependent columns; use interpolator_update.")
    direction = found.v @ ((found.v.T @ row.x) / found.s**2)
    return coefficients + (row.y - row.x @ coefficients) / (1 + row.x @ direction) * direction

"""Rates of mergers by extended Press-Schechter theory, tabulated for many cosmologies at once.

Parkinson, Cole and Helly 2008 (arXiv:0708.1382), in the time omega = 1.686 / D(a): a halo of mass
M2 splits into M1 < M2 / 2 and the rest at the rate, for each unit of omega,

    dN/dM1 = sqrt(2 / pi) s1^2 / (s1^2 - s2^2)^(3/2) alpha1 M2 / M1^2 G0 (s1/s2)^g1 (omega/s2)^g2

where s1 and s2 are sigma(M1) and sigma(M2), and alpha1 is -d ln sigma / d ln M at M1. What comes in
below the resolution M_res is smooth accretion, of which a halo loses backwards in time the share

    F = d_omega sqrt(2 / pi) J(u) G0 / s2 (omega/s2)^g2,   u = s2 / sqrt(sigma(M_res)^2 - s2^2)

with J(u) the integral of (1 + 1 / t^2)^(g1/2) from 0 to u. The law of M1 / M2 does not depend on
omega, so that one table of it serves all times. Masses are in Msun/h.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import cumulative_trapezoid
from scipy.interpolate import CubicSpline
from scipy.special import hyp2f1
from zoo_clouds.cosmology import Cosmology

Array = NDArray[np.float64]
Places = NDArray[np.intp]

RESOLUTION = 1e11
"""The least mass of a halo."""
HEAVIEST = 10**14.5
"""The largest mass of a root; tables end there."""
AMPLITUDE, SHAPE, TIME = 0.57, 0.38, -0.01
"""G0, gamma_1 and gamma_2, as fitted to N-body simulations."""
_RADII = tuple(np.geomspace(0.55, 14.0, 64).tolist())
"""Of spheres in Mpc/h that hold the tables' masses, at each density of matter from 0.1 to 0.5."""
_ACCRETION_ROWS, _SPLIT_ROWS, _FRACTIONS = 128, 48, 128
_ACCRETION_STEP = math.sqrt(math.log(HEAVIEST / RESOLUTION)) / (_ACCRETION_ROWS - 1)
_SPLIT_STEP = math.sqrt(math.log(HEAVIEST / (2 * RESOLUTION))) / (_SPLIT_ROWS - 1)


@dataclass(frozen=True)
class MergerRates:
    """Tables of C cosmologies; every method takes the number of a cosmology for each mass.

    `accretion` (C, A) is y F / d_omega at omega = 1 over y = sqrt(ln(M2 / M_res)), `splits` (C, S)
    the logarithm of the rate of all splits over z^2 at omega = 1 over z = sqrt(ln(M2 / (2 M_res))),
    and `shares` (C, S, T) the distribution of ln M1, from ln M_res (at 0) to ln(M2 / 2) (at 1).
    """

    accretion: Array
    splits: Array
    shares: Array

    @classmethod
    def of(cls, cosmologies: Sequence[Cosmology]) -> MergerRates:
        """Tabulate the rates of cosmologies; some milliseconds each."""
        each = [_tabulated(one) for one in cosmologies]
        return cls(*(np.stack(tables) for tables in zip(*each, strict=True)))

    def split_rate(self, which: Places, mass: Array) -> Array:
        """Return how often halos split for each unit of omega, at omega = 1; 0 below 2 M_res."""
        log_half = np.log(np.maximum(mass / (2 * RESOLUTION), 1.0))
        place = np.sqrt(log_half) / _SPLIT_STEP
        return np.asarray(log_half * np.exp(_between(self.splits, which, place)))

    def accretion_rate(self, which: Places, mass: Array) -> Array:
        """Return which share of a halo is accreted smoothly for each unit of omega, at omega = 1.

        Infinite at the resolution.
        """
        y = np.sqrt(np.log(mass / RESOLUTION))
        with np.errstate(divide="ignore"):
            return np.asarray(_between(self.accretion, which, y / _ACCRETION_STEP) / y)

    def lighter(self, which: Places, mass: Array, uniform: Array) -> Array:
        """Return the mass of the lighter progenitor of halos that split, by uniform numbers (0, 1).

        The quantiles of the two rows of the table beside each mass are interpolated.
        """
        log_half = np.log(mass / (2 * RESOLUTION))
        place = np.sqrt(log_half) / _SPLIT_STEP
        row = np.minimum(place.astype(np.intp), _SPLIT_ROWS - 2)
        flat = which * _SPLIT_ROWS + row
        both = np.concatenate([flat, flat + 1])
        low, high = self._quantile(both, np.tile(uniform, 2)).reshape(2, -1)
        at = low + (place - row) * (high - low)
        return np.asarray(RESOLUTION * np.exp(at * log_half))

    def _quantile(self, row: Places, uniform: Array) -> Array:
        # All rows after one another are one sorted array, when each is raised by its own number.
        found = np.searchsorted(self._sorted, row + uniform, side="right") - 1
        first = row * _FRACTIONS
        column = np.minimum(np.maximum(found - first, 0), _FRACTIONS - 2)
        low, high = (self.shares.take(first + column + more) for more in (0, 1))
        return np.asarray((column + (uniform - low) / (high - low)) / (_FRACTIONS - 1))

    @cached_property
    def _sorted(self) -> Array:
        rows = self.shares.reshape(-1, _FRACTIONS)
        return np.asarray((rows + np.arange(len(rows))[:, None]).ravel())


def _between(table: Array, which: Places, place: Array) -> Array:
    """Return values of rows of a table (C, S) at fractional places, interpolated linearly."""
    steps = table.shape[1]
    left = np.minimum(place.astype(np.intp), steps - 2)
    flat = which * steps + left
    low = table.take(flat)
    return np.asarray(low + (place - left) * (table.take(flat + 1) - low))


def _tabulated(cosmology: Cosmology) -> tuple[Array, Array, Array]:
    log_sigma = CubicSpline(
        np.log(cosmology.mass_of(np.array(_RADII))), np.log(cosmology.sigma_in(_RADII))
    )
    slope = log_sigma.derivative()
    finest = float(np.exp(log_sigma(math.log(RESOLUTION))))

    y = np.arange(1, _ACCRETION_ROWS) * _ACCRETION_STEP
    sigma = np.exp(log_sigma(math.log(RESOLUTION) + y**2))
    accretion = y * _weight(sigma) / sigma * _smooth(sigma / np.sqrt(finest**2 - sigma**2))
    # At the resolution u is infinite and J(u) is u: y u has a limit, given by the slope there.
    limit = _weight(finest) / finest / math.sqrt(-2 * float(slope(math.log(RESOLUTION))))
    accretion = np.concatenate([[limit], accretion])

    log_half = (np.arange(_SPLIT_ROWS) * _SPLIT_STEP)[:, None] ** 2
    log_heavy = math.log(2 * RESOLUTION) + log_half
    log_light = math.log(RESOLUTION) + np.linspace(0, 1, _FRACTIONS) * log_half
    heavy, light = np.exp(log_sigma(log_heavy)), np.exp(log_sigma(log_light))
    # For each unit of ln M1.
    density = (
        _weight(heavy)
        * light**2
        / (light**2 - heavy**2) ** 1.5
        * -slope(log_light)
        * np.exp(log_heavy - log_light)
        * (light / heavy) ** SHAPE
    )
    summed = cumulative_trapezoid(density, dx=1 / (_FRACTIONS - 1), axis=1, initial=0)
    return accretion, np.log(summed[:, -1]), summed / summed[:, -1:]


def _weight(sigma: Any) -> Any:
    """Return what all rates of a halo are multiplied by, for an omega of 1."""
    return math.sqrt(2 / math.pi) * AMPLITUDE * sigma**-TIME


def _smooth(u: Array) -> Array:
    """Return J(u), the integral of (1 + 1 / t^2)^(g1/2) from 0 to u."""
    power = 1 - SHAPE
    return np.asarray(u**power / power * hyp2f1(-SHAPE / 2, power / 2, 1 + power / 2, -(u**2)))

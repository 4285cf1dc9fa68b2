"""Linear theory of a flat universe of matter and a cosmological constant: spectrum, growth, sigma.

Lengths are in Mpc/h, wavenumbers in h/Mpc, masses in Msun/h, power in (Mpc/h)^3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoo_core import BadInput

Array = NDArray[np.float64]

HUBBLE = 100.0
"""The Hubble constant of today, in km/s for each Mpc/h."""
CRITICAL_DENSITY = 2.7754e11
"""Of today, in Msun/h for each (Mpc/h)^3."""
COLLAPSE = 1.686
"""The linear overdensity at which a sphere has collapsed."""
_WAVENUMBERS = np.exp(np.linspace(math.log(1e-4), math.log(50.0), 4096))


@dataclass(frozen=True)
class Cosmology:
    """A flat universe: density of matter, fluctuations in spheres of 8 Mpc/h, and what is fixed.

    `omega_m` and `omega_b` are densities of all matter and of baryons over the critical one, `h`
    the Hubble constant in 100 km/s/Mpc, `n_s` the tilt of the primordial spectrum, `t_cmb` in K.
    The defaults are those of the simulations of CosmoBench. Raises `BadInput` for densities
    outside 0 < omega_b < omega_m <= 1 and for any other number that is not positive.
    """

    omega_m: float
    sigma_8: float
    h: float = 0.6711
    omega_b: float = 0.049
    n_s: float = 0.9624
    t_cmb: float = 2.7255

    def __post_init__(self) -> None:
        for name in ("sigma_8", "h", "n_s", "t_cmb"):
            number = getattr(self, name)
            if not (math.isfinite(number) and number > 0):
                raise BadInput(f"{name}={number}; expected a positive number.")
        if not 0 < self.omega_b < self.omega_m <= 1:
            raise BadInput(
                f"omega_m={self.omega_m}, omega_b={self.omega_b}; expected "
                "0 < omega_b < omega_m <= 1."
            )

    def transfer(self, k: ArrayLike) -> Array:
        """Return the transfer function without baryon wiggles (Eisenstein and Hu 1998, eq. 28-31).

        `k` is in h/Mpc, of any shape.
        """
        k = np.asarray(k, np.float64)
        matter, baryons = self.omega_m * self.h**2, self.omega_b * self.h**2
        share = self.omega_b / self.omega_m
        horizon = 44.5 * math.log(9.83 / matter) / math.sqrt(1 + 10 * baryons**0.75)
        suppressed = (
            1 - 0.328 * math.log(431 * matter) * share + 0.38 * math.log(22.3 * matter) * share**2
        )
        at_k = suppressed + (1 - suppressed) / (1 + (0.43 * k * self.h * horizon) ** 4)
        q = k * (self.t_cmb / 2.7) ** 2 / (self.omega_m * self.h * at_k)
        logarithm = np.log(2 * math.e + 1.8 * q)
        return np.asarray(logarithm / (logarithm + (14.2 + 731 / (1 + 62.5 * q)) * q**2))

    def power(self, k: ArrayLike) -> Array:
        """Return the linear power of today at wavenumbers `k` > 0, of any shape.

        >>> Cosmology(0.3175, 0.834).power([0.01, 0.1, 1.0]).round(2)
        array([22092.8 ,  6072.32,    69.26])
        """
        k = np.asarray(k, np.float64)
        return np.asarray(self.amplitude * k**self.n_s * self.transfer(k) ** 2)

    @cached_property
    def amplitude(self) -> float:
        """What the primordial spectrum is multiplied by, so that sigma(8 Mpc/h) is `sigma_8`."""
        shape = _WAVENUMBERS**self.n_s * self.transfer(_WAVENUMBERS) ** 2
        return float(self.sigma_8**2 / _smoothed(shape, np.array(8.0)))

    def radius_of(self, mass: ArrayLike) -> Array:
        """Return the radius in Mpc/h of the sphere of mean density that has a mass in Msun/h."""
        density = CRITICAL_DENSITY * self.omega_m
        return np.asarray(np.cbrt(3 * np.asarray(mass, np.float64) / (4 * math.pi * density)))

    def mass_of(self, radius: ArrayLike) -> Array:
        """Return the mass in Msun/h of the sphere of mean density of a radius in Mpc/h."""
        density = CRITICAL_DENSITY * self.omega_m
        return np.asarray(4 / 3 * math.pi * density * np.asarray(radius, np.float64) ** 3)

    def sigma(self, mass: ArrayLike) -> Array:
        """Return the spread of today's linear overdensity in spheres of masses in Msun/h."""
        return np.sqrt(_smoothed(self._spectrum, self.radius_of(mass)))

    def sigma_in(self, radius: tuple[float, ...]) -> Array:
        """Return the spread in spheres of radii in Mpc/h, (n,).

        Their windows are kept, so that other cosmologies have them for the price of a product.
        """
        return np.asarray(np.sqrt(_windows(radius) @ self._spectrum))

    def sigma_slope(self, mass: ArrayLike) -> Array:
        """Return -d ln sigma / d ln M, which is positive, at masses in Msun/h."""
        radius = self.radius_of(mass)
        return np.asarray(
            -_smoothed(self._spectrum, radius, slope=True) / (3 * _smoothed(self._spectrum, radius))
        )

    @cached_property
    def _spectrum(self) -> Array:
        return self.power(_WAVENUMBERS)

    def matter_at(self, a: ArrayLike) -> Array:
        """Return the density of matter over the critical one at scale factors `a`."""
        a = np.asarray(a, np.float64)
        matter = self.omega_m / a**3
        return np.asarray(matter / (matter + 1 - self.omega_m))

    def growth(self, a: ArrayLike) -> Array:
        """Return the linear growth factor, 1 today (Carroll, Press and Turner 1992, eq. 29)."""
        a = np.asarray(a, np.float64)
        return np.asarray(a * _suppression(self.matter_at(a)) / _suppression(self.matter_at(1.0)))

    @property
    def growth_rate(self) -> float:
        """The logarithmic growth rate of today, d ln D / d ln a, as omega_m^0.55."""
        return float(self.omega_m**0.55)


def top_hat(x: ArrayLike) -> Array:
    """Return the Fourier transform of a ball of radius R at x = k R; 1 at x = 0."""
    x = np.asarray(x, np.float64)
    safe = np.where(x < 1e-2, 1.0, x)
    exact = 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3
    return np.where(x < 1e-2, 1 - x**2 / 10, exact)


def _top_hat_slope(x: Array) -> Array:
    """Return d W / d ln x of `top_hat`."""
    safe = np.where(x < 1e-2, 1.0, x)
    exact = 3 * np.sin(safe) / safe - 3 * top_hat(safe)
    return np.where(x < 1e-2, -(x**2) / 5, exact)


def _smoothed(power: Array, radius: Array, slope: bool = False) -> Array:
    """Return the variance in balls of `radius`, or half of its derivative by ln R, at any shape."""
    return np.asarray((_weights(radius, slope) * power).sum(-1))


def _weights(radius: Array, slope: bool = False) -> Array:
    """Return what a spectrum is multiplied by, and summed, for `_smoothed`: the trapezoid rule."""
    k = _WAVENUMBERS
    x = np.asarray(radius)[..., None] * k
    window = top_hat(x)
    weight = window * _top_hat_slope(x) if slope else window**2
    step = np.full_like(k, math.log(k[1] / k[0]))
    step[[0, -1]] /= 2
    return np.asarray(k**3 / (2 * math.pi**2) * step * weight)


@lru_cache(maxsize=2)
def _windows(radius: tuple[float, ...]) -> Array:
    """Return what a spectrum is multiplied by for the variances in balls, (n, wavenumbers)."""
    return _weights(np.array(radius))


def _suppression(matter: Array) -> Array:
    """Return growth over that of a universe of matter alone, by the density of matter."""
    vacuum = 1 - matter
    return 2.5 * matter / (matter ** (4 / 7) - vacuum + (1 + matter / 2) * (1 + vacuum / 70))

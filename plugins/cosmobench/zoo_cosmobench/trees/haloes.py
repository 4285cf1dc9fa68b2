"""What a dark halo of a mass is like at a time: concentration and greatest circular velocity."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from zoo_clouds.cosmology import COLLAPSE, CRITICAL_DENSITY, Cosmology

from zoo_cosmobench.trees.rates import HEAVIEST, RESOLUTION

Array = NDArray[np.float64]

GRAVITY = 4.30091e-9
"""In (km/s)^2 Mpc / Msun."""
SCATTER = 0.1
"""The spread of log10 of the concentration."""
CONCENTRATIONS = (1.5, 60.0)
_RADII = tuple(np.geomspace(0.55, 14.0, 64).tolist())


def characteristic_mass(cosmology: Cosmology) -> float:
    """Return M_*, at which sigma is 1.686 today, in Msun/h, within the generator's masses."""
    log_mass = np.log(cosmology.mass_of(np.array(_RADII)))
    # sigma falls with mass, and `interp` wants its first argument to rise.
    found = np.interp(-COLLAPSE, -cosmology.sigma_in(_RADII), log_mass)
    return float(np.clip(np.exp(found), RESOLUTION, HEAVIEST))


def concentration(mass: Array, a: Array, star: float, normal: Array) -> Array:
    """Return concentrations 9 a (M / M_*)^-0.13, with log-normal scatter, from 1.5 to 60.

    `normal` (n,) are standard normal numbers, `star` is `characteristic_mass`.
    """
    middle = 9 * a * (mass / star) ** -0.13
    return np.clip(middle * 10 ** (SCATTER * normal), *CONCENTRATIONS)


def greatest_velocity(mass: Array, a: Array, c: Array, cosmology: Cosmology) -> Array:
    """Return v_max in km/s of haloes with the profile of Navarro, Frenk and White.

    The virial radius, physical, is that of the overdensity of Bryan and Norman 1998.
    """
    x = cosmology.matter_at(a) - 1
    overdensity = 18 * math.pi**2 + 82 * x - 39 * x**2
    critical = CRITICAL_DENSITY * (cosmology.omega_m / a**3 + 1 - cosmology.omega_m)
    # Masses in Msun/h and radii in Mpc/h: h falls out of the velocity.
    radius = np.cbrt(3 * mass / (4 * math.pi * overdensity * critical))
    virial = np.sqrt(GRAVITY * mass / radius)
    return np.asarray(0.465 * virial * np.sqrt(c / (np.log1p(c) - c / (1 + c))))

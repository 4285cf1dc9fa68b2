"""The linear theory: published check values, and identities."""

from __future__ import annotations

import numpy as np
import pytest
from zoo_clouds.cosmology import Cosmology, top_hat

from zoo_core import BadInput

PLANCK = Cosmology(0.3175, 0.834)


def test_the_spectrum_has_its_check_values():
    found = PLANCK.power([0.01, 0.1, 1.0])
    assert found == pytest.approx([22092.8, 6072.32, 69.2577], rel=2e-6)


@pytest.mark.parametrize("omega_m", [0.1, 0.3, 0.5])
def test_fluctuations_in_eight_megaparsec_are_sigma_8(omega_m):
    cosmology = Cosmology(omega_m, 0.7)
    mass = 4 / 3 * np.pi * 8**3 * 2.7754e11 * omega_m
    assert cosmology.radius_of(mass) == pytest.approx(8.0)
    assert cosmology.sigma(mass) == pytest.approx(0.7, rel=1e-12)


def test_the_slope_is_the_derivative_of_sigma():
    masses, step = np.geomspace(1e11, 1e15, 9), 1e-4
    numeric = -np.log(PLANCK.sigma(masses * np.exp(step)) / PLANCK.sigma(masses / np.exp(step)))
    assert PLANCK.sigma_slope(masses) == pytest.approx(numeric / (2 * step), rel=1e-5)


def test_growth_is_that_of_the_integral():
    from scipy.integrate import quad

    def integral(a):
        def rate(x):
            return np.sqrt(0.3175 / x**3 + 1 - 0.3175)

        return rate(a) * quad(lambda x: 1 / (x * rate(x)) ** 3, 1e-8, a)[0]

    scales = np.array([0.2, 0.5, 0.8, 1.0])
    expected = np.array([integral(a) for a in scales]) / integral(1.0)
    assert PLANCK.growth(scales) == pytest.approx(expected, rel=3e-3)
    assert PLANCK.growth(1.0) == 1
    assert Cosmology(1.0, 0.8).growth(scales) == pytest.approx(scales)


def test_the_ball_is_smooth_where_it_is_small():
    x = np.array([0.0, 1e-3, 0.00999, 0.01001])
    assert top_hat(x) == pytest.approx(1 - x**2 / 10, abs=1e-8)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"omega_m": 0.04, "sigma_8": 0.8}, "omega_b < omega_m"),
        ({"omega_m": float("nan"), "sigma_8": 0.8}, "omega_b < omega_m"),
        ({"omega_m": 0.3, "sigma_8": 0.0}, "sigma_8=0.0"),
        ({"omega_m": 0.3, "sigma_8": 0.8, "h": -1.0}, "h=-1.0"),
    ],
)
def test_no_universe(given, told):
    with pytest.raises(BadInput, match=told):
        Cosmology(**given)


def test_spheres_are_told_by_their_mass_or_by_their_radius():
    cosmology = Cosmology(0.3, 0.8)
    radii = (1.0, 8.0, 20.0)
    masses = cosmology.mass_of(np.array(radii))
    assert np.allclose(cosmology.radius_of(masses), radii, rtol=1e-12)
    assert np.allclose(cosmology.sigma_in(radii), cosmology.sigma(masses), rtol=1e-12)
    assert cosmology.sigma_in(radii)[1] == pytest.approx(0.8, rel=1e-12)

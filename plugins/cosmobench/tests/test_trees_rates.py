"""Rates of mergers: the tables against the formulas, integrated anew."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from zoo_clouds.cosmology import Cosmology
from zoo_cosmobench.trees.rates import HEAVIEST, RESOLUTION, MergerRates

COSMOLOGIES = (Cosmology(0.3, 0.8), Cosmology(0.12, 0.95))
MASSES = (2.1e11, 1e12, 2e13, 2e14)


@pytest.fixture(scope="module")
def rates():
    return MergerRates.of(COSMOLOGIES)


def split_rate(cosmology, light, heavy):
    """dN / dM1 for each unit of omega, at omega = 1."""
    one, two = float(cosmology.sigma(light)), float(cosmology.sigma(heavy))
    slope = float(cosmology.sigma_slope(light))
    shape = one**2 / (one**2 - two**2) ** 1.5 * slope / light * heavy / light
    return math.sqrt(2 / math.pi) * shape * 0.57 * (one / two) ** 0.38 * (1 / two) ** -0.01


def splits_below(cosmology, light, heavy):
    def integrand(log_mass):
        mass = math.exp(log_mass)
        return mass * split_rate(cosmology, mass, heavy)

    return quad(integrand, math.log(RESOLUTION), math.log(light), epsrel=1e-6)[0]


@pytest.mark.parametrize("which", [0, 1])
def test_tables_are_the_formulas(rates, which):
    cosmology, place = COSMOLOGIES[which], np.array([which])
    for mass in MASSES:
        total = splits_below(cosmology, mass / 2, mass)
        assert rates.split_rate(place, np.array([mass]))[0] == pytest.approx(total, rel=4e-3)
        for uniform in (0.05, 0.5, 0.97):
            light = rates.lighter(place, np.array([mass]), np.array([uniform]))[0]
            share = splits_below(cosmology, light, mass) / total
            assert share == pytest.approx(uniform, abs=2e-3)


@pytest.mark.parametrize("which", [0, 1])
def test_smooth_accretion_is_its_integral(rates, which):
    cosmology = COSMOLOGIES[which]
    finest = float(cosmology.sigma(RESOLUTION))
    for mass in (1.0001e11, 1.3e11, *MASSES, HEAVIEST):
        sigma = float(cosmology.sigma(mass))
        u = sigma / math.sqrt(finest**2 - sigma**2)
        smooth = quad(lambda t: (1 + t**-2) ** 0.19, 0, u, epsrel=1e-8)[0]
        expected = math.sqrt(2 / math.pi) * smooth * 0.57 / sigma * (1 / sigma) ** -0.01
        found = rates.accretion_rate(np.array([which]), np.array([mass]))[0]
        assert found == pytest.approx(expected, rel=2e-3)


def test_what_is_at_and_below_the_resolution(rates):
    place = np.array([0, 0])
    assert rates.split_rate(place, np.array([1e11, 1.99e11])).tolist() == [0, 0]
    assert rates.accretion_rate(place[:1], np.array([RESOLUTION]))[0] == np.inf
    light = rates.lighter(place, np.array([2e13, 2e13]), np.array([0.0, 1 - 1e-12]))
    assert light == pytest.approx([RESOLUTION, 1e13], rel=1e-6)

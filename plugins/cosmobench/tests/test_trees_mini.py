"""The trees that are made: known bytes, known features, splits by universe."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch
from zoo_clouds.cosmology import Cosmology
from zoo_cosmobench.trees import mini
from zoo_cosmobench.trees.haloes import (
    characteristic_mass,
    concentration,
    greatest_velocity,
)
from zoo_cosmobench.trees.mini import cosmo_mini_trees, root_masses

from zoo_core import BadInput


def test_the_bytes_are_known():
    arrays = mini._made(0, 2)
    digest = hashlib.sha256(b"".join(one.tobytes() for one in arrays.values())).hexdigest()
    assert digest[:16] == "1b682d398b66c790"
    assert {name: one.shape for name, one in arrays.items()} == {
        "features": (1739, 4),
        "parent": (1739,),
        "offsets": (9,),
    }


def test_trees_do_not_depend_on_their_chunk():
    one, both = mini._made(1, 2), mini._made(0, 2)
    low = both["offsets"][4]
    assert (both["features"][low:] == one["features"]).all()


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("ZOO_HOME", str(tmp_path_factory.mktemp("home")))
    patch.setattr(mini, "cosmologies", lambda kind: np.array([[0.2, 0.7], [0.4, 0.9]] * 4))
    patch.setattr(mini, "SPLITS", {"train": (0, 4), "val": (4, 6), "test": (6, 8)})
    found = cosmo_mini_trees(8)
    assert len(found.forest) == 32
    patch.undo()
    return found


def test_trees_are_trees_and_kept_in_splits_by_universe(few):
    few.forest.check()
    assert len(few.forest) == 32 and few.splits == ("train", "val", "test")
    universes = [set(few.simulations[few.rows[name]].tolist()) for name in few.splits]
    assert universes == [{0, 1, 2, 3}, {4, 5}, {6, 7}]
    assert (few.targets[4:8] == torch.tensor([0.4, 0.9])).all()
    assert few.facts["universes"] == 8
    roots = few.forest.features[few.forest.parent < 0]
    assert (roots[:, 3] == 1).all() and (roots[:, 0] >= 13).all()
    assert few.forest.features[:, 0].min() >= 11


def test_roots_are_exponential_and_bounded():
    masses = np.log10(root_masses(np.random.default_rng(0), 20_000))
    assert masses.min() >= 13 and masses.max() <= 14.5
    # The mean of an exponential law of mean m that is cut at c: m - c / (exp(c / m) - 1).
    expected = 13 + 0.35 - 1.5 / (np.exp(1.5 / 0.35) - 1)
    assert masses.mean() == pytest.approx(expected, abs=0.01)


def test_haloes_are_as_the_formulas_say():
    universe = Cosmology(0.3, 0.8)
    star = characteristic_mass(universe)
    assert universe.sigma(star) == pytest.approx(1.686, rel=1e-3)
    assert characteristic_mass(Cosmology(0.1, 0.3)) == pytest.approx(1e11)
    mass, a = np.array([star, star, 1e14]), np.array([1.0, 0.5, 1.0])
    c = concentration(mass, a, star, np.array([0.0, 1.0, -9.0]))
    assert c == pytest.approx([9, 4.5 * 10**0.1, 1.5])
    # A halo of 1e12 Msun/h today has a virial velocity of some 130 km/s.
    found = greatest_velocity(np.array([1e12]), np.array([1.0]), np.array([10.0]), universe)
    assert 140 < found[0] < 190
    later = greatest_velocity(np.array([8e12]), np.array([1.0]), np.array([10.0]), universe)
    assert later[0] == pytest.approx(2 * found[0])


@pytest.mark.parametrize("universes", [4, 513, 10.0, True, "all"])
def test_a_wrong_number_of_universes_is_refused(universes):
    with pytest.raises(BadInput, match="expected a whole number from 5 to 512"):
        cosmo_mini_trees(universes)

"""`cosmo-mini-trees`: 2,048 merger trees in 512 universes, made by extended Press-Schechter."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from scipy.special import ndtri
from zoo_clouds.cosmology import Cosmology
from zoo_clouds.lognormal import cosmologies
from zoo_clouds.made import Arrays, Made

from zoo_core import BadInput
from zoo_cosmobench.trees.forest import Forest, Places, Trees, joined
from zoo_cosmobench.trees.growing import SCALES, Streams, grow
from zoo_cosmobench.trees.haloes import (
    characteristic_mass,
    concentration,
    greatest_velocity,
)
from zoo_cosmobench.trees.rates import HEAVIEST

VERSION = 1
"""Changes with the bytes that are made."""
EACH = 4
"""Trees of a universe."""
SPLITS = {"train": (0, 320), "val": (320, 416), "test": (416, 512)}
"""Universes of each split."""
LIGHTEST, SPREAD = 13.0, 0.35
"""Of log10 of the masses of roots: the least, and the mean above it."""
DIGITS = 4
"""So many decimals of a logarithm are kept: what differs beyond differs between machines."""
_SEED = 10_000
_CHUNK = 64


def cosmo_mini_trees(universes: int = 512) -> Trees:
    """Return four merger trees for each universe, by a recipe that is exact to the byte.

    Omega_m in [0.1, 0.5] and sigma_8 in [0.6, 1.0] are Sobol points; masses of roots do not depend
    on them. Haloes of 1e11 Msun/h and more at 33 equal steps of redshift from 0 to 4. With fewer
    `universes` each split has its share. Trees are made when they are asked for, in chunks that
    are kept in ``ZOO_HOME``. Raises `BadInput` for a number outside of 5 to 512.
    """
    most = len(cosmologies("trees"))
    if not isinstance(universes, int) or isinstance(universes, bool) or not 5 <= universes <= most:
        raise BadInput(f"universes={universes!r}; expected a whole number from 5 to {most}.")
    bounds = {
        name: (low, low + max(1, (high - low) * universes // most))
        for name, (low, high) in SPLITS.items()
    }
    chosen = np.concatenate([np.arange(*ends) for ends in bounds.values()])
    simulations = np.repeat(chosen, EACH)
    place = torch.from_numpy(simulations)
    return Trees(
        source=partial(_forest, chosen),
        targets=torch.from_numpy(cosmologies("trees")[simulations].astype(np.float32)),
        simulations=place,
        rows={
            name: torch.nonzero((place >= low) & (place < high)).flatten()
            for name, (low, high) in bounds.items()
        },
        facts={"trees": len(simulations), "universes": len(chosen)},
    )


def _forest(universes: Places) -> Forest:
    """Return the trees of some universes, four each, made where they are not kept."""
    made = Made(f"cosmo-mini-trees/{VERSION}", len(cosmologies("trees")), _made, _CHUNK)
    made.prepare(universes.tolist())
    chunks = sorted({int(one) // _CHUNK for one in universes})
    forest = joined([forest_of(made.chunk_of(one * _CHUNK)[0]) for one in chunks])
    # Where each universe's trees begin, in the chunks that are there.
    first = np.searchsorted(chunks, universes // _CHUNK) * _CHUNK + universes % _CHUNK
    return forest.take((first[:, None] * EACH + np.arange(EACH)).ravel())


def root_masses(rng: np.random.Generator, count: int = EACH) -> np.ndarray:
    """Draw masses of roots in Msun/h: log10 is 13 and an exponential number, at most 14.5."""
    found: list[float] = []
    while len(found) < count:
        # By the inverse distribution: the stream of uniform numbers is what all versions share.
        log_mass = LIGHTEST - SPREAD * np.log1p(-rng.random())
        if log_mass <= np.log10(HEAVIEST):
            found.append(10**log_mass)
    return np.array(found)


def _made(first: int, last: int) -> Arrays:
    """Make the trees of the universes from one number up to another."""
    universes = [Cosmology(*map(float, pair)) for pair in cosmologies("trees")[first:last]]
    generators = [np.random.default_rng(_SEED + number) for number in range(first, last)]
    roots = np.concatenate([root_masses(one) for one in generators])
    streams = Streams([each for one in generators for each in one.spawn(EACH)])
    grown = grow(universes, np.repeat(np.arange(len(universes)), EACH), roots, streams)
    a = SCALES[grown.snapshot]
    normal = ndtri(streams.take(grown.tree))
    c, v_max = np.empty_like(a), np.empty_like(a)
    for number, universe in enumerate(universes):
        here = grown.tree // EACH == number
        star = characteristic_mass(universe)
        c[here] = concentration(grown.mass[here], a[here], star, normal[here])
        v_max[here] = greatest_velocity(grown.mass[here], a[here], c[here], universe)
    features = np.stack([np.log10(grown.mass), np.log10(c), np.log10(v_max)], 1).round(DIGITS)
    sizes = np.bincount(grown.tree, minlength=len(roots))
    return {
        "features": np.concatenate([features, a[:, None]], 1).astype(np.float32),
        "parent": grown.parent.astype(np.int32),
        "offsets": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
    }


def forest_of(arrays: Arrays) -> Forest:
    """Return the trees of a chunk."""
    return Forest.of(arrays["features"], arrays["parent"], arrays["offsets"])

"""Trees by Monte Carlo: a plain loop grows the same, and haloes behave."""

from __future__ import annotations

import math

import numpy as np
import pytest
from zoo_clouds.cosmology import COLLAPSE, Cosmology
from zoo_cosmobench.trees.growing import SCALES, Streams, grow
from zoo_cosmobench.trees.rates import RESOLUTION, TIME, MergerRates

COSMOLOGY = Cosmology(0.3, 0.8)
FRACTIONS = {1: 0.957, 8: 0.644, 16: 0.356, 32: 0.067}
"""Of the mass of a root of 2e13 Msun/h in its progenitors, at snapshots: of 1,000 trees
with finer tables and steps a fifth as long."""


def streams(count, seed=0):
    return Streams([np.random.default_rng([seed, tree]) for tree in range(count)])


def trees(roots, seed=0, cosmologies=(COSMOLOGY,), which=None):
    places = np.zeros(len(roots), np.intp) if which is None else np.asarray(which)
    return grow(cosmologies, places, np.asarray(roots), streams(len(roots), seed))


def plain(cosmology, root, rng):
    """Grow one tree halo by halo; return (snapshot, mass, parent) of its haloes."""
    rates, zero = MergerRates.of([cosmology]), np.array([0])
    omega = COLLAPSE / cosmology.growth(SCALES)
    found, haloes = [(0, root, -1)], [(root, 0)]
    for early in range(1, len(SCALES)):
        begin, span = omega[early - 1], omega[early] - omega[early - 1]

        def expected(mass, begin=begin, span=span):
            return rates.split_rate(zero, np.array([mass]))[0] * begin**TIME * span

        most = max((expected(mass) for mass, _ in haloes), default=0.0)
        steps = max(1, math.ceil(most / 0.1))
        for step in range(steps):
            after = []
            passed = span / steps * (begin + step * span / steps) ** TIME
            for mass, node in haloes:
                probability = rates.split_rate(zero, np.array([mass]))[0] * passed
                rest = mass * (1 - rates.accretion_rate(zero, np.array([mass]))[0] * passed)
                uniform, parts = rng.random(), [rest]
                if uniform < probability:
                    drawn = np.array([uniform / probability])
                    light = rates.lighter(zero, np.array([mass]), drawn)[0]
                    parts = [rest - light, light]
                after += [(one, node) for one in parts if one >= RESOLUTION]
            haloes = after
        first = len(found)
        found += [(early, mass, node) for mass, node in haloes]
        haloes = [(mass, first + place) for place, (mass, _) in enumerate(haloes)]
    return found


def test_a_plain_loop_grows_the_same_tree():
    roots = [3e12, 8e11]
    grown = trees(roots, seed=3)
    for tree, root in enumerate(roots):
        here = np.flatnonzero(grown.tree == tree)
        expected = plain(COSMOLOGY, root, np.random.default_rng([3, tree]))
        assert grown.snapshot[here].tolist() == [one for one, _, _ in expected]
        assert grown.mass[here] == pytest.approx([mass for _, mass, _ in expected], rel=1e-9)
        parent = np.where(grown.parent[here] < 0, -1, grown.parent[here] - here[0])
        assert parent.tolist() == [node for _, _, node in expected]


def test_progenitors_have_the_mass_that_they_must():
    grown = trees(np.full(300, 2e13))
    for snapshot, expected in FRACTIONS.items():
        here = grown.snapshot == snapshot
        share = np.bincount(grown.tree[here], grown.mass[here], 300) / 2e13
        error = share.std() / math.sqrt(300)
        assert abs(share.mean() - expected) < 4 * error + 0.002, snapshot


def test_mass_is_never_made_and_time_goes_on():
    cosmologies = (COSMOLOGY, Cosmology(0.12, 0.95))
    grown = trees([2e14, 3e13, 1e13, 1.2e11], cosmologies=cosmologies, which=[0, 1, 0, 1])
    inner = np.flatnonzero(grown.parent >= 0)
    below = np.bincount(grown.parent[inner], grown.mass[inner], len(grown.mass))
    assert (below <= grown.mass * (1 + 1e-12)).all()
    assert (grown.mass >= RESOLUTION).all()
    assert (grown.snapshot[inner] == grown.snapshot[grown.parent[inner]] + 1).all()
    assert (grown.tree[inner] == grown.tree[grown.parent[inner]]).all()
    assert np.bincount(grown.tree[grown.parent < 0]).tolist() == [1, 1, 1, 1]


def test_a_tree_does_not_depend_on_those_beside_it():
    alone = trees([1e13], seed=7)
    first = grow(
        (Cosmology(0.5, 0.6), COSMOLOGY),
        np.array([1, 0]),
        np.array([1e13, 2e14]),
        Streams([np.random.default_rng([7, 0]), np.random.default_rng([8, 0])]),
    )
    here = first.tree == 0
    assert first.mass[here].tobytes() == alone.mass.tobytes()
    assert (first.parent[here] == alone.parent).all()


def test_streams_are_what_their_generators_give():
    known = [np.random.default_rng(seed) for seed in (0, 1)]
    expected = [one.random(9000) for one in known]
    taken = streams_of = Streams([np.random.default_rng(seed) for seed in (0, 1)])
    rng, got = np.random.default_rng(2), ([], [])
    while min(map(len, got)) < 5000:
        counts = rng.integers(0, 1500, 2)
        values = streams_of.take(np.repeat([0, 1], counts))
        for tree, part in enumerate(np.split(values, [counts[0]])):
            got[tree].extend(part)
    # More at once than a tree draws ahead.
    got[1].extend(taken.take(np.full(2500, 1)))
    for tree in (0, 1):
        assert got[tree][:9000] == expected[tree][: len(got[tree])].tolist()[:9000]

"""Merger trees of dark haloes by Monte Carlo, backwards in time, many trees at once.

Between two snapshots time omega passes in equal steps, as many as keep the probability that the
tree's heaviest halo splits in a step at 0.1 or less. In each step a halo loses what it accreted
smoothly, and perhaps splits; what falls below the resolution becomes smooth mass. The haloes that
are there at a snapshot are the children of those that they came from at the one before.

Each tree has a stream of uniform numbers of its own, and takes one for each halo and step, in the
order of its haloes: what is drawn does not depend on the trees beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from zoo_clouds.cosmology import COLLAPSE, Cosmology

from zoo_cosmobench.trees.rates import RESOLUTION, TIME, MergerRates

Array = NDArray[np.float64]
Places = NDArray[np.intp]

SCALES = 1 / (1 + np.linspace(0, 4, 33))
"""The scale factors of the snapshots, from today to redshift 4."""
MOST_LIKELY = 0.1
"""The probability that a halo splits in a step, at most."""
_AHEAD = 2048
"""How many uniform numbers a tree draws at a time."""


@dataclass(frozen=True)
class Grown:
    """Haloes of several trees, tree by tree, each from the root to earlier times.

    `mass` (n,) is in Msun/h, `snapshot` (n,) counts back from today, `parent` (n,) is the halo's
    descendant by its place in these arrays (-1 for a root), `tree` (n,) which tree it belongs to.
    """

    mass: Array
    snapshot: Places
    parent: Places
    tree: Places


class Streams:
    """A stream of uniform numbers for each tree, of which each takes as many as it needs."""

    def __init__(self, generators: Sequence[np.random.Generator]) -> None:
        self.generators = generators
        self._drawn = np.stack([one.random(_AHEAD) for one in generators])
        self._used = np.zeros(len(generators), np.intp)

    def take(self, tree: Places) -> Array:
        """Return a number for each entry of `tree` (n,), whose equal entries are neighbours."""
        counts = np.bincount(tree, minlength=len(self.generators))
        short = np.flatnonzero(self._used + counts > self._drawn.shape[1])
        if len(short):
            self._refill(short, int(counts.max()))
        first = self._used - np.cumsum(counts) + counts
        first += np.arange(len(counts)) * self._drawn.shape[1]
        found = self._drawn.take(first[tree] + np.arange(len(tree)))
        self._used += counts
        return np.asarray(found)

    def _refill(self, trees: Places, needed: int) -> None:
        width = self._drawn.shape[1]
        if needed > width:
            more = [one.random(needed) for one in self.generators]
            self._drawn = np.concatenate([self._drawn, np.stack(more)], 1)
            return
        for tree in trees:
            used = self._used[tree]
            rest = self._drawn[tree, used:].copy()
            self._drawn[tree, : len(rest)] = rest
            self._drawn[tree, len(rest) :] = self.generators[tree].random(used)
            self._used[tree] = 0


def grow(
    cosmologies: Sequence[Cosmology],
    which: Places,
    roots: Array,
    streams: Streams,
    scales: Array = SCALES,
) -> Grown:
    """Grow a tree from each root mass (t,) in Msun/h, in the cosmology of the number `which` (t,).

    `scales` are the scale factors of the snapshots, from late to early.
    """
    rates = MergerRates.of(cosmologies)
    omega = COLLAPSE / np.stack([one.growth(scales) for one in cosmologies])
    mass, tree = np.array(roots, np.float64), np.arange(len(roots))
    node = tree.copy()
    kept = [(mass, tree, np.full(len(roots), -1))]
    count = len(roots)
    for early in range(1, len(scales)):
        span = omega[:, early] - omega[:, early - 1]
        mass, tree, node = _interval(
            rates, which, omega[:, early - 1], span, (mass, tree, node), streams
        )
        kept.append((mass, tree, node))
        node = count + np.arange(len(mass))
        count += len(mass)
    return _by_tree(kept)


def _interval(
    rates: MergerRates,
    which: Places,
    begin: Array,
    span: Array,
    haloes: tuple[Array, Places, Places],
    streams: Streams,
) -> tuple[Array, Places, Places]:
    """Return the haloes (mass, tree, node that they came from) one snapshot earlier."""
    mass, tree, node = haloes
    expected = rates.split_rate(which[tree], mass) * (begin**TIME * span)[which[tree]]
    most = np.zeros(len(which))
    np.maximum.at(most, tree, expected)
    steps = np.maximum(1, np.ceil(most / MOST_LIKELY)).astype(np.intp)
    width = span[which] / steps
    ending = np.bincount(steps)
    done = []
    step = 0
    while len(mass):
        now = which[tree]
        passed = (width * (begin[which] + step * width) ** TIME)[tree]
        uniform = streams.take(tree)
        able = np.flatnonzero(mass > 2 * RESOLUTION)
        probability = rates.split_rate(now[able], mass[able]) * passed[able]
        does = uniform[able] < probability
        split = able[does]
        # A uniform number below p is, over p, uniform again.
        lighter = rates.lighter(now[split], mass[split], uniform[split] / probability[does])
        mass = mass * (1 - rates.accretion_rate(now, mass) * passed)
        mass[split] -= lighter
        # What falls below the resolution is gone; a lighter progenitor comes after the other one.
        counts = (mass >= RESOLUTION).astype(np.intp)
        counts[split] += 1
        mass, tree, node = mass.repeat(counts), tree.repeat(counts), node.repeat(counts)
        mass[np.cumsum(counts)[split] - 1] = lighter
        step += 1
        if ending[step]:
            over = steps[tree] == step
            done.append((mass[over], tree[over], node[over]))
            mass, tree, node = mass[~over], tree[~over], node[~over]
    if not done:  # all haloes are gone
        return mass, tree, node
    mass, tree, node = (np.concatenate(parts) for parts in zip(*done, strict=True))
    order = np.argsort(tree, kind="stable")
    return mass[order], tree[order], node[order]


def _by_tree(kept: Sequence[tuple[Array, Places, Places]]) -> Grown:
    mass, tree, parent = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    snapshot = np.repeat(np.arange(len(kept)), [len(one[0]) for one in kept])
    order = np.argsort(tree, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    moved = np.where(parent < 0, -1, place[parent])
    return Grown(mass[order], snapshot[order], moved[order], tree[order])

"""Small random trees, for examples and the test kit."""

from __future__ import annotations

import numpy as np

from zoo_cosmobench.trees.forest import Forest

SIZES = (9, 5, 12)
"""Of the trees, in haloes."""


def example_forest(seed: int, sizes: tuple[int, ...] = SIZES) -> Forest:
    """Return random trees in which each halo becomes one of those before it, at a later time."""
    rng = np.random.default_rng(seed)
    parent, logs, times = [], [], []
    offsets = np.cumsum([0, *sizes])
    for low, size in zip(offsets, sizes, strict=False):
        a, mass = np.ones(size), np.full(size, 13.5)
        above = np.full(size, -1)
        for node in range(1, size):
            above[node] = rng.integers(max(0, node - 3), node)
            a[node] = a[above[node]] * rng.uniform(0.8, 0.95)
            mass[node] = mass[above[node]] - rng.uniform(0.05, 0.3)
        parent.append(np.where(above < 0, -1, above + low))
        times.append(a)
        noise = 0.1 * rng.standard_normal((2, size))
        logs.append(np.stack([mass, 0.8 + noise[0], 2.4 + (mass - 13) / 3 + noise[1]], 1))
    features = np.concatenate([np.concatenate(logs), np.concatenate(times)[:, None]], 1)
    return Forest.of(features, np.concatenate(parent), offsets)

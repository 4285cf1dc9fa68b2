"""Hits of queries, and estimates over seeds and over blocks of the drive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from zoo_4dral.retrieval.ranking import RADIUS
from zoo_core import Estimate, dataset

Array = NDArray[np.float64]
BLOCK = 10
"""Queries that are drawn together: 80 m of the drive, as what is seen there is much the same."""
DRAWS = 2000


Found = Mapping[str, Array]
"""Metres of the first answers (q, 10) and of the nearest place (q,), by their names."""


@torch.no_grad()
def found_in(module: Any, world: str, fog: float = 0.0, drop: float = 0.0) -> Found:
    """Return what a model finds for the queries of a test world, in fog or rain."""
    data = dataset("streetsim", world=world, fog=fog, drop=drop)
    batches = list(module.outputs(data.split("test")))
    names = [name for name in batches[0] if name.startswith(("metres", "nearest"))]
    return {
        name: torch.cat([one[name] for one in batches]).double().cpu().numpy() for name in names
    }


def hits(found: Found, count: int = 1, radius: float = RADIUS, way: str = "") -> Array:
    """Return for each query (q,) with a positive whether it is found, 100 or 0.

    `way` is "-same" or "-opposite" for places that are looked at so.
    """
    within = np.any(found[f"metres{way}"][:, :count] <= radius, axis=1)
    return np.asarray(100.0 * within[found[f"nearest{way}"] <= radius], np.float64)


def mean_of(worlds: Sequence[Sequence[Array]]) -> float:
    """Return the mean over worlds and seeds of the means over queries."""
    return float(np.mean([[outcomes.mean() for outcomes in world] for world in worlds]))


def over_blocks(worlds: Sequence[Sequence[Array]]) -> Estimate:
    """Return the mean over worlds of the means over queries, with its interval.

    `worlds` has for each world the outcomes (q,) of each seed, or their differences, on the same
    queries. Seeds, the same for all worlds, and blocks of 10 queries are drawn anew with
    replacement, 2,000 times; the interval is that of the percentiles. Drawing both counts a part
    of the spread twice, so that it is rather too wide than too narrow (Owen 2007, the pigeonhole
    bootstrap); of one seed, it tells of the queries alone.
    """
    seeds = len(worlds[0])
    rng = np.random.default_rng(0)
    drawn = rng.integers(seeds, size=(DRAWS, seeds))
    means = np.zeros(DRAWS)
    for outcomes in worlds:
        table = np.stack(outcomes)
        blocks = np.array_split(np.arange(table.shape[1]), max(2, table.shape[1] // BLOCK))
        sums = np.stack([table[:, block].sum(1) for block in blocks], 1)
        sizes = np.array([len(block) for block in blocks])
        chosen = rng.integers(len(blocks), size=(DRAWS, len(blocks)))
        over_seeds = sums[drawn].mean(1)
        means += np.take_along_axis(over_seeds, chosen, 1).sum(1) / sizes[chosen].sum(1)
    means /= len(worlds)
    mean = mean_of(worlds)
    low, high = np.quantile(means, [0.025, 0.975])
    reach = max(mean - low, high - mean, 0.0)
    return Estimate(mean, float(means.std(ddof=1)), float(reach), seeds)

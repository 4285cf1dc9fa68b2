"""Stochastic block models with Gaussian features, the same bytes for the same seed everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_graphs.graph import Graph, Symmetrize, check_symmetrize
from zoo_graphs.integrity import check_fold


def sample_sbm(
    sizes: Sequence[int],
    probs: Sequence[Sequence[float]],
    *,
    seed: int,
    feature_mean: Sequence[Sequence[float]] | None = None,
    feature_std: float = 2.0,
    train_fraction: float = 0.1,
    name: str = "sbm",
) -> Graph:
    """Draw a graph, node features and a random split.

    Nodes u < v are joined with probability `probs[block of u][block of v]`, independently. Time and
    memory are proportional to nodes and edges. Node order is by block; the label is the block.
    Edges, features and split have independent streams of PCG64, all of the one `seed`.

    `sizes` are those of the B blocks, `probs` a symmetric (B, B) matrix. The features of a block
    have the mean `feature_mean[block]`, of (B, p) numbers (+(1, 1) and -(1, 1) if None, for two
    blocks only), and the standard deviation `feature_std` (2: covariance 4 I). A share
    `train_fraction` of the nodes is for training; of the rest one half (rounded down) is for
    validation, the other for testing. Raises `BadInput` when an argument is out of range.
    """
    counts, matrix = _checked_blocks(sizes, probs)
    means = _checked_means(feature_mean, counts.size)
    if not 0 <= train_fraction <= 1:
        raise BadInput(f"train_fraction={train_fraction} is no share; give a number from 0 to 1.")
    if not (np.isfinite(feature_std) and feature_std >= 0):
        raise BadInput(f"feature_std={feature_std} is no standard deviation; give one from 0.")
    streams = np.random.SeedSequence(check_fold(seed, None)).spawn(3)
    edge_rng, feature_rng, split_rng = (np.random.Generator(np.random.PCG64(s)) for s in streams)
    labels = np.repeat(np.arange(counts.size), counts)
    noise = feature_rng.standard_normal((labels.size, means.shape[1]))
    return Graph.from_edges(
        _sample_edges(counts, matrix, edge_rng),
        means[labels] + feature_std * noise,
        labels,
        _random_masks(labels.size, train_fraction, split_rng),
        class_names=[str(block) for block in range(counts.size)],
        name=name,
        layout="columns",
    )


def load(
    name: str,
    sizes: Sequence[int],
    probs: Sequence[Sequence[float]],
    *,
    fold: int = 0,
    symmetrize: Symmetrize = "union",
    **options: Any,
) -> Graph:
    """Return a registered block model; `fold` is the seed of graph, features and split.

    `symmetrize` is there because all graph datasets take it: an undirected model has no use for
    it. `options` go to `sample_sbm`.
    """
    check_symmetrize(symmetrize)
    return sample_sbm(sizes, probs, seed=check_fold(fold, None), name=name, **options)


def _checked_blocks(sizes: Any, probs: Any) -> tuple[np.ndarray, np.ndarray]:
    counts, matrix = np.asarray(sizes), np.asarray(probs, dtype=np.float64)
    if counts.ndim != 1 or counts.size == 0 or counts.dtype.kind not in "iu" or counts.min() < 0:
        raise BadInput(f"sizes={sizes!r} are no block sizes; give a list of integers from 0.")
    if matrix.shape != (counts.size, counts.size):
        raise BadInput(
            f"probs has shape {matrix.shape}, expected ({counts.size}, {counts.size}); give one "
            "probability for each pair of blocks."
        )
    if not ((matrix >= 0) & (matrix <= 1)).all() or not np.array_equal(matrix, matrix.T):
        raise BadInput(f"probs={probs!r} is not a symmetric matrix of numbers from 0 to 1.")
    return counts.astype(np.int64), matrix


def _checked_means(means: Any, blocks: int) -> np.ndarray:
    if means is None:
        if blocks != 2:
            raise BadInput(
                f"The default feature means are for 2 blocks, not {blocks}; give feature_mean, "
                "one row for each block."
            )
        means = [[1.0, 1.0], [-1.0, -1.0]]
    array = np.asarray(means, dtype=np.float64)
    if array.ndim != 2 or array.shape[0] != blocks:
        raise BadInput(f"feature_mean has shape {array.shape}, expected ({blocks}, columns).")
    return array


def _sample_edges(counts: np.ndarray, probs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    starts = np.cumsum(counts) - counts
    found = []
    for a in range(counts.size):
        size = int(counts[a])
        inside = _successes(size * (size - 1) // 2, float(probs[a, a]), rng)
        found.append(starts[a] + _pairs(inside))
        for b in range(a + 1, counts.size):
            width = int(counts[b])
            across = _successes(size * width, float(probs[a, b]), rng)
            ends = np.stack([across // max(width, 1), across % max(width, 1)])
            found.append(ends + np.array([[starts[a]], [starts[b]]]))
    return np.concatenate(found, axis=1)


def _successes(trials: int, p: float, rng: np.random.Generator) -> np.ndarray:
    """Return which of `trials` Bernoulli(p) trials succeed, ascending, by jumping over failures.

    The gaps between successes are geometric. They are made of uniform numbers by inversion, and
    not by Generator.geometric, whose algorithm NumPy may change.
    """
    if trials == 0 or p == 0:
        return np.empty(0, dtype=np.int64)
    if p == 1:
        return np.arange(trials)
    places = []
    last = -1
    batch = int(trials * p + 4 * np.sqrt(trials * p) + 16)
    while last < trials:
        # 1 - random() is in (0, 1], so that its logarithm is finite; a tiny p may overflow.
        with np.errstate(over="ignore"):
            gaps = np.floor(np.log(1.0 - rng.random(batch)) / np.log1p(-p))
        # A gap as long as the block ends it; longer ones would overflow the sum.
        steps = np.minimum(gaps, trials).astype(np.int64) + 1
        place = last + np.cumsum(steps)
        places.append(place)
        last = int(place[-1])
    every = np.concatenate(places)
    return every[every < trials]


def _pairs(index: np.ndarray) -> np.ndarray:
    """Return the pairs u < v with these positions in (0,1), (0,2), (1,2), (0,3), ..."""
    v = ((1 + np.sqrt(1 + 8 * index.astype(np.float64))) / 2).astype(np.int64)
    # The square root may be off by one unit: put v back to v (v - 1) / 2 <= index < v (v + 1) / 2.
    v -= v * (v - 1) // 2 > index
    v += v * (v + 1) // 2 <= index
    return np.stack([index - v * (v - 1) // 2, v])


def _random_masks(n: int, train_fraction: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    # Sorting uniform numbers, and not Generator.permutation, whose algorithm NumPy may change.
    order = np.argsort(rng.random(n), kind="stable")
    train = round(train_fraction * n)
    val = (n - train) // 2
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    return {
        "train": rank < train,
        "val": (rank >= train) & (rank < train + val),
        "test": rank >= train + val,
    }

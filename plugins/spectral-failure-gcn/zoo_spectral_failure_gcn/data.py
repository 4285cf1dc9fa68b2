"""Random graphs on which GCN features fail, or do not: latent segments and two blocks.

The same bytes for the same seed everywhere: uniform numbers of PCG64 against probabilities.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import sparse
from zoo_graphs.graph import Graph
from zoo_graphs.sbm import sample_sbm

from zoo_core import BadInput

NORMAL = 3 * math.pi / 8
"""The angle of the segment's normal; the segment itself runs along -pi/8."""
BAYES_ERROR = 0.25
"""Of the segment model, whatever its parameters: the triangles' densities overlap by one half."""


def rdpg_segment(
    n: int = 1000, delta: float = 0.0, r: float = 0.745, h: float = 0.3, seed: int = 0
) -> Graph:
    """Draw a random dot product graph whose latent positions lie on a line segment.

    A node's class Y is 0 or 1 with equal chance, its place s in [0, 1] along the segment has
    density 2 (1 - s) or 2 s, and its position is X = r u + (2 h (s - 1/2) + r tan(delta)) v with
    u the segment's normal and v its direction. Nodes i and j are joined with probability X_i . X_j.
    A random half of the nodes is for training, the other for testing.

    At delta = 0 all nodes have the same expected degree, and the classes differ along the second
    eigenvector only; at delta = pi/8 the first eigenvector and the degrees tell them apart as well.
    The Bayes error from the positions is 1/4 throughout. The construction, r, h and n are this
    project's, fitted to the paper's figure.

    There are `n` nodes, 2 at least; `delta` is the angle between the mean position and the normal,
    in radians, `r` the segment's distance from the origin, `h` half of its length, and `seed` an
    integer from 0. Raises `BadInput` for an argument that is out of range, or that makes a
    probability that is none.
    """
    _check_integer("n", n, 2)
    _check_integer("seed", seed, 0)
    for name, value in (("delta", delta), ("r", r), ("h", h)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            raise BadInput(f"{name}={value!r} is out of range; give a number from 0.")
    streams = np.random.SeedSequence(seed).spawn(3)
    node_rng, edge_rng, split_rng = (np.random.Generator(np.random.PCG64(s)) for s in streams)
    labels = (node_rng.random(n) < 0.5).astype(np.int64)
    positions = latent_positions(labels, node_rng.random(n), delta, r, h)
    low, high = _extreme_products(positions)
    if not 0 <= low <= high <= 1:
        raise BadInput(
            f"n={n}, delta={delta}, r={r}, h={h} give edge probabilities from {low:.3f} to "
            f"{high:.3f}; choose a shorter segment or a smaller angle."
        )
    train = np.argsort(np.argsort(split_rng.random(n), kind="stable"), kind="stable") < n // 2
    return Graph.from_edges(
        _bernoulli_edges(positions, edge_rng),
        sparse.csr_array((n, 0), dtype=np.float32),
        labels,
        {"train": train, "test": ~train},
        class_names=["left", "right"],
        name="rdpg-segment",
        layout="columns",
    )


def latent_positions(
    labels: np.ndarray, uniform: np.ndarray, delta: float, r: float = 0.745, h: float = 0.3
) -> np.ndarray:
    """Return X (n, 2) of classes (n,) and numbers (n,) that are uniform in [0, 1)."""
    place = np.where(labels == 1, np.sqrt(1 - uniform), 1 - np.sqrt(1 - uniform))
    along = 2 * h * (place - 0.5) + r * math.tan(delta)
    normal = np.array([math.cos(NORMAL), math.sin(NORMAL)])
    direction = np.array([math.sin(NORMAL), -math.cos(NORMAL)])
    positions: np.ndarray = r * normal + along[:, None] * direction
    return positions


def two_blocks(
    n: int = 1000, a: float = 0.12, b: float = 0.08, c: float | None = None, seed: int = 0
) -> Graph:
    """Draw two blocks of n/2 nodes with probabilities [[a, b], [b, c]], c = a unless given.

    With c = a expected degrees are equal and the blocks are in the second eigenvector alone; with
    another c the degrees tell them apart. No features; half of the nodes is for training, a quarter
    each for validation and testing. Raises `BadInput` for an argument that is out of range.
    """
    _check_integer("n", n, 2)
    sizes = [n - n // 2, n // 2]
    return sample_sbm(
        sizes,
        [[a, b], [b, a if c is None else c]],
        seed=seed,
        feature_mean=[[], []],
        train_fraction=0.5,
        name="sbm",
    )


def _check_integer(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadInput(f"{name}={value!r} is out of range; give an integer from {least}.")


def _extreme_products(positions: np.ndarray) -> tuple[float, float]:
    """Return the least and the largest product of two positions: those of the segment's ends."""
    ends = positions[[np.argmin(positions[:, 0]), np.argmax(positions[:, 0])]]
    products = ends @ ends.T
    return float(products.min()), float(products.max())


def _bernoulli_edges(positions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the edges (2, m), u < v, drawn row by row so that memory stays proportional to n."""
    found = []
    for node in range(len(positions) - 1):
        chances = positions[node + 1 :] @ positions[node]
        others = node + 1 + np.flatnonzero(rng.random(chances.size) < chances)
        found.append(np.stack([np.full(others.size, node), others]))
    return np.concatenate(found, axis=1)

"""Who is near whom: edges within a radius and to the nearest points, by the nearest images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from zoo_clouds.box import Box
from zoo_clouds.clouds import Cloud, offsets_of
from zoo_core import BadInput

Edges = NDArray[np.int64]


def tree_of(positions: Any, box: Box) -> cKDTree:
    """Return a k-d tree of points (n, d), which a periodic box moves into itself first."""
    return cKDTree(box.wrap(positions), boxsize=[one or 0.0 for one in box.periods])


def pairs_within(positions: Any, box: Box, radius: float) -> Edges:
    """Return each pair of points (E, 2) that are within a radius of each other, once.

    Raises `BadInput` for a radius that is not positive.
    """
    _check(radius)
    found = tree_of(positions, box).query_pairs(radius, output_type="ndarray")
    return np.asarray(found, np.int64)


def neighbours(positions: Any, box: Box, radius: float) -> Edges:
    """Return edges (2, E) between points within a radius, in both directions, ordered by receiver.

    The first row sends, the second receives; no point is its own neighbour.
    """
    pairs = pairs_within(positions, box, radius).T
    both = np.concatenate([pairs, pairs[::-1]], 1)
    return both[:, np.lexsort(both)]


def nearest(positions: Any, box: Box, count: int) -> Edges:
    """Return edges (2, n * count) from the nearest points to each point, the nearest first.

    Points at equal distances are taken in the order of their numbers where the tree tells them
    apart by nothing else. Raises `BadInput` where there are not so many other points.
    """
    points = box.wrap(positions)
    if not 1 <= count < len(points):
        raise BadInput(f"{count} neighbours of {len(points)} points; expected 1 to n - 1.")
    _, found = tree_of(points, box).query(points, count + 1)
    receivers = np.arange(len(points))[:, None]
    # Of duplicates the tree may name another one first: each point leaves out itself.
    itself = found == receivers
    itself[~itself.any(1), -1] = True
    senders = found[~itself].reshape(len(points), count)
    return np.stack([senders.ravel(), np.repeat(receivers, count)])


def edges_of(clouds: Sequence[Cloud], radius: float) -> tuple[Tensor, Tensor]:
    """Return edges (2, E) within a radius in each cloud of a batch, and x_sender - x_receiver.

    Numbers of points are those of the batch; differences (E, d) are by the nearest images.
    """
    offsets = offsets_of([len(cloud) for cloud in clouds]).tolist()
    edges, gaps = [], []
    for cloud, offset in zip(clouds, offsets, strict=False):
        one = neighbours(cloud.positions, cloud.box, radius)
        gaps.append(cloud.box.difference(cloud.positions[one[0]], cloud.positions[one[1]]))
        edges.append(one + offset)
    return torch.from_numpy(np.concatenate(edges, 1)), torch.from_numpy(
        np.concatenate(gaps).astype(np.float32)
    )


def _check(radius: float) -> None:
    if not (math.isfinite(radius) and radius > 0):
        raise BadInput(f"A radius of {radius}; expected a positive number.")

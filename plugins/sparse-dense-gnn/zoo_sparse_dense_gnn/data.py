"""Graphs drawn from the dense-sparse graph model, and real graphs with edges removed."""

from __future__ import annotations

import math
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
from zoo_graphs.graph import Graph
from zoo_graphs.integrity import check_fold
from zoo_graphs.thinning import drop_edges, keep_neighbours

from zoo_core import BadInput, dataset
from zoo_sparse_dense_gnn.dsgm import (
    ACROSS,
    INSIDE,
    Kernel,
    grid,
    is_number,
    named_kernel,
    probabilities,
)

TRAIN, VALIDATION = 0.5, 0.1  # shares of the nodes; the rest is for testing
SPREAD = 2.0  # standard deviation of the features: covariance 4 I
FEATURES_ALONE = NormalDist().cdf(math.sqrt(2) / SPREAD)
"""The accuracy, 0.760, of the best classifier that sees a node's features and no graph."""
CLASSES = ("u < 0", "u >= 0")


def sample_dsgm(
    kernel: Kernel | str = "degree-corrected",
    *,
    gamma: float,
    nodes: int = 1000,
    seed: int,
    name: str = "dsgm",
) -> Graph:
    """Draw a graph of the model, node features and a random split.

    Nodes i < j are joined with probability W(u_i, u_j), independently; loops are left to the
    operator. The label tells whether u_i >= 0, and the features of the two classes are
    N(+-(1, 1), 4 I). Half of the nodes are for training, a tenth for validation, the rest for
    testing. Time is proportional to the pairs of nodes, memory to nodes and edges.

    `kernel` is "degree-corrected", "block", or any function of two broadcasting arrays that returns
    probabilities and is symmetric. `gamma` is the step of the grid: 0.002 is the paper's dense
    graph, 0.01 its sparse one. `nodes` is N. Edges, features and split have independent streams of
    PCG64, made from `seed`, an integer from 0. Messages call the graph by its `name`. Raises
    `BadInput` for an argument that is out of range, and a kernel that gives something else than
    symmetric probabilities.
    """
    points = grid(nodes, gamma)
    given = named_kernel(kernel) if isinstance(kernel, str) else kernel
    if not callable(given):
        raise BadInput(f"kernel={kernel!r} is no kernel; give a name or a function of (u, v).")
    streams = np.random.SeedSequence(check_fold(seed, None)).spawn(3)
    edge_rng, feature_rng, split_rng = (np.random.Generator(np.random.PCG64(s)) for s in streams)
    labels = (points >= 0).astype(np.int64)
    noise = feature_rng.standard_normal((points.size, 2))
    return Graph.from_edges(
        _sample_edges(given, points, edge_rng),
        np.where(labels == 1, 1.0, -1.0)[:, None] + SPREAD * noise,
        labels,
        _random_masks(points.size, split_rng),
        class_names=CLASSES,
        name=name,
        layout="columns",
    )


def load_dsgm(
    *,
    gamma: float = 0.002,
    kernel: str = "degree-corrected",
    nodes: int = 1000,
    p: float = INSIDE,
    q: float = ACROSS,
    fold: int = 0,
) -> Graph:
    """Return a graph of the model for the registry; `fold` is the seed of all that is random.

    Raises `BadInput` for an option that is out of range.
    """
    return sample_dsgm(
        partial(named_kernel(kernel), p=_probability("p", p), q=_probability("q", q)),
        gamma=gamma,
        nodes=nodes,
        seed=check_fold(fold, None),
    )


def load_thinned(
    base: str,
    *,
    drop: float = 70,
    keep: int | None = None,
    thinning: int = 0,
    **options: Any,
) -> Graph:
    """Return a dataset's graph with edges removed, for training, validation and testing alike.

    `base` names the dataset. `drop` is the percent of the undirected edges to remove, uniformly
    (global thinning); `keep`, instead of that, how many random neighbours each node keeps (local
    thinning); `thinning` the seed of what is removed. `options` are the dataset's own: its fold,
    and how its directions are united. Raises `BadInput` for an option that is out of range, and
    `DataError` where the dataset's files cannot be had.
    """
    try:
        seed = check_fold(thinning, None)
    except BadInput:
        raise BadInput(f"thinning={thinning!r} is no seed; give an integer from 0.") from None
    graph: Graph = dataset(base, **options)
    return drop_edges(graph, drop, seed) if keep is None else keep_neighbours(graph, keep, seed)


def _sample_edges(kernel: Kernel, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the (2, m) sampled edges, row by row, so that memory stays proportional to them."""
    found = []
    for row, u in enumerate(points):
        others = points[row + 1 :]
        probability = probabilities(kernel(u, others), others.shape)
        if not np.allclose(probability, kernel(others, u), rtol=1e-9, atol=0):
            raise BadInput(
                f"The kernel is not symmetric: W(u, v) and W(v, u) differ at u = {u:g}; give a "
                "symmetric function."
            )
        heads = row + 1 + np.flatnonzero(rng.random(others.size) < probability)
        found.append(np.stack([np.full_like(heads, row), heads]))
    return np.concatenate(found, axis=1)


def _probability(key: str, value: Any) -> float:
    if not is_number(value) or not 0 <= value <= 1:
        raise BadInput(f"{key}={value!r} is no probability; give a number from 0 to 1.")
    return float(value)


def _random_masks(n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    # Ranks of uniform numbers, and not Generator.permutation, whose algorithm NumPy may change.
    rank = np.empty(n, dtype=np.int64)
    rank[np.argsort(rng.random(n), kind="stable")] = np.arange(n)
    train, val = round(TRAIN * n), round(VALIDATION * n)
    return {
        "train": rank < train,
        "val": (rank >= train) & (rank < train + val),
        "test": rank >= train + val,
    }

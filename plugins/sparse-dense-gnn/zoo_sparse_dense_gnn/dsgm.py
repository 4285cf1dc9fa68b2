"""The dense-sparse graph model (Definition 2): a kernel on the plane, sampled on a grid.

Nodes are the points of a grid of step gamma on the real line, and two of them are joined with the
probability that a kernel W(u, v) gives. A small step packs all nodes where W is large, so that the
graph is dense; a large step spreads them, so that it is sparse. The expected matrix P_ij =
W(u_i, u_j) discretises the integral operator of W: its eigenvalues times gamma tend to those of W.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
from zoo_graphs.graph import Graph
from zoo_graphs.integrity import check_fold

from zoo_core.errors import BadInput, closest

Kernel = Callable[[np.ndarray, np.ndarray], np.ndarray]

INSIDE, ACROSS = 1 / 4, 1 / 6
TRAIN, VALIDATION = 0.5, 0.1  # shares of the nodes; the rest is for testing
SPREAD = 2.0  # standard deviation of the features: covariance 4 I
FEATURES_ALONE = NormalDist().cdf(math.sqrt(2) / SPREAD)
"""The accuracy, 0.760, of the best classifier that sees a node's features and no graph."""
CLASSES = ("u < 0", "u >= 0")


def degree_corrected(
    u: np.ndarray, v: np.ndarray, p: float = INSIDE, q: float = ACROSS
) -> np.ndarray:
    """W(u, v) = theta(u) theta(v) times p if uv >= 0, else q; theta(u) = 1 / (|u| + 1)^2."""
    return theta(u) * theta(v) * np.where(np.multiply(u, v) >= 0, p, q)


def block(u: np.ndarray, v: np.ndarray, p: float = INSIDE, q: float = ACROSS) -> np.ndarray:
    """W(u, v) = p if uv >= 0, else q: two communities, and no decay by which to become sparse."""
    return np.where(np.multiply(u, v) >= 0, p, q)


KERNELS: dict[str, Callable[..., np.ndarray]] = {
    "degree-corrected": degree_corrected,
    "block": block,
}


def theta(u: np.ndarray) -> np.ndarray:
    """Return the degree correction 1 / (|u| + 1)^2."""
    return (np.abs(u) + 1.0) ** -2


def grid(nodes: int, gamma: float) -> np.ndarray:
    """Return the points u_i, (nodes,): u_1 = -floor(nodes / 2) gamma + gamma / 2, then by gamma.

    Raises:
        BadInput: `nodes` is no count from 1, or `gamma` is not positive.
    """
    if not isinstance(nodes, int | np.integer) or isinstance(nodes, bool) or nodes < 1:
        raise BadInput(f"nodes={nodes!r} is no number of nodes; give an integer from 1.")
    if not _is_number(gamma) or not (0 < gamma < math.inf):
        raise BadInput(f"gamma={gamma!r} is no step of a grid; give a positive number.")
    return (np.arange(nodes) - nodes // 2 + 0.5) * gamma


def integral_eigenvalues(
    p: float = INSIDE, q: float = ACROSS, reach: float = math.inf
) -> tuple[float, float]:
    """Return the two nonzero eigenvalues of the degree-corrected kernel on [-reach, reach].

    They are (p + q) / 2 and (p - q) / 2 times the integral of theta squared, which is
    2 / 3 (1 - (1 + reach)^-3), with eigenfunctions theta(u) and sign(u) theta(u).
    """
    square = 2 / 3 * (1 - (1 + reach) ** -3)
    return (p + q) / 2 * square, (p - q) / 2 * square


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
    N(+-(1, 1), 4 I). Time is proportional to the pairs of nodes, memory to nodes and edges.

    Args:
        kernel: "degree-corrected", "block", or any function of two broadcasting arrays that
            returns probabilities and is symmetric.
        gamma: the step of the grid; 0.002 is the paper's dense graph, 0.01 its sparse one.
        nodes: N.
        seed: from 0; edges, features and split have independent streams of PCG64.
        name: what to call the graph in messages.

    Returns:
        A graph with N nodes and 2 features; half of the nodes are for training, a tenth for
        validation, the rest for testing.

    Raises:
        BadInput: an argument is out of range, or the kernel gives something else than symmetric
            probabilities.
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
    )


def load(
    *,
    gamma: float = 0.002,
    kernel: str = "degree-corrected",
    nodes: int = 1000,
    p: float = INSIDE,
    q: float = ACROSS,
    fold: int = 0,
) -> Graph:
    """Return a graph of the model for the registry; `fold` is the seed of all that is random.

    Raises:
        BadInput: an option is out of range.
    """
    return sample_dsgm(
        partial(named_kernel(kernel), p=_probability("p", p), q=_probability("q", q)),
        gamma=gamma,
        nodes=nodes,
        seed=check_fold(fold, None),
    )


def named_kernel(name: str) -> Callable[..., np.ndarray]:
    """Return a kernel by its name; raises `BadInput` for an unknown one."""
    if name not in KERNELS:
        known = ", ".join(KERNELS)
        raise BadInput(f"kernel={name!r} is unknown{closest(str(name), KERNELS)} Give {known}.")
    return KERNELS[name]


def expected_matrix(kernel: Kernel, points: np.ndarray) -> np.ndarray:
    """Return P_ij = W(u_i, u_j), (n, n), its own diagonal kept and no loops added."""
    return _checked(kernel(points[:, None], points[None, :]), (points.size, points.size))


def _sample_edges(kernel: Kernel, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the (2, m) sampled edges, row by row, so that memory stays proportional to them."""
    found = []
    for row, u in enumerate(points):
        others = points[row + 1 :]
        probability = _checked(kernel(u, others), others.shape)
        if not np.allclose(probability, kernel(others, u), rtol=1e-9, atol=0):
            raise BadInput(
                f"The kernel is not symmetric: W(u, v) and W(v, u) differ at u = {u:g}; give a "
                "symmetric function."
            )
        heads = row + 1 + np.flatnonzero(rng.random(others.size) < probability)
        found.append(np.stack([np.full_like(heads, row), heads]))
    return np.concatenate(found, axis=1)


def _checked(values: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return a kernel's values as probabilities of the given shape."""
    try:
        array = np.broadcast_to(np.asarray(values, dtype=np.float64), shape)
    except (ValueError, TypeError):
        raise BadInput(
            f"The kernel returned values of shape {np.shape(values)}, expected {shape}; give a "
            "function that broadcasts over arrays."
        ) from None
    # NaN fails every comparison, so test for what is right.
    bad = array[~((array >= 0) & (array <= 1))]
    if bad.size:
        raise BadInput(
            f"The kernel returned {bad[0]:g}, which is no probability; give values from 0 to 1."
        )
    return array


def _probability(key: str, value: Any) -> float:
    if not _is_number(value) or not 0 <= value <= 1:
        raise BadInput(f"{key}={value!r} is no probability; give a number from 0 to 1.")
    return float(value)


def _is_number(value: Any) -> bool:
    good = isinstance(value, int | float | np.integer | np.floating)
    return good and not isinstance(value, bool)


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

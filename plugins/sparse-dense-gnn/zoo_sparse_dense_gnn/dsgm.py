"""The dense-sparse graph model (Definition 2): a kernel on the plane, sampled on a grid.

Nodes are the points of a grid of step gamma on the real line, and two of them are joined with the
probability that a kernel W(u, v) gives. A small step packs all nodes where W is large, so that the
graph is dense; a large step spreads them, so that it is sparse. The expected matrix P_ij =
W(u_i, u_j) discretises the integral operator of W: its eigenvalues times gamma tend to those of W.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from zoo_core import BadInput, closest

Kernel = Callable[[np.ndarray, np.ndarray], np.ndarray]

INSIDE, ACROSS = 1 / 4, 1 / 6


def degree_corrected(
    u: np.ndarray, v: np.ndarray, p: float = INSIDE, q: float = ACROSS
) -> np.ndarray:
    """W(u, v) = theta(u) theta(v) times p if uv >= 0, else q; theta(u) = 1 / (|u| + 1)^2."""
    found: np.ndarray = theta(u) * theta(v) * block(u, v, p, q)
    return found


def block(u: np.ndarray, v: np.ndarray, p: float = INSIDE, q: float = ACROSS) -> np.ndarray:
    """W(u, v) = p if uv >= 0, else q: two communities, and no decay by which to become sparse."""
    return np.where(np.multiply(u, v) >= 0, p, q)


KERNELS: dict[str, Callable[..., np.ndarray]] = {
    "degree-corrected": degree_corrected,
    "block": block,
}


def theta(u: np.ndarray) -> np.ndarray:
    """Return the degree correction 1 / (|u| + 1)^2."""
    decay: np.ndarray = (np.abs(u) + 1.0) ** -2
    return decay


def grid(nodes: int, gamma: float) -> np.ndarray:
    """Return the points u_i, (nodes,): u_1 = -floor(nodes / 2) gamma + gamma / 2, then by gamma.

    Raises `BadInput` for `nodes` that are no count from 1, and a `gamma` that is not positive.
    """
    if not isinstance(nodes, int | np.integer) or isinstance(nodes, bool) or nodes < 1:
        raise BadInput(f"nodes={nodes!r} is no number of nodes; give an integer from 1.")
    if not is_number(gamma) or not (0 < gamma < math.inf):
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


def named_kernel(name: str) -> Callable[..., np.ndarray]:
    """Return a kernel by its name; raises `BadInput` for an unknown one."""
    if name not in KERNELS:
        known = ", ".join(KERNELS)
        raise BadInput(f"kernel={name!r} is unknown{closest(str(name), KERNELS)} Give {known}.")
    return KERNELS[name]


def expected_matrix(kernel: Kernel, points: np.ndarray) -> np.ndarray:
    """Return P_ij = W(u_i, u_j), (n, n), its own diagonal kept and no loops added."""
    return probabilities(kernel(points[:, None], points[None, :]), (points.size, points.size))


def probabilities(values: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return a kernel's values in the given shape; raises `BadInput` where they are none."""
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


def is_number(value: Any) -> bool:
    """Tell whether a value is a real number; True and False are none."""
    good = isinstance(value, int | float | np.integer | np.floating)
    return good and not isinstance(value, bool)

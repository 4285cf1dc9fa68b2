"""The Reynolds projection: the equivariant part of a linear map, and what imposing it gains."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoo_core import BadInput
from zoo_symmetry.group import PermutationGroup
from zoo_symmetry.orbits import hom_dimension, orbits


def project(
    weights: ArrayLike, group: PermutationGroup, *, invariant: bool = False
) -> NDArray[np.float64]:
    """Return the equivariant part of linear maps (…, n, n), or the invariant one of rows (…, n).

    The mean over the group of g W g^-1 puts, on each orbit of index pairs, the mean of W on it; no
    element is listed. It is the orthogonal projection in the Frobenius inner product. Maps between
    signals of several channels have these in front: (out, in, n, n).

    Raises `BadInput` for another shape.
    """
    given = np.asarray(weights, dtype=np.float64)
    shape = (group.degree,) * (1 if invariant else 2)
    if given.shape[-len(shape) :] != shape:
        raise BadInput(
            f"The group acts on {group.degree} points: expected an array of shape "
            f"(…, {', '.join(map(str, shape))}), got {given.shape}."
        )
    places = orbits(group, len(shape)).ravel()
    sizes = np.bincount(places)
    rows = given.reshape(-1, len(places))
    sums = np.zeros((len(rows), len(sizes)))
    np.add.at(sums.T, places, rows.T)
    return (sums / sizes)[:, places].reshape(given.shape)


def mean_gap(
    weights: ArrayLike,
    group: PermutationGroup,
    *,
    samples: int,
    noise: float,
    spread: float = 1.0,
    invariant: bool = False,
) -> float:
    """Return E[R(least squares) - R(its projection)]: the gain in squared risk of a symmetry.

    For y = W x + noise with x ~ N(0, spread^2 I) of p entries, q outputs with independent noise of
    standard deviation `noise`, and n `samples` > p + 1, it is

        - spread^2 ||W - project(W)||^2 + noise^2 (p q - dim Hom) / (n - p - 1):

    first what the symmetry makes wrong, then what it makes steady (Huang, Levie and Villar 2023,
    "Approximately equivariant graph networks"). `weights` are maps (n, n) or (out, in, n, n), with
    `invariant` functionals (n,) or (out, in, n).

    Raises `BadInput` for another shape and for too few samples.
    """
    true = np.asarray(weights, dtype=np.float64)
    n = group.degree
    channels = true.shape[: -1 if invariant else -2]
    if len(channels) not in (0, 2):
        raise BadInput(f"Channels come in front as (out, in); got an array of shape {true.shape}.")
    mismatch = float(((true - project(true, group, invariant=invariant)) ** 2).sum())
    outputs, inputs = channels or (1, 1)
    p, q = inputs * n, outputs * (1 if invariant else n)
    if samples <= p + 1:
        raise BadInput(f"Least squares with {p} inputs needs {p + 2} samples or more.")
    free = p * q - hom_dimension(group, inputs, outputs, invariant=invariant)
    return float(noise**2 * free / (samples - p - 1) - spread**2 * mismatch)

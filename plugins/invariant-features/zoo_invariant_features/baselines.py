"""What networks of molecules are held against: the mean, counts of atoms, kernel ridge regression.

Kernel ridge is on Coulomb matrices whose rows are sorted by their norms (Rupp et al. 2012; Hansen
et al. 2013), with a Gaussian or a Laplacian kernel; width and ridge are those of least error on the
validation part, found with a part of the training molecules, and all of them are fitted then.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist
from zoo_molecules.molecules import Molecules

from zoo_core import BadInput

Array = NDArray[np.float64]
KERNELS = {"Gaussian": "sqeuclidean", "Laplacian": "cityblock"}
"""The distance d of each kernel exp(-d / width)."""
WIDTHS = tuple(2.0**power for power in range(-3, 5))
"""Times the median distance."""
RIDGES = (1e-9, 1e-7, 1e-5)
SEARCHED = 1000
"""How many training molecules choose width and ridge."""


def mean_errors(data: Molecules, name: str, split: str = "test") -> Array:
    """Return the absolute error of the training mean on each molecule of a split (m,)."""
    target = _target(data, name)
    mean = target[data.rows["train"].numpy()].mean()
    return np.asarray(np.abs(target[data.rows[split].numpy()] - mean))


def count_errors(data: Molecules, name: str, split: str = "test") -> Array:
    """Return the absolute error of least squares on counts of atoms, of each molecule (m,)."""
    counts = data.atom_counts(data.elements).numpy()
    design = np.concatenate([counts, np.ones((len(counts), 1))], 1)
    target = _target(data, name)
    learnt, told = data.rows["train"].numpy(), data.rows[split].numpy()
    found = np.linalg.lstsq(design[learnt], target[learnt], rcond=None)[0]
    return np.asarray(np.abs(design[told] @ found - target[told]))


def sorted_coulomb(data: Molecules) -> Array:
    """Return the upper triangles (M, n (n + 1) / 2) of Coulomb matrices, the longest rows first."""
    dense = data.matrices.dense().numpy()
    order = np.argsort(-np.linalg.norm(dense, axis=2), axis=1, kind="stable")
    rows = np.arange(len(dense))[:, None, None]
    moved = dense[rows, order[:, :, None], order[:, None, :]]
    one, other = np.triu_indices(dense.shape[1])
    return np.asarray(moved[:, one, other])


def kernel_errors(data: Molecules, name: str, kernel: str, split: str = "test") -> Array:
    """Return the absolute error of kernel ridge regression on each molecule of a split (m,).

    Raises `BadInput` for another kernel.
    """
    if kernel not in KERNELS:
        raise BadInput(f"kernel={kernel!r}; expected {' or '.join(KERNELS)}.")
    features, target = sorted_coulomb(data), _target(data, name)
    learnt, kept, told = (data.rows[one].numpy() for one in ("train", "val", split))
    few = learnt[:SEARCHED]
    within = cdist(features[few], features[few], KERNELS[kernel])
    across = cdist(features[kept], features[few], KERNELS[kernel])
    median = float(np.median(within))
    mean = target[learnt].mean()
    best = min(
        (
            float(np.abs(np.exp(-across / width) @ weights + mean - target[kept]).mean()),
            width,
            ridge,
        )
        for width in (median * factor for factor in WIDTHS)
        for ridge in RIDGES
        for weights in [_solved(np.exp(-within / width), target[few] - mean, ridge)]
    )
    _, width, ridge = best
    weights = _solved(
        np.exp(-cdist(features[learnt], features[learnt], KERNELS[kernel]) / width),
        target[learnt] - mean,
        ridge,
    )
    kernels = np.exp(-cdist(features[told], features[learnt], KERNELS[kernel]) / width)
    return np.asarray(np.abs(kernels @ weights + mean - target[told]))


def _solved(kernel: Array, target: Array, ridge: float) -> Array:
    kernel[np.diag_indices_from(kernel)] += ridge
    return np.asarray(cho_solve(cho_factor(kernel, overwrite_a=True), target))


def _target(data: Molecules, name: str) -> Array:
    return np.asarray(data.targets[:, data.columns([name])[0]].numpy())

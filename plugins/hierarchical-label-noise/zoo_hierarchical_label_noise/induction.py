"""A hierarchy where none is given: classes clustered by what their noisily labelled images show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput
from zoo_hierarchical_label_noise.hierarchy import Hierarchy

METHODS = ("ward", "kmeans", "confusion")
Array = NDArray[np.float64]


def class_means(features: Any, labels: Any, num_classes: int) -> Array:
    """Return the mean (K, d) of standardised features (n, d) over each class's given labels.

    Under symmetric noise of classes that are equally frequent all distances between expected means
    shrink by the factor c = 1 - p K / (K - 1): what is clustered stays the same. Raises `BadInput`
    for a class without a label.
    """
    x, y = np.asarray(features, np.float64), np.asarray(labels, np.int64)
    x = (x - x.mean(0)) / (x.std(0) + 1e-6)
    counts = np.bincount(y, minlength=num_classes)
    if not counts.all():
        raise BadInput(f"No image is labelled with class {int(counts.argmin())}; give some.")
    order = np.argsort(y, kind="stable")
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    means: Array = np.add.reduceat(x[order], starts, axis=0) / counts[:, None]
    return means


def merges(means: Any) -> Array:
    """Return Ward's agglomerative merges (K - 1, 4) of class means, as scipy has them."""
    from scipy.cluster.hierarchy import linkage

    found: Array = linkage(np.asarray(means, np.float64), method="ward")
    return found


def number_of_groups(merged: Any) -> int:
    """Return S by the largest gap between the heights of consecutive merges, 2 or more.

    S groups are left where the next merge is the first after the gap. Less than K: all classes by
    themselves are no hierarchy.
    """
    heights = np.asarray(merged)[:, 2]
    if len(heights) < 2:
        return len(heights) + 1
    gaps = np.diff(heights)
    # Cut after merge i: K - 1 - i groups are left.
    return len(heights) - int(gaps.argmax())


def induced_groups(
    means: Any, groups: int | None = None, method: str = "ward", confusion: Any = None
) -> tuple[int, ...]:
    """Return the superclass (K,) of each class, numbered in the order of the classes.

    ``ward`` clusters class means (K, d) agglomeratively, ``kmeans`` by k-means; ``confusion``
    clusters spectrally what is confused, by a confusion matrix (K, K) of given labels and
    predictions on examples that were not learnt from. `groups` is their number; with None it is
    that of Ward's largest gap. Raises `BadInput` for a number that leaves no hierarchy.
    """
    count = len(means)
    if method not in METHODS:
        raise BadInput(f"induce={method!r}; expected {', '.join(METHODS)}.")
    merged = merges(means)
    chosen = number_of_groups(merged) if groups is None else groups
    if not 1 <= chosen <= count:
        raise BadInput(f"groups={chosen} of {count} classes; expected 1 to {count}.")
    if method == "ward":
        from scipy.cluster.hierarchy import fcluster

        found = fcluster(merged, chosen, criterion="maxclust")
    elif method == "kmeans":
        found = _kmeans(np.asarray(means, np.float64), chosen)
    else:
        if confusion is None:
            raise BadInput("Clustering by confusion needs a confusion matrix (K, K).")
        found = _kmeans(_spectral(np.asarray(confusion, np.float64), chosen), chosen)
    return _in_order(found)


def _kmeans(points: Array, count: int, tries: int = 20) -> Array:
    """Return the best of some clusterings by Lloyd's algorithm, from a fixed seed."""
    from scipy.cluster.vq import kmeans2

    best: tuple[float, Array] | None = None
    for seed in range(tries):
        centres, found = kmeans2(points, count, minit="++", seed=seed, missing="warn")
        spread = float(((points - centres[found]) ** 2).sum())
        if best is None or spread < best[0]:
            best = (spread, found)
    assert best is not None
    return best[1]


def _spectral(confusion: Array, count: int) -> Array:
    """Return the leading eigenvectors (K, S) of the normalised, symmetrised confusion matrix."""
    rows = confusion / np.maximum(confusion.sum(1, keepdims=True), 1e-12)
    alike = (rows + rows.T) / 2
    degree = np.maximum(alike.sum(1), 1e-12)
    _, vectors = np.linalg.eigh(alike / np.sqrt(degree[:, None] * degree[None]))
    leading: Array = vectors[:, -count:]
    leading /= np.maximum(np.linalg.norm(leading, axis=1, keepdims=True), 1e-12)
    return leading


def _in_order(labels: Any) -> tuple[int, ...]:
    """Number clusters by their first class."""
    number: dict[int, int] = {}
    return tuple(number.setdefault(int(one), len(number)) for one in labels)


def hierarchy_of_groups(groups: Sequence[int], classes: Sequence[str]) -> Hierarchy:
    """Return the tree of induced superclasses, each named by its classes."""
    names = [
        "+".join(name for name, one in zip(classes, groups, strict=True) if one == group)
        for group in range(max(groups) + 1)
    ]
    return Hierarchy.of_groups(groups, classes, names)

"""Stratified cross-validation folds, the same as scikit-learn's without needing it."""

from __future__ import annotations

import numpy as np

FOLDS = 10


def stratified_split(labels: np.ndarray, fold: int, folds: int = FOLDS) -> dict[str, np.ndarray]:
    """Return one split of repeated stratified cross-validation: "train" and "test" indices.

    Part `fold % folds` of scikit-learn's `StratifiedKFold(folds, shuffle=True, random_state=fold //
    folds)` is for testing, so that `folds` splits in a row test everything once. `labels` are (g,)
    integers, and `fold` counts from 0.
    """
    _, first, codes = np.unique(labels, return_index=True, return_inverse=True)
    # Classes are numbered as they first come, and each part gets its share of the sorted labels.
    codes = np.argsort(np.argsort(first))[codes]
    ordered, classes = np.sort(codes), first.size
    shares = np.stack([np.bincount(ordered[i::folds], minlength=classes) for i in range(folds)])
    # NumPy promises that this generator's stream never changes.
    generator = np.random.RandomState(fold // folds)
    part = np.empty(len(codes), dtype=np.int64)
    for label in range(classes):
        dealt = np.arange(folds).repeat(shares[:, label])
        generator.shuffle(dealt)
        part[codes == label] = dealt
    test = part == fold % folds
    return {"train": np.flatnonzero(~test), "test": np.flatnonzero(test)}

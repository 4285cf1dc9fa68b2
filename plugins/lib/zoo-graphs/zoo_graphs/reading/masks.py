"""Masks of nodes: one split of those that a source brings."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoo_core import BadInput, notice
from zoo_graphs.graph import Graph
from zoo_graphs.integrity import check_fold
from zoo_graphs.reading.source import Source


def masks_of(found: Source, fold: int) -> tuple[dict[str, Any], int | None]:
    """Return one split's masks, and how many splits the source brings."""
    stacked = {}
    n = found.num_nodes
    for split, mask in found.masks.items():
        array = np.asarray(mask)
        if array.ndim == 2 and array.size:
            axis = found.fold_axis if array.shape[0] == array.shape[1] else None
            axis = (0 if array.shape[1] == n else 1) if axis is None else axis
            array = array if axis == 0 else array.T
        stacked[split] = array
    counts = {len(mask) for mask in stacked.values() if mask.ndim == 2}
    if counts <= {0}:
        return stacked, None
    if len(counts) > 1 or any(mask.ndim != 2 for mask in stacked.values()):
        raise BadInput("The masks do not have as many folds each; give (folds, n) for all.")
    (folds,) = counts
    number = check_fold(fold, folds)
    return {split: mask[number] for split, mask in stacked.items()}, folds if folds > 1 else None


def labelled_masks(graph: Graph, unlabelled: np.ndarray) -> dict[str, np.ndarray]:
    """Return masks without the nodes that have no class; raises `BadInput` for training nodes."""
    for split, mask in graph.masks.items():
        lost = np.flatnonzero(mask & unlabelled)
        if lost.size and split != "train":
            notice(f"{lost.size} node(s) of the {split} mask have no class, and were taken out.")
        elif lost.size:
            raise BadInput(
                f"{lost.size} node(s) of the train mask have no class, the first is node "
                f"{lost[0]}; label them, or take them out of the mask."
            )
    return {split: mask & ~unlabelled for split, mask in graph.masks.items()}

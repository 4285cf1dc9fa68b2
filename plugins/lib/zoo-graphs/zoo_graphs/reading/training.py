"""Reading what a person wants to train on: a labelled graph, or a set of labelled graphs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from zoo_core import BadInput, DataError
from zoo_graphs.graph import SPLITS, Graph, Symmetrize
from zoo_graphs.graph_set import GraphSet
from zoo_graphs.integrity import check_fold
from zoo_graphs.reading.node_view import read_graph
from zoo_graphs.splits import random_masks
from zoo_graphs.stratified import FOLDS
from zoo_graphs.tudataset import read_folder, read_one_file, read_zip, with_split


def read_training_graph(
    source: str | PathLike[str], *, fold: int = 0, symmetrize: Symmetrize = "union"
) -> Graph:
    """Read a labelled graph from a file to train on.

    A file without masks gets the random 60/20/20 split that `random_masks` draws with `fold` as its
    seed. Raises `BadInput` as `read_graph` does, when the graph has no labels or those of one class
    only, and for a `fold` that is no integer or that the file's own masks make void.
    """
    if not isinstance(fold, int):
        raise BadInput(f"fold={fold!r} is no integer; give the seed of the random split.")
    graph = read_graph(source, symmetrize=symmetrize)
    if graph.labels is None:
        raise BadInput(
            f"{str(source)!r} has no labels to train on; add an array 'labels' of n integers."
        )
    if graph.num_classes < 2:
        raise BadInput(
            f"{str(source)!r} has labels of one class only, so there is nothing to learn; label "
            "the nodes of two classes at least."
        )
    if graph.masks and fold:
        raise BadInput(
            f"{str(source)!r} brings its own split, so fold={fold} would change nothing; leave "
            "fold out, or the masks."
        )
    masks = graph.masks or random_masks(graph.num_nodes, fold)
    for split in SPLITS:
        if not masks.get(split, np.zeros(1)).any():
            raise BadInput(
                f"{str(source)!r} has no {split} nodes; give the masks train_mask, val_mask and "
                "test_mask, each with a node at least, or leave all of them out."
            )
    return replace(graph, masks=masks)


def read_training_graphs(
    source: str | PathLike[str], *, fold: int = 0, cleaned: bool = False
) -> GraphSet:
    """Read a user's own labelled graphs, with one split of stratified cross-validation.

    `source` is a folder or .zip in the TU layout (`NAME_A.txt`, `NAME_graph_indicator.txt`,
    `NAME_graph_labels.txt` and, where there are any, `NAME_node_labels.txt` and
    `NAME_edge_labels.txt`; attributes are not read), or a .txt in the one-file format. See
    `zoo_graphs.tudataset.load` for `fold` and `cleaned`, which drops isomorphic copies. Raises
    `BadInput` when there is no such file, it is malformed, or a class has fewer graphs than folds.
    """
    place = Path(source)
    fold = check_fold(fold, None)
    if not place.exists():
        raise BadInput(f"There is no file or folder {str(source)!r}; check the path.")
    read: Callable[[Path, str], GraphSet] = read_one_file
    if place.is_dir():
        read = read_folder
    elif place.suffix.lower() == ".zip":
        read = read_zip
    try:
        graphs = read(place, place.stem)
    except DataError as error:
        raise BadInput(
            f"{str(source)!r} is no set of graphs ({error}) Give a folder or .zip in the TU "
            "layout, or a one-file .txt."
        ) from error
    counts = np.bincount(graphs.labels) if graphs.labels is not None else np.zeros(1, int)
    if counts.size < 2 or counts.min() < FOLDS:
        raise BadInput(
            f"{str(source)!r} has {counts.tolist()} graphs of its classes, expected two classes or "
            f"more with at least {FOLDS} graphs each; add graphs."
        )
    return with_split(graphs, fold, cleaned)

"""Checks that all dataset factories share: options, parse errors, counts and fingerprints."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import BadInput, DataError, File, available
from zoo_graphs.graph import SPLITS, Graph, Symmetrize
from zoo_graphs.npz import Archive

_PARSE_ERRORS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    EOFError,
    MemoryError,
    pickle.UnpicklingError,
)


def check_fold(fold: Any, folds: int | None = 10) -> int:
    """Return `fold` as an int if it is one of 0 .. folds-1 (any from 0 if `folds` is None).

    Raises `BadInput` otherwise.
    """
    number = int(fold) if isinstance(fold, str) and fold.strip().isdecimal() else fold
    good = isinstance(number, int | np.integer) and not isinstance(number, bool) and number >= 0
    if not good or (folds is not None and number >= folds):
        range_ = "an integer from 0" if folds is None else f"an integer from 0 to {folds - 1}"
        raise BadInput(f"fold={fold!r} is no fold of this dataset; give {range_}.")
    return int(number)


@contextmanager
def parsing(name: str) -> Iterator[None]:
    """Turn whatever a malformed file causes into one `DataError` sentence about dataset `name`."""
    try:
        yield
    except _PARSE_ERRORS as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise DataError(
            f"A file of dataset {name!r} is not what it should be: {reason.rstrip('.')}; delete it "
            "from the cache or mirror and try again."
        ) from error


def available_path(file: File | None) -> Path | None:
    """Return the verified local path of a converted file, or None where it cannot be had."""
    return None if file is None else available(file)


def masks_of(archive: Archive, pattern: str, fold: int | None = None) -> dict[str, np.ndarray]:
    """Return a split's masks, each under `pattern` with {} for the split's name.

    Arrays hold one mask, (n,), or with `fold` one for each fold, (folds, n).
    """
    found = {split: archive[pattern.format(split)] for split in SPLITS}
    return {s: np.asarray(m if fold is None else m[fold], dtype=bool) for s, m in found.items()}


def build(
    name: str,
    parts: Mapping[str, Any],
    *,
    masks: Mapping[str, np.ndarray],
    symmetrize: Symmetrize,
    counts: Sequence[int] | None,
    fingerprint: str | None,
    class_names: Sequence[str] = (),
) -> Graph:
    """Make a dataset's graph of its parsed parts, and check that it is the right one.

    `parts` are "edges" (directed as in the file), "features" and "labels". `counts` are nodes,
    features, classes and undirected edges; counts and fingerprint are those of the union of
    directions, whatever `symmetrize` asks for.

    Raises `DataError` when the graph is not the pinned one.
    """
    with parsing(name):
        graph = Graph.from_edges(**parts, masks=masks, class_names=class_names, name=name)
    found = [graph.num_nodes, graph.num_features, graph.num_classes, graph.num_edges]
    if counts is not None and found != list(counts):
        raise DataError(
            f"Dataset {name!r} as read has [nodes, features, classes, edges] = {found}, expected "
            f"{list(counts)}; the source has changed or is damaged: delete its files from the "
            "cache or mirror and try again."
        )
    if fingerprint is not None and graph.fingerprint() != fingerprint:
        raise DataError(
            f"Dataset {name!r} as read has fingerprint {graph.fingerprint()}, expected "
            f"{fingerprint}; the source has changed or is damaged: delete its files from the "
            "cache or mirror and try again."
        )
    if symmetrize == "union":
        return graph
    return Graph.from_edges(
        **parts, masks=masks, class_names=class_names, name=name, symmetrize=symmetrize
    )

"""Amazon Photo, Amazon Computers and Coauthor CS of Shchur et al. 2018.

Source: https://github.com/shchur/gnn-benchmark (MIT). There is no fixed split upstream; the ten
here are the ones of the PowerEmbed code (Huang et al. 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo_core import fetch
from zoo_graphs.graph import Graph, Symmetrize, check_symmetrize
from zoo_graphs.integrity import available_path, build, check_fold, parsing
from zoo_graphs.npz import directed_edges, open_npz
from zoo_graphs.specs import sources
from zoo_graphs.splits import random_masks


def load(
    name: str,
    upstream: str,
    counts: Sequence[int] | None = None,
    fingerprint: str | None = None,
    *,
    fold: int = 0,
    symmetrize: Symmetrize = "union",
) -> Graph:
    """Return a gnn-benchmark graph, features binarised, with one of ten random splits.

    `upstream` is upstream's file name without ".npz". `counts` are the expected nodes, features,
    classes and undirected edges, and `fingerprint` the expected `Graph.fingerprint` (None: only
    counts are checked). `fold` is one of 0-9, see `random_masks`; for `symmetrize` see
    `Graph.from_edges`. Raises `BadInput` for an unknown option, and `DataError` when the files
    cannot be had or are not the pinned ones.
    """
    fold = check_fold(fold)
    check_symmetrize(symmetrize)
    path = available_path(sources.gnn_benchmark_converted(upstream))
    parts = read(path or fetch(sources.gnn_benchmark_original(upstream)), name)
    return build(
        name,
        parts,
        masks=random_masks(len(parts["labels"]), fold),
        symmetrize=symmetrize,
        counts=counts,
        fingerprint=fingerprint,
    )


def read(path: Path, name: str) -> dict[str, Any]:
    """Return "edges" (2, lines) directed, "features" (n, p) of 0 and 1, and "labels" (n,).

    The originals hold name arrays too, which are pickled; they are never touched. Counts of words
    (Coauthor) become 1, as in the common loaders.
    """
    with parsing(name), open_npz(path) as archive:
        adjacency, features = archive.csr("adj"), archive.csr("attr")
        if adjacency is None or features is None:
            raise ValueError("it has no adj_* and attr_* arrays")
        binary = (features > 0).astype(np.float32)
        edges, _ = directed_edges(adjacency)
        return {"edges": edges, "features": binary, "labels": archive["labels"]}

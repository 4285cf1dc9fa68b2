"""Registered graphs with edges removed: section 3.5's thinning as datasets."""

from __future__ import annotations

from typing import Any

from zoo_graphs.graph import Graph
from zoo_graphs.integrity import check_fold
from zoo_graphs.thinning import drop_edges, keep_neighbours

from zoo_core import evaluation
from zoo_core.errors import BadInput


def load(
    base: str,
    *,
    drop: float = 70,
    keep: int | None = None,
    thinning: int = 0,
    **options: Any,
) -> Graph:
    """Return a dataset's graph with edges removed, for training, validation and testing alike.

    Args:
        base: the dataset's name.
        drop: percent of the undirected edges to remove, uniformly (global thinning).
        keep: instead of that, how many random neighbours each node keeps (local thinning).
        thinning: the seed of what is removed.
        options: the dataset's own (its fold, and how its directions are united).

    Raises:
        BadInput: an option is out of range.
        DataError: the dataset's files cannot be had.
    """
    try:
        seed = check_fold(thinning, None)
    except BadInput:
        raise BadInput(f"thinning={thinning!r} is no seed; give an integer from 0.") from None
    graph: Graph = evaluation.dataset(base, **options)
    return drop_edges(graph, drop, seed) if keep is None else keep_neighbours(graph, keep, seed)

"""A user's own graph, with or without features and labels, from a file or from memory."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from typing import Any

from zoo_graphs.graph import Graph, Symmetrize
from zoo_graphs.reading import read_graph
from zoo_graphs.splits import random_masks

from zoo_core import BadInput


def read_own_graph(
    path: str | PathLike[str], *, fold: int = 0, symmetrize: Symmetrize = "union"
) -> Graph:
    """Read a graph from a file: an .npz or an edge list; neither features nor labels are needed.

    A labelled graph without masks gets the random 60/20/20 split that `random_masks` draws with
    `fold` as its seed. Raises `BadInput` as `zoo_graphs.reading.read_graph` does, and for a `fold`
    that is no integer or that changes nothing.
    """
    if not isinstance(fold, int):
        raise BadInput(f"fold={fold!r} is no integer; give the seed of the random split.")
    graph = read_graph(path, symmetrize=symmetrize, featureless=True)
    if graph.labels is None or graph.masks:
        if fold:
            reason = "has no labels to split" if graph.labels is None else "brings its own split"
            raise BadInput(f"{str(path)!r} {reason}, so fold={fold} changes nothing; leave it out.")
        return graph
    return replace(graph, masks=random_masks(graph.num_nodes, fold))


def open_graph(source: Any, features: Any = None) -> Graph:
    """Read a graph, features or not; raises `BadInput`, also for a graph without edges."""
    graph = read_graph(source, features, featureless=True)
    if not graph.num_edges:
        raise BadInput(
            f"{graph.name} has no edges (loops do not count), so there is no structure to embed; "
            "give two nodes or more, and who is joined to whom."
        )
    return graph

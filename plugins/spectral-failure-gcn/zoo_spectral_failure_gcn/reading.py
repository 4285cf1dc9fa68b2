"""A user's own graph, with or without features and labels, from a file or from memory."""

from __future__ import annotations

from typing import Any

from zoo_graphs.graph import Graph
from zoo_graphs.integrity import check_fold
from zoo_graphs.reading import read_graph
from zoo_graphs.reading.training import split_nodes

from zoo_core import BadInput


def read_own_graph(
    source: Any, features: Any = None, *, fold: int = 0, folds: int | None = None, **options: Any
) -> Graph:
    """Read a graph to embed, from whatever `read_graph` takes: neither features nor labels needed.

    A labelled graph gets its split as by `zoo_graphs.reading.read_training_graph`; `options` are
    the other ones of `read_graph`. Raises `BadInput` as these do, and for a `fold` or `folds` that
    change nothing.
    """
    number = check_fold(fold, None)
    graph = read_graph(source, features, featureless=True, fold=number, **options)
    if graph.labels is None:
        if number or folds is not None:
            raise BadInput(
                f"{graph.name} has no labels to split, so fold and folds change nothing; leave "
                "them out."
            )
        return graph
    if graph.masks and folds is None and (not number or graph.folds):
        return graph
    return split_nodes(graph, number, folds)


def open_graph(source: Any, features: Any = None) -> Graph:
    """Read a graph, features or not; raises `BadInput`, also for a graph without edges."""
    graph = read_graph(source, features, featureless=True)
    if not graph.num_edges:
        raise BadInput(
            f"{graph.name} has no edges (loops do not count), so there is no structure to embed; "
            "give two nodes or more, and who is joined to whom."
        )
    return graph

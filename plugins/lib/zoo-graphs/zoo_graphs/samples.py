"""Graphs as the samples of scikit-learn's estimators; scikit-learn itself is not imported."""

from __future__ import annotations

from typing import Any

from zoo_graphs.graph_set import GraphSet
from zoo_graphs.reading import read_graphs


class GraphSamples:
    """What scikit-learn must know of an estimator whose samples are graphs, not rows of numbers.

    To be named before scikit-learn's own base classes.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]  # of the class that comes after
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.no_validation = True
        return tags


def read_samples(X: Any, *, node_labels: bool = True, edge_labels: bool = True) -> GraphSet:
    """Return graphs that come as samples: a `GraphSet`, or a list, an array of objects or a Series.

    Each may be whatever `zoo_graphs.reading.read_graphs` takes; labels that are not asked for are
    not read. Raises `BadInput` as it does.
    """
    if isinstance(X, GraphSet):
        return X
    return read_graphs(
        X,
        node_label="label" if node_labels else None,
        edge_label="label" if edge_labels else None,
    )

"""Edges with the labels of nodes and edges beside them, as arrays or as GraKeL has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from typing import Any

import numpy as np

from zoo_graphs.reading.opening import depth, is_edge_array, open_one
from zoo_graphs.reading.source import ABSENT, Column, Ids, Source, plain


def with_labels(source: Any, ids: Ids | None, header: bool | None) -> Source | None:
    """Return the graph of (edges, node labels) or (edges, node labels, edge labels)."""
    if not isinstance(source, list | tuple) or len(source) not in (2, 3):
        return None
    edges, labels, *more = source
    by_node = isinstance(labels, Mapping) and not hasattr(labels, "nodes")
    if not by_node:
        if not isinstance(source, tuple) or isinstance(labels, str | PathLike | Mapping):
            return None
        if depth(labels) not in (1, 2) or hasattr(edges, "nodes"):
            return None
        if not is_edge_array(edges) or is_edge_array(labels):
            return None
    known = None if by_node else len(labels)
    found = open_one(edges, ids, known, header)
    if found is None or (by_node and set(labels) >= {"edges"}):
        return None
    if by_node:
        found = _with_named_nodes(found, labels)
    else:
        values = plain(labels)
        array = np.asarray(values)
        found.nodes["label"] = array if array.dtype.kind != "O" else list(values)
    if more:
        found.edges["label"] = _edge_column(found, more[0])
    return found


def _with_named_nodes(found: Source, labels: Mapping[Any, Any]) -> Source:
    """Give nodes their labels by name; those that no edge names stand alone."""
    names = list(found.names) if found.names is not None else list(range(found.num_nodes))
    names += [node for node in labels if node not in set(names)]
    column = [labels.get(name, ABSENT) for name in names]
    return replace(found, names=names, num_nodes=len(names), nodes={"label": column})


def _edge_column(found: Source, labels: Any) -> Column:
    """Return the labels of edges in their order: given so, or by edge (u, v)."""
    if not isinstance(labels, Mapping):
        return plain(labels) if hasattr(labels, "shape") else list(labels)
    names = found.names if found.names is not None else range(found.num_nodes)
    column = []
    for u, v in found.ends.T.tolist():
        pair = (names[u], names[v])
        column.append(labels.get(pair, labels.get(pair[::-1], ABSENT)))
    return column

"""What other libraries hold, to columns: PyKEEN, PyG, networkx, pandas, lists; none is imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from zoo_core import BadInput
from zoo_triples.reading import columns as parts
from zoo_triples.reading.files import columns_of_array

RELATION_KEYS = ("relation", "label", "type", "edge_type", "predicate", "rel")
"""The edge attributes of a networkx graph that are looked at for the relation."""


def columns_of_object(
    source: Any, columns: Any = None, usual: Sequence[str] | None = None
) -> tuple[list[np.ndarray], Sequence[str]]:
    """Return heads, relations and tails of an object in memory, and the order that they stood in.

    Raises `BadInput` for objects of another kind.
    """
    if hasattr(source, "mapped_triples"):
        return _factory(source), parts.PARTS
    if hasattr(source, "edge_index"):
        return _pyg(source), parts.PARTS
    if hasattr(source, "is_directed") and hasattr(source, "edges"):
        return _networkx(source), parts.PARTS
    if hasattr(source, "columns") and hasattr(source, "to_numpy"):
        return _frame(source, columns, usual)
    if isinstance(source, torch.Tensor):
        return columns_of_array(source.detach().cpu().numpy(), "The tensor", columns, usual)
    if isinstance(source, np.ndarray):
        return columns_of_array(source, "The array", columns, usual)
    if isinstance(source, list | tuple | set | frozenset) and source:
        rows = sorted(source, key=str) if isinstance(source, set | frozenset) else list(source)
        if all(isinstance(row, list | tuple) and len(row) == len(rows[0]) for row in rows):
            table = np.empty((len(rows), len(rows[0])), dtype=object)
            table[:] = rows
            return columns_of_array(table, "The list", columns, usual)
    raise BadInput(
        f"A {type(source).__name__} was given; expected a file, a folder, a data frame, an array "
        "(N, 3), a list of triples, a networkx multigraph, a PyG graph with edge_type, or PyKEEN's "
        "TriplesFactory."
    )


def _factory(source: Any) -> list[np.ndarray]:
    """PyKEEN's TriplesFactory: numbers, and labels where it has them."""
    triples = np.asarray(source.mapped_triples)
    found = [triples[:, 0], triples[:, 1], triples[:, 2]]
    for place, name in ((0, "entity_to_id"), (1, "relation_to_id"), (2, "entity_to_id")):
        known = getattr(source, name, None)
        if known:
            labels = np.empty(max(known.values()) + 1, dtype=object)
            for label, number in known.items():
                labels[number] = label
            found[place] = labels[found[place]]
    return found


def _pyg(source: Any) -> list[np.ndarray]:
    kinds = getattr(source, "edge_type", None)
    if kinds is None:
        raise BadInput("The graph has no edge_type; a knowledge graph needs each edge's relation.")
    edges = source.edge_index.detach().cpu().numpy()
    return [edges[0], kinds.detach().cpu().numpy(), edges[1]]


def _networkx(source: Any) -> list[np.ndarray]:
    if not source.is_directed():
        raise BadInput(
            "The graph is undirected: it does not say which end is the head; give a DiGraph or "
            "MultiDiGraph."
        )
    rows = list(source.edges(keys=True, data=True) if source.is_multigraph() else
                ((u, v, None, d) for u, v, d in source.edges(data=True)))  # fmt: skip
    if not rows:
        raise BadInput("The graph has no edges.")
    attribute = next((key for key in RELATION_KEYS if all(key in row[3] for row in rows)), None)
    if attribute is None and (
        not source.is_multigraph() or all(isinstance(row[2], int) for row in rows)
    ):
        raise BadInput(
            "The edges do not say their relation; give each the attribute 'relation', or the "
            "relation as its key."
        )
    found = []
    for values in (
        [u for u, _, _, _ in rows],
        [data[attribute] if attribute else key for _, _, key, data in rows],
        [v for _, v, _, _ in rows],
    ):
        column = np.empty(len(values), dtype=object)
        column[:] = values
        found.append(column)
    return found


def _frame(
    source: Any, columns: Any, usual: Sequence[str] | None
) -> tuple[list[np.ndarray], Sequence[str]]:
    if hasattr(source, "to_pandas"):
        source = source.to_pandas()
    if bool(source.isna().to_numpy().any()):
        raise BadInput("The data frame has missing values; each triple needs all three.")
    names = [str(name) for name in source.columns]
    order = parts.by_header(names)
    if columns is not None:
        words = columns.replace(",", " ").split() if isinstance(columns, str) else list(columns)
        named = [str(word) for word in words]
        if len(named) == 3 and set(named) <= set(names) and parts.by_header(named) is None:
            order = tuple(
                parts.PARTS[named.index(name)] if name in named else name for name in names
            )
        else:
            order = parts.told(columns)
    if order is None:
        order = parts.by_content([source.iloc[:, i].to_numpy() for i in range(len(names))], usual)
    if len(order) != len(names):
        raise BadInput(f"The data frame has {len(names)} columns, and {len(order)} were named.")
    return [source.iloc[:, place].to_numpy() for place in parts.pick(order)], order

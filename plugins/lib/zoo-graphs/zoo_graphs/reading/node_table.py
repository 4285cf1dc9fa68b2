"""A table of nodes beside a graph: its rows find their nodes, by name or by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_graphs.reading.features import NodeTable
from zoo_graphs.reading.source import ABSENT, FEATURES, Source


def with_table(found: Source, table: NodeTable) -> Source:
    """Give a graph the features, and the classes, of a table: by name where it names its rows."""
    nodes = dict(found.nodes)
    for key in FEATURES:
        nodes.pop(key, None)
    found = replace(found, nodes=nodes)
    if table.names is None:
        _check_order(found)
        found.nodes["features"] = table.features
        if table.classes is not None:
            found.nodes["labels"] = table.classes
        return found
    names = found.names if found.names is not None else range(found.num_nodes)
    rows = _places(table.names)
    lacking = [name for name in names if _key(name) not in rows]
    if lacking:
        raise BadInput(
            f"The table of nodes has no row for {len(lacking)} node(s) of {found.name}, the first "
            f"is {lacking[0]!r}; give every node one."
        )
    # Nodes of the table that no edge names stand alone: the table is the list of nodes.
    place = np.array([rows[_key(name)] for name in names], dtype=np.int64)
    moved: dict[str, Any] = {}
    for key, column in nodes.items():
        values: list[Any] = [ABSENT] * len(rows)
        for node, row in enumerate(place):
            values[row] = column[node]
        moved[key] = values
    moved["features"] = table.features
    if table.classes is not None:
        moved["labels"] = table.classes
    numbered = list(table.names) == list(range(len(rows)))
    return replace(
        found,
        ends=place[found.ends],
        num_nodes=len(rows),
        names=None if numbered else list(table.names),
        nodes=moved,
        renumbered="",
    )


def _check_order(found: Source) -> None:
    """Raise `BadInput` where it is not known which row of features is of which node."""
    if found.by_appearance and found.names:
        raise BadInput(
            f"The nodes of {found.name} have names, such as {found.names[0]!r}, and the features "
            "do not say which row is of which node; give a table with a column 'id', or a data "
            "frame with the names as its index."
        )


def _key(name: Any) -> str:
    """What a node is called in a file and in memory alike."""
    return str(name)


def _places(names: Sequence[Any]) -> dict[str, int]:
    rows = {_key(name): row for row, name in enumerate(names)}
    if len(rows) != len(names):
        raise BadInput("The table of nodes names one node twice; give every node one row.")
    return rows

"""The shapes in which edges come as an array, and which of them may be known without being told."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from zoo_core import BadInput

Layout = Literal["columns", "rows"]


def edge_columns(edges: np.ndarray, layout: Layout | None = None) -> np.ndarray:
    """Return edges as (2, m): one column for each.

    `layout` says what a (2, 2) array is: "columns" for (2, m), "rows" for (m, 2). Every other shape
    tells; so does a (2, 2) array that says the same both ways.

    Raises `BadInput` for another shape or layout, and for a (2, 2) array that could be either.
    """
    if layout is not None and layout not in get_args(Layout):
        raise BadInput(
            f"layout={layout!r} is unknown; use 'columns' for edges of shape (2, m), or 'rows' for "
            "(m, 2)."
        )
    if edges.size == 0 and (edges.ndim == 1 or (edges.ndim == 2 and 2 in edges.shape)):
        return np.empty((2, 0), dtype=np.int64)
    wanted = {"columns": (0,), "rows": (1,), None: (0, 1)}[layout]
    if edges.ndim != 2 or not any(edges.shape[axis] == 2 for axis in wanted):
        shapes = {"columns": "(2, m)", "rows": "(m, 2)", None: "(2, m) or (m, 2)"}[layout]
        third = "; give what a third column holds by itself" if _has_third(edges) else ""
        raise BadInput(
            f"The edges have shape {edges.shape}, expected {shapes}; give two node indices for "
            f"each edge{third}."
        )
    if edges.shape == (2, 2) and layout is None and _differ(edges[0, 1], edges[1, 0]):
        (a, b), (c, d) = edges.tolist()
        raise BadInput(
            f"The edges {[[a, b], [c, d]]} are ({a}, {c}) and ({b}, {d}) read as (2, m), but "
            f"({a}, {b}) and ({c}, {d}) read as (m, 2); say which, with layout='columns' or 'rows'."
        )
    by_row = layout == "rows" or (layout is None and edges.shape[0] != 2)
    return edges.T if by_row else edges


def _has_third(edges: np.ndarray) -> bool:
    return edges.ndim == 2 and edges.shape[1] == 3


def _differ(first: Any, second: Any) -> bool:
    return bool(first != second)

"""What an embedding knows beyond degrees: the question that the paper asks of GCN features.

from zoo_spectral_failure_gcn.diagnostics import diagnose

diagnose(graph, points)  # of your own graph network just as well
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import subspace_angles
from torch import Tensor
from zoo_graphs.components import adjacency_matrix, components
from zoo_graphs.embedding import leading_part
from zoo_graphs.graph import Graph
from zoo_graphs.reading import read_graph

from zoo_core import BadInput

EXPLAINED = 0.9
"""From this R² on, what a coordinate knows beyond degree and first eigenvector is called little."""


def diagnose(graph: Any, points: Any) -> dict[str, Any]:
    """Return how regular a graph is, and what of an embedding its degrees explain.

    `graph` is anything that `zoo_graphs.reading.read_graph` takes, with or without features, and
    `points` are Z (n, k), array or tensor. The report has `nodes`, `edges`, `components`;
    `degree_variation`, the standard deviation of the degrees over their mean (0 for a regular
    graph); `r2`, for each coordinate the share of its variance that a linear fit on (1, degree,
    first eigenvector of A) explains (1 for a constant one); `angles`, the principal angles in
    degrees between span(Z) and the k leading eigenvectors of A, ascending, as many as Z has
    independent columns; and `reading`, one sentence. Raises `BadInput` where the graph is
    malformed, or the points are not (n, k) finite numbers.
    """
    known: Graph = read_graph(graph, featureless=True)
    given = points.detach().cpu() if isinstance(points, Tensor) else points
    rows = np.asarray(given, dtype=np.float64)
    if rows.ndim != 2 or len(rows) != known.num_nodes or not np.isfinite(rows).all():
        raise BadInput(
            f"The points have shape {rows.shape}; expected ({known.num_nodes}, k) finite numbers, "
            "one row for each node."
        )
    matrix = adjacency_matrix(known)
    degrees = matrix.sum(axis=1)
    _, vectors = leading_part(matrix, min(max(rows.shape[1], 2), known.num_nodes))
    r2 = explained(rows, np.column_stack([np.ones(len(rows)), degrees, vectors[:, 0]]))
    variation = float(degrees.std() / max(abs(degrees.mean()), 1e-300))
    return {
        "nodes": known.num_nodes,
        "edges": known.num_edges,
        "components": components(known)[0],
        "degree_variation": variation,
        "r2": r2,
        "angles": _angles(rows, vectors[:, : rows.shape[1]]),
        "reading": _reading(variation, r2),
    }


def explained(columns: np.ndarray, regressors: np.ndarray) -> list[float]:
    """Return the R² of each column (n, k) in a least-squares fit on regressors (n, r).

    The regressors include a constant. A column that does not vary beyond single-precision rounding
    counts as explained.
    """
    scaled = regressors / np.maximum(np.abs(regressors).max(axis=0), 1e-300)
    fitted = scaled @ np.linalg.lstsq(scaled, columns, rcond=None)[0]
    total = ((columns - columns.mean(axis=0)) ** 2).sum(axis=0)
    left = ((columns - fitted) ** 2).sum(axis=0)
    constant = total <= len(columns) * (1e-6 * np.abs(columns).max(axis=0)) ** 2
    return [float(one) for one in np.where(constant, 1.0, 1 - left / np.maximum(total, 1e-300))]


def _angles(rows: np.ndarray, vectors: np.ndarray) -> list[float]:
    left, values, _ = np.linalg.svd(rows, full_matrices=False)
    basis = left[:, values > 1e-6 * max(values.max(initial=0.0), 1e-300)]
    vectors = vectors[:, np.linalg.norm(vectors, axis=0) > 0]
    if not basis.size or not vectors.size:
        return []
    return sorted(float(angle) for angle in np.degrees(subspace_angles(basis, vectors)))


def _reading(variation: float, r2: list[float]) -> str:
    told = f"degrees vary by {100 * variation:.0f} % around their mean"
    if min(r2) >= EXPLAINED:
        return (
            f"The embedding knows little beyond degree and first eigenvector (R² from "
            f"{min(r2):.2f}; {told}): use a spectral embedding, or features that tell nodes apart."
        )
    return (
        f"Some coordinates know more than degree and first eigenvector (R² from {min(r2):.2f}; "
        f"{told})."
    )

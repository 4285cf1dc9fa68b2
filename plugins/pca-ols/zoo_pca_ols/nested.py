"""Least squares on the first h columns of a projection, for many h at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import qr, solve_triangular

from zoo_pca_ols.factorization import Factorization

Array = np.ndarray


def nested_coefficients(
    found: Factorization, y: Array, projection: Array, counts: Sequence[int]
) -> Array:
    """Return b = Pi (X Pi)^+ y (p, len(counts)) for Pi the first h columns of W (p, m), each h.

    Up to h = r, the rank of X, one QR of X W gives all solutions by triangular solves. Beyond,
    with X = U S V^T and M = V^T Pi of full row rank, (X Pi)^+ = M^+ S^-1 U^T: M is well
    conditioned where X, and so X Pi, may not be. A count beyond m stands for m. The first r
    columns of X W must be independent, as they are almost surely for random ones.
    """
    z = found.target(y)
    reduced = found.v.T @ projection  # (r, m)
    turned, triangle = qr(found.s[:, None] * reduced[:, : found.rank], mode="economic")
    image = turned.T @ z
    coefficients = np.zeros((found.v.shape[0], len(counts)))
    for place, wanted in enumerate(counts):
        h = min(wanted, projection.shape[1])
        if h <= found.rank:
            part = solve_triangular(triangle[:h, :h], image[:h], check_finite=False)
        else:
            basis, upper = qr(reduced[:, :h].T, mode="economic", check_finite=False)
            part = basis @ solve_triangular(upper, z / found.s, trans="T", check_finite=False)
        coefficients[:, place] = projection[:, :h] @ part
    return coefficients

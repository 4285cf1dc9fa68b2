"""One thin singular value decomposition, and what all estimators read off it.

X - 1 x_mean^T = U diag(s) V^T with U (n, r), s (r,), V (p, r). In these coordinates PCA-OLS keeps
leading coordinates, ridge shrinks each of them, and PLS is a Krylov method on a diagonal matrix;
nothing of size p x p is ever made, and one decomposition serves every number of components and
every penalty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr, solve_triangular

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Factorization:
    """The thin SVD of a design (n, p), cut at its numerical rank r.

    `x_mean` (p,) are the column means that were subtracted, zeros without centring; `u` (n, r) and
    `v` (p, r) the singular vectors, `s` (r,) the singular values, descending and positive;
    `centred` tells whether the means were subtracted. Where rows have weights w, the means are
    weighted, and it is the SVD of rows times `roots` (n,), the square roots of w: w = 2 is a row
    that is there twice.
    """

    x_mean: Array
    u: Array
    s: Array
    v: Array
    centred: bool
    roots: Array | None = None

    @property
    def n(self) -> int:
        """The number of rows."""
        return len(self.u)

    @property
    def total(self) -> float:
        """The sum of the rows' weights: n without weights."""
        return float(self.n if self.roots is None else self.roots @ self.roots)

    @property
    def rank(self) -> int:
        """The numerical rank r."""
        return self.s.size

    def scores(self, rows: Array) -> Array:
        """Return coordinates (m, r) of rows (m, p) in the basis V, after the same centring."""
        return (rows - self.x_mean) @ self.v

    def centre(self, y: Array) -> float:
        """Return what is subtracted from targets (n,): their mean, or 0 without centring."""
        if not self.centred:
            return 0.0
        return float(y.mean() if self.roots is None else np.average(y, weights=self.roots**2))

    def weighed(self, y: Array) -> Array:
        """Return targets (n,) minus their mean, times the roots of the weights."""
        rest: Array = y - self.centre(y)
        return rest if self.roots is None else rest * self.roots

    def target(self, y: Array) -> Array:
        """Return z = U^T (y - mean), the coordinates (r,) of the targets (n,)."""
        return self.u.T @ self.weighed(y)


def factorize(design: Array, *, centre: bool = True, weights: Array | None = None) -> Factorization:
    """Return the factorisation of a design (n, p), of finite numbers; weights (n,) from 0.

    Singular values below s_1 max(n, p) eps are taken for zero: real spectra are rank-deficient.
    With centring, s_1 of the design before it sets the scale, because that is the size of what
    the subtraction rounds, and the rank is at most n - 1.
    """
    n, p = design.shape
    if weights is None:
        roots, total, there = None, n, n
        x_mean = design.mean(axis=0) if centre else np.zeros(p)
        rows = design - x_mean
    else:
        roots, total, there = np.sqrt(weights), weights.sum(), int(np.count_nonzero(weights))
        x_mean = np.average(design, axis=0, weights=weights) if centre else np.zeros(p)
        rows = (design - x_mean) * roots[:, None]
    u, s, vt = np.linalg.svd(rows, full_matrices=False)
    top = np.hypot(s[0], np.sqrt(total) * np.linalg.norm(x_mean)) if s.size else 0.0
    rank = int(np.count_nonzero(s > top * max(n, p) * np.finfo(float).eps))
    rank = min(rank, there - 1) if centre else rank
    return Factorization(x_mean, u[:, :rank], s[:rank], vt[:rank].T, centre, roots)


def pca_steps(found: Factorization, y: Array) -> Array:
    """Return what each further component adds to the coefficients: (r,), the diagonal z_j / s_j.

    PCA-OLS(k) is V_k S_k^-1 U_k^T y = sum over j <= k of (z_j / s_j) v_j (section 3 of the paper).
    """
    return found.target(y) / found.s


@dataclass(frozen=True)
class KrylovBasis:
    """PLS in the coordinates of V: an orthonormal basis and what each vector of it adds.

    `basis` (r, K) are orthonormal columns that span the Krylov space of S^2 and S z; with `steps`
    (r, K), PLS(k) has the coefficients V (steps_1 + ... + steps_k).
    """

    basis: Array
    steps: Array


def krylov_basis(found: Factorization, y: Array, k: int) -> KrylovBasis:
    """Return up to k directions of PLS (PLS1), by Golub-Kahan bidiagonalisation.

    S Q = P B with Q and P orthonormal and B upper triangular, so that the least-squares solution
    in the span of Q is Q B^-1 P^T z; B grows by a column at each step and its inverse too, so all
    k come at once. Each vector is orthogonalised twice against the ones before, without which the
    basis degenerates after about 15 steps. Fewer than k columns where the Krylov space is
    exhausted: then PLS has the least-squares solution already.
    """
    z, s = found.target(y), found.s
    count = min(k, found.rank)
    q, p = (np.zeros((found.rank, count)) for _ in range(2))
    triangle = np.zeros((count, count))
    direction = s * z
    scale = float(np.linalg.norm(direction))
    for j in range(count):
        for _ in range(2):
            direction = direction - q[:, :j] @ (q[:, :j].T @ direction)
        norm = float(np.linalg.norm(direction))
        if norm <= 10 * found.rank * np.finfo(float).eps * scale:
            count = j
            break
        q[:, j] = direction / norm
        image = s * q[:, j]
        for _ in range(2):
            part = p[:, :j].T @ image
            triangle[:j, j] += part
            image = image - p[:, :j] @ part
        triangle[j, j] = np.linalg.norm(image)
        p[:, j] = image / triangle[j, j]
        direction = s * p[:, j]
        scale = float(np.linalg.norm(direction))
    q, p, triangle = q[:, :count], p[:, :count], triangle[:count, :count]
    inverse = np.linalg.solve(triangle, np.eye(count))
    return KrylovBasis(q, q @ inverse * (p.T @ z))


def ridge_coordinates(found: Factorization, y: Array, penalties: Sequence[float] | Array) -> Array:
    """Return ridge solutions (r, L), a column for each penalty, in the coordinates of V.

    b = sum_i s_i / (s_i^2 + n lambda) z_i v_i, the minimiser of |X b - y|^2 / n + lambda |b|^2:
    the penalty is per sample, so that duplicated data give the same solution.
    """
    weight = found.total * np.asarray(penalties, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        shrunk: Array = found.s[:, None] / (found.s[:, None] ** 2 + weight)
    return shrunk * found.target(y)[:, None]


def leave_one_out(found: Factorization, y: Array, penalties: Sequence[float] | Array) -> Array:
    """Return the mean squared leave-one-out error (L,) of ridge for each penalty, in closed form.

    The error of row i is r_i / (1 - h_i), with residuals r and leverages h of the fit to all
    rows; the strength n lambda is that of all n rows. Both are summed over 1 - s^2 / (s^2 + n
    lambda) and not subtracted from 1: for p > n and small lambda both tend to zero. Of a row of
    weight w > 1 one copy is left out, weight 1 of w.
    """
    weight = found.total * np.asarray(penalties, dtype=float)
    kept = weight / (found.s[:, None] ** 2 + weight)  # (r, L)
    residual = (found.u * found.target(y)) @ kept
    slack = found.u**2 @ kept
    shares = 1.0 if found.roots is None else found.roots**2
    there = found.n if found.roots is None else int(np.count_nonzero(found.roots))
    if found.rank < there - found.centred:
        # Part of the targets is out of reach of every penalty.
        rest = found.weighed(y)
        residual += (rest - found.u @ (found.u.T @ rest))[:, None]
        outside = 1.0 - found.centred * shares / found.total - (found.u**2).sum(axis=1)
        slack += np.maximum(outside, 0.0)[:, None]
    if found.roots is None:
        errors: Array = np.mean((residual / slack) ** 2, axis=0)
        return errors
    # A row without weight is nowhere in the sums; its slack is rounding.
    kept_rows = found.roots > 0
    copies = np.maximum(found.roots[kept_rows] ** 2, 1.0)[:, None]
    slack = (copies - 1 + slack[kept_rows]) / copies
    weighed: Array = np.sum((residual[kept_rows] / slack) ** 2, axis=0) / found.total
    return weighed


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

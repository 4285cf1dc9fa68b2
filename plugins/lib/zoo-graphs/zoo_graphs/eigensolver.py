"""The eigenpairs of largest magnitude of one symmetric operator, every copy of a repeated one.

A Lanczos iteration meets one direction of each eigenspace, and the others through rounding alone:
it returns a smaller eigenvalue in the place of a missing copy, without a word. So what it returns
is checked on what is orthogonal to it, from another start, and what was missing is looked for
there, until nothing is.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from scipy.linalg import eigvalsh_tridiagonal
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

Pairs = tuple[np.ndarray, np.ndarray]
Product = Callable[[np.ndarray], np.ndarray]

DENSE_SIZE = 500  # up to this side length a dense decomposition is as fast and more accurate
DENSE_LIMIT = 12_000  # beyond it a dense decomposition needs gigabytes and most of an hour
EQUAL = 1e-10  # eigenvalues that differ by less of the largest are copies of one

_PRODUCTS = 10_000  # with an operator that is too large for a dense decomposition
_CHECK = 500  # products in a check, which tell apart magnitudes that differ by one in a thousand
_SURE = 20.0


def eigenpairs(matrix: sp.csr_array, k: int) -> Pairs:
    """Return m >= k eigenvalues (m,) of a symmetric matrix and unit eigenvectors (n, m), any order.

    The k of largest magnitude are among them. Raises `ValueError` where neither the iteration
    converges nor the matrix is small enough for the dense solver.
    """
    n = matrix.shape[0]
    if n > DENSE_SIZE and k < n // 2:
        found = iterated(lambda vector: matrix @ vector, n, k, affordable(n, matrix.nnz, k))
        if found is not None:
            return found
    if n > DENSE_LIMIT:
        raise ValueError(
            f"{k:,} eigenvectors of {n:,} connected nodes did not converge in {_PRODUCTS:,} "
            "products, so close to each other are their eigenvalues; ask for fewer, or take a part "
            "of the graph."
            if k < n // 2
            else f"{k:,} eigenvectors of {n:,} connected nodes need a dense matrix, and with it "
            f"{16 * n * n / 1e9:,.0f} GB; ask for fewer than {n // 2:,}."
        )
    return np.linalg.eigh(matrix.toarray())


def affordable(n: int, entries: int, k: int) -> int:
    """Return how many products with an operator are worth it, before a dense way is cheaper."""
    if n > DENSE_LIMIT:
        return _PRODUCTS
    # Dense: 10 n^3 operations. What a product and orthogonality take runs at a tenth of their pace,
    # and calling them costs as much as a million.
    one = 10**6 + 10 * (2 * entries + 4 * n * max(2 * k + 1, 20))
    return int(min(max(500, 10 * n**3 // one), 2 * _PRODUCTS))


def iterated(product: Product, n: int, k: int, products: int) -> Pairs | None:
    """Return m >= k eigenpairs of a symmetric operator, the k leading ones among them.

    Of opposite eigenvalues the positive leads. `product` maps (n,) to (n,), and k is below n / 2.
    None is for an iteration that did not converge in so many products.
    """
    search = _Search(product, n)
    wanted = k
    while search.spent < products:
        bound = search.magnitude(k)
        if bound is not None and search.is_complete(bound):
            return search.values, search.vectors
        found = search.iterate(wanted, products)
        if found is None:
            return None if bound is None else (search.values, search.vectors)
        if not len(found[0]):
            continue
        top = np.abs(found[0]).max()
        if bound is None or top >= bound * (1 - EQUAL):
            search.keep(*found)
        if bound is not None and top <= bound * (1 + EQUAL):
            search.prefer_positive(k, bound, products)
            return search.values, search.vectors
        wanted = min(2 * wanted, k) if bound is not None else max(1, k - len(search.values))
    return None


class _Search:
    """What was found of an operator's eigenpairs so far, and ways to find more."""

    def __init__(self, product: Product, n: int) -> None:
        self.product, self.n = product, n
        self.values, self.vectors = np.zeros(0), np.zeros((n, 0))
        self.spent = self.attempts = 0

    def magnitude(self, k: int) -> float | None:
        """Return the k-th largest magnitude that was found; None where fewer were.

        What is smaller than rounding in the largest counts as that much.
        """
        if len(self.values) < k:
            return None
        sizes = -np.sort(-np.abs(self.values))
        return float(max(sizes[k - 1], self.n * np.finfo(np.float64).eps * sizes[0]))

    def keep(self, values: np.ndarray, vectors: np.ndarray) -> None:
        """Add eigenpairs, made orthogonal to the known ones: those of zero need not be so yet."""
        self.values = np.concatenate([self.values, values])
        self.vectors = np.linalg.qr(np.concatenate([self.vectors, vectors], axis=1))[0]

    def prefer_positive(self, k: int, bound: float, products: int) -> None:
        """Look for what is to stand in the place of negative eigenvalues of the k-th magnitude."""
        while self.spent < products:
            tied = self.values[np.abs(np.abs(self.values) - bound) <= EQUAL * bound]
            larger = int((np.abs(self.values) > bound * (1 + EQUAL)).sum())
            missing = k - larger - int((tied > 0).sum())
            if missing <= 0 or not (tied < 0).any():
                return
            found = self.iterate(missing, products, "LA")
            alike = found is not None and found[0] >= bound * (1 - EQUAL)
            if found is None or not np.any(alike):
                return
            self.keep(found[0][alike], found[1][:, alike])

    def iterate(self, wanted: int, products: int, which: str = "LM") -> Pairs | None:
        """Return up to `wanted` leading eigenpairs orthogonal to what is known; None: zeros only.

        `which` is "LM" for the largest magnitudes, "LA" for the largest values. Each attempt has
        more room than the last. At most half of the products that are left are used; what has
        converged by then is returned, be it nothing.
        """
        self.attempts += 1
        room = min(max(2 * wanted + 1, 10 * 2**self.attempts, 20), wanted + 160, self.n - 1)
        restarts = max(5, (products - self.spent) // (2 * (room - wanted)))
        operator = LinearOperator((self.n, self.n), matvec=self._deflated, dtype=np.float64)
        try:
            values, vectors = eigsh(
                operator, k=wanted, which=which, ncv=room, v0=self._start(), maxiter=restarts
            )
            return values, vectors
        except ArpackNoConvergence as error:
            return error.eigenvalues, error.eigenvectors
        except ArpackError:
            return None  # its start was mapped to zero

    def is_complete(self, bound: float) -> bool:
        """Tell whether all eigenvalues orthogonal to the known ones are smaller than a bound.

        False where one is not, or too near to tell. By Lanczos from a random start; were there an
        eigenvalue of the bound's magnitude, the Chebyshev polynomial of the step's degree would
        have lifted its share of the start, 1 / sqrt(n) or a thousandth of that, above all others
        (Kuczynski and Wozniakowski 1992). Orthogonality among the steps does not matter to that.
        """
        self.attempts += 1
        old, new = np.zeros(self.n), self._start()
        new /= np.linalg.norm(new)
        diagonal, beside = [], [0.0]
        for step in range(1, _CHECK + 1):
            image = self._deflated(new) - beside[-1] * old
            diagonal.append(float(image @ new))
            image -= diagonal[-1] * new
            beside.append(float(np.linalg.norm(image)))
            exhausted = beside[-1] <= EQUAL * bound
            if step % 10 == 0 or exhausted:
                largest = float(np.abs(eigvalsh_tridiagonal(diagonal, beside[1:-1])).max())
                if largest > bound * (1 - EQUAL):
                    return False
                lifted = step * math.acosh(bound / max(largest, 1e-9 * bound))
                if exhausted or lifted > _SURE + math.log(self.n) / 2:
                    return True
            old, new = new, image / max(beside[-1], 1e-300)
        return False

    def _start(self) -> np.ndarray:
        start = np.random.default_rng(self.attempts - 1).standard_normal(self.n)
        return start - self.vectors @ (self.vectors.T @ start)

    def _deflated(self, vector: np.ndarray) -> np.ndarray:
        self.spent += 1
        image = self.product(vector.ravel())
        return image - self.vectors @ (self.vectors.T @ image)

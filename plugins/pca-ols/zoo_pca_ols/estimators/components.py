"""Least squares on directions that were learnt from the training rows: PCA-OLS and PLS."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np

from zoo_core import BadInput
from zoo_pca_ols.estimators.base import LinearEstimator, Projection
from zoo_pca_ols.factorization import Array, Factorization, krylov_basis, pca_steps
from zoo_pca_ols.parameters import whole
from zoo_pca_ols.selection import CANDIDATES, Method, best, cross_validate


class Components(Projection, LinearEstimator):
    """Least squares on a basis (p, k) of directions that were learnt from the training rows.

    Fitted, it has ``n_components_``, ``components_`` (p, k), ``reduced_coef_`` (k,) with coef_ =
    components_ reduced_coef_, and after "cv" ``cv_errors_``: error by number of components.
    """

    n_components_: int
    components_: Array
    reduced_coef_: Array
    cv_errors_: dict[int, float]
    _method: ClassVar[Method]

    def __init__(
        self,
        n_components: int | float | str | None = "cv",
        *,
        cv: Any = 5,
        random_state: int = 0,
        candidates: tuple[int, ...] = CANDIDATES,
        fit_intercept: bool = True,
    ) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.n_components = n_components
        self.cv = cv
        self.random_state = random_state
        self.candidates = candidates

    def _chosen(self, found: Factorization, x: Array, y: Array) -> int:
        wanted = self.n_components
        if wanted is None:
            return found.rank
        if isinstance(wanted, str):
            if wanted != "cv":
                raise BadInput(f"n_components is {wanted!r}; expected a number, 'cv' or None.")
            self.cv_errors_ = cross_validate(
                self._method,
                x,
                y,
                candidates=self.candidates,
                cv=self.cv,
                seed=self.random_state,
                centre=self.fit_intercept,
                weights=None if found.roots is None else found.roots**2,
            )
            return best(self.cv_errors_)
        if isinstance(wanted, Real) and not isinstance(wanted, Integral):
            return self._from_share(found, float(wanted))
        return whole("n_components", wanted, 0, found.rank, "the rank of the centred design")

    def _from_share(self, found: Factorization, share: float) -> int:
        raise BadInput(f"n_components is {share!r}; expected a whole number, 'cv' or None.")


class PCAOLS(Components):
    """PCA-OLS(k), principal component regression: least squares on the k leading components.

    b = V_k S_k^-1 U_k^T y. Fitted, it also has ``singular_values_`` (k,) and
    ``explained_variance_ratio_`` (k,).

    `n_components` is k, from 0 to the rank; a share of the variance of X in (0, 1), for the
    smallest k that reaches it; "cv", chosen inside the training rows; or None for the rank. `cv` is
    the number of folds for "cv", a splitter such as ``KFold(3)`` or pairs of indices;
    `random_state` is the seed of folds by number, `candidates` the numbers that are compared,
    beside 0. `fit_intercept` subtracts the means of the training rows.
    """

    _method: ClassVar[Method] = "pca"

    def _from_share(self, found: Factorization, share: float) -> int:
        if not 0 < share < 1:
            raise BadInput(
                f"n_components is {share!r}; expected a share of the variance between 0 and 1, a "
                "whole number, 'cv' or None."
            )
        cumulative = np.cumsum(found.s**2) / np.sum(found.s**2)
        return min(int(np.searchsorted(cumulative, share)) + 1, found.rank)

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        k = self.n_components_ = self._chosen(found, x, y)
        # A singular vector's sign is the library's whim: its largest entry is made positive.
        largest = np.abs(found.v[:, :k]).argmax(axis=0)
        signs = np.sign(found.v[largest, np.arange(k)])
        self.components_ = found.v[:, :k] * signs
        self.singular_values_ = found.s[:k]
        self.explained_variance_ratio_ = found.s[:k] ** 2 / max(np.sum(found.s**2), 1e-300)
        self.reduced_coef_ = pca_steps(found, y)[:k] * signs
        return self.components_ @ self.reduced_coef_


class PLS(Components):
    """PLS(k), partial least squares of one target: least squares on a Krylov space of X.

    Equal to scikit-learn's ``PLSRegression(k, scale=False)``. The Krylov space may be exhausted
    before k (fewer distinct singular values): the solution then is that of OLS, and
    ``n_components_`` is smaller.

    `n_components` is k, from 0 to the rank; "cv", chosen inside the training rows; or None for the
    rank. `cv` is the number of folds for "cv", a splitter such as ``KFold(3)`` or pairs of indices;
    `random_state` is the seed of folds by number, `candidates` the numbers that are compared,
    beside 0. `fit_intercept` subtracts the means of the training rows.
    """

    _method: ClassVar[Method] = "pls"

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        krylov = krylov_basis(found, y, self._chosen(found, x, y))
        self.n_components_ = krylov.basis.shape[1]
        self.components_ = found.v @ krylov.basis
        self.reduced_coef_ = krylov.basis.T @ krylov.steps.sum(axis=1)
        return self.components_ @ self.reduced_coef_

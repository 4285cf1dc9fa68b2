"""What a known population would advise: its principal axes, and its best predictor."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoo_core import BadInput
from zoo_pca_ols.estimators.base import LinearEstimator, Projection
from zoo_pca_ols.factorization import Array, Factorization, factorize
from zoo_pca_ols.parameters import whole
from zoo_pca_ols.risk import population_coefficients


class OraclePCR(Projection, LinearEstimator):
    """Least squares on the k leading eigenvectors of the population's covariance.

    `covariance` is C (p, p), or its diagonal (p,); `n_components` is k, from 0 to p.
    `fit_intercept` subtracts the means of the training rows.
    """

    def __init__(
        self, covariance: Any, n_components: int = 1, *, fit_intercept: bool = True
    ) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.covariance = covariance
        self.n_components = n_components

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        covariance = _covariance(self.covariance, x.shape[1])
        k = whole("n_components", self.n_components, 0, x.shape[1], "the number of columns")
        if covariance.ndim == 1:
            self.components_ = np.eye(covariance.size)[:, np.argsort(-covariance, kind="stable")]
        else:
            self.components_ = np.linalg.eigh(covariance)[1][:, ::-1]
        self.components_ = self.components_[:, :k]
        return _on_basis(found, y, self.components_)


class Population(LinearEstimator):
    """The best linear predictor C_xx^+ C_xy of a known population; only means are fitted.

    `covariance` is C_xx (p, p), or its diagonal (p,); `cross_covariance` is C_xy (p,).
    `fit_intercept` adds the training mean of the target.
    """

    def __init__(
        self, covariance: Any, cross_covariance: Any, *, fit_intercept: bool = True
    ) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.covariance = covariance
        self.cross_covariance = cross_covariance

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        covariance = _covariance(self.covariance, x.shape[1])
        return population_coefficients(covariance, np.asarray(self.cross_covariance, dtype=float))


def _covariance(given: Any, p: int) -> Array:
    covariance = np.asarray(given, dtype=float)
    if covariance.shape not in ((p,), (p, p)):
        raise BadInput(
            f"The covariance has shape {covariance.shape}; expected {(p, p)}, or its diagonal."
        )
    return covariance


def _on_basis(found: Factorization, y: Array, basis: Array) -> Array:
    """Return Pi (X Pi)^+ y by the factorisation of X Pi, cut at its numerical rank."""
    image = factorize((found.s[:, None] * (found.v.T @ basis)), centre=False)
    return basis @ (image.v @ (image.u.T @ found.target(y) / image.s))

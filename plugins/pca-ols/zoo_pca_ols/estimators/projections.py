"""Least squares and ridge on random directions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from zoo_core import BadInput
from zoo_pca_ols.estimators.base import LinearEstimator, Projection
from zoo_pca_ols.estimators.ridge import chosen_penalty
from zoo_pca_ols.factorization import Array, Factorization, factorize, pca_steps, ridge_coordinates
from zoo_pca_ols.parameters import whole


class RandomProjection(Projection, LinearEstimator):
    """Least squares, or ridge, on h random directions: a linear net with a fixed first layer.

    Fitted, it has ``components_`` (p, h) and ``reduced_coef_`` (h,).

    `n_components` is h, from 1; it may exceed p. `kind` is "gaussian", entries N(0, 1/p), or
    "orthogonal", the Q factor of such a matrix, where h >= p is the whole space and so OLS.
    `penalty` is None for least squares; "loo" for ridge with the leave-one-out choice among 10^-4
    to 10^3.9 (not per sample, as published); or a penalty per sample. `random_state` is the seed of
    the directions. `fit_intercept` subtracts the means of the training rows.
    """

    GRID = tuple(float(10**exponent) for exponent in np.arange(-4, 3.95, 0.1))

    def __init__(
        self,
        n_components: int = 100,
        *,
        kind: str = "gaussian",
        penalty: float | str | None = None,
        random_state: int = 0,
        fit_intercept: bool = True,
    ) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.n_components = n_components
        self.kind = kind
        self.penalty = penalty
        self.random_state = random_state

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        h = whole("n_components", self.n_components, 1)
        rng = np.random.default_rng(self.random_state)
        self.components_ = directions(x.shape[1], h, self.kind, rng)
        image = factorize(found.s[:, None] * (found.v.T @ self.components_), centre=False)
        turned = replace(
            found,
            x_mean=np.zeros(self.components_.shape[1]),
            u=found.u @ image.u,
            s=image.s,
            v=image.v,
        )
        if self.penalty is None:
            coordinates = pca_steps(turned, y)
        else:
            self.penalty_ = chosen_penalty(
                self.penalty, turned, y, [alpha / found.total for alpha in self.GRID]
            )
            coordinates = ridge_coordinates(turned, y, [self.penalty_])[:, 0]
        self.reduced_coef_ = turned.v @ coordinates
        return self.components_ @ self.reduced_coef_


def directions(p: int, h: int, kind: str, rng: np.random.Generator) -> Array:
    """Return h random directions (p, h), or (p, p) for "orthogonal" ones with h > p.

    The first columns of more directions are directions of the same law.

    Raises `BadInput` for an unknown kind.
    """
    if kind == "gaussian":
        gaussian: Array = rng.standard_normal((p, h)) / np.sqrt(p)
        return gaussian
    if kind == "orthogonal":
        return np.linalg.qr(rng.standard_normal((p, min(h, p))))[0]
    raise BadInput(f"kind is {kind!r}; expected 'gaussian' or 'orthogonal'.")

"""Least squares of minimum norm, and its opposite, the mean alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoo_pca_ols.estimators.base import LinearEstimator
from zoo_pca_ols.factorization import Array, Factorization, pca_steps


class Null(LinearEstimator):
    """b = 0: the mean of the training targets, or 0 without intercept."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        return np.zeros(x.shape[1])


class OLS(LinearEstimator):
    """Least squares of minimum norm, b = X^+ y, which interpolates for p >= n."""

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        return found.v @ pca_steps(found, y)

"""The lasso, by scikit-learn."""

from __future__ import annotations

from typing import Any

from sklearn.linear_model import Lasso as SklearnLasso
from sklearn.linear_model import LassoCV

from zoo_core import BadInput
from zoo_pca_ols.estimators.base import LinearEstimator
from zoo_pca_ols.factorization import Array, Factorization
from zoo_pca_ols.parameters import positive


class Lasso(LinearEstimator):
    """The minimiser of |X b - y|^2 / (2 n) + lambda |b|_1, by scikit-learn's coordinate descent.

    `penalty` is lambda, above 0; or "cv", chosen by 5-fold cross-validation on a path down to
    `smallest` times the least lambda whose solution is 0. `max_iter` is the most passes over the
    coordinates. `fit_intercept` subtracts the means of the training rows.
    """

    def __init__(
        self,
        penalty: float | str = "cv",
        *,
        smallest: float = 1e-3,
        max_iter: int = 20_000,
        fit_intercept: bool = True,
    ) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.penalty = penalty
        self.smallest = smallest
        self.max_iter = max_iter

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        shared = {"fit_intercept": self.fit_intercept, "max_iter": self.max_iter}
        if self.penalty == "cv":
            solver: Any = LassoCV(cv=5, eps=self.smallest, alphas=60, **shared)
        elif isinstance(self.penalty, str):
            raise BadInput(f"penalty is {self.penalty!r}; expected a number above 0, or 'cv'.")
        else:
            penalty = positive("penalty", self.penalty, "a number above 0, or 'cv'")
            solver = SklearnLasso(penalty, **shared)
        solver.fit(x, y, sample_weight=None if found.roots is None else found.roots**2)
        self.penalty_ = float(getattr(solver, "alpha_", 0.0) or self.penalty)
        self.n_iter_ = solver.n_iter_
        coefficients: Array = solver.coef_
        return coefficients

"""What all estimators have in common."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from zoo_core import BadInput
from zoo_pca_ols.factorization import Array, Factorization, factorize


class LinearEstimator(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # has no types
    """What all have in common; a subclass says how the coefficients come of a factorisation."""

    coef_: Array
    x_mean_: Array
    y_mean_: float
    rank_: int

    def __init__(self, *, fit_intercept: bool = True) -> None:
        self.fit_intercept = fit_intercept

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to rows X (n, p) and targets y (n,).

        Raises `BadInput` for text, NaN, fewer than two rows, unequal lengths, or a parameter that
        the data do not allow.
        """
        if y is None:
            raise BadInput(
                f"{type(self).__name__} requires y to be passed, but the target y is None; give "
                "one number a row."
            )
        x, y = self._checked(X, y)
        found = factorize(x, centre=self.fit_intercept)
        self.x_mean_, self.y_mean_ = found.x_mean, found.centre(y)
        self.rank_ = found.rank
        self.coef_ = self._solve(found, x, y)
        self.intercept_ = self.y_mean_ - float(self.x_mean_ @ self.coef_)
        return self

    def predict(self, X: Any) -> Array:
        """Return predictions (m,) for rows X (m, p), in units of y.

        Raises `BadInput` for rows of another width, text, or NaN.
        """
        check_is_fitted(self)
        rows: Array = self._checked(X)
        return (rows - self.x_mean_) @ self.coef_ + self.y_mean_

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        raise NotImplementedError

    def _checked(self, X: Any, y: Any = None) -> Any:
        """Return float64 arrays; scikit-learn's checks, with its first sentence as the error."""
        more: dict[str, Any] = {"reset": False}
        if y is not None:
            more = {"y": y, "y_numeric": True, "ensure_min_samples": 2}
        try:
            return validate_data(self, X, dtype=np.float64, **more)
        except ValueError as error:
            text = str(error).strip()
            reason = text.splitlines()[0].rstrip(".:")
            remedy = "give finite numbers, one row a sample, as many columns as it was fitted with"
            if "Reshape your data" in text:
                remedy = "Reshape your data into rows of samples and columns of features"
            raise BadInput(
                f"{type(self).__name__} cannot use this table: {reason}; {remedy}."
            ) from error

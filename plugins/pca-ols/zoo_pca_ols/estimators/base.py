"""What all estimators have in common."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    RegressorMixin,
    TransformerMixin,
)
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

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

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to rows X (n, p) and targets y (n,), with weights (n,) from 0 where rows have them.

        A row of weight 2 counts as if it were there twice.

        Raises `BadInput` for text, NaN, fewer than two rows, unequal lengths, or a parameter that
        the data do not allow.
        """
        if y is None:
            raise BadInput(
                f"{type(self).__name__} requires y to be passed, but the target y is None; give "
                "one number a row."
            )
        x, y = self._checked(X, y)
        weights = None if sample_weight is None else self._weights(sample_weight, x)
        found = factorize(x, centre=self.fit_intercept, weights=weights)
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

    def _weights(self, given: Any, x: Array) -> Array:
        try:
            weights: Array = _check_sample_weight(
                given, x, dtype=np.float64, ensure_non_negative=True
            )
        except ValueError as error:
            raise BadInput(
                f"{type(self).__name__} cannot use sample_weight: {_sentence(error)}; give a "
                "number from 0 for each row."
            ) from error
        if np.count_nonzero(weights) < 2:
            raise BadInput(
                f"{type(self).__name__} cannot use sample_weight: fewer than two rows have a "
                "weight above 0."
            )
        return weights

    def _checked(self, X: Any, y: Any = None) -> Any:
        """Return float64 arrays; scikit-learn's checks, with its first sentence as the error."""
        more: dict[str, Any] = {"reset": False}
        if y is not None:
            more = {"y": y, "y_numeric": True, "ensure_min_samples": 2}
        try:
            return validate_data(self, X, dtype=np.float64, **more)
        except ValueError as error:
            remedy = "give finite numbers, one row a sample, as many columns as it was fitted with"
            if "Reshape your data" in str(error):
                remedy = "Reshape your data into rows of samples and columns of features"
            raise BadInput(
                f"{type(self).__name__} cannot use this table: {_sentence(error)}; {remedy}."
            ) from error


class Projection(ClassNamePrefixFeaturesOutMixin, TransformerMixin):  # type: ignore[misc]
    """An estimator on a basis (p, k) of directions, whose coordinates are features."""

    components_: Array
    x_mean_: Array

    def transform(self, X: Any) -> Array:
        """Return the coordinates (m, k) of rows X (m, p) on the directions, after centring.

        Raises `BadInput` for rows of another width, text, or NaN.
        """
        check_is_fitted(self)
        rows: Array = self._checked(X)
        return (rows - self.x_mean_) @ self.components_

    @property
    def _n_features_out(self) -> int:
        return len(self.components_.T)

    def _checked(self, X: Any, y: Any = None) -> Any:
        return super()._checked(X, y)  # of the estimator that this is mixed into


def _sentence(error: Exception) -> str:
    """Return the first line of an error, without its full stop."""
    return str(error).strip().splitlines()[0].rstrip(".:")

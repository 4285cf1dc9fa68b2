"""The estimators of section 3.2 of the paper's comparison, in the manner of scikit-learn.

Each has ``fit(X, y)``, ``predict(X)``, ``get_params()`` and takes part in scikit-learn's clone,
pipelines and searches; scikit-learn is a dependency for that, and for the lasso. Fitted, each has
``coef_`` (p,), ``intercept_``, ``x_mean_`` (p,), ``y_mean_``, ``rank_`` of the centred design and
``n_features_in_``. Means of the training rows are subtracted and added back; columns are never
scaled; with ``fit_intercept=False`` neither (as in the paper's simulations).

Whatever cannot be fitted raises `zoo_core.errors.BadInput`, a ValueError, in one sentence.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Lasso as SklearnLasso
from sklearn.linear_model import LassoCV
from sklearn.utils.validation import check_is_fitted, validate_data

from zoo_core.errors import BadInput
from zoo_pca_ols.factorization import (
    Factorization,
    factorize,
    krylov_basis,
    leave_one_out,
    pca_steps,
    ridge_coordinates,
)
from zoo_pca_ols.risk import population_coefficients
from zoo_pca_ols.selection import CANDIDATES, PENALTIES, best, cross_validate

Array = np.ndarray


class LinearEstimator(RegressorMixin, BaseEstimator):
    """What all have in common; a subclass says how the coefficients come of a factorisation."""

    coef_: Array
    x_mean_: Array
    y_mean_: float
    rank_: int

    def __init__(self, *, fit_intercept: bool = True) -> None:
        self.fit_intercept = fit_intercept

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to rows X (n, p) and targets y (n,).

        Raises:
            BadInput: not numbers, NaN, fewer than two rows, other lengths, or a parameter that
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

        Raises:
            BadInput: rows of another width, not numbers, or NaN.
        """
        check_is_fitted(self)
        return (self._checked(X) - self.x_mean_) @ self.coef_ + self.y_mean_

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


def _number(name: str, value: Any, low: float, expected: str) -> float:
    if not isinstance(value, Real) or isinstance(value, bool) or not low <= value < np.inf:
        raise BadInput(f"{name} is {value!r}; expected {expected}.")
    return float(value)


def _count(value: Any, low: int, high: int | None, what: str) -> int:
    """Return a whole number of components within bounds."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value < low or (high is not None and value > high):
        bounds = f"from {low}" if high is None else f"from {low} to {high}"
        raise BadInput(f"n_components is {value!r}; expected a whole number {bounds}, {what}.")
    return int(value)


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


class _Components(LinearEstimator):
    """Least squares on a basis (p, k) of directions that were learnt from the training rows.

    Fitted, it has ``n_components_``, ``components_`` (p, k), ``reduced_coef_`` (k,) with coef_ =
    components_ reduced_coef_, and after "cv" ``cv_errors_``: error by number of components.
    """

    _method: Any

    def __init__(
        self,
        n_components: int | float | str | None = "cv",
        *,
        cv: int = 5,
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
                count=self.cv,
                seed=self.random_state,
                centre=self.fit_intercept,
            )
            return best(self.cv_errors_)
        if isinstance(wanted, Real) and not isinstance(wanted, Integral):
            return self._from_share(found, float(wanted))
        return _count(wanted, 0, found.rank, "the rank of the centred design")

    def _from_share(self, found: Factorization, share: float) -> int:
        raise BadInput(f"n_components is {share!r}; expected a whole number, 'cv' or None.")


class PCAOLS(_Components):
    """PCA-OLS(k), principal component regression: least squares on the k leading components.

    b = V_k S_k^-1 U_k^T y. Fitted, it also has ``singular_values_`` (k,) and
    ``explained_variance_ratio_`` (k,).

    Args:
        n_components: k, from 0 to the rank; a share of the variance of X in (0, 1), for the
            smallest k that reaches it; "cv", chosen inside the training rows; None for the rank.
        cv: number of folds for "cv".
        random_state: seed of the folds.
        candidates: numbers that "cv" compares, beside 0.
        fit_intercept: subtract the means of the training rows.
    """

    _method = "pca"

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
        self.components_ = found.v[:, :k]
        self.singular_values_ = found.s[:k]
        self.explained_variance_ratio_ = found.s[:k] ** 2 / max(np.sum(found.s**2), 1e-300)
        self.reduced_coef_ = pca_steps(found, y)[:k]
        return self.components_ @ self.reduced_coef_


class PLS(_Components):
    """PLS(k), partial least squares of one target: least squares on a Krylov space of X.

    Equal to scikit-learn's ``PLSRegression(k, scale=False)``. The Krylov space may be exhausted
    before k (fewer distinct singular values): the solution then is that of OLS, and
    ``n_components_`` is smaller.

    Args:
        n_components: k, from 0 to the rank; "cv", chosen inside the training rows; None for the
            rank.
        cv: number of folds for "cv".
        random_state: seed of the folds.
        candidates: numbers that "cv" compares, beside 0.
        fit_intercept: subtract the means of the training rows.
    """

    _method = "pls"

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        krylov = krylov_basis(found, y, self._chosen(found, x, y))
        self.n_components_ = krylov.basis.shape[1]
        self.components_ = found.v @ krylov.basis
        self.reduced_coef_ = krylov.basis.T @ krylov.steps.sum(axis=1)
        return self.components_ @ self.reduced_coef_


class OraclePCR(LinearEstimator):
    """Least squares on the k leading eigenvectors of the population's covariance.

    Args:
        covariance: C (p, p), or its diagonal (p,).
        n_components: k, from 0 to p.
        fit_intercept: subtract the means of the training rows.
    """

    def __init__(
        self, covariance: Any, n_components: int = 1, *, fit_intercept: bool = True
    ) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.covariance = covariance
        self.n_components = n_components

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        covariance = _covariance(self.covariance, x.shape[1])
        k = _count(self.n_components, 0, x.shape[1], "the number of columns")
        if covariance.ndim == 1:
            self.components_ = np.eye(covariance.size)[:, np.argsort(-covariance, kind="stable")]
        else:
            self.components_ = np.linalg.eigh(covariance)[1][:, ::-1]
        self.components_ = self.components_[:, :k]
        return _on_basis(found, y, self.components_)


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


class RandomProjection(LinearEstimator):
    """Least squares, or ridge, on h random directions: a linear net with a fixed first layer.

    Fitted, it has ``components_`` (p, h) and ``reduced_coef_`` (h,).

    Args:
        n_components: h, from 1; it may exceed p.
        kind: "gaussian", entries N(0, 1/p), or "orthogonal", the Q factor of such a matrix, where
            h >= p is the whole space and so OLS.
        penalty: None for least squares; "loo" for ridge with the leave-one-out choice among
            10^-4 to 10^3.9 (not per sample, as published); or a penalty per sample.
        random_state: seed of the directions.
        fit_intercept: subtract the means of the training rows.
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
        h = _count(self.n_components, 1, None, "the number of directions")
        rng = np.random.default_rng(self.random_state)
        self.components_ = directions(x.shape[1], h, self.kind, rng)
        image = factorize(found.s[:, None] * (found.v.T @ self.components_), centre=False)
        turned = Factorization(
            np.zeros(self.components_.shape[1]), found.u @ image.u, image.s, image.v, found.centred
        )
        if self.penalty is None:
            coordinates = pca_steps(turned, y)
        else:
            self.penalty_ = _penalty(
                self.penalty, turned, y, [alpha / found.n for alpha in self.GRID]
            )
            coordinates = ridge_coordinates(turned, y, [self.penalty_])[:, 0]
        self.reduced_coef_ = turned.v @ coordinates
        return self.components_ @ self.reduced_coef_


def directions(p: int, h: int, kind: str, rng: np.random.Generator) -> Array:
    """Return h random directions (p, h), or (p, p) for "orthogonal" ones with h > p.

    The first columns of more directions are directions of the same law.

    Raises:
        BadInput: an unknown kind.
    """
    if kind == "gaussian":
        return rng.standard_normal((p, h)) / np.sqrt(p)
    if kind == "orthogonal":
        return np.linalg.qr(rng.standard_normal((p, min(h, p))))[0]
    raise BadInput(f"kind is {kind!r}; expected 'gaussian' or 'orthogonal'.")


def _penalty(wanted: Any, found: Factorization, y: Array, grid: Any) -> float:
    """Return a penalty per sample: the one given, or the leave-one-out choice of the grid."""
    if isinstance(wanted, str):
        if wanted != "loo":
            raise BadInput(f"penalty is {wanted!r}; expected a number above 0, or 'loo'.")
        return float(grid[int(np.argmin(leave_one_out(found, y, grid)))])
    return _number("penalty", wanted, np.finfo(float).tiny, "a number above 0, or 'loo'")


class Ridge(LinearEstimator):
    """b = (X^T X + n lambda I)^-1 X^T y.

    scikit-learn's ``Ridge(alpha)`` is this with alpha = n lambda. Fitted, it has ``penalty_``.

    Args:
        penalty: lambda, above 0; or "loo", the least closed-form leave-one-out error among 10^-8
            to 10^3.
        fit_intercept: subtract the means of the training rows.
    """

    def __init__(self, penalty: float | str = "loo", *, fit_intercept: bool = True) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.penalty = penalty

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        self.penalty_ = _penalty(self.penalty, found, y, PENALTIES)
        return found.v @ ridge_coordinates(found, y, [self.penalty_])[:, 0]


class Lasso(LinearEstimator):
    """The minimiser of |X b - y|^2 / (2 n) + lambda |b|_1, by scikit-learn's coordinate descent.

    Args:
        penalty: lambda, above 0; or "cv", chosen by 5-fold cross-validation on a path down to
            `smallest` times the least lambda whose solution is 0.
        smallest: the end of that path.
        max_iter: most passes over the coordinates.
        fit_intercept: subtract the means of the training rows.
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
            low = np.finfo(float).tiny
            solver = SklearnLasso(
                _number("penalty", self.penalty, low, "a number above 0, or 'cv'"), **shared
            )
        solver.fit(x, y)
        self.penalty_ = float(getattr(solver, "alpha_", 0.0) or self.penalty)
        self.n_iter_ = solver.n_iter_
        return solver.coef_


class JointPCAOLS(LinearEstimator):
    """Least squares from the k leading components of (X, y) together, which see the target.

    With V_k, S_k of the SVD of [X, y] and Sigma = V_k S_k^2 V_k^T in blocks: b = Sigma_xx^+
    Sigma_xy, which is (W_x^T)^+ w_y for the rows of W = V_k S_k: no p x p block is made.

    Args:
        n_components: k, from 1 to the rank of [X, y].
        fit_intercept: subtract the means of the training rows.
    """

    def __init__(self, n_components: int = 10, *, fit_intercept: bool = True) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.n_components = n_components

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        joint = factorize(np.column_stack([x, y]), centre=self.fit_intercept)
        k = _count(self.n_components, 1, joint.rank, "the rank of the table with its target")
        loadings = joint.v[:, :k] * joint.s[:k]
        return np.linalg.pinv(loadings[:-1].T) @ loadings[-1]


class NoiseAugmentation(LinearEstimator):
    """OLS with columns of noise appended to X, their coefficients dropped, averaged over draws.

    p + n columns of noise of standard deviation `scale` behave as a ridge penalty: X X^T + N N^T
    takes the place of X X^T, with N N^T about (p + n) scale^2 I.

    Args:
        scale: standard deviation of the noise (lambda / n in the paper's notation).
        draws: number of draws.
        random_state: seed of the draws.
        fit_intercept: subtract the means of the training rows.
    """

    def __init__(
        self,
        scale: float = 0.01,
        *,
        draws: int = 16,
        random_state: int = 0,
        fit_intercept: bool = True,
    ) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.scale = scale
        self.draws = draws
        self.random_state = random_state

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        scale = _number("scale", self.scale, np.finfo(float).tiny, "a number above 0")
        draws = _count(self.draws, 1, None, "the number of draws")
        rng = np.random.default_rng(self.random_state)
        (n, p), centred = x.shape, x - found.x_mean
        target, gram = y - found.centre(y), centred @ centred.T
        duals = np.zeros(n)
        for _ in range(draws):
            noise = scale * rng.standard_normal((n, p + n))
            duals += np.linalg.solve(gram + noise @ noise.T, target)
        return centred.T @ (duals / draws)


class LatentModel(LinearEstimator):
    """The generative model of section 7.1: rows and targets are linear in k latent variables.

    y is the first latent variable exactly, X ~ Z A; alternating least squares over A and the
    other latent variables, each kept at unit root mean square, until the residual of X no longer
    falls. Latent variables are defined up to a rotation, so the direction of y among them may be
    an axis. Prediction is x^T A^+ e_1.

    Args:
        n_components: k, from 1 to the rank.
        penalty: weight of the extra ridge on all but the first latent variable.
        max_iter: most alternations.
        rcond: relative cut of singular values in the pseudo-inverses.
        fit_intercept: subtract the means of the training rows.
    """

    def __init__(
        self,
        n_components: int = 10,
        *,
        penalty: float = 0.0,
        max_iter: int = 100,
        rcond: float = 1e-6,
        fit_intercept: bool = True,
    ) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.n_components = n_components
        self.penalty = penalty
        self.max_iter = max_iter
        self.rcond = rcond

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        k = _count(self.n_components, 1, found.rank, "the rank of the centred design")
        penalty = _number("penalty", self.penalty, 0.0, "a number from 0")
        # Everything happens in the row space, where rows have r coordinates.
        rows = found.u * found.s
        first = (y - found.centre(y))[:, None]
        others = found.u[:, : k - 1]
        least, kept = np.inf, np.zeros((k, found.rank))
        for iteration in range(1, self.max_iter + 1):
            self.n_iter_ = iteration
            others = others / np.maximum(np.sqrt(np.mean(others**2, axis=0)), 1e-300)
            latent = np.hstack([first, others])
            square = latent.T @ latent
            square[1:, 1:] *= 1 + penalty
            loadings = np.linalg.pinv(square, rcond=self.rcond) @ (latent.T @ rows)
            residual = float(np.linalg.norm(rows - latent @ loadings))
            if residual >= least * (1 - 1e-9):
                break
            least, kept = residual, loadings
            rest = rows - first * loadings[0]
            others = rest @ np.linalg.pinv(loadings[1:], rcond=self.rcond)
        return found.v @ np.linalg.pinv(kept, rcond=self.rcond)[:, 0]


class Population(LinearEstimator):
    """The best linear predictor C_xx^+ C_xy of a known population; only means are fitted.

    Args:
        covariance: C_xx (p, p), or its diagonal (p,).
        cross_covariance: C_xy (p,).
        fit_intercept: add the training mean of the target.
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

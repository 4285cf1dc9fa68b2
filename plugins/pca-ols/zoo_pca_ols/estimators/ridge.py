"""Ridge, and columns of noise, which behave as a ridge penalty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from zoo_core import BadInput
from zoo_pca_ols.estimators.base import LinearEstimator
from zoo_pca_ols.factorization import Array, Factorization, leave_one_out, ridge_coordinates
from zoo_pca_ols.parameters import positive, whole
from zoo_pca_ols.selection import PENALTIES


class Ridge(LinearEstimator):
    """b = (X^T X + n lambda I)^-1 X^T y.

    scikit-learn's ``Ridge(alpha)`` is this with alpha = n lambda. Fitted, it has ``penalty_``.

    `penalty` is lambda, above 0; or "loo", the least closed-form leave-one-out error among 10^-8 to
    10^3. `fit_intercept` subtracts the means of the training rows.
    """

    def __init__(self, penalty: float | str = "loo", *, fit_intercept: bool = True) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.penalty = penalty

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        self.penalty_ = chosen_penalty(self.penalty, found, y, PENALTIES)
        return found.v @ ridge_coordinates(found, y, [self.penalty_])[:, 0]


class NoiseAugmentation(LinearEstimator):
    """OLS with columns of noise appended to X, their coefficients dropped, averaged over draws.

    p + n columns of noise of standard deviation `scale` behave as a ridge penalty: X X^T + N N^T
    takes the place of X X^T, with N N^T about (p + n) scale^2 I.

    `scale` is the standard deviation of the noise (lambda / n in the paper's notation), `draws` the
    number of draws, `random_state` their seed. `fit_intercept` subtracts the means of the training
    rows.
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

    def fit(self, X: Any, y: Any) -> Self:  # type: ignore[override]
        """Fit to rows X (n, p) and targets y (n,), which have no weights: each has its own noise.

        Raises as `LinearEstimator.fit`.
        """
        return super().fit(X, y)

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        scale = positive("scale", self.scale)
        draws = whole("draws", self.draws, 1)
        rng = np.random.default_rng(self.random_state)
        (n, p), centred = x.shape, x - found.x_mean
        target, gram = y - found.centre(y), centred @ centred.T
        duals = np.zeros(n)
        for _ in range(draws):
            noise = scale * rng.standard_normal((n, p + n))
            duals += np.linalg.solve(gram + noise @ noise.T, target)
        return centred.T @ (duals / draws)


def chosen_penalty(wanted: Any, found: Factorization, y: Array, grid: Sequence[float]) -> float:
    """Return a penalty per sample: the one given, or the leave-one-out choice of the grid."""
    if isinstance(wanted, str):
        if wanted != "loo":
            raise BadInput(f"penalty is {wanted!r}; expected a number above 0, or 'loo'.")
        return float(grid[int(np.argmin(leave_one_out(found, y, grid)))])
    return positive("penalty", wanted, "a number above 0, or 'loo'")

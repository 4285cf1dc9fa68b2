"""Models of features and target together: joint components, and latent variables."""

from __future__ import annotations

import numpy as np

from zoo_pca_ols.estimators.base import LinearEstimator
from zoo_pca_ols.factorization import Array, Factorization, factorize
from zoo_pca_ols.parameters import number, whole


class JointPCAOLS(LinearEstimator):
    """Least squares from the k leading components of (X, y) together, which see the target.

    With V_k, S_k of the SVD of [X, y] and Sigma = V_k S_k^2 V_k^T in blocks: b = Sigma_xx^+
    Sigma_xy, which is (W_x^T)^+ w_y for the rows of W = V_k S_k: no p x p block is made.

    `n_components` is k, from 1 to the rank of [X, y]. `fit_intercept` subtracts the means of the
    training rows.
    """

    def __init__(self, n_components: int = 10, *, fit_intercept: bool = True) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.n_components = n_components

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        joint = factorize(
            np.column_stack([x, y]),
            centre=self.fit_intercept,
            weights=None if found.roots is None else found.roots**2,
        )
        k = whole("n_components", self.n_components, 1, joint.rank, "the rank of [X, y]")
        loadings = joint.v[:, :k] * joint.s[:k]
        coefficients: Array = np.linalg.pinv(loadings[:-1].T) @ loadings[-1]
        return coefficients


class LatentModel(LinearEstimator):
    """The generative model of section 7.1: rows and targets are linear in k latent variables.

    y is the first latent variable exactly, X ~ Z A; alternating least squares over A and the
    other latent variables, each kept at unit root mean square, until the residual of X no longer
    falls. Latent variables are defined up to a rotation, so the direction of y among them may be
    an axis. Prediction is x^T A^+ e_1.

    `n_components` is k, from 1 to the rank; `penalty` the weight of the extra ridge on all but the
    first latent variable; `max_iter` the most alternations; `rcond` the relative cut of singular
    values in the pseudo-inverses. `fit_intercept` subtracts the means of the training rows.
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
        k = whole(
            "n_components", self.n_components, 1, found.rank, "the rank of the centred design"
        )
        penalty = number("penalty", self.penalty, 0.0, "a number from 0")
        # Everything happens in the row space, where rows have r coordinates.
        rows = found.u * found.s
        first = found.weighed(y)[:, None]
        others = found.u[:, : k - 1]
        least, kept = np.inf, np.zeros((k, found.rank))
        for iteration in range(1, self.max_iter + 1):
            self.n_iter_ = iteration
            size = np.sqrt(np.sum(others**2, axis=0) / found.total)
            others = others / np.maximum(size, 1e-300)
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

"""Two-layer linear networks, f(x) = x^T W a, trained by full-batch gradient descent.

They are what the paper compares projections with (after Ba et al., arXiv:1909.11500): with the
first layer random and fixed the network is least squares on a random projection; with the second
fixed and the first from zero it is min-norm OLS, however wide.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from zoo_core import BadInput
from zoo_pca_ols.estimators.base import LinearEstimator
from zoo_pca_ols.factorization import Array, Factorization, factorize
from zoo_pca_ols.parameters import whole
from zoo_pca_ols.regression import FittedRegression

MODES = ("second", "first", "both")


class TwoLayerNet(LinearEstimator):
    """A two-layer linear network, trained by gradient descent.

    Fitted, it has ``first_`` W (p, h) and ``second_`` a (h,).

    `hidden` is h. `mode` is "second", W fixed with entries N(0, 1/p) and a from 0; "first", a fixed
    with entries N(0, 1/h) and W from 0; or "both", both from a small random start. `steps` counts
    those of gradient descent, `random_state` is the seed of the random layers. `fit_intercept`
    subtracts the means of the training rows.
    """

    def __init__(
        self,
        hidden: int = 200,
        *,
        mode: str = "second",
        steps: int = 10_000,
        random_state: int = 0,
        fit_intercept: bool = True,
    ) -> None:
        super().__init__(fit_intercept=fit_intercept)
        self.hidden = hidden
        self.mode = mode
        self.steps = steps
        self.random_state = random_state

    def _solve(self, found: Factorization, x: Array, y: Array) -> Array:
        hidden, steps = whole("hidden", self.hidden, 1), whole("steps", self.steps, 1)
        rng = np.random.default_rng(self.random_state)
        first = rng.standard_normal((x.shape[1], hidden)) / np.sqrt(x.shape[1])
        second = rng.standard_normal(hidden) / np.sqrt(hidden)
        target = found.target(y)
        rows = found.s[:, None] * found.v.T  # U^T X: the same gradients as X, from r rows
        if self.mode == "second":
            second = descend(rows @ first, target, steps)
        elif self.mode == "first":
            # All gradients have the form g a^T: b = W a follows gradient descent on |X b - y|^2
            # with step |a|^2, and W = b a^T / |a|^2.
            b = descend(rows, target, steps)
            first = np.outer(b, second) / (second @ second)
        elif self.mode == "both":
            first, second = descend_both(found, target, first / 100, second / 100, steps)
        else:
            raise BadInput(f"mode is {self.mode!r}; expected one of {', '.join(MODES)}.")
        self.first_, self.second_ = first, second
        coefficients: Array = first @ second
        return coefficients


def descend(design: Array, y: Array, steps: int) -> Array:
    """Return a (h,) after gradient descent from 0 on |D a - y|^2 / 2, D (n, h).

    The step is 1 / lambda_max of D^T D. No step leaves the row space of D, in whose coordinates
    the matrix is diagonal.
    """
    found = factorize(design, centre=False)
    target, rates = found.target(y), (found.s / found.s[:1]) ** 2
    moved = np.zeros(found.rank)
    for _ in range(steps):
        moved += rates * (target / found.s - moved)
    return found.v @ moved


def descend_both(
    found: Factorization, target: Array, first: Array, second: Array, steps: int
) -> tuple[Array, Array]:
    """Return both layers (p, h) and (h,) after gradient descent on |X W a - y|^2 / 2.

    Gradients move W in the row space of X only. The step is 1 / (2 lambda_max |b|) with b the
    min-norm interpolator: balanced layers of a product of norm |b| have squared norms |b|.

    Raises `BadInput` where the descent diverged.
    """
    inside = found.v.T @ first
    outside = first - found.v @ inside
    size = float(np.linalg.norm(target / found.s))
    rate = 1 / (2 * float(found.s[0]) ** 2 * max(size, 1e-12))
    for _ in range(steps):
        slope = found.s * (found.s * (inside @ second) - target)
        inside, second = (
            inside - rate * np.outer(slope, second),
            second - rate * (slope @ inside),
        )
    if not np.isfinite(second).all():
        raise BadInput("Gradient descent diverged; give fewer steps, or scale the features.")
    return outside + found.v @ inside, second


class TwoLayerLinear(FittedRegression):
    """W (p, h) and a (h,), of which the mode says what was trained; means as everywhere.

    `in_features` is p, `hidden` is h, and `mode` "second", "first" or "both" (see `TwoLayerNet`);
    the rest is as in `FittedRegression`.
    """

    ESTIMATORS: ClassVar[dict[str, type[LinearEstimator]]] = {"two-layer-linear": TwoLayerNet}

    def __init__(
        self,
        in_features: int,
        hidden: int = 200,
        mode: str = "second",
        method: str = "two-layer-linear",
        target: str = "y",
        unit: str = "",
        feature_names: list[str] | None = None,
        y_mean_low: float = 0.0,
    ) -> None:
        super().__init__(in_features, method, target, unit, feature_names, y_mean_low)
        if mode not in MODES:
            raise ValueError(f"mode is {mode!r}; expected one of {', '.join(MODES)}")
        if hidden < 1:
            raise ValueError(f"hidden is {hidden}; expected 1 or more")
        self.hidden, self.mode = hidden, mode
        self.first = nn.Parameter(torch.zeros(in_features, hidden), mode != "second")
        self.second = nn.Parameter(torch.zeros(hidden), mode != "first")

    @property
    def coef(self) -> Tensor:
        """The coefficients b = W a (p,)."""
        return self.first @ self.second

    def reduced(self, centred: Tensor) -> Tensor:
        """Return (x W) a: (m,) for centred rows (m, p)."""
        return centred @ self.first @ self.second

    def _sizes(self) -> dict[str, Any]:
        return {"hidden": self.hidden, "mode": self.mode}

    def _take(self, estimator: Any) -> None:
        if estimator.first_.shape != self.first.shape:
            raise BadInput(
                f"hidden is {estimator.hidden}; this module was made with hidden={self.hidden}."
            )
        self.first.copy_(self._tensor(estimator.first_))
        self.second.copy_(self._tensor(estimator.second_))

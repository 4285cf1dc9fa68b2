"""Fitted regressions as torch modules: what was fitted are buffers, and predictions have units.

The estimators of `estimators/` fill them. In every module y = (x - x_mean) b + y_mean, with b
kept whole, or as a basis and what is fitted on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn

from zoo_core import BadInput
from zoo_pca_ols import estimators
from zoo_pca_ols.data.table import Rows
from zoo_pca_ols.estimators.base import LinearEstimator
from zoo_pca_ols.reading import read_rows


class FittedRegression(nn.Module):
    """What all have in common: means, predictions for tables, and evaluation.

    `in_features` is p; `method` says which estimator fits it, a key of `ESTIMATORS`; `target` is
    what is predicted, `unit` its unit, and `feature_names` are the names of the columns, by which
    those of a user's table are found.
    """

    ESTIMATORS: ClassVar[dict[str, type[LinearEstimator]]] = {}
    x_mean: Tensor
    y_mean: Tensor

    def __init__(
        self,
        in_features: int,
        method: str,
        target: str = "y",
        unit: str = "",
        feature_names: list[str] | None = None,
    ) -> None:
        super().__init__()
        if in_features < 1:
            raise ValueError(f"in_features is {in_features}; expected 1 or more")
        if method not in self.ESTIMATORS:
            raise ValueError(f"method is {method!r}; expected one of {', '.join(self.ESTIMATORS)}")
        if feature_names is not None and len(feature_names) != in_features:
            raise ValueError(f"{len(feature_names)} feature_names; expected {in_features}")
        self.in_features, self.method, self.target, self.unit = in_features, method, target, unit
        self.feature_names = feature_names
        self.register_buffer("x_mean", torch.zeros(in_features))
        self.register_buffer("y_mean", torch.zeros(1))

    @property
    def coef(self) -> Tensor:
        """The coefficients b (p,), in units of y per unit of x."""
        raise NotImplementedError

    def reduced(self, centred: Tensor) -> Tensor:
        """Return centred rows (m, p) times b: (m,)."""
        return centred @ self.coef

    def forward(self, x: Tensor) -> Tensor:
        """Return predictions (m,), in units of y, for rows (m, p)."""
        return self.reduced(self._centred(x)) + self.y_mean

    def fit(self, X: Any, y: Any, **options: Any) -> Self:
        """Fit to rows (n, p) and targets (n,); the options are those of the estimator.

        Raises `BadInput` for unusable data or options, or rows of another width than p.
        """
        cls = self.ESTIMATORS[self.method]
        try:
            estimator = cls(**{**self._sizes(), **options})
        except TypeError as error:
            known = ", ".join(cls._get_param_names())
            raise BadInput(
                f"{self.method} cannot be fitted so: {error}; it takes {known}."
            ) from error
        estimator.fit(X, y)
        if estimator.n_features_in_ != self.in_features:
            raise BadInput(
                f"The rows have {estimator.n_features_in_} columns; this module has in_features="
                f"{self.in_features}."
            )
        return self.take(estimator).eval()

    @torch.no_grad()
    def take(self, estimator: LinearEstimator) -> Self:
        """Take up what a fitted estimator found; its design was of width p."""
        self.x_mean = self._tensor(estimator.x_mean_)
        self.y_mean = self._tensor([estimator.y_mean_])
        self._take(estimator)
        return self

    @property
    def shape(self) -> dict[str, Any]:
        """The constructor's arguments with which a module of these buffers is made."""
        return {
            "in_features": self.in_features,
            "method": self.method,
            "target": self.target,
            "unit": self.unit,
            "feature_names": self.feature_names,
            **self._sizes(),
        }

    @classmethod
    def fitted_sizes(cls, estimator: LinearEstimator) -> dict[str, Any]:
        """Return the constructor's arguments that a fit decides."""
        return {}

    def _centred(self, x: Tensor) -> Tensor:
        return x.to(self.x_mean.device) - self.x_mean

    def _sizes(self) -> dict[str, Any]:
        """Return the arguments of the estimator that the constructor must know too."""
        return {}

    def _take(self, estimator: Any) -> None:
        raise NotImplementedError

    def _tensor(self, values: Any) -> Tensor:
        made = torch.from_numpy(np.ascontiguousarray(values, dtype=np.float64))
        return made.to(self.x_mean)

    def predict(self, *sources: Any) -> list[dict[str, Any]]:
        """Return a prediction, with its unit, for each row of a table.

        The table is a file (.csv, .npz with X), an array, a tensor or a data frame with the
        training table's features; see `zoo_pca_ols.reading.read_rows`.

        Raises `BadInput` for no table, more than one, or one that cannot be used.
        """
        if len(sources) != 1:
            raise BadInput(
                f"{'No table was' if not sources else f'{len(sources)} tables were'} given; give "
                f"one, with {self.in_features} features in its columns."
            )
        rows = read_rows(sources[0], self.in_features, self.feature_names, self.target)
        with torch.no_grad():
            found = self(self._tensor(rows)).double().tolist()
        return [
            {"row": row, "target": self.target, "prediction": value, "unit": self.unit}
            for row, value in enumerate(found)
        ]

    def outputs(self, split: Rows) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets (m,) of the rows of a split, once.

        Raises `BadInput` for data of another width than p.
        """
        x = split.x
        if x.shape[1] != self.in_features:
            raise BadInput(
                f"{split.data.name} has {x.shape[1]} features; this model was fitted with "
                f"{self.in_features}."
            )
        yield {"prediction": self(self._tensor(x)), "target": self._tensor(split.y)}

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return eight rows around the training mean, of unit spread."""
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(8, self.in_features, generator=generator)
        return ((self.x_mean.cpu() + noise.to(self.x_mean.dtype)).to(self.x_mean.device),)


class LinearRegression(FittedRegression):
    """A regression that is kept as its coefficients b (p,): OLS, ridge, lasso and others."""

    ESTIMATORS: ClassVar[dict[str, type[LinearEstimator]]] = {
        "null": estimators.Null,
        "ols": estimators.OLS,
        "ridge": estimators.Ridge,
        "lasso": estimators.Lasso,
        "joint-pca-ols": estimators.JointPCAOLS,
        "noise-augmentation": estimators.NoiseAugmentation,
        "latent-model": estimators.LatentModel,
    }
    coefficients: Tensor

    def __init__(
        self,
        in_features: int,
        method: str = "ols",
        target: str = "y",
        unit: str = "",
        feature_names: list[str] | None = None,
    ) -> None:
        super().__init__(in_features, method, target, unit, feature_names)
        self.register_buffer("coefficients", torch.zeros(in_features))

    @property
    def coef(self) -> Tensor:
        """The coefficients b (p,)."""
        return self.coefficients

    def _take(self, estimator: Any) -> None:
        self.coefficients = self._tensor(estimator.coef_)


class ProjectedRegression(FittedRegression):
    """Least squares on directions: PCA-OLS, PLS, random projections.

    Buffers: components (p, k), reduced_coef (k,), and for PCA-OLS singular_values (k,).

    `n_components` is k once fitted; before, what the estimator takes ("cv", a share of variance).
    `method` is "pca-ols", "pls" or "random-projection"; the rest is as in `FittedRegression`.
    """

    ESTIMATORS: ClassVar[dict[str, type[LinearEstimator]]] = {
        "pca-ols": estimators.PCAOLS,
        "pls": estimators.PLS,
        "random-projection": estimators.RandomProjection,
    }
    components: Tensor
    reduced_coef: Tensor

    def __init__(
        self,
        in_features: int,
        n_components: int | float | str | None = "cv",
        method: str = "pca-ols",
        target: str = "y",
        unit: str = "",
        feature_names: list[str] | None = None,
    ) -> None:
        super().__init__(in_features, method, target, unit, feature_names)
        k = n_components if isinstance(n_components, int) else 0
        if k < 0:
            raise ValueError(f"n_components is {k}; expected 0 or more")
        self.n_components = n_components
        self.register_buffer("components", torch.zeros(in_features, k))
        self.register_buffer("reduced_coef", torch.zeros(k))
        if method == "pca-ols":
            self.register_buffer("singular_values", torch.zeros(k))

    @property
    def coef(self) -> Tensor:
        """The coefficients b = Pi a (p,)."""
        return self.components @ self.reduced_coef

    def reduced(self, centred: Tensor) -> Tensor:
        """Return (x Pi) a: (m,) for centred rows (m, p)."""
        return centred @ self.components @ self.reduced_coef

    def transform(self, x: Tensor) -> Tensor:
        """Return the coordinates (m, k) of rows (m, p) on the directions."""
        return self._centred(x) @ self.components

    @classmethod
    def fitted_sizes(cls, estimator: Any) -> dict[str, Any]:
        """Return how many directions the fit has."""
        return {"n_components": estimator.components_.shape[1]}

    def _sizes(self) -> dict[str, Any]:
        return {"n_components": self.n_components}

    def _take(self, estimator: Any) -> None:
        self.components = self._tensor(estimator.components_)
        self.reduced_coef = self._tensor(estimator.reduced_coef_)
        self.n_components = self.components.shape[1]
        if self.method == "pca-ols":
            self.singular_values = self._tensor(estimator.singular_values_)


def mix_rows(
    inputs: tuple[Tensor], generator: torch.Generator
) -> tuple[tuple[Tensor], Callable[[Tensor], Tensor]]:
    """Return affine combinations of the rows: every module here has those of its outputs.

    A symmetry for the test kit (see `zoo_core.testing`): it fails where a mean is forgotten.
    """
    (x,) = inputs
    mixture = torch.randn(len(x), len(x), generator=generator, dtype=x.dtype)
    mixture = mixture + (1 - mixture.sum(dim=1, keepdim=True)) / len(x)
    return (mixture @ x,), lambda outputs: mixture @ outputs

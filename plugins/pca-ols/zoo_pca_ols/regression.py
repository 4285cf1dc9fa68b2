"""Fitted regressions as torch modules: what was fitted are buffers, and predictions have units.

The estimators of `estimators/` fill them. In every module y = (x - x_mean) b + y_mean, with b
kept whole, or as a basis and what is fitted on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn
from zoo_tables import read_table

from zoo_core import BadInput
from zoo_pca_ols import estimators
from zoo_pca_ols.data.table import Rows
from zoo_pca_ols.estimators.base import LinearEstimator
from zoo_pca_ols.factorization import Array
from zoo_pca_ols.reading import arranged, check_same_rows, finite, read_rows, read_target


class FittedRegression(nn.Module):
    """What all have in common: means, predictions for tables, and evaluation.

    `in_features` is p; `method` says which estimator fits it, a key of `ESTIMATORS`; `target` is
    what is predicted, `unit` its unit, and `feature_names` are the names of the columns, by which
    those of a user's table are found. `y_mean_low` is what `y_mean` lacks of the fitted mean, which
    its type rounds.

    Rows are centred before they are rounded to the module's type, so that columns whose mean is
    large beside their spread keep their digits: give such rows as float64, or to `predict`.
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
        y_mean_low: float = 0.0,
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
        self.y_mean_low = y_mean_low
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
        """Return predictions (m,), in units of y, for rows (m, p), of float64 or the own type."""
        return self.reduced(self._centred(x)) + self.y_mean

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **options: Any) -> Self:
        """Fit to rows (n, p) and targets (n,) or (n, 1); the options are those of the estimator.

        X and y are anything that `predict` takes; columns with names are found by them, in any
        order. A module without names takes those of X.

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
        table = read_table(X, columns=self.feature_names or ())
        if self.feature_names is None and len(table.columns) != self.in_features:
            raise BadInput(
                f"The rows have {len(table.columns)} columns; this module has in_features="
                f"{self.in_features}."
            )
        names = self.feature_names or table.names
        table = arranged(table, self.in_features, names)
        check_same_rows(X, y)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        estimator.fit(finite(table), read_target(y, "y")[0], **weights)
        self.feature_names = None if names is None else list(names)
        return self.take(estimator).eval()

    @torch.no_grad()
    def take(self, estimator: LinearEstimator) -> Self:
        """Take up what a fitted estimator found; its design was of width p."""
        self.x_mean = self._tensor(estimator.x_mean_)
        exact = _mean_at(estimator, self.x_mean)
        self.y_mean = self._tensor([exact])
        self.y_mean_low = exact - self.y_mean.item()
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
            "y_mean_low": self.y_mean_low,
            **self._sizes(),
        }

    @classmethod
    def fitted_sizes(cls, estimator: LinearEstimator) -> dict[str, Any]:
        """Return the constructor's arguments that a fit decides, for a module of float32."""
        mean = torch.from_numpy(estimator.x_mean_).float()
        exact = _mean_at(estimator, mean)
        return {"y_mean_low": exact - torch.tensor(exact).float().item()}

    def _centred(self, x: Tensor) -> Tensor:
        return (x.to(self.x_mean.device) - self.x_mean).to(self.x_mean.dtype)

    def _exactly(self, rows: Array) -> Tensor:
        """Return predictions (m,) as float64 for rows (m, p): both means are exact."""
        centred = torch.from_numpy(rows) - self.x_mean.cpu().double()
        found = self.reduced(centred.to(self.x_mean)).cpu().double()
        return found + self.y_mean.cpu().double() + self.y_mean_low

    def _sizes(self) -> dict[str, Any]:
        """Return the arguments of the estimator that the constructor must know too."""
        return {}

    def _take(self, estimator: Any) -> None:
        raise NotImplementedError

    def _tensor(self, values: Any) -> Tensor:
        made = torch.from_numpy(np.ascontiguousarray(values, dtype=np.float64))
        return made.to(self.x_mean)

    def predict(
        self,
        source: Any = None,
        *,
        header: bool | None = None,
        separator: str | None = None,
        decimal: str | None = None,
        thousands: str | None = None,
        missing: str | float | Sequence[str | float] | None = None,
        comment: str | None = None,
        encoding: str | None = None,
        index: bool | None = None,
    ) -> list[dict[str, Any]]:
        """Return a prediction, with its unit, for each row of a table.

        The table is a file (text, .npz with X, parquet), an array, a tensor, a data frame, a
        dictionary of columns or a list of rows with the training table's features; see
        `zoo_pca_ols.reading.read_rows`. The options say how a text file is written where that is
        not certain; see `zoo_tables.read_table`.

        Raises `BadInput` for no table, or one that cannot be used.
        """
        if source is None:
            raise BadInput(
                f"No table was given; give one, with {self.in_features} features in its columns."
            )
        rows = read_rows(
            source, self.in_features, self.feature_names, self.target,
            header=header, separator=separator, decimal=decimal, thousands=thousands,
            missing=missing, comment=comment, encoding=encoding, index=index,
        )  # fmt: skip
        with torch.no_grad():
            found = self._exactly(rows).tolist()
        return [
            {"row": row, "target": self.target, "prediction": value, "unit": self.unit}
            for row, value in enumerate(found)
        ]

    def outputs(self, split: Rows) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets (m,) of the rows of a split, once, as float64.

        Raises `BadInput` for data of another width than p, or without the columns of its names.
        """
        data = split.data
        if self.feature_names is None or data.feature_names is None:
            if data.x.shape[1] != self.in_features:
                raise BadInput(
                    f"{data.name} has {data.x.shape[1]} features; this model was fitted with "
                    f"{self.in_features}."
                )
            x = split.x
        else:
            x = read_rows(data, self.in_features, self.feature_names, self.target)[split.indices]
        yield {"prediction": self._exactly(x), "target": torch.from_numpy(split.y)}

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
        y_mean_low: float = 0.0,
    ) -> None:
        super().__init__(in_features, method, target, unit, feature_names, y_mean_low)
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
        y_mean_low: float = 0.0,
    ) -> None:
        super().__init__(in_features, method, target, unit, feature_names, y_mean_low)
        k = int(n_components) if isinstance(n_components, Integral) else 0
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
        """Return how many directions the fit has, and what the mean of the base class lacks."""
        return {**super().fitted_sizes(estimator), "n_components": estimator.components_.shape[1]}

    def _sizes(self) -> dict[str, Any]:
        return {"n_components": self.n_components}

    def _take(self, estimator: Any) -> None:
        self.components = self._tensor(estimator.components_)
        self.reduced_coef = self._tensor(estimator.reduced_coef_)
        self.n_components = self.components.shape[1]
        if self.method == "pca-ols":
            self.singular_values = self._tensor(estimator.singular_values_)


def _mean_at(estimator: LinearEstimator, x_mean: Tensor) -> float:
    """Return what is predicted at a centre that was rounded, so that no other prediction moves."""
    moved: Array = x_mean.cpu().double().numpy() - estimator.x_mean_
    return float(estimator.y_mean_ + moved @ estimator.coef_)


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

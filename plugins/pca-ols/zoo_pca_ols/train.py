"""The recipe: an estimator is fitted to the training rows, and fills a module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zoo_core import BadInput, Run
from zoo_pca_ols.data.table import RegressionData
from zoo_pca_ols.networks import TwoLayerLinear
from zoo_pca_ols.regression import FittedRegression, LinearRegression, ProjectedRegression

MODULES: dict[str, type[FittedRegression]] = {
    method: cls
    for cls in (LinearRegression, ProjectedRegression, TwoLayerLinear)
    for method in cls.ESTIMATORS
}


def train(run: Run, progress: Callable[..., Any]) -> FittedRegression:
    """Fit a module to the training rows; the shape's `method` says by which estimator.

    The estimator's parameters are those of shape and recipe that it knows; the run's seed draws
    folds and random directions.
    """
    method = run.shape["method"]
    if method not in MODULES:
        raise BadInput(f"method is {method!r}; expected one of {', '.join(MODULES)}.")
    cls = MODULES[method]
    estimator = cls.ESTIMATORS[method]()
    settings = {**run.shape, **run.recipe, "random_state": run.seed}
    known = estimator.get_params()
    estimator.set_params(**{name: settings[name] for name in known if name in settings})
    rows = run.data.split("train")
    estimator.fit(rows.x, rows.y)
    module: FittedRegression = run.make(**described(run.data), **cls.fitted_sizes(estimator))
    return module.take(estimator)


def described(data: RegressionData) -> dict[str, Any]:
    """Return the constructor's arguments that the data determine."""
    names = data.feature_names
    return {
        "in_features": data.x.shape[1],
        "target": data.target,
        "unit": data.unit,
        "feature_names": list(names) if names else None,
    }

"""The recipe: an estimator is fitted to the training rows, and fills a module."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from zoo_core import BadInput, Run
from zoo_pca_ols.data.table import RegressionData
from zoo_pca_ols.networks import TwoLayerLinear
from zoo_pca_ols.regression import FittedRegression, LinearRegression, ProjectedRegression

MODULES: tuple[type[FittedRegression], ...] = (
    LinearRegression,
    ProjectedRegression,
    TwoLayerLinear,
)


def train(
    runs: Sequence[Run], config: Mapping[str, Any], progress: Callable[..., Any]
) -> list[nn.Module]:
    """Fit one module to the training rows of each run; the config's `method` says which.

    The rest of the config are the estimator's own parameters. A run's seed draws folds and random
    directions.
    """
    method = config["method"]
    cls = next((cls for cls in MODULES if method in cls.ESTIMATORS), None)
    if cls is None:
        known = ", ".join(name for module in MODULES for name in module.ESTIMATORS)
        raise BadInput(f"method is {method!r}; expected one of {known}.")
    estimator = cls.ESTIMATORS[method]
    options = {key: config[key] for key in config if key in estimator._get_param_names()}
    modules: list[nn.Module] = []
    for run in progress(runs, desc=method):
        if "random_state" in estimator._get_param_names():
            options["random_state"] = run.seed
        train_rows = run.data.part("train")
        shape = {key: config[key] for key in cls.SHAPE if key in config}
        module = cls(**described(run.data), **shape, method=method)
        modules.append(module.fit(train_rows.x, train_rows.y, **options))
    return modules


def described(data: RegressionData) -> dict[str, Any]:
    """Return the constructor's arguments that the data determine."""
    names = data.feature_names
    return {
        "in_features": data.x.shape[1],
        "target": data.target,
        "unit": data.unit,
        "feature_names": list(names) if names else None,
    }

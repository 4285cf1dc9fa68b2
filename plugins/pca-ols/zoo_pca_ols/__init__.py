"""PCA-OLS (arXiv:2011.11477): the paper, its regressions, fitted models, data and claims.

Only specs live here, in `paper.py`, `architectures.py` and `datasets.py`. The estimators are in
`estimators.py` over the one factorisation of `factorization.py`, the modules that carry what was
fitted in `model.py` and `networks.py`, the paper's experiments in `experiments.py`.
"""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture, Dataset, Metric, Model, Paper, hookimpl
from zoo_pca_ols.architectures import architectures
from zoo_pca_ols.datasets import datasets
from zoo_pca_ols.paper import PAPER

ZOO_API = 1

REAL = {"gasoline": 50, "yarn": 50, "riboflavin": 20, "wheat": 4}
"""The real tables, with the number of random splits of the protocol."""

_WRONG_TOOL = (
    "Principal component regression is the wrong tool here: the target aligns with components of "
    "small variance, which it drops. Min-norm OLS, ridge and PLS are better (claim real-data)."
)


@hookimpl
def zoo_papers() -> list[Paper]:
    """Return the paper."""
    return [PAPER]


@hookimpl
def zoo_architectures() -> list[Architecture]:
    """Return the regressions."""
    return architectures()


@hookimpl
def zoo_datasets() -> list[Dataset]:
    """Return the tables and the simulators."""
    return datasets()


@hookimpl
def zoo_metrics() -> list[Metric]:
    """Return the paper's metric, and its root."""
    return [
        Metric(
            name=name,
            title=title,
            factory="torchmetrics.regression:MeanSquaredError",
            config={"squared": squared},
            higher_is_better=False,
        )
        for name, title, squared in (
            ("mean-squared-error", "Mean squared error", True),
            ("root-mean-squared-error", "Root mean squared error", False),
        )
    ]


def _model(name: str, architecture: str, dataset: str, summary: str, **more: Any) -> Model:
    return Model(
        name=f"{name}-{dataset}",
        architecture=architecture,
        dataset=dataset,
        license="Apache-2.0",
        summary=f"{summary}, fitted to the training rows of the first of its random splits.",
        **{
            "options": {"repeat": 0},
            "runs": tuple({"repeat": repeat} for repeat in range(REAL[dataset])),
            "metrics": ("mean-squared-error",),
            **more,
        },
    )


def _pca_ols(dataset: str, what: str, **more: Any) -> Model:
    return _model(
        "pca-ols",
        "pca-ols",
        dataset,
        f"{what} by PCA-OLS, the number of components chosen by cross-validation",
        beside={
            "OLS (minimum norm)": {"architecture": "min-norm-ols"},
            "ridge (leave-one-out)": {"architecture": "ridge-regression"},
            "PLS (cross-validated)": {"architecture": "pls-regression"},
            "null (training mean)": {"architecture": "null-regression"},
        },
        **more,
    )


_WHAT = {
    "gasoline": "Octane number from a near-infrared spectrum",
    "yarn": "Density of a yarn from a near-infrared spectrum",
    "riboflavin": "Riboflavin production rate from gene expression",
    "wheat": "Grain yield from genetic markers",
}
_OTHERS = (
    ("random-projection", "random-projection-ols", "least squares on 200 random directions", {}),
    (
        "orthogonal-ridge",
        "random-projection-ols",
        "ridge on 200 random orthogonal directions, its strength chosen by leave-one-out",
        {"kind": "orthogonal", "penalty": "loo"},
    ),
    ("lasso", "lasso-regression", "the lasso, its penalty chosen by cross-validation", {}),
    ("joint-pca-ols", "joint-pca-ols", "10 components of spectrum and octane together", {}),
    (
        "noise-augmentation",
        "noise-augmentation-ols",
        "min-norm least squares with columns of noise",
        {"scale": 0.003},
    ),
    ("latent", "latent-regression", "a generative model with 10 latent variables", {}),
    (
        "linear2",
        "two-layer-linear",
        "a two-layer linear network, its second layer trained by gradient descent",
        {},
    ),
)


@hookimpl
def zoo_models() -> list[Model]:
    """Return the fitted regressions: the main ones on all real tables, all on gasoline."""
    models = []
    for dataset, what in _WHAT.items():
        models += [
            _pca_ols(dataset, what, notes=_WRONG_TOOL if dataset == "yarn" else ""),
            _model("ols", "min-norm-ols", dataset, f"{what} by least squares of minimum norm"),
            _model(
                "ridge",
                "ridge-regression",
                dataset,
                f"{what} by ridge, its penalty chosen by closed-form leave-one-out",
            ),
            _model(
                "pls",
                "pls-regression",
                dataset,
                f"{what} by PLS, the number of components chosen by cross-validation",
            ),
        ]
    models += [
        _model(name, architecture, "gasoline", f"{_WHAT['gasoline']} by {how}", config=config)
        for name, architecture, how, config in _OTHERS
    ]
    models.append(
        Model(
            name="pca-ols-gaussian",
            architecture="pca-ols",
            dataset="gaussian-joint",
            license="Apache-2.0",
            summary="PCA-OLS with 32 components on a sample of the paper's section 7.1.",
            config={"n_components": 32, "fit_intercept": False},
            options={"repeat": 0},
            runs=tuple({"repeat": repeat} for repeat in range(16)),
            metrics=("mean-squared-error",),
            beside={
                "OLS (minimum norm)": {
                    "architecture": "min-norm-ols",
                    "config": {"fit_intercept": False},
                },
                "ridge (penalty 1024)": {
                    "architecture": "ridge-regression",
                    "config": {"penalty": 1024.0, "fit_intercept": False},
                },
            },
            usage="print(zoo.evaluate(model))",
        )
    )
    return models

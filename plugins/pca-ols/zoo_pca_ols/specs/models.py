"""The regressions of the comparison, with their default hyperparameters, and what is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo_core import Architecture, Model

_PROJECTED = "regression:ProjectedRegression"
_LINEAR = "regression:LinearRegression"


def _architecture(
    name: str, cls: str, shape: Mapping[str, Any], summary: str, **recipe: Any
) -> Architecture:
    return Architecture(
        name=name,
        cls=f"zoo_pca_ols.{cls}",
        paper="pca-ols",
        task="tabular-regression",
        summary=summary,
        shape=shape,
        recipe={"fit_intercept": True, **recipe},
        train="zoo_pca_ols.train:train",
        reader="zoo_pca_ols.reading:read_training_table",
        pipeline_tag="tabular-regression",
        symmetries=("zoo_pca_ols.regression:mix_rows",),
        independent_rows=True,
        exportable=True,
        dtypes=("float32", "float64", "float16", "bfloat16"),
    )


ARCHITECTURES = [
    _architecture(
        "pca-ols",
        _PROJECTED,
        {"method": "pca-ols", "n_components": "cv"},
        "PCA-OLS: least squares on the leading principal components",
        cv=5,
    ),
    _architecture(
        "pls-regression",
        _PROJECTED,
        {"method": "pls", "n_components": "cv"},
        "PLS: least squares on a Krylov space that sees the target",
        cv=5,
    ),
    _architecture(
        "random-projection-ols",
        _PROJECTED,
        {"method": "random-projection", "n_components": 200},
        "least squares on random directions",
        kind="gaussian",
        penalty=None,
    ),
    _architecture(
        "null-regression", _LINEAR, {"method": "null"}, "the mean of the training targets"
    ),
    _architecture("min-norm-ols", _LINEAR, {"method": "ols"}, "least squares of minimum norm"),
    _architecture("ridge-regression", _LINEAR, {"method": "ridge"}, "ridge", penalty="loo"),
    _architecture("lasso-regression", _LINEAR, {"method": "lasso"}, "lasso", penalty="cv"),
    _architecture(
        "joint-pca-ols",
        _LINEAR,
        {"method": "joint-pca-ols"},
        "least squares from the principal components of features and target together",
        n_components=10,
    ),
    _architecture(
        "noise-augmentation-ols",
        _LINEAR,
        {"method": "noise-augmentation"},
        "least squares with columns of noise, which behave as a ridge penalty",
        scale=0.01,
        draws=16,
    ),
    _architecture(
        "latent-regression",
        _LINEAR,
        {"method": "latent-model"},
        "generative model of features and target from latent variables",
        n_components=10,
    ),
    _architecture(
        "two-layer-linear",
        "networks:TwoLayerLinear",
        {"method": "two-layer-linear", "hidden": 200, "mode": "second"},
        "two-layer linear network, trained by gradient descent",
        steps=10_000,
    ),
]
"""One for each estimator that can be fitted without a population."""

REAL = {"gasoline": 50, "yarn": 50, "riboflavin": 20, "wheat": 4}
"""The real tables, with the number of random splits of the protocol."""

_WRONG_TOOL = (
    "Principal component regression is the wrong tool here: the target aligns with components of "
    "small variance, which it drops. Min-norm OLS, ridge and PLS are better (claim real-data)."
)


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
_OTHERS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
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


def _main(dataset: str) -> list[Model]:
    what = _WHAT[dataset]
    return [
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


MODELS = [
    *(model for dataset in _WHAT for model in _main(dataset)),
    *(
        _model(name, architecture, "gasoline", f"{_WHAT['gasoline']} by {how}", recipe=recipe)
        for name, architecture, how, recipe in _OTHERS
    ),
    Model(
        name="pca-ols-gaussian",
        architecture="pca-ols",
        dataset="gaussian-joint",
        license="Apache-2.0",
        summary="PCA-OLS with 32 components on a sample of the paper's section 7.1.",
        shape={"n_components": 32},
        recipe={"fit_intercept": False},
        options={"repeat": 0},
        runs=tuple({"repeat": repeat} for repeat in range(16)),
        metrics=("mean-squared-error",),
        beside={
            "OLS (minimum norm)": {
                "architecture": "min-norm-ols",
                "recipe": {"fit_intercept": False},
            },
            "ridge (penalty 1024)": {
                "architecture": "ridge-regression",
                "recipe": {"penalty": 1024.0, "fit_intercept": False},
            },
        },
        usage="print(zoo.evaluate(model))",
    ),
]
"""The main regressions on all real tables, all of them on gasoline, PCA-OLS on a simulation."""

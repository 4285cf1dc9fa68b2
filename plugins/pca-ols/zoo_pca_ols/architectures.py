"""The regressions of the comparison as architectures, with their default hyperparameters."""

from __future__ import annotations

from typing import Any

from zoo_core import Architecture

_PROJECTED = "model:ProjectedRegression"
_LINEAR = "model:LinearRegression"


def _architecture(name: str, cls: str, method: str, summary: str, **config: Any) -> Architecture:
    return Architecture(
        name=name,
        cls=f"zoo_pca_ols.{cls}",
        paper="pca-ols",
        task="tabular-regression",
        summary=summary,
        config={"method": method, "fit_intercept": True, **config},
        train="zoo_pca_ols.train:train",
        reader="zoo_pca_ols.tables:read_training_table",
        pipeline_tag="tabular-regression",
        symmetries=("zoo_pca_ols.model:mix_rows",),
        independent_rows=True,
        exportable=True,
    )


def architectures() -> list[Architecture]:
    """Return one architecture for each estimator that can be fitted without a population."""
    return [
        _architecture(
            "pca-ols",
            _PROJECTED,
            "pca-ols",
            "PCA-OLS: least squares on the leading principal components",
            n_components="cv",
            cv=5,
        ),
        _architecture(
            "pls-regression",
            _PROJECTED,
            "pls",
            "PLS: least squares on a Krylov space that sees the target",
            n_components="cv",
            cv=5,
        ),
        _architecture(
            "random-projection-ols",
            _PROJECTED,
            "random-projection",
            "least squares on random directions",
            n_components=200,
            kind="gaussian",
            penalty=None,
        ),
        _architecture("null-regression", _LINEAR, "null", "the mean of the training targets"),
        _architecture("min-norm-ols", _LINEAR, "ols", "least squares of minimum norm"),
        _architecture("ridge-regression", _LINEAR, "ridge", "ridge", penalty="loo"),
        _architecture("lasso-regression", _LINEAR, "lasso", "lasso", penalty="cv"),
        _architecture(
            "joint-pca-ols",
            _LINEAR,
            "joint-pca-ols",
            "least squares from the principal components of features and target together",
            n_components=10,
        ),
        _architecture(
            "noise-augmentation-ols",
            _LINEAR,
            "noise-augmentation",
            "least squares with columns of noise, which behave as a ridge penalty",
            scale=0.01,
            draws=16,
        ),
        _architecture(
            "latent-regression",
            _LINEAR,
            "latent-model",
            "generative model of features and target from latent variables",
            n_components=10,
        ),
        _architecture(
            "two-layer-linear",
            "networks:TwoLayerLinear",
            "two-layer-linear",
            "two-layer linear network, trained by gradient descent",
            hidden=200,
            mode="second",
            steps=10_000,
        ),
    ]

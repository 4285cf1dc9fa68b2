"""The claims about section 7.2: projections in four linear data models."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np

from zoo_core import Finding, Quantity, estimate, paired
from zoo_pca_ols import experiments
from zoo_pca_ols.checks.comparing import (
    at,
    distance,
    farthest,
    generators,
    logs,
    ratio_of_means,
    told,
)
from zoo_pca_ols.factorization import Array
from zoo_pca_ols.risk import excess_risk
from zoo_pca_ols.simulators import COVARIANCES, LinearModel, linear_model

Figures = Mapping[str, Sequence[float]]
TRIALS, REFERENCE = 50, 10


# OLS with exponential covariance is in neither table of section 7.2: the smallest singular value
# is 1e-11 of the largest, and the notebooks' errors (1.972 and 126.2) are those of about 41 of the
# 50 components, as if a pseudo-inverse were cut near 1e-9; without a cut there is no expectation.
PROJECTION_TABLE: dict[str, dict[str, tuple[float, int]]] = {
    # method: mean error, dimension
    "isotropic": {
        "ols": (24.63, 1),
        "pca": (24.63, 50),
        "oracle": (24.63, 75),
        "pls": (24.62, 55),
        "random": (38.16, 150),
        "orthogonal": (24.63, 75),
    },
    "gapped": {
        "ols": (2.206, 1),
        "pca": (0.623, 20),
        "oracle": (0.698, 15),
        "pls": (0.631, 5),
        "random": (1.053, 25),
        "orthogonal": (1.064, 20),
    },
    "exponential": {
        "pca": (0.369, 5),
        "oracle": (0.371, 5),
        "pls": (0.370, 5),
        "random": (0.416, 10),
        "orthogonal": (0.412, 10),
    },
    "polynomial": {
        "ols": (1.492, 1),
        "pca": (0.493, 10),
        "oracle": (0.510, 5),
        "pls": (0.496, 3),
        "random": (0.730, 15),
        "orthogonal": (0.702, 15),
    },
}
LOW_TABLE: dict[str, tuple[tuple[float, int], float | None]] = {
    # PCA-OLS (error, components), OLS
    "isotropic": ((67.45, 40), 91.40),
    "gapped": ((28.76, 10), 141.5),
    "exponential": ((21.98, 1), None),
    "polynomial": ((22.25, 1), 96.3),
}


NULL = "largest distance of the null model from its exact error"


@cache
def projection_rows(covariance: str, snr: float) -> list[experiments.Errors]:
    """Return the errors of all trials in one data model, by method and dimension."""
    model = linear_model(covariance, snr)
    number = 10 + COVARIANCES.index(covariance) + round(snr)
    return [experiments.projections(model, rng) for rng in generators(TRIALS, number)]


def null_distance(values: Sequence[float], model: LinearModel) -> float:
    """Return how far the error of predicting 0 is from beta^T C beta + sigma^2, which it is.

    In standard errors of the mean. It depends on the test rows alone, which the notebooks share
    between trials: their figure is one sample's, whatever the number of trials.
    """
    exact = float(excess_risk(np.zeros_like(model.beta), model.beta, model.spectrum))
    found = estimate(values)
    away: float = abs(found.mean - exact - model.sigma**2) / found.error
    return away


def _farthest_null(figures: Figures, covariances: Iterable[str], snr: float) -> float:
    return max(
        null_distance(figures[f"{covariance} null"], linear_model(covariance, snr))
        for covariance in covariances
    )


def _projected(covariance: str, snr: float, method: str, h: int = 1) -> list[float]:
    place = 0 if method in ("ols", "null") else experiments.GRID.index(h)
    return at(projection_rows(covariance, snr), method, place)


def projection_table() -> Finding:
    """Hold the table of section 7.2 (signal-to-noise ratio 16) against ours."""
    figures = {
        f"{covariance} {method} {h}": _projected(covariance, 16, method, h)
        for covariance, expected in PROJECTION_TABLE.items()
        for method, (_, h) in expected.items()
    }
    for covariance in PROJECTION_TABLE:
        figures[f"{covariance} null"] = _projected(covariance, 16, "null")
    figures["exponential ols"] = _projected("exponential", 16, "ols")
    return table_finding(figures)


def table_finding(figures: Figures) -> Finding:
    """Return what the errors of the table's methods, trial by trial, say of it."""
    distances = {
        f"{covariance} {method}({h})": distance(
            figures[f"{covariance} {method} {h}"], reference, REFERENCE
        )
        for covariance, expected in PROJECTION_TABLE.items()
        for method, (reference, h) in expected.items()
    }
    return Finding(
        quantities={
            f"largest distance of {len(distances)} means": max(distances.values()),
            NULL: _farthest_null(figures, PROJECTION_TABLE, 16),
        },
        told=f"{farthest(distances)}; not compared: OLS with exponential covariance, median "
        f"{statistics.median(figures['exponential ols']):.3g}",
        figures=figures,
        seeds=range(TRIALS),
    )


def data_beats_oracle() -> Finding:
    """Compare PCA-OLS with oracle PCR, each at the dimension that was best in the notebooks."""
    return oracle_finding(
        {
            f"{covariance} {method}": _projected(
                covariance, 16, method, PROJECTION_TABLE[covariance][method][1]
            )
            for covariance in ("gapped", "polynomial")
            for method in ("oracle", "pca")
        }
    )


def oracle_finding(figures: Figures) -> Finding:
    """Return what the errors of both methods, trial by trial, say of them."""
    return Finding(
        quantities={
            f"{covariance}: oracle PCR minus PCA-OLS": paired(
                figures[f"{covariance} oracle"], figures[f"{covariance} pca"]
            )
            for covariance in ("gapped", "polynomial")
        },
        told="; ".join(f"{name} {told(row)}" for name, row in figures.items()),
        figures=figures,
        seeds=range(TRIALS),
    )


def low_signal() -> Finding:
    """Compare OLS, PCA-OLS and the null model at signal-to-noise ratio 2."""
    return low_signal_finding(
        {
            f"{covariance} {method}": _projected(covariance, 2, method, k)
            for covariance, ((_, k), _) in LOW_TABLE.items()
            for method in ("pca", "ols", "null")
        }
    )


def low_signal_finding(figures: Figures) -> Finding:
    """Return what the errors of the three methods, trial by trial, say of them."""
    distances, better, losses = {}, {}, {}
    for covariance, ((error, k), ols_reference) in LOW_TABLE.items():
        pca, ols, null = (figures[f"{covariance} {method}"] for method in ("pca", "ols", "null"))
        distances[f"{covariance} PCA-OLS({k})"] = distance(pca, error, REFERENCE)
        if ols_reference is not None:
            distances[f"{covariance} OLS"] = distance(ols, ols_reference, REFERENCE)
        better[f"{covariance}: null minus PCA-OLS"] = paired(null, pca)
        if covariance == "isotropic":
            losses[f"{covariance}: null over OLS"] = logs(null, ols)
        else:
            losses[f"{covariance}: OLS over null"] = logs(ols, null)
    return Finding(
        quantities={
            f"largest distance of {len(distances)} means": max(distances.values()),
            NULL: _farthest_null(figures, LOW_TABLE, 2),
            **better,
            **losses,
        },
        told=farthest(distances),
        figures=figures,
        seeds=range(TRIALS),
    )


def projection_peaks() -> Finding:
    """Look for peaks at h = n = 50 along every method's dimension."""
    quantities: dict[str, Quantity] = {}
    figures: dict[str, Sequence[float] | Array] = {"h": experiments.GRID}
    before, peak = (experiments.GRID.index(h) for h in (25, 50))
    dependent, independent = ("pls", "pca"), ("oracle", "random", "orthogonal")
    for covariance in COVARIANCES:
        rows = projection_rows(covariance, 16)
        for method in (*independent, *dependent):
            path = np.array([row[method] for row in rows])
            figures[f"{covariance} {method}"] = np.median(path, axis=0)
        for method in independent:
            quantities[f"{covariance}: {method} at h = 50 over h = 25"] = logs(
                at(rows, method, peak), at(rows, method, before)
            )
        path = np.array([row["pca"] for row in rows])
        quantities[f"{covariance}: largest of PCA-OLS over its ends"] = ratio_of_means(
            path.max(axis=1).tolist(), np.maximum(path[:, 0], path[:, -1]).tolist()
        )
    return Finding(quantities=quantities, figures=figures, seeds=range(TRIALS))

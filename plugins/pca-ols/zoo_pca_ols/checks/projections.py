"""The claims about section 7.2: projections in four linear data models."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from functools import cache

import numpy as np

from zoo_core import Finding, Verdict, estimate, paired
from zoo_core.statistics import at_least, at_most
from zoo_pca_ols import experiments
from zoo_pca_ols.checks.comparing import agrees, at, finding, generators, logs, told
from zoo_pca_ols.risk import excess_risk
from zoo_pca_ols.simulators import COVARIANCES, LinearModel, linear_model

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


@cache
def projection_rows(covariance: str, snr: float) -> list[experiments.Errors]:
    """Return the errors of all trials in one data model, by method and dimension."""
    model = linear_model(covariance, snr)
    number = 10 + COVARIANCES.index(covariance) + round(snr)
    return [experiments.projections(model, rng) for rng in generators(TRIALS, number)]


def null_agrees(values: Sequence[float], model: LinearModel) -> Verdict:
    """Hold the error of predicting 0 against what it is: beta^T C beta + sigma^2.

    It depends on the test rows alone, which the notebooks share between trials: their figure is
    one sample's, whatever the number of trials.
    """
    exact = float(excess_risk(np.zeros_like(model.beta), model.beta, model.spectrum))
    found = estimate(values)
    return "holds" if abs(found.mean - exact - model.sigma**2) <= 3 * found.error else "fails"


def _projected(covariance: str, snr: float, method: str, h: int = 1) -> list[float]:
    place = 0 if method in ("ols", "null") else experiments.GRID.index(h)
    return at(projection_rows(covariance, snr), method, place)


def projection_table() -> Finding:
    """Hold the table of section 7.2 (signal-to-noise ratio 16) against ours."""
    verdicts: list[Verdict] = []
    parts: list[str] = []
    figures: dict[str, list[float]] = {}
    for covariance, expected in PROJECTION_TABLE.items():
        for method, (reference, h) in expected.items():
            values = _projected(covariance, 16, method, h)
            figures[f"{covariance} {method} {h}"] = values
            verdicts.append(agrees(values, reference, REFERENCE))
            if verdicts[-1] == "fails":
                parts.append(f"{covariance} {method}({h}): {told(values)}, expected {reference}")
        null = figures[f"{covariance} null"] = _projected(covariance, 16, "null")
        verdicts.append(null_agrees(null, linear_model(covariance, 16)))
        if verdicts[-1] == "fails":
            parts.append(f"{covariance} null: {told(null)}")
    figures["exponential ols"] = _projected("exponential", 16, "ols")
    parts.append(
        "not compared: OLS with exponential covariance, median "
        f"{statistics.median(figures['exponential ols']):.3g}"
    )
    good = verdicts.count("holds")
    measured = f"{good} of {len(verdicts)} means agree" + "".join(f"; {part}" for part in parts)
    return finding(verdicts, measured, figures, TRIALS)


def data_beats_oracle() -> Finding:
    """Compare PCA-OLS with oracle PCR, each at the dimension that was best in the notebooks."""
    verdicts: list[Verdict] = []
    parts: list[str] = []
    figures: dict[str, list[float]] = {}
    for covariance in ("gapped", "polynomial"):
        values = {
            method: _projected(covariance, 16, method, PROJECTION_TABLE[covariance][method][1])
            for method in ("oracle", "pca")
        }
        lead = paired(values["oracle"], values["pca"])
        verdicts.append(at_least(lead, 0.0))
        parts.append(
            f"{covariance}: PCA-OLS {told(values['pca'])}, oracle {told(values['oracle'])}, "
            f"difference {lead.mean:.3f} ± {lead.error:.3f}"
        )
        figures |= {f"{covariance} {method}": row for method, row in values.items()}
    return finding(verdicts, "; ".join(parts), figures, TRIALS)


def low_signal() -> Finding:
    """Compare OLS, PCA-OLS and the null model at signal-to-noise ratio 2."""
    verdicts: list[Verdict] = []
    parts: list[str] = []
    figures: dict[str, list[float]] = {}
    for covariance, ((error, k), ols_reference) in LOW_TABLE.items():
        pca, ols, null = (_projected(covariance, 2, method, k) for method in ("pca", "ols", "null"))
        verdicts += [
            agrees(pca, error, REFERENCE),
            null_agrees(null, linear_model(covariance, 2)),
            at_least(paired(null, pca), 0.0),
        ]
        if ols_reference is not None:
            verdicts.append(agrees(ols, ols_reference, REFERENCE))
        # In logarithms: with exponential covariance the error of OLS has no expectation.
        loss = estimate(logs(ols, null))
        verdicts.append(at_least(-loss if covariance == "isotropic" else loss, 0.0))
        shown = f"median {statistics.median(ols):.3g}" if ols_reference is None else told(ols)
        parts.append(f"{covariance}: PCA-OLS({k}) {told(pca)}, OLS {shown}, null {told(null)}")
        figures |= {f"{covariance} pca": pca, f"{covariance} ols": ols, f"{covariance} null": null}
    return finding(verdicts, "; ".join(parts), figures, TRIALS)


def projection_peaks() -> Finding:
    """Look for peaks at h = n = 50 along every method's dimension."""
    verdicts, parts, figures = [], [], {}
    places = [experiments.GRID.index(h) for h in (25, 50)]
    methods = ("oracle", "random", "orthogonal", "pls", "pca")
    for covariance in COVARIANCES:
        rows = projection_rows(covariance, 16)
        for method in methods:
            path = np.array([row[method] for row in rows])
            figures[f"{covariance} {method}"] = np.median(path, axis=0)
        rises = {}
        for method in methods[:3]:
            before, peak = (at(rows, method, place) for place in places)
            rises[method] = logs(peak, before)
            verdicts.append(at_least(estimate(rises[method]), 1.0))
        path = np.array([row["pca"] for row in rows])
        ends = np.maximum(path[:, 0], path[:, -1])
        verdicts.append(at_most(paired(path.max(axis=1).tolist(), (1.1 * ends).tolist()), 0.0))
        parts.append(
            f"{covariance}: "
            + ", ".join(f"{m} 10^{statistics.fmean(row):.1f}" for m, row in rises.items())
            + f", largest of PCA-OLS over its ends {np.median(path.max(axis=1) / ends):.2f}"
        )
    return finding(
        verdicts,
        "error at h = 50 over h = 25, geometric mean: " + "; ".join(parts),
        {"h": experiments.GRID, **figures},
        TRIALS,
    )

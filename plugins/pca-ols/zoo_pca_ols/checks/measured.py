"""The claims about tables of real measurements."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from zoo_core import Finding, Quantity, dataset, paired, protocol, rounded
from zoo_pca_ols import experiments
from zoo_pca_ols.checks.comparing import (
    at,
    curves,
    distance,
    farthest,
    generators,
    logs,
    median,
    ratio_of_means,
    told,
)
from zoo_pca_ols.simulators import Sample
from zoo_pca_ols.specs.models import MODELS

METRIC = "mean-squared-error"
GASOLINE_SWEEP = (5, 10, 15, 20, 26, 30, 33, 36, 38, 39, 40, 41, 44, 50, 60, 80, 100, 200, 401)
REAL_TABLE: dict[str, tuple[int, dict[str, float]]] = {
    "gasoline": (50, {"null": 2.37, "OLS": 0.138, "PCA-OLS": 0.070}),
    "riboflavin": (20, {"null": 0.855, "OLS": 0.281, "PCA-OLS": 0.286}),
    "wheat": (4, {"null": 0.925, "OLS": 1.61, "PCA-OLS": 0.780}),
    "yarn": (50, {"null": 805, "OLS": 0.070, "PCA-OLS": 0.113}),
}
LEADS = (
    *((table, "null", "PCA-OLS") for table in REAL_TABLE),
    ("gasoline", "OLS", "PCA-OLS"),
    ("wheat", "OLS", "PCA-OLS"),
    ("yarn", "PCA-OLS", "OLS"),
)
"""On which table which method is behind which."""
COMPARED = {
    "null": "null-regression",
    "OLS": "min-norm-ols",
    "PCA-OLS": "pca-ols",
    "ridge": "ridge-regression",
    "PLS": "pls-regression",
}
Figures = Mapping[str, Sequence[float]]


@cache
def _splits(architecture: str, table: str, runs: int) -> list[float]:
    return _fitted(architecture, table, runs)


def _fitted(architecture: str, table: str, runs: int, **halves: Any) -> list[float]:
    """Return the test error on each of the first random splits of a table."""
    splits = [{"repeat": repeat} for repeat in range(runs)]
    errors: list[float] = protocol(architecture, table, splits, metric=METRIC, **halves)
    return errors


def gasoline_headline() -> Finding:
    """Fit PCA-OLS(CV) and OLS to 200 random splits of gasoline."""
    return headline_finding(
        {name: _splits(COMPARED[name], "gasoline", 200) for name in ("PCA-OLS", "OLS")}
    )


def headline_finding(figures: Figures) -> Finding:
    """Return what the errors of both methods, split by split, say of them."""
    pca, ols = figures["PCA-OLS"], figures["OLS"]
    return Finding(
        quantities={"test MSE of PCA-OLS": pca, "PCA-OLS over OLS": ratio_of_means(pca, ols)},
        told=f"OLS {told(ols)}; over the first 50 splits {told(pca[:50])} and {told(ols[:50])}",
        figures=figures,
        seeds=range(len(pca)),
    )


def real_data() -> Finding:
    """Measure five methods on four tables, on the splits of the reference runs."""
    return real_finding(
        {
            f"{table} {name}": _splits(architecture, table, runs)
            for table, (runs, _) in REAL_TABLE.items()
            for name, architecture in COMPARED.items()
        }
    )


def real_finding(figures: Figures) -> Finding:
    """Return what the errors of all methods, split by split, say of them."""
    # null and OLS: the same splits and no choice to make, so the same numbers, to the digits given.
    same = [
        100 * abs(statistics.fmean(figures[f"{table} {name}"]) / expected[name] - 1)
        for table, (_, expected) in REAL_TABLE.items()
        for name in ("null", "OLS")
    ]
    # PCA-OLS: other folds choose the components there, so the same mean, but not the same numbers.
    distances = {
        table: distance(figures[f"{table} PCA-OLS"], expected["PCA-OLS"], runs)
        for table, (runs, expected) in REAL_TABLE.items()
    }
    return Finding(
        quantities={
            "largest difference of null and OLS from the reference runs": max(same),
            "largest distance of PCA-OLS from the reference runs": max(distances.values()),
            **{
                f"{table}: {behind} minus {ahead}": paired(
                    figures[f"{table} {behind}"], figures[f"{table} {ahead}"]
                )
                for table, behind, ahead in LEADS
            },
        },
        told=f"{farthest(distances)}; "
        + ", ".join(f"{name} {told(row)}" for name, row in figures.items()),
        figures=figures,
        seeds=range(50),
    )


def _samples(table: str, repeat: int, rows: int | None = None) -> tuple[Sample, Sample]:
    data = dataset(table, repeat=repeat)
    train, test = data.split("train"), data.split("test")
    return Sample(train.x[:rows], train.y[:rows]), Sample(test.x, test.y)


def _sweep(
    table: str, features: Sequence[int], k: int, splits: int, rows: int | None = None
) -> list[dict[str, list[float]]]:
    found = []
    for seed, rng in enumerate(generators(splits, 70)):
        train, test = _samples(table, seed, rows)
        found.append(experiments.feature_sweep(train, test, features, k, rng))
    return found


def gasoline_peak() -> Finding:
    """Sweep random subsets of the wavelengths of gasoline; medians on both sides."""
    splits, k = 1840, 5  # what `zoo verify --plan` asked for after 400 splits
    rows = _sweep("gasoline", GASOLINE_SWEEP, k, splits)
    peak, last = at(rows, "OLS", GASOLINE_SWEEP.index(39)), at(rows, "OLS", -1)
    calm = {p: at(rows, "PCA-OLS", i) for i, p in enumerate(GASOLINE_SWEEP) if p >= 20}
    worst = max(calm, key=lambda p: median(calm[p]).high)
    largest = max(calm, key=lambda p: statistics.fmean(calm[p]))
    return Finding(
        quantities={
            "median of OLS at p = 39": median(peak),
            "median of OLS at p = 39 over p = 401": median(
                [a / b for a, b in zip(peak, last, strict=True)]
            ),
            "largest median of PCA-OLS(5) from p = 20": median(calm[worst]),
        },
        told=f"OLS at p = 401 {statistics.median(last):.3f}; PCA-OLS(5) is largest at p = {worst}, "
        f"in the mean {told(calm[largest], 2)} at p = {largest}: some subsets of few wavelengths "
        "miss the signal",
        figures=rounded({"p": GASOLINE_SWEEP, **curves(rows)}),
        seeds=range(splits),
    )


def other_peaks() -> Finding:
    """Sweep random subsets of the features of riboflavin and wheat."""
    cases = (
        ("riboflavin", (10, 25, 40, 45, 49, 53, 60, 100, 400, 4088), 10, 50),
        ("wheat", (20, 50, 80, 95, 99, 103, 120, 200, 500, 1279), 20, 100),
    )
    splits = 60
    quantities: dict[str, Quantity] = {}
    figures = {}
    for table, sweep, k, n in cases:
        rows = _sweep(table, sweep, k, splits, n)
        peak, half = sweep.index(n - 1), sweep.index(n // 2)
        quantities[f"{table}: OLS at p = n - 1 over all features"] = logs(
            at(rows, "OLS", peak), at(rows, "OLS", -1)
        )
        quantities[f"{table}: PCA-OLS at p = n - 1 over p = n / 2"] = logs(
            at(rows, "PCA-OLS", peak), at(rows, "PCA-OLS", half)
        )
        figures[table] = {"p": sweep, **curves(rows)}
    return Finding(
        quantities=quantities,
        told="PCA-OLS(10) on riboflavin, PCA-OLS(20) on wheat",
        figures=figures,
        seeds=range(splits),
    )


def gasoline_attack() -> Finding:
    """Poison one row beside the training spectra of gasoline."""
    rows = []
    for seed, rng in enumerate(generators(50, 80)):
        train, test = _samples("gasoline", seed)
        rows.append(experiments.attack_real(train, test, 5, rng))
    return attack_finding({name: [row[name] for row in rows] for name in rows[0]})


def attack_finding(figures: Figures) -> Finding:
    """Return what the errors with and without the poisoned row, split by split, say of it."""
    growth = {
        name: [a / b for a, b in zip(figures[f"{name} attacked"], figures[name], strict=True)]
        for name in ("OLS", "PCA-OLS", "ridge")
    }
    return Finding(
        quantities={
            "growth of OLS": logs(figures["OLS attacked"], figures["OLS"]),
            "growth of PCA-OLS(5)": growth["PCA-OLS"],
            "growth of ridge": growth["ridge"],
        },
        told=f"OLS grows {statistics.median(growth['OLS']):.2g} fold in the median",
        figures=figures,
        seeds=range(len(growth["OLS"])),
    )


def company(ahead: Sequence[str], beside: Sequence[str]) -> Finding:
    """Fit registered models to random splits of gasoline, and hold those `ahead` against OLS.

    What stands `beside` is only told.
    """
    models = {spec.name: spec for spec in MODELS}
    names = ("ols", *ahead, *beside)
    specs = {f"{name}-gasoline": models[f"{name}-gasoline"] for name in names}
    return company_finding(
        {
            name: _fitted(spec.architecture, "gasoline", 20, shape=spec.shape, recipe=spec.recipe)
            for name, spec in specs.items()
        },
        ahead,
    )


def company_finding(figures: Figures, ahead: Sequence[str]) -> Finding:
    """Return what the errors of all models, split by split, say of those ahead of OLS."""
    ols = figures["ols-gasoline"]
    return Finding(
        quantities={
            f"OLS minus {name}": paired(ols, figures[f"{name}-gasoline"]) for name in ahead
        },
        told=", ".join(f"{name} {told(row)}" for name, row in figures.items()),
        figures=figures,
        seeds=range(len(ols)),
    )

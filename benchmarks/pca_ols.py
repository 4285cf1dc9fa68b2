"""PCA-OLS's grids beside scikit-learn's way and a plain NumPy way, all in one run.

    python benchmarks/pca_ols.py [--quick] [--threads 1] [--only grid ...] [--json FILE]

Figures are medians over repeats in which the contenders take turns, after one run that is not
counted; what takes long runs once. CPU seconds are user and system time of all threads. On a
machine that is busy with something else both kinds of seconds grow: compare within one run.

Four parts. "grid": the whole grid of section 7.2 (50 rows, 75 features, 4 covariances, 32
dimensions, 5 draws of random directions), all methods; "path": PCA-OLS and ridge alone, a model
for each number of components and each penalty; "wide": a table of 50 x 4,088, components by
5-fold cross-validation and the ridge penalty by leave-one-out; "read": a text table of 100,000 x 11
numbers, read beside pandas and numpy. All data are generated.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from contest import Row, row, run_parts, take_turns, timed
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, Ridge, RidgeCV
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from zoo_pca_ols import estimators
from zoo_pca_ols.experiments import DRAWS, GRID, ROWS, TEST_ROWS, projections, squared_error
from zoo_pca_ols.factorization import factorize, pca_steps, ridge_coordinates
from zoo_pca_ols.selection import CANDIDATES, PENALTIES
from zoo_pca_ols.simulators import COVARIANCES, LinearModel, Sample, linear_model
from zoo_tables import read_table

Array = np.ndarray
GOAL = 5.0  # CPU seconds for the whole grid of one signal-to-noise ratio
TRIALS = 10
SNR = 16.0
PACKAGES = (
    "torch", "numpy", "pandas", "scipy", "scikit-learn", "zoo-core", "zoo-tables", "zoo-pca-ols",
)  # fmt: skip


# The grid of section 7.2 ----------------------------------------------------------------------


def directions(model: LinearModel, rng: np.random.Generator) -> dict[str, list[Array]]:
    """The projections (p, m) whose first h columns are tried: one oracle, five random draws."""
    p = model.spectrum.size
    found: dict[str, list[Array]] = {"oracle": [model.principal], "gaussian": [], "orthogonal": []}
    for _ in range(DRAWS):
        for kind, size in (("gaussian", max(GRID)), ("orthogonal", p)):
            found[kind].append(estimators.directions(p, size, kind, rng))
    return found


def ours(model: LinearModel, rng: np.random.Generator) -> Mapping[str, Array]:
    """One trial, all methods."""
    return projections(model, rng)


def scikit_learn(model: LinearModel, rng: np.random.Generator) -> dict[str, Array]:
    """One trial, all methods, an estimator fitted for each dimension and each penalty."""
    train, test, basis = drawn(model, rng)
    # Its default cuts singular values below 1e-6 of the largest, which is another estimator.
    plain = {"fit_intercept": False}
    least = {**plain, "tol": 1e-14}

    def error(fit: Any, design: Array, seen: Array) -> float:
        return float(squared_error(np.ravel(fit.fit(design, train.y).predict(seen)), test.y))

    def along(make: Callable[[], Any], bases: list[Array]) -> Array:
        return np.mean(
            [
                [error(make(), train.x @ part, test.x @ part) for part in columns(one)]
                for one in bases
            ],
            axis=0,
        )

    axes = np.linalg.svd(train.x, full_matrices=False)[2].T  # PCA itself would centre
    found = {
        "pca": along(lambda: LinearRegression(**least), [axes]),
        "oracle": along(lambda: LinearRegression(**least), basis["oracle"]),
        "random": along(lambda: LinearRegression(**least), basis["gaussian"]),
        "orthogonal": along(lambda: LinearRegression(**least), basis["orthogonal"]),
        "orthogonal + ridge": along(
            lambda: RidgeCV(estimators.RandomProjection.GRID, **plain), basis["orthogonal"]
        ),
        "pls": [error(PLSRegression(min(h, ROWS - 1), scale=False), train.x, test.x) for h in GRID],
        "ridge": [error(Ridge(ROWS * each, **plain), train.x, test.x) for each in PENALTIES],
    }
    return {name: np.array(values) for name, values in found.items()}


def plain_numpy(model: LinearModel, rng: np.random.Generator) -> dict[str, Array]:
    """One trial with a pseudo-inverse for each dimension, a solve for each penalty; no PLS."""
    train, test, basis = drawn(model, rng)
    p = train.x.shape[1]

    def along(bases: list[Array]) -> Array:
        return np.mean(
            [
                [
                    squared_error(
                        test.x @ part @ (np.linalg.pinv(train.x @ part) @ train.y), test.y
                    )
                    for part in columns(one)
                ]
                for one in bases
            ],
            axis=0,
        )

    def shrunk(bases: list[Array]) -> Array:
        return np.mean(
            [[least(part) for part in columns(one)] for one in bases],
            axis=0,
        )

    def least(part: Array) -> float:
        design = train.x @ part
        errors = []
        for alpha in estimators.RandomProjection.GRID:
            hat = design @ np.linalg.solve(
                design.T @ design + alpha * np.eye(part.shape[1]), design.T
            )
            errors.append(np.mean(((train.y - hat @ train.y) / (1 - np.diag(hat))) ** 2))
        alpha = estimators.RandomProjection.GRID[int(np.argmin(errors))]
        a = np.linalg.solve(design.T @ design + alpha * np.eye(part.shape[1]), design.T @ train.y)
        return float(squared_error(test.x @ part @ a, test.y))

    axes = np.linalg.svd(train.x)[2].T
    square, image = train.x.T @ train.x, train.x.T @ train.y
    ridge = [
        squared_error(test.x @ np.linalg.solve(square + ROWS * each * np.eye(p), image), test.y)
        for each in PENALTIES
    ]
    return {
        # The p x p projector V_k V_k^T in place of V_k, as one may write it down.
        "pca": np.array(
            [
                squared_error(
                    test.x @ (np.linalg.pinv(train.x @ (axes[:, :h] @ axes[:, :h].T)) @ train.y),
                    test.y,
                )
                for h in np.minimum(GRID, ROWS)
            ]
        ),
        "oracle": along(basis["oracle"]),
        "random": along(basis["gaussian"]),
        "orthogonal": along(basis["orthogonal"]),
        "orthogonal + ridge": shrunk(basis["orthogonal"]),
        "ridge": np.array(ridge),
    }


def drawn(
    model: LinearModel, rng: np.random.Generator
) -> tuple[Sample, Sample, dict[str, list[Array]]]:
    """The rows and directions of a trial, in the order in which `projections` draws them."""
    train, test = model.draw(ROWS, rng), model.draw(TEST_ROWS, rng)
    return train, test, directions(model, rng)


def columns(basis: Array) -> Iterator[Array]:
    """The first h columns for each h of the grid, or all where there are fewer."""
    for h in GRID:
        yield basis[:, :h]


def bench_grid(quick: bool) -> Iterator[Row | str]:
    """The whole grid, ours; one trial of each covariance, beside the other ways."""
    names = COVARIANCES[1:2] if quick else COVARIANCES
    trials = 2 if quick else TRIALS
    yield (
        f"1. The grid of section 7.2: n = {ROWS}, p = 75, {len(GRID)} dimensions, {DRAWS} draws, "
        f"{len(PENALTIES)} penalties; all methods"
    )
    models = [linear_model(name, SNR) for name in names]

    def every(one: Callable[..., Any], count: int) -> list[Any]:
        return [
            one(model, np.random.default_rng([place, trial]))
            for place, model in enumerate(models)
            for trial in range(count)
        ]

    whole = take_turns({"ours": lambda: every(ours, trials)}, 1 if quick else 3)
    what = f"ours: {len(names)} x {trials} trials, all methods"
    yield row("grid", what, whole["ours"], goal=None if quick else GOAL)
    one: dict[str, Any] = {}
    base = take_turns({"ours": lambda: every(ours, 1)}, 3, one)
    yield row("grid", f"ours: {len(names)} x 1 trial", base["ours"])
    for label, way in (("scikit-learn", scikit_learn), ("plain NumPy, no PLS", plain_numpy)):
        found, cost = timed(partial(every, way, 1))
        yield row("grid", f"{label}: {len(names)} x 1 trial (once)", cost, base["ours"])
        yield f"   {label} and ours: {agreement(one['ours'], found)}."


def agreement(first: list[Any], second: list[Any]) -> str:
    """The largest relative difference of the errors away from h = n, where rounding decides."""
    away = np.array([h for h in range(len(GRID)) if not 40 <= GRID[h] <= 60])
    parts = []
    for name in ("pca", "oracle", "random", "orthogonal", "ridge", "orthogonal + ridge"):
        chosen = slice(None) if name == "ridge" else away
        apart = max(
            float(np.max(np.abs(a[name][chosen] / b[name][chosen] - 1)))
            for a, b in zip(first, second, strict=True)
        )
        parts.append(f"{name} {apart:.0e}")
    return "largest relative difference of errors: " + ", ".join(parts)


# One model for each number of components and each penalty -------------------------------------


def bench_path(quick: bool) -> Iterator[Row | str]:
    """PCA-OLS for every k and ridge for every penalty, centred, on one sample."""
    n, p = (40, 200) if quick else (200, 1000)
    model = np.random.default_rng(0)
    x = model.standard_normal((n + 100, p)) * np.arange(1, p + 1) ** -0.5
    y = x[:, :10].sum(axis=1) + 0.1 * model.standard_normal(n + 100)
    train, test = Sample(x[:n], y[:n]), Sample(x[n:], y[n:])
    counts = range(1, n, 5)
    yield (
        f"2. One sample of {n} x {p}: PCA-OLS for {len(counts)} numbers of components, ridge for "
        f"{len(PENALTIES)} penalties, predictions for 100 rows"
    )

    def by_factorization() -> Array:
        found = factorize(train.x)
        scores = found.scores(test.x)
        path = np.cumsum(scores * pca_steps(found, train.y), axis=1)[:, [k - 1 for k in counts]]
        ridge = scores @ ridge_coordinates(found, train.y, PENALTIES)
        return np.hstack([path, ridge]) + train.y.mean()

    def by_scikit_learn() -> Array:
        pipelines = [make_pipeline(PCA(k, svd_solver="full"), LinearRegression()) for k in counts]
        fits = [*pipelines, *(Ridge(n * each) for each in PENALTIES)]
        return np.stack([fit.fit(train.x, train.y).predict(test.x) for fit in fits], axis=1)

    def by_numpy() -> Array:
        means, centre = train.x.mean(axis=0), train.y.mean()
        design, seen, target = train.x - means, test.x - means, train.y - centre
        axes = np.linalg.svd(design, full_matrices=False)[2].T
        found = [
            seen @ axes[:, :k] @ (np.linalg.pinv(design @ axes[:, :k]) @ target) for k in counts
        ]
        gram = design @ design.T
        found += [
            seen @ (design.T @ np.linalg.solve(gram + n * each * np.eye(n), target))
            for each in PENALTIES
        ]
        return np.stack(found, axis=1) + centre

    ways = {"ours": by_factorization, "scikit-learn": by_scikit_learn, "plain NumPy": by_numpy}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of penalties near rounding, which scikit-learn tells
        found: dict[str, Any] = {}
        costs = take_turns(ways, 1 if quick else 3, found)
    for name, cost in costs.items():
        yield row("path", name, cost, costs["ours"] if name != "ours" else None)
    for name in ("scikit-learn", "plain NumPy"):
        apart = np.abs(found[name] - found["ours"])[:, : len(counts)].max() / np.ptp(test.y)
        yield f"   {name}'s PCA-OLS predictions differ by {apart:.0e} of the range of y."


# A wide table ---------------------------------------------------------------------------------


def bench_wide(quick: bool) -> Iterator[Row | str]:
    """Components by cross-validation and a penalty by leave-one-out, 50 x 4,088."""
    n, p = (50, 400) if quick else (50, 4088)
    rng = np.random.default_rng(1)
    latent = rng.standard_normal((n, 10))
    x = latent @ rng.standard_normal((10, p)) + 0.5 * rng.standard_normal((n, p))
    y = latent @ rng.standard_normal(10) + rng.standard_normal(n)
    counts = [k for k in CANDIDATES if k <= 30]
    yield (
        f"3. A table of {n} x {p}: components among {len(counts)} by 5 folds, the penalty among "
        f"{len(PENALTIES)} by leave-one-out"
    )

    def search() -> Any:
        pipeline = make_pipeline(PCA(svd_solver="full"), LinearRegression())
        grid = {"pca__n_components": counts}
        folds = KFold(5, shuffle=True, random_state=0)
        return GridSearchCV(pipeline, grid, cv=folds, scoring="neg_mean_squared_error").fit(x, y)

    contenders = {
        "ours: PCA-OLS": lambda: estimators.PCAOLS("cv", candidates=tuple(counts)).fit(x, y),
        "scikit-learn: GridSearchCV(PCA, OLS)": search,
        "ours: ridge": lambda: estimators.Ridge("loo").fit(x, y),
        "scikit-learn: RidgeCV": lambda: RidgeCV([n * each for each in PENALTIES]).fit(x, y),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found: dict[str, Any] = {}
        costs = take_turns(contenders, 1 if quick else 3, found)
    names = list(contenders)
    for name, base in ((names[0], None), (names[1], names[0]), (names[2], None),
                       (names[3], names[2])):  # fmt: skip
        yield row("wide", name, costs[name], costs[base] if base else None)
    theirs = found[names[1]].best_params_["pca__n_components"]
    yield (
        f"   Chosen: {found[names[0]].n_components_} components and {theirs} (other folds); "
        f"penalties {found[names[2]].penalty_:.2g} and {found[names[3]].alpha_ / n:.2g}."
    )


# A text table ---------------------------------------------------------------------------------


def bench_read(quick: bool) -> Iterator[Row | str]:
    """A text table: what is inferred about it, and all of its cells, to float64."""
    n = 5_000 if quick else 100_000
    yield f"4. A text table of {n:,} x 11 numbers with 17 digits, to an array"
    values = np.random.default_rng(2).standard_normal((n, 11))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.csv"
        pd.DataFrame(values, columns=[f"band {i}" for i in range(11)]).to_csv(path, index=False)
        ways = {
            "ours": lambda: read_table(path).numbers(),
            "pandas": lambda: pd.read_csv(path).to_numpy(),
            "numpy.loadtxt": lambda: np.loadtxt(path, delimiter=",", skiprows=1),
        }
        found: dict[str, Any] = {}
        costs = take_turns(ways, 3 if quick else 7, found)
    for name, cost in costs.items():
        yield row("read", name, cost, costs["ours"] if name != "ours" else None)
    assert all(np.array_equal(values, each) for each in found.values())


if __name__ == "__main__":
    run_parts(globals())

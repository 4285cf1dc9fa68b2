"""The paper's experiments as functions of a generator: what claims, pictures and benchmark run.

Simulated data have mean zero and are fitted without intercept, as in the paper; real data are
centred by the training rows. Every function returns test mean squared errors, in squared units of
y, as plain arrays by method; the caller repeats and compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zoo_pca_ols.attack import EPSILON, Poison, add_row, poison
from zoo_pca_ols.estimators.projections import RandomProjection, directions
from zoo_pca_ols.factorization import (
    Array,
    Factorization,
    factorize,
    krylov_basis,
    leave_one_out,
    nested_coefficients,
    pca_steps,
    ridge_coordinates,
)
from zoo_pca_ols.selection import PENALTIES
from zoo_pca_ols.simulators import JointModel, LinearModel, Sample

Errors = Mapping[str, Array]

ROWS, TEST_ROWS, DRAWS = 50, 256, 5
GRID = (1, 3, *range(5, 151, 5))
"""Dimensions h of section 7.2; the number of features is 75 and the peak is at 50 rows."""
JOINT_ROWS, JOINT_FEATURES, JOINT_PENALTY, JOINT_COMPONENTS = 64, 128, 1024.0, 32
SWEEP = tuple(dict.fromkeys(round(2 ** (j / 4)) for j in range(37)))
"""Numbers of features, or rows, of section 7.1: 1 to 512."""


def squared_error(predictions: Array, y: Array) -> Array:
    """Return the mean squared error of predictions (m,) or (m, K) for targets (m,)."""
    errors: Array = np.mean((predictions.T - y) ** 2, axis=-1)
    return errors


# Section 7.2 ----------------------------------------------------------------------------------


def projections(
    model: LinearModel,
    rng: np.random.Generator,
    *,
    grid: Sequence[int] = GRID,
    draws: int = DRAWS,
    n: int = ROWS,
) -> Errors:
    """Return test errors (len(grid),) of one trial by method, and of "null" and "ols" alone (1,).

    Methods: "pca", "pls" (beyond the rank: OLS), "oracle" (beyond p: OLS), "random",
    "orthogonal", "orthogonal + ridge" (means over the draws of directions, which are nested in
    h), and "ridge" over `PENALTIES` (as many values).
    """
    train, test = model.draw(n, rng), model.draw(TEST_ROWS, rng)
    found = factorize(train.x, centre=False)
    scores, p = found.scores(test.x), train.x.shape[1]
    kept = np.minimum(grid, found.rank) - 1

    def along(steps: Array) -> Array:
        path = np.cumsum(scores @ steps, axis=1)
        return squared_error(path[:, np.minimum(kept, path.shape[1] - 1)], test.y)

    def nested(basis: Array) -> Array:
        return squared_error(test.x @ nested_coefficients(found, train.y, basis, grid), test.y)

    random, orthogonal, ridged = [], [], []
    for _ in range(draws):
        random.append(nested(directions(p, max(grid), "gaussian", rng)))
        basis = directions(p, p, "orthogonal", rng)
        orthogonal.append(nested(basis))
        ridged.append(ridged_errors(found, train.y, basis, test, grid))
    pca = along(np.diag(pca_steps(found, train.y)))
    return {
        "null": np.array([np.mean(test.y**2)]),
        "ols": pca[-1:],
        "pca": pca,
        "pls": along(krylov_basis(found, train.y, found.rank).steps),
        "oracle": nested(model.principal),
        "random": np.mean(random, axis=0),
        "orthogonal": np.mean(orthogonal, axis=0),
        "orthogonal + ridge": np.mean(ridged, axis=0),
        "ridge": squared_error(scores @ ridge_coordinates(found, train.y, PENALTIES), test.y),
    }


def ridged_errors(
    found: Factorization, y: Array, basis: Array, test: Sample, grid: Sequence[int]
) -> Array:
    """Return test errors (len(grid),) of ridge on the first h columns of a basis (p, p).

    The penalty is the leave-one-out choice of `RandomProjection.GRID`. The singular values of
    X Pi come of the smaller Gram matrix: they are squared there, which a penalty hides.
    """
    image, test_image = (found.u * found.s) @ (found.v.T @ basis), test.x @ basis
    penalties = np.array(RandomProjection.GRID) / found.n
    errors: dict[int, float] = {}
    for h in sorted({min(h, basis.shape[1]) for h in grid}):
        small = image[:, :h]
        wide = h > found.n
        values, vectors = np.linalg.eigh(small @ small.T if wide else small.T @ small)
        real = values > values[-1] * 1e-14
        s, vectors = np.sqrt(values[real]), vectors[:, real]
        other = (small.T if wide else small) @ vectors / s
        u, v = (vectors, other) if wide else (other, vectors)
        turned = Factorization(np.zeros(h), u, s, v, False)
        least = penalties[np.argmin(leave_one_out(turned, y, penalties))]
        predictions = (test_image[:, :h] @ v) @ ridge_coordinates(turned, y, [least])[:, 0]
        errors[h] = float(squared_error(predictions, test.y))
    return np.array([errors[min(h, basis.shape[1])] for h in grid])


# Section 7.1 ----------------------------------------------------------------------------------


def joint_errors(train: Sample, test: Sample, model: JointModel) -> dict[str, float]:
    """Return test errors of the methods of section 7.1 on given rows of p features."""
    found = factorize(train.x, centre=False)
    scores, z = found.scores(test.x), pca_steps(found, train.y)
    k = min(JOINT_COMPONENTS, found.rank)
    ridge = ridge_coordinates(found, train.y, [JOINT_PENALTY])[:, 0]
    predictions = {
        "true beta": test.x @ model.best(train.x.shape[1]),
        "PCA-OLS": scores[:, :k] @ z[:k],
        "ridge": scores @ ridge,
        "OLS": scores @ z,
        "null": np.zeros(len(test.y)),
    }
    return {name: float(squared_error(row, test.y)) for name, row in predictions.items()}


def joint_sweep(
    model: JointModel,
    rng: np.random.Generator,
    features: Sequence[int],
    *,
    n: int = JOINT_ROWS,
    attacked: bool = False,
    epsilon: float = EPSILON,
) -> dict[str, list[float]]:
    """Return test errors by method, one for each number of features, of one trial.

    The last p features of the same rows serve every p. With `attacked`, the methods are fitted
    again with one poisoned row, drawn for each p, and come as "METHOD attacked" too.
    """
    train, test = model.draw(n, rng), model.draw(TEST_ROWS, rng)
    found: dict[str, list[float]] = {}
    for p in features:
        part = Sample(train.x[:, -p:], train.y)
        seen = Sample(test.x[:, -p:], test.y)
        errors = joint_errors(part, seen, model)
        if attacked:
            row = poison(part.x, rng, epsilon=epsilon)
            after = joint_errors(Sample(*add_row(part.x, part.y, row)), seen, model)
            errors |= {f"{name} attacked": value for name, value in after.items()}
        for name, value in errors.items():
            found.setdefault(name, []).append(value)
    return found


# Real data ------------------------------------------------------------------------------------


def feature_sweep(
    train: Sample,
    test: Sample,
    features: Sequence[int],
    k: int,
    rng: np.random.Generator,
) -> dict[str, list[float]]:
    """Return test errors of OLS, PCA-OLS(k) and leave-one-out ridge on random subsets of columns.

    One random order of the columns gives the subset of each size; k is cut at the rank.
    """
    order = rng.permutation(train.x.shape[1])
    found: dict[str, list[float]] = {}
    for p in features:
        chosen = order[:p]
        fitted = factorize(train.x[:, chosen])
        seen = Sample(test.x[:, chosen], test.y)
        errors = real_errors(fitted, train.y, seen, k, _least_penalty(fitted, train.y))
        for name, value in errors.items():
            found.setdefault(name, []).append(value)
    return found


def real_errors(
    found: Factorization, y: Array, test: Sample, k: int, penalty: float
) -> dict[str, float]:
    """Return test errors of OLS, PCA-OLS(k) and ridge with this penalty, fitted to targets (n,)."""
    scores, steps = found.scores(test.x), pca_steps(found, y)
    parts = {
        "OLS": scores @ steps,
        "PCA-OLS": scores[:, :k] @ steps[:k],
        "ridge": scores @ ridge_coordinates(found, y, [penalty])[:, 0],
    }
    centre = found.centre(y)
    return {name: float(squared_error(part + centre, test.y)) for name, part in parts.items()}


def _least_penalty(found: Factorization, y: Array) -> float:
    """Return the penalty of the least leave-one-out error."""
    return PENALTIES[int(np.argmin(leave_one_out(found, y, PENALTIES)))]


def attack_real(
    train: Sample, test: Sample, k: int, rng: np.random.Generator, *, epsilon: float = 1e-2
) -> dict[str, float]:
    """Return test errors of OLS, PCA-OLS(k) and ridge before and after one poisoned row.

    The row is poisoned in centred coordinates, with the mean target, and is as small beside the
    others as in the simulation: a thousandth of their root mean square norm. `epsilon` is larger
    than there, so that the row's part outside the row space is above the rounding of the others.
    Ridge keeps the penalty that it chose before: the attacker does not choose it.
    """
    clean = factorize(train.x)
    penalty = _least_penalty(clean, train.y)
    scale = float(np.linalg.norm(clean.s)) / np.sqrt(clean.n) / 1000
    row = poison((train.x - clean.x_mean) / scale, rng, epsilon=epsilon)
    bad = Poison(scale * row.x + clean.x_mean, clean.centre(train.y))
    errors = real_errors(clean, train.y, test, k, penalty)
    x, y = add_row(train.x, train.y, bad)
    after = real_errors(factorize(x), y, test, k, penalty)
    return errors | {f"{name} attacked": value for name, value in after.items()}

"""How many components, chosen inside the training rows by cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Literal

import numpy as np

from zoo_core import BadInput
from zoo_pca_ols.factorization import Array, Factorization, factorize, krylov_basis, pca_steps

Method = Literal["pca", "pls"]
CANDIDATES = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 40, 60, 80)
"""Numbers of components that "cv" compares, as far as the folds' ranks go."""
PENALTIES = tuple(float(10**exponent) for exponent in np.arange(-8, 3.01, 0.25))
"""Penalties per sample that "loo" compares; spectra need very small ones."""


def component_path(method: Method, found: Factorization, y: Array, rows: Array, k: int) -> Array:
    """Return predictions (m, k + 1) for rows (m, p), of 0 to k components.

    Where the Krylov space of PLS is exhausted before k, its last prediction stands for the rest.
    """
    scores = found.scores(rows)
    if method == "pca":
        parts = scores[:, :k] * pca_steps(found, y)[:k]
    else:
        parts = scores @ krylov_basis(found, y, k).steps
    path = np.zeros((len(rows), k + 1))
    path[:, 1 : parts.shape[1] + 1] = np.cumsum(parts, axis=1)
    path[:, parts.shape[1] + 1 :] = path[:, parts.shape[1], None]
    return path + found.centre(y)


def folds(n: int, count: int, seed: int) -> list[Array]:
    """Return the rows of each of `count` folds: a random permutation of n rows, cut in parts.

    Raises `BadInput` for fewer rows than folds, or fewer than two folds.
    """
    if not 2 <= count <= n:
        raise BadInput(
            f"{n} rows cannot be cut into {count} folds; give 2 to {n} folds, or a fixed number of "
            "components."
        )
    return np.array_split(np.random.default_rng(seed).permutation(n), count)


def splits(cv: Any, x: Array, y: Array, seed: int) -> list[tuple[Array, Array]]:
    """Return the rows to fit to and the rows left out, for each fold.

    `cv` is a number of folds, drawn with the seed; a splitter of scikit-learn (``KFold(3)``) or
    pairs of indices, as its searches take them; or None for five folds.

    Raises `BadInput` for what is none of these, and for folds that the rows do not allow.
    """
    if cv is None or (isinstance(cv, Integral) and not isinstance(cv, bool)):
        parts = folds(len(y), 5 if cv is None else int(cv), seed)
        return [(np.setdiff1d(np.arange(len(y)), rows), rows) for rows in parts]
    from sklearn.model_selection import check_cv

    try:
        found = [(np.asarray(kept), np.asarray(rows)) for kept, rows in check_cv(cv).split(x, y)]
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"cv is {cv!r}, which cannot split {len(y)} rows ({error}); give a number of folds, a "
            "splitter such as KFold(3), or pairs of indices."
        ) from error
    if not found:
        raise BadInput("cv has no folds; give at least one pair of indices.")
    return found


def cross_validate(
    method: Method,
    design: Array,
    y: Array,
    *,
    candidates: Sequence[int] = CANDIDATES,
    cv: Any = 5,
    seed: int = 0,
    centre: bool = True,
    weights: Array | None = None,
) -> dict[int, float]:
    """Return the mean squared error over the left-out rows for each number of components.

    `cv` is as in `splits`; `weights` (n,) are those of the rows, fitted to and left out.

    One factorisation a fold serves all candidates. Candidates beyond the smallest rank of the
    folds are left out, and so not in the answer; it always has 0, the mean alone, so that data
    without a signal are not fitted.

    Raises `BadInput` for fewer rows than folds.
    """
    parts = []
    for kept, rows in splits(cv, design, y, seed):
        share = None if weights is None else weights[kept]
        parts.append((factorize(design[kept], centre=centre, weights=share), kept, rows))
    most = min(found.rank for found, _, _ in parts)
    wanted = [0, *sorted({k for k in candidates if 1 <= k <= most})]
    total, count = np.zeros(len(wanted)), 0.0
    for found, kept, rows in parts:
        path = component_path(method, found, y[kept], design[rows], wanted[-1])[:, wanted]
        errors = (path - y[rows, None]) ** 2
        total += errors.sum(axis=0) if weights is None else weights[rows] @ errors
        count += len(rows) if weights is None else weights[rows].sum()
    return dict(zip(wanted, (total / count).tolist(), strict=True))


def best(errors: dict[int, float]) -> int:
    """Return the candidate of the smallest error; the smaller one of a tie."""
    return min(errors, key=lambda k: (errors[k], k))

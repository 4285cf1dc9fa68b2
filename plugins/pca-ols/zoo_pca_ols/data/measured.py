"""Four wide tables of real measurements, and one narrow control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from zoo_core import BadInput, DataError, available, fetch
from zoo_pca_ols.data.rdata import read_rdata
from zoo_pca_ols.data.table import RegressionData, fingerprint, permuted
from zoo_pca_ols.factorization import Array
from zoo_pca_ols.specs.data import converted, original


def gasoline(*, train: int, pinned: str, repeat: int = 0) -> RegressionData:
    """Return near-infrared spectra (60, 401) of gasoline and octane numbers; `train` rows to fit.

    Raises `BadInput` for a bad repeat, and `DataError` where the file cannot be had or is not
    the pinned one.
    """
    raw = _read("gasoline")
    x, y = _checked("gasoline", raw["X"], raw["octane"], pinned)
    rows = permuted(len(y), train, repeat)
    return RegressionData(x, y, rows, "gasoline", "octane", "octane number")


def yarn(*, train: int, pinned: str, repeat: int = 0, fixed: bool = False) -> RegressionData:
    """Return near-infrared spectra (28, 268) of PET yarns and their density.

    With `fixed` the split is the one of the source, 21 rows to fit.

    Raises `BadInput` for a bad repeat, and `DataError` where the file cannot be had or is not
    the pinned one.
    """
    raw = _read("yarn")
    x, y = _checked("yarn", raw["X"], raw["density"], pinned)
    rows = permuted(len(y), train, repeat)
    if fixed:
        given = np.asarray(raw["train"], dtype=bool)
        rows = {"train": given.nonzero()[0], "test": (~given).nonzero()[0]}
    return RegressionData(x, y, rows, "yarn", "density")


def riboflavin(*, train: int, pinned: str, repeat: int = 0) -> RegressionData:
    """Return log expressions (71, 4088) of genes and the log riboflavin production rate.

    Raises `BadInput` for a bad repeat, and `DataError` where the file cannot be had or is not
    the pinned one.
    """
    raw = _read("riboflavin")
    x, y = _checked("riboflavin", raw["X"], raw["y"], pinned)
    rows = permuted(len(y), train, repeat)
    return RegressionData(x, y, rows, "riboflavin", "production rate", "log rate")


def wheat(
    *, train: int, pinned: str, repeat: int = 0, environment: int = 1, fold: int | None = None
) -> RegressionData:
    """Return DArT markers (599, 1279), 0 or 1, and standardised grain yield of wheat lines.

    `environment`, 1 to 4, says which of the four trials; `fold`, 1 to 10, tests on one of the
    source's folds in place of the random split.

    Raises `BadInput` for a bad repeat, environment or fold, and `DataError` where the file
    cannot be had or is not the pinned one.
    """
    if environment not in (1, 2, 3, 4):
        raise BadInput(f"environment is {environment!r}; expected 1 to 4.")
    if fold is not None and fold not in range(1, 11):
        raise BadInput(f"fold is {fold!r}; expected 1 to 10.")
    raw = _read("wheat")
    x, yields = _checked("wheat", raw["X"], raw["Y"], pinned)
    rows = permuted(len(yields), train, repeat)
    if fold is not None:
        tested = np.asarray(raw["sets"]) == fold
        rows = {"train": (~tested).nonzero()[0], "test": tested.nonzero()[0]}
    return RegressionData(
        x, yields[:, environment - 1], rows, "wheat", "grain yield", "standard deviations"
    )


def diabetes(*, train: int, repeat: int = 0) -> RegressionData:
    """Return the ten baseline variables of 442 patients and the disease's progression.

    A control with p < n, read from scikit-learn's own files.

    Raises `BadInput` for a bad repeat.
    """
    from sklearn.datasets import load_diabetes

    found = load_diabetes(scaled=False)
    rows = permuted(len(found.target), train, repeat)
    names = tuple(found.feature_names)
    y = np.asarray(found.target, dtype=float)
    return RegressionData(
        found.data, y, rows, "diabetes-progression", "progression", "", feature_names=names
    )


def _read(name: str) -> Mapping[str, Array]:
    """Return the arrays of a table: the mirror's converted file, or the one of CRAN."""
    path = available(converted(name))
    if path is None:
        return read_rdata(fetch(original(name)), name)
    with np.load(path, allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def _checked(name: str, x: Any, y: Any, pinned: str) -> tuple[Array, Array]:
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if fingerprint(x, y) != pinned:
        raise DataError(
            f"Dataset {name!r} as read has fingerprint {fingerprint(x, y)}, expected {pinned}; the "
            "source has changed or is damaged: delete its file from the cache or mirror and try "
            "again."
        )
    return x, y

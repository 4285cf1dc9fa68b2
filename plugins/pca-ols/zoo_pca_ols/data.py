"""The datasets: four wide tables of real measurements, one narrow control, and the simulators."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from zoo_core.errors import BadInput, DataError
from zoo_core.files import available, fetch
from zoo_pca_ols import sources
from zoo_pca_ols.rdata_files import read_rdata
from zoo_pca_ols.simulators import Sample, joint_model, linear_model

Array = np.ndarray
SPLITS = ("train", "test")


@dataclass(frozen=True)
class RegressionData:
    """A table with a target and two disjoint sets of rows.

    Attributes:
        x: (n, p) float64.
        y: (n,) float64, in `unit`.
        rows: indices of the rows of "train" and "test".
        name: the dataset's, or the file's.
        target: what y is.
        unit: the unit of y; empty where the source states none.
        feature_names: p names, or None.
        metric_options: nothing, for metrics.
    """

    x: Array
    y: Array
    rows: Mapping[str, Array]
    name: str
    target: str = "y"
    unit: str = ""
    feature_names: tuple[str, ...] | None = None
    metric_options: Mapping[str, Any] = field(default_factory=dict)

    def part(self, split: str) -> Sample:
        """Return the rows of a split.

        Raises:
            BadInput: an unknown split.
        """
        if split not in self.rows:
            raise BadInput(
                f"{self.name} has no split {split!r}; it has {', '.join(self.rows)} (numbers of "
                "components and penalties are chosen inside the training rows)."
            )
        chosen = self.rows[split]
        return Sample(self.x[chosen], self.y[chosen])

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits of the bytes of x and y, with their shapes."""
        return fingerprint(self.x, self.y)


def fingerprint(x: Array, y: Array) -> str:
    """Return 16 hexadecimal digits that tell tables apart: shapes and little-endian float64."""
    digest = hashlib.sha256(repr((x.shape, y.shape)).encode())
    for array in (x, y):
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def permuted(n: int, train: int, repeat: int) -> dict[str, Array]:
    """Return a random split: the first `train` rows of a permutation, and the rest.

    Raises:
        BadInput: a repeat that is no whole number from 0.
    """
    if isinstance(repeat, bool) or not isinstance(repeat, int | np.integer) or repeat < 0:
        raise BadInput(f"repeat is {repeat!r}; expected a whole number from 0.")
    order = np.random.default_rng(repeat).permutation(n)
    return {"train": order[:train], "test": order[train:]}


# Real tables ----------------------------------------------------------------------------------


def gasoline(*, train: int, pinned: str, repeat: int = 0) -> RegressionData:
    """Return near-infrared spectra (60, 401) of gasoline and octane numbers; `train` rows to fit.

    Raises:
        BadInput: a bad repeat.
        DataError: the file cannot be had or is not the pinned one.
    """
    raw = _read("gasoline")
    x, y = _checked("gasoline", raw["X"], raw["octane"], pinned)
    rows = permuted(len(y), train, repeat)
    return RegressionData(x, y, rows, "gasoline", "octane", "octane number")


def yarn(*, train: int, pinned: str, repeat: int = 0, fixed: bool = False) -> RegressionData:
    """Return near-infrared spectra (28, 268) of PET yarns and their density.

    With `fixed` the split is the one of the source, 21 rows to fit.

    Raises:
        BadInput: a bad repeat.
        DataError: the file cannot be had or is not the pinned one.
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

    Raises:
        BadInput: a bad repeat.
        DataError: the file cannot be had or is not the pinned one.
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

    Raises:
        BadInput: a bad repeat, environment or fold.
        DataError: the file cannot be had or is not the pinned one.
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

    Raises:
        BadInput: a bad repeat.
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
    path = available(sources.converted(name))
    if path is None:
        return read_rdata(fetch(sources.original(name)), name)
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


# Simulators -----------------------------------------------------------------------------------


def gaussian_joint(
    *, n: int = 64, p: int = 128, tests: int = 256, repeat: int = 0
) -> RegressionData:
    """Return a sample of section 7.1: the last p of 512 features that 32 directions drive.

    Raises:
        BadInput: sizes that are no whole numbers in range, or a bad repeat.
    """
    _check_sizes(n=(n, 2, None), p=(p, 1, 512), tests=(tests, 2, None), repeat=(repeat, 0, None))
    sample = joint_model().draw(n + tests, np.random.default_rng(repeat), p=p)
    return _simulated("gaussian-joint", sample, n)


def gaussian_linear(
    *,
    covariance: str,
    snr: float = 16.0,
    misaligned: bool = False,
    n: int = 50,
    tests: int = 256,
    repeat: int = 0,
) -> RegressionData:
    """Return a sample of section 7.2: y = x^T beta + e with 75 features.

    Raises:
        BadInput: an unknown covariance, sizes that are no whole numbers in range, or a bad repeat.
    """
    _check_sizes(n=(n, 2, None), tests=(tests, 2, None), repeat=(repeat, 0, None))
    model = linear_model(covariance, snr, misaligned=misaligned)
    sample = model.draw(n + tests, np.random.default_rng(repeat))
    return _simulated(f"gaussian-{covariance}", sample, n)


def _check_sizes(**sizes: tuple[Any, int, int | None]) -> None:
    for name, (value, low, high) in sizes.items():
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value < low or (high is not None and value > high):
            to = f" to {high}" if high is not None else ""
            raise BadInput(f"{name} is {value!r}; expected a whole number from {low}{to}.")


def _simulated(name: str, sample: Sample, n: int) -> RegressionData:
    order = np.arange(len(sample.y))
    return RegressionData(sample.x, sample.y, {"train": order[:n], "test": order[n:]}, name)

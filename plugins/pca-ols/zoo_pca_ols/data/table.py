"""A table with a target, its split, and what tells tables apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_pca_ols.factorization import Array
from zoo_pca_ols.parameters import whole

Indices = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Rows:
    """The rows of one split of a table: a view of all of it."""

    data: RegressionData
    name: str
    indices: Indices

    @property
    def x(self) -> Array:
        """The features (m, p)."""
        return self.data.x[self.indices]

    @property
    def y(self) -> Array:
        """The targets (m,)."""
        return self.data.y[self.indices]


@dataclass(frozen=True)
class RegressionData:
    """A table with a target and two disjoint sets of rows.

    x is (n, p) and y (n,), both float64; y is `target`, in `unit` (empty where the source states
    none). `rows` are the indices of the rows of "train" and "test", `feature_names` p names or
    None, `name` is the dataset's or the file's, and `folds` is how many folds the source brings.
    """

    x: Array
    y: Array
    rows: Mapping[str, Indices]
    name: str
    target: str = "y"
    unit: str = ""
    feature_names: tuple[str, ...] | None = None
    folds: int | None = None

    @property
    def facts(self) -> dict[str, int | str]:
        """What a card says of the table."""
        rows, features = self.x.shape
        return {"rows": rows, "features": features, "target": self.target}

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    def split(self, name: str) -> Rows:
        """Return the rows of a split."""
        return Rows(self, name, self.rows[name])

    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits of the bytes of x and y, with their shapes."""
        return fingerprint(self.x, self.y)


def fingerprint(x: Array, y: Array) -> str:
    """Return 16 hexadecimal digits that tell tables apart: shapes and little-endian float64."""
    digest = hashlib.sha256(repr((x.shape, y.shape)).encode())
    for array in (x, y):
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


def permuted(n: int, train: int, seed: int, *, name: str = "repeat") -> dict[str, Indices]:
    """Return a random split: the first `train` rows of a permutation, and the rest.

    `name` is what the seed is called where it is an option. Raises `BadInput` for a seed that is no
    whole number from 0.
    """
    order = np.random.default_rng(whole(name, seed, 0)).permutation(n)
    return {"train": order[:train], "test": order[train:]}

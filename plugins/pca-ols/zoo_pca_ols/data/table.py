"""A table with a target, its split, and what tells tables apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput
from zoo_pca_ols.factorization import Array
from zoo_pca_ols.parameters import whole
from zoo_pca_ols.simulators import Sample

Rows = NDArray[np.integer[Any]]
"""Indices of rows."""


@dataclass(frozen=True)
class RegressionData:
    """A table with a target and two disjoint sets of rows.

    x is (n, p) and y (n,), both float64; y is `target`, in `unit` (empty where the source states
    none). `rows` are the indices of the rows of "train" and "test", `feature_names` p names or
    None, and `name` is the dataset's or the file's.
    """

    x: Array
    y: Array
    rows: Mapping[str, Rows]
    name: str
    target: str = "y"
    unit: str = ""
    feature_names: tuple[str, ...] | None = None
    metric_options: Mapping[str, Any] = field(default_factory=dict)

    def part(self, split: str) -> Sample:
        """Return the rows of a split.

        Raises `BadInput` for an unknown split.
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


def permuted(n: int, train: int, repeat: int) -> dict[str, Rows]:
    """Return a random split: the first `train` rows of a permutation, and the rest.

    Raises `BadInput` for a repeat that is no whole number from 0.
    """
    order = np.random.default_rng(whole("repeat", repeat, 0)).permutation(n)
    return {"train": order[:train], "test": order[train:]}

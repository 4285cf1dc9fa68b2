"""What a person has as clouds: one table or array, or many of two classes to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from zoo_tables import open_arrays, read_table

from zoo_core import BadInput
from zoo_invariant_features.clouds.pairs import CloudPairs, normalised

Array = NDArray[np.float64]


def read_cloud(source: Any, label: str = "The cloud") -> Array:
    """Return one cloud (n, d), centred and scaled: a table of coordinates, or an array.

    Raises `BadInput` for what is none.
    """
    if isinstance(source, str | PathLike):
        return normalised(read_table(source).numbers(), Path(source).name)
    return normalised(source, label)


def read_clouds(source: Any, *, seed: int = 0) -> CloudPairs:
    """Return clouds of two classes to learn from.

    `source` is an .npz or dictionary with ``points`` (N, d), the points of all clouds after one
    another, their ``counts`` (M,), and a ``label`` (M,) of each with two different values; of each
    class 60 % (by `seed`) are for training, 20 % for validation, the others the test. Raises
    `BadInput` for what is none, and for fewer than five clouds of a class.
    """
    if isinstance(source, str | PathLike) and Path(source).suffix.lower() == ".npz":
        with open_arrays(Path(source).expanduser()) as arrays:
            source = {name: arrays[name] for name in arrays.names}
    if not isinstance(source, Mapping) or not {"points", "counts", "label"} <= set(source):
        raise BadInput(
            "Expected an .npz or dictionary with points (N, d), counts (M,), label (M,)."
        )
    points, counts, labels = (np.asarray(source[key]) for key in ("points", "counts", "label"))
    whole = counts.ndim == 1 and counts.dtype.kind in "iu" and labels.shape == counts.shape
    if not whole or points.ndim != 2 or int(counts.sum()) != len(points):
        raise BadInput(
            f"points {points.shape}, counts {counts.shape}, label {labels.shape}; expected whole "
            "counts that add up to the points, and a label of each cloud."
        )
    classes = np.unique(labels)
    if len(classes) != 2 or min((labels == one).sum() for one in classes) < 5:
        raise BadInput(
            f"There are {len(classes)} classes ({', '.join(map(str, classes[:5]))}); expected two, "
            "of five clouds or more each."
        )
    pieces = np.split(points, np.cumsum(counts)[:-1])
    clouds = [normalised(piece, f"cloud {row}") for row, piece in enumerate(pieces)]
    rng = np.random.default_rng(seed)
    dealt: dict[str, list[int]] = {"train": [], "val": [], "test": []}
    for one in classes:
        order = rng.permutation(np.flatnonzero(labels == one)).tolist()
        first, then = round(0.6 * len(order)), round(0.8 * len(order))
        for name, part in zip(dealt, (order[:first], order[first:then], order[then:]), strict=True):
            dealt[name] += part
    return CloudPairs(
        clouds=clouds,
        second=torch.from_numpy(labels == classes[1]),
        rows={name: torch.tensor(rows) for name, rows in dealt.items()},
        names=[f"cloud {row}" for row in range(len(clouds))],
    )

"""Clouds of two classes, whose distances across the classes are to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_core import BadInput, Split, notice
from zoo_invariant_features.clouds.gw import distances

Array = NDArray[np.float64]
MOST_DIMENSIONS = 8


@dataclass(frozen=True)
class CloudPairs:
    """M clouds (n_i, d) of two classes, centred and of root mean square radius 1.

    `second` (M,) tells which are of the second class; `rows` maps each split to its clouds.
    """

    clouds: Sequence[Array]
    second: Tensor
    rows: Mapping[str, Tensor]
    names: Sequence[str] = ()
    _known: dict[str, Tensor] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.clouds)

    @property
    def dimension(self) -> int:
        """The d of all clouds."""
        return int(self.clouds[0].shape[1])

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    @property
    def facts(self) -> dict[str, int | str]:
        """What a card says of the clouds."""
        return {
            "clouds": len(self),
            "dimensions": self.dimension,
            "points": sum(map(len, self.clouds)),
        }

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])

    def sides(self, name: str) -> tuple[Tensor, Tensor]:
        """Return the clouds of a split that are of the first class, and of the second."""
        rows = self.rows[name]
        return rows[~self.second[rows]], rows[self.second[rows]]

    def distances(self, name: str) -> Tensor:
        """Return the square roots of the lower bounds between the sides of a split (a, b).

        Computed when first asked for: 1,600 pairs of 100 points take some seconds.
        """
        if name not in self._known:
            sides = ([self.clouds[k] for k in side.tolist()] for side in self.sides(name))
            self._known[name] = torch.from_numpy(distances(*sides))
        return self._known[name]


def normalised(points: object, label: str) -> Array:
    """Return a cloud (n, d), centred and divided by its root mean square radius.

    Raises `BadInput` for what is no cloud of two different points or more in 1 to 8 dimensions.
    """
    try:
        cloud = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{label} is no cloud of points: {error}.") from error
    if cloud.ndim != 2 or not 1 <= cloud.shape[1] <= MOST_DIMENSIONS or len(cloud) < 2:
        raise BadInput(
            f"{label} has the shape {cloud.shape}; expected (n, d): two points or more, in 1 to "
            f"{MOST_DIMENSIONS} dimensions."
        )
    if not np.isfinite(cloud).all():
        raise BadInput(f"{label} has NaN or infinite coordinates; expected numbers.")
    centred = cloud - cloud.mean(0)
    # Squares of very large and very small coordinates leave the range of float64.
    largest = float(np.abs(centred).max())
    if largest <= 1e-12 * float(np.abs(cloud).max()):
        raise BadInput(f"{label} has all its points in one place; expected different points.")
    centred = centred / largest
    return np.asarray(centred / np.sqrt((centred**2).sum(1).mean()))


def tell_flat(cloud: Array, label: str) -> None:
    """Tell by a notice of a cloud that lies in fewer dimensions than it has coordinates."""
    rank = int(np.linalg.matrix_rank(cloud, tol=1e-9 * np.sqrt(len(cloud))))
    if rank < cloud.shape[1]:
        notice(
            f"{label} lies in {rank} of its {cloud.shape[1]} dimensions: such clouds are in the "
            "exception of the theorem, and different ones may be taken for the same."
        )

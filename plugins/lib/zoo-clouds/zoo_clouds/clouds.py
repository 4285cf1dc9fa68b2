"""Clouds of points: one cloud, sequences of clouds with their targets, and ragged batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_clouds.box import Box
from zoo_core import BadInput, Split


@dataclass(frozen=True)
class Cloud:
    """Points (n, d) in a `Box`, with a velocity (n, d) each where these are known."""

    positions: NDArray[Any]
    box: Box
    velocities: NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.positions)

    def first(self, count: int) -> Cloud:
        """Return the first points alone."""
        velocities = None if self.velocities is None else self.velocities[:count]
        return Cloud(self.positions[:count], self.box, velocities)


@dataclass(frozen=True)
class Clouds:
    """Many clouds with the numbers that each was made with, in splits.

    `clouds` is any sequence, which may make or read a cloud when it is asked for; `targets` (m, p)
    has a row for each, whose columns are `names`. `rows` maps each split to its clouds. `units`
    are those of positions, and of velocities.
    """

    clouds: Sequence[Cloud]
    targets: Tensor
    names: Sequence[str]
    rows: Mapping[str, Tensor]
    units: tuple[str, str] = ("Mpc/h", "km/s")
    facts: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    def split(self, name: str) -> Split:
        """Return the view of one split."""
        return Split(self, name, self.rows[name])

    def ready(self, indices: Tensor) -> list[Cloud]:
        """Return clouds by their numbers; those that have to be made are made side by side."""
        prepare = getattr(self.clouds, "prepare", None)
        numbers = indices.tolist()
        if prepare is not None:
            prepare(numbers)
        return [self.clouds[number] for number in numbers]


@dataclass(frozen=True)
class Batch:
    """Clouds of any sizes one after the other: cloud k has the rows offsets[k] to offsets[k + 1].

    `positions` are (n, d), `offsets` (k + 1,) whole numbers.
    """

    positions: Tensor
    offsets: Tensor

    @classmethod
    def of(cls, clouds: Sequence[Cloud], dtype: torch.dtype = torch.float32) -> Batch:
        """Return clouds as one batch; raises `BadInput` for none, and for unlike dimensions."""
        if not clouds:
            raise BadInput("A batch of no cloud; give at least one.")
        dimensions = {cloud.box.dimension for cloud in clouds}
        if len(dimensions) > 1:
            raise BadInput(f"Clouds of {sorted(dimensions)} dimensions do not fit one batch.")
        sizes = [len(cloud) for cloud in clouds]
        positions = np.concatenate([cloud.positions for cloud in clouds])
        return cls(torch.from_numpy(positions).to(dtype), offsets_of(sizes))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sizes(self) -> Tensor:
        """How many points each cloud has."""
        return self.offsets.diff()

    @property
    def owner(self) -> Tensor:
        """The cloud (n,) of each point."""
        return torch.repeat_interleave(torch.arange(len(self)), self.sizes)


def offsets_of(sizes: Sequence[int]) -> Tensor:
    """Return where clouds of such sizes begin and end (k + 1,)."""
    return torch.tensor([0, *np.cumsum(np.asarray(sizes, np.int64)).tolist()])

"""What every model of a cloud's parameters does alike: it opens a cloud, predicts, and tells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_clouds.clouds import Cloud, Clouds
from zoo_clouds.reading import read_cloud

from zoo_core import BadInput, Media, device_of_module, notice
from zoo_cosmobench.cube import check_cube

NAMES = ("Omega_m", "sigma_8")
LOW, HIGH = (0.1, 0.6), (0.5, 1.0)
"""The ranges of the benchmark's cosmologies: predictions do not leave them."""
FEW, MANY = 0.5, 2.0
"""Shares of the training clouds' points between which a cloud is like them."""


class ParameterModel(nn.Module):
    """Parameters (B, p) of clouds; a subclass makes the inputs of its `forward` from them.

    `names` are the parameters, `low` and `high` the ranges of those it was trained on, `length` the
    side of its boxes in Mpc/h and `points` how many points they had (0: not told). `reach` (p,) is
    how far off the 95 % best of the validation clouds were, the half width of an interval.
    """

    reach: Tensor
    low: Tensor
    high: Tensor

    def __init__(
        self,
        names: Sequence[str] = NAMES,
        low: Sequence[float] = LOW,
        high: Sequence[float] = HIGH,
        length: float = 250.0,
        points: int = 0,
    ) -> None:
        super().__init__()
        if not len(names) == len(low) == len(high) > 0 or not all(
            a < b for a, b in zip(low, high, strict=False)
        ):
            raise BadInput(
                f"names={list(names)}, low={list(low)}, high={list(high)}; expected a range for "
                "each parameter."
            )
        if not (math.isfinite(length) and length > 0):
            raise BadInput(f"length={length}; expected a positive number of Mpc/h.")
        self.names, self.length, self.points = list(names), float(length), points
        self.register_buffer("low", torch.tensor(list(map(float, low))), persistent=False)
        self.register_buffer("high", torch.tensor(list(map(float, high))), persistent=False)
        self.register_buffer("reach", torch.full((len(names),), math.inf))

    def piece(self, cloud: Cloud) -> tuple[Tensor, ...]:
        """Return what `forward` needs of one cloud."""
        raise NotImplementedError

    def collated(self, pieces: Sequence[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """Return the inputs of `forward` for the pieces of several clouds."""
        return tuple(torch.stack(parts) for parts in zip(*pieces, strict=True))

    def within(self, found: Tensor) -> Tensor:
        """Return predictions (B, p), clipped to the parameters' ranges except in training."""
        if self.training:
            return found
        return torch.minimum(torch.maximum(found, self.low), self.high)

    def outputs(self, split: Any, batch_size: int = 16) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets (B, p) of the clouds of a split.

        Raises `BadInput` for data that are no clouds, or clouds with other parameters.
        """
        data, device = split.data, device_of_module(self)
        self.check_fits(data)
        for rows in split.indices.split(batch_size):
            inputs = self.collated([self.piece(cloud) for cloud in data.ready(rows)])
            yield {
                "prediction": self(*(one.to(device) for one in inputs)),
                "target": data.targets[rows].to(device),
            }

    def check_fits(self, data: Any) -> None:
        """Raise `BadInput` for what is no `Clouds` with this model's parameters."""
        if not isinstance(data, Clouds):
            raise BadInput(
                "This model takes clouds with known parameters, such as cosmo-mini-clouds."
            )
        if list(data.names) != self.names:
            raise BadInput(
                f"The data have {', '.join(data.names) or 'no parameters'}; the model predicts "
                f"{', '.join(self.names)}."
            )

    @torch.no_grad()
    def predict(
        self,
        source: Any = None,
        *,
        box: Any = None,
        units: str = "Mpc/h",
        picture: bool = False,
    ) -> Any:
        """Return each parameter of a catalogue with its 95 % interval, as a row.

        `source` is a table, .npz, HDF5 file or array of positions x, y, z (see
        `zoo_clouds.reading.read_cloud`), `box` the side of its periodic box, in `units` (Mpc/h,
        kpc/h, Mpc or kpc, the last two at h = 0.6711). Intervals are as wide as the errors on
        validation clouds, so they hold for catalogues made as those were. With `picture` a drawing
        of the cloud and its two-point function is returned. Raises `BadInput` for what is no cloud
        in a periodic box.
        """
        if source is None:
            raise BadInput("Give a catalogue: a table with the columns x, y and z, and its box.")
        cloud = read_cloud(source, box=box, units=units)
        self.check_cloud(cloud)
        device = device_of_module(self)
        inputs = (one.to(device) for one in self.collated([self.piece(cloud)]))
        middle = self(*inputs)[0].double().cpu()
        rows = []
        for number, name in enumerate(self.names):
            value, reach = float(middle[number]), float(self.reach[number])
            ends = (float(self.low[number]), float(self.high[number]))
            rows.append(
                {
                    "parameter": name,
                    "value": round(value, 4),
                    "from": round(max(value - reach, ends[0]), 4),
                    "to": round(min(value + reach, ends[1]), 4),
                }
            )
        return self._drawn(cloud, rows) if picture else rows

    def check_cloud(self, cloud: Cloud) -> None:
        """Raise `BadInput` for a cloud without a periodic cube; tell what is unlike the training's.

        Told by notices: a box of another side, and far more or fewer points.
        """
        check_cube(cloud, self.length, "its intervals do not hold")
        if self.points and not FEW <= len(cloud) / self.points <= MANY:
            notice(
                f"There are {len(cloud):,} points and the model was trained on {self.points:,}: "
                "its intervals do not hold."
            )

    def _drawn(self, cloud: Cloud, rows: Sequence[dict[str, Any]]) -> Media:
        from zoo_cosmobench.drawing import cloud_media

        return cloud_media(cloud, rows)

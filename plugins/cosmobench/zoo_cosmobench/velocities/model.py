"""What every model of velocities does alike: it opens a cloud, predicts, and yields outputs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_clouds.clouds import Cloud, Clouds
from zoo_clouds.reading import read_cloud

from zoo_core import BadInput, device_of_module
from zoo_cosmobench.cube import check_cube

AXES = ("x", "y", "z")


class VelocityModel(nn.Module):
    """Velocities (n, 3) in km/s of the points of a cloud; a subclass makes `forward`'s inputs.

    `length` is the side in Mpc/h of the boxes that it was trained on.
    """

    def __init__(self, length: float = 250.0) -> None:
        super().__init__()
        if not (math.isfinite(length) and length > 0):
            raise BadInput(f"length={length}; expected a positive number of Mpc/h.")
        self.length = float(length)

    def piece(self, cloud: Cloud) -> tuple[Tensor, ...]:
        """Return the inputs of `forward` for a cloud."""
        raise NotImplementedError

    def outputs(self, split: Any) -> Iterator[dict[str, Tensor]]:
        """Yield predictions and targets (n, 3) in km/s, one cloud of the split after another.

        Raises `BadInput` for data that are no clouds with velocities.
        """
        if not isinstance(split.data, Clouds):
            raise BadInput("This model takes clouds with velocities, such as cosmo-mini-clouds.")
        device = device_of_module(self)
        for rows in split.indices.split(16):
            for cloud in split.data.ready(rows):
                if cloud.velocities is None:
                    raise BadInput("The clouds have no velocities to hold predictions against.")
                inputs = (one.to(device) for one in self.piece(cloud))
                target = torch.from_numpy(np.asarray(cloud.velocities, np.float32)).to(device)
                yield {"prediction": self(*inputs), "target": target}

    @torch.no_grad()
    def predict(
        self, source: Any = None, *, box: Any = None, units: str = "Mpc/h"
    ) -> list[dict[str, float]]:
        """Return the velocity in km/s of each point of a catalogue, a row each, in its order.

        `source`, `box` and `units` are those of `zoo_clouds.reading.read_cloud`. Raises `BadInput`
        for what is no cloud in a periodic cube.
        """
        if source is None:
            raise BadInput("Give a catalogue: a table with the columns x, y and z, and its box.")
        cloud = read_cloud(source, box=box, units=units)
        check_cube(cloud, self.length, "how good its velocities are is not known")
        device = device_of_module(self)
        found = self(*(one.to(device) for one in self.piece(cloud))).double().cpu().numpy()
        names = [f"v{axis}" for axis in AXES]
        return [dict(zip(names, row, strict=True)) for row in found.round(2).tolist()]

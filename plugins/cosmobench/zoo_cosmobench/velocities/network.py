"""`VelocityNetwork`: the benchmark's graph network from edge vectors to velocities."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_clouds.clouds import Cloud
from zoo_clouds.neighbours import edges_of

from zoo_core import BadInput
from zoo_cosmobench.messages import averaged, summed
from zoo_cosmobench.velocities.model import VelocityModel

USUAL_DEGREE = 20.0
"""What sums over neighbours are divided by."""


class VelocityNetwork(VelocityModel):
    """Velocities (n, 3) in km/s by messages h_i <- sum_j MLP_a(h_j) * MLP_b(e_ij), elementwise.

    e_ij = (x_i - x_j) / R by the nearest images, for all pairs within the radius R = `share` of the
    box's side. With `positions` a point's first feature is its place in the box, as in the
    published code, which then learns where in its box a point is; without it (the default) the
    network commutes with translations of the periodic box. `pool` is "sum", which is over 20, or
    "mean" as published, which does not hear how many neighbours there are. `center` and `spread`
    are those of the training velocities.
    """

    center: Tensor
    spread: Tensor

    def __init__(
        self,
        share: float = 0.1,
        hidden: int = 32,
        layers: int = 3,
        positions: bool = False,
        pool: str = "sum",
        **more: Any,
    ) -> None:
        super().__init__(**more)
        if not 0 < share <= 0.5 or min(hidden, layers) < 1:
            raise BadInput(
                f"share={share}, hidden={hidden}, layers={layers}; expected a share up to 0.5, and "
                "1 or more."
            )
        if pool not in ("sum", "mean"):
            raise BadInput(f"pool={pool!r}; expected sum or mean.")
        self.share, self.positions, self.pool = share, positions, pool
        self.register_buffer("center", torch.zeros(3))
        self.register_buffer("spread", torch.ones(3))
        self.begin = nn.Linear(3, hidden) if positions else None
        self.senders = nn.ModuleList(
            _mlp(hidden, hidden, hidden, first=positions or layer > 0) for layer in range(layers)
        )
        self.edges = nn.ModuleList(_mlp(3, hidden, hidden) for _ in range(layers))
        self.readout = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 3))

    def forward(self, places: Tensor, edges: Tensor, gaps: Tensor) -> Tensor:
        """Return velocities (n, 3) of points at places in [-1, 1] (n, 3).

        `edges` (2, E) send from the first row to the second, `gaps` (E, 3) are receiver minus
        sender over the radius.
        """
        sender, receiver = edges
        count = len(places)
        h = None if self.begin is None else self.begin(places)
        for send, look in zip(self.senders, self.edges, strict=True):
            seen = look(gaps)
            sent = send(h)[sender] * seen if h is not None else send(seen)
            h = (
                summed(sent, receiver, count) / USUAL_DEGREE
                if self.pool == "sum"
                else averaged(sent, receiver, count)
            )
        found: Tensor = self.readout(h) * self.spread + self.center
        return found

    def piece(self, cloud: Cloud) -> tuple[Tensor, ...]:
        """Return places, edges and gaps of a cloud."""
        side = cloud.box.sizes
        edges, gaps = edges_of([cloud], self.share * float(side[0]))
        places = torch.from_numpy(np.asarray(cloud.positions) / side * 2 - 1)
        dtype = self.spread.dtype
        # `edges_of` has sender minus receiver.
        return places.to(dtype), edges, -gaps.to(dtype) / (self.share * float(side[0]))

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return random edges among six points."""
        generator = torch.Generator().manual_seed(seed)
        places = 2 * torch.rand(6, 3, generator=generator) - 1
        edges = torch.randint(0, 6, (2, 14), generator=generator)
        gaps = 2 * torch.rand(14, 3, generator=generator) - 1
        return places, edges, gaps


def _mlp(inputs: int, hidden: int, outputs: int, first: bool = True) -> nn.Module:
    """Return three linear layers with ReLU between them, or nothing where there is no input."""
    if not first:
        return nn.Identity()
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.ReLU(),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Linear(hidden, outputs),
    )

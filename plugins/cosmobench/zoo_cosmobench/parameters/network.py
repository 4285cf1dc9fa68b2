"""`ParameterNetwork`: an invariant graph network from distances to a cloud's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from zoo_clouds.clouds import Cloud, offsets_of
from zoo_clouds.neighbours import edges_of

from zoo_core import BadInput
from zoo_cosmobench.messages import averaged, largest, summed
from zoo_cosmobench.parameters.model import ParameterModel

USUAL_DEGREE = 8.0
USUAL_POINTS = 1000.0
"""What sums over neighbours, and over a cloud, are divided by."""


class ParameterNetwork(ParameterModel):
    """Parameters (B, p) of clouds by messages along edges within a radius, from distances alone.

    CosmoBench's network without messages between edges: h_i = 1 at first; m_ij = MLP([h_i, h_j,
    rbf(d_ij / R)]); h_i <- h_i + MLP([h_i, mean, max and sum of m_ij]); the mean, maximum and
    scaled sum over a cloud, with log N, give its parameters. Nothing that rotations, reflections or
    translations change is used. `radius` is in Mpc/h.
    """

    centers: Tensor

    def __init__(
        self,
        radius: float = 20.0,
        hidden: int = 32,
        layers: int = 3,
        waves: int = 8,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        if radius <= 0 or min(hidden, layers, waves) < 1:
            raise BadInput(
                f"radius={radius}, hidden={hidden}, layers={layers}, waves={waves}; expected "
                "positive numbers."
            )
        self.radius = radius
        centers = torch.linspace(0, 1, waves)
        self.register_buffer("centers", centers, persistent=False)
        self.begin = nn.Parameter(torch.ones(hidden))
        self.layers = nn.ModuleList(_Layer(hidden, waves) for _ in range(layers))
        self.readout = nn.Sequential(
            nn.Linear(3 * hidden + 1, hidden), nn.SiLU(), nn.Linear(hidden, len(self.names))
        )

    def forward(self, edges: Tensor, distances: Tensor, owner: Tensor, sizes: Tensor) -> Tensor:
        """Return parameters (B, p) of B clouds of n points together.

        `edges` (2, E) send from the first row to the second, `distances` (E,) are in Mpc/h, `owner`
        (n,) is the cloud of each point, and `sizes` (B,) are the numbers of points, as floats.
        """
        x = (distances / self.radius)[:, None]
        waves = torch.exp(-(((x - self.centers) * len(self.centers)) ** 2))
        h = self.begin.expand(len(owner), -1)
        for layer in self.layers:
            h = layer(h, edges, waves)
        count = len(sizes)
        pooled = [
            averaged(h, owner, count),
            largest(h, owner, count),
            summed(h, owner, count) / USUAL_POINTS,
            (sizes / USUAL_POINTS).log()[:, None],
        ]
        ranges = self.high - self.low
        return self.within(self.low + ranges * (0.5 + self.readout(torch.cat(pooled, 1))))

    def piece(self, cloud: Cloud) -> tuple[Tensor, ...]:
        """Return the edges of a cloud, their distances, and how many points it has."""
        edges, gaps = edges_of([cloud], self.radius)
        dtype = self.begin.dtype
        return edges, gaps.norm(dim=1).to(dtype), torch.tensor(float(len(cloud)), dtype=dtype)

    def collated(self, pieces: Sequence[tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """Return edges, distances, owners and sizes of several clouds."""
        edges, distances, sizes = zip(*pieces, strict=True)
        counts = torch.stack(sizes).long()
        offsets = offsets_of(counts.tolist())
        moved = [one + offset for one, offset in zip(edges, offsets, strict=False)]
        owner = torch.repeat_interleave(torch.arange(len(pieces)), counts)
        return torch.cat(moved, 1), torch.cat(distances), owner, torch.stack(sizes)

    def example_inputs(self, seed: int) -> tuple[Tensor, ...]:
        """Return random edges in two clouds of 9 and 6 points."""
        generator = torch.Generator().manual_seed(seed)
        first = torch.randint(0, 9, (2, 20), generator=generator)
        second = torch.randint(9, 15, (2, 12), generator=generator)
        distances = self.radius * torch.rand(32, generator=generator)
        owner = torch.tensor([0] * 9 + [1] * 6)
        return torch.cat([first, second], 1), distances, owner, torch.tensor([9.0, 6.0])


class _Layer(nn.Module):
    def __init__(self, hidden: int, waves: int) -> None:
        super().__init__()
        # The first layer of the message's MLP, taken apart: points are mapped before edges gather.
        self.receiver = nn.Linear(hidden, hidden)
        self.sender = nn.Linear(hidden, hidden, bias=False)
        self.distance = nn.Linear(waves, hidden, bias=False)
        self.message = nn.Linear(hidden, hidden)
        self.update = nn.Sequential(
            nn.Linear(4 * hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden)
        )

    def forward(self, h: Tensor, edges: Tensor, waves: Tensor) -> Tensor:
        sender, receiver = edges
        inner = self.receiver(h)[receiver] + self.sender(h)[sender] + self.distance(waves)
        sent = self.message(nn.functional.silu(inner))
        count = len(h)
        heard = [
            averaged(sent, receiver, count),
            largest(sent, receiver, count),
            summed(sent, receiver, count) / USUAL_DEGREE,
        ]
        found: Tensor = h + self.update(torch.cat([h, *heard], 1))
        return found

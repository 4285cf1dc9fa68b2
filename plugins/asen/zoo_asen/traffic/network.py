"""`RoadNetwork`: forecasts on a road graph, by attention along coloured edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_signals.forecasting import Forecaster
from zoo_signals.traffic import persistence
from zoo_symmetry import young

from zoo_asen.attention import ColouredGATv2
from zoo_asen.colours import pair_colours
from zoo_core import BadInput


class RoadNetwork(Forecaster):
    """Speeds of the last steps (B, history, N, 2) to those of the next (B, horizon, N), in mph.

    A gated recurrent unit reads the steps at each sensor; its candidate state looks along the roads
    by one layer of `ColouredGATv2`:

        r, u = sigmoid([x, h] W + b),  c = tanh(GATv2([x, r h] V + d)),  h' = u h + (1 - u) c.

    A linear map of the last state is added to the last known speeds, for each step ahead. The
    colour of an edge is the pair of clusters that it joins, and that of a sensor its cluster: the
    orbits of the permutations within `clusters` (any partition of the sensors; one cluster for all
    by default). The network commutes with those of them that keep the graph's `edges`, which are
    rows (source, target) without weights; as a number, they are so many that come with the weights,
    or by `join`. For the rest see `Forecaster`. Source: section 5 of the paper, on sparse edges;
    the unit is that of its sister, "Approximately equivariant graph networks".

    Raises `BadInput` for edges that join no sensors, and for sizes that make no sense.
    """

    edges: Tensor
    colours: Tensor

    def __init__(
        self,
        nodes: int = 4,
        edges: int | Sequence[Sequence[int]] = 0,
        clusters: Sequence[Any] | None = None,
        hidden: int = 32,
        heads: int = 4,
        self_loop: str = "orbit",
        history: int = 3,
        horizon: int = 3,
        mean: float = 0.0,
        std: float = 1.0,
        minutes: float = 5.0,
        sensors: Sequence[str] | None = None,
    ) -> None:
        super().__init__(nodes, history, horizon, mean, std, minutes, sensors)
        self.clusters = [0] * nodes if clusters is None else list(clusters)
        if hidden < 1 or len(self.clusters) != nodes:
            raise BadInput(
                f"hidden={hidden}, and clusters of {len(self.clusters)} sensors; expected 1 or "
                f"more, and {nodes}."
            )
        rows = None if isinstance(edges, int) else torch.as_tensor(np.asarray(edges, np.int64))
        size = edges if isinstance(edges, int) else len(edges)
        self.register_buffer("edges", torch.zeros(2, size, dtype=torch.int64))
        if rows is not None and size:
            self.join(rows.T)
        self.register_buffer("colours", pair_colours(young(self.clusters)), persistent=False)
        self.table = nn.Parameter(torch.randn(int(self.colours.max()) + 1, hidden))
        self.gates = nn.Linear(2 + hidden, 2 * hidden)
        nn.init.ones_(self.gates.bias)
        self.enter = nn.Linear(2 + hidden, hidden)
        self.roads = ColouredGATv2(hidden, heads, self_loop=self_loop)
        self.leave = nn.Linear(hidden, horizon)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    @torch.no_grad()
    def join(self, edges: Tensor) -> None:
        """Take up directed edges (2, E), sources first.

        Raises `BadInput` for another number of edges than it was made for, and for sensors that are
        not there.
        """
        if edges.shape != self.edges.shape:
            raise BadInput(
                f"Edges have the shape {tuple(edges.shape)}; expected {tuple(self.edges.shape)}."
            )
        if edges.numel() and not 0 <= int(edges.min()) <= int(edges.max()) < self.nodes:
            raise BadInput(
                f"An edge joins no sensor; expected whole numbers 0 to {self.nodes - 1}."
            )
        self.edges.copy_(edges)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return speeds (B, horizon, N) in mph of speeds in mph and times of day in [0, 1)."""
        speeds = self.scaled(inputs[..., 0])
        steps = torch.stack([speeds, inputs[..., 1]], -1)
        state = speeds.new_zeros(*speeds[:, 0].shape, self.leave.in_features)
        for step in steps.unbind(1):
            gates = self.gates(torch.cat([step, state], -1)).sigmoid()
            reset, update = gates.chunk(2, -1)
            seen = self.enter(torch.cat([step, reset * state], -1))
            candidate = self.roads(seen, self.table, self.colours, self.edges).tanh()
            state = torch.lerp(candidate, state, update)
        ahead = self.scaled(persistence(inputs, 1)) + self.leave(state).transpose(1, 2)
        return torch.add(ahead * self.std, self.mean)

"""`AutDCRNN`: forecasts on a road graph, by weights that sensors of one cluster share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from einops import rearrange
from torch import Tensor, nn
from zoo_signals.forecasting import Forecaster
from zoo_signals.masking import known_of

from zoo_approx_equivariant.coarsening import as_labels
from zoo_approx_equivariant.traffic.cells import Diffusion, DiffusionCell
from zoo_core import BadInput


class AutDCRNN(Forecaster):
    """Speeds of the last steps (B, history, N, 2) to those of the next (B, horizon, N), in mph.

    An encoder reads speeds and times of day, a decoder writes speeds and is fed what it wrote;
    each is a `DiffusionCell`. `clusters` name the cluster of each sensor, in any partition: one
    for all is the ordinary DCRNN, one for each sensor shares nothing. `edges` are rows (source,
    target) or (source, target, weight) of any directed graph on `nodes` sensors; as a number, they
    are so many that come with the weights, or by `join`. For the rest see `Forecaster`.

    `tied` shares one weight among all clusters, which then differ by biases, as the paper's code
    has it by accident. Raises `BadInput` for edges that join no sensors, and for sizes below 1.
    """

    edges: Tensor
    weights: Tensor
    order: Tensor

    def __init__(
        self,
        nodes: int = 4,
        edges: int | Sequence[Sequence[float]] = 0,
        clusters: Sequence[Any] | None = None,
        hidden: int = 64,
        steps: int = 1,
        history: int = 3,
        horizon: int = 3,
        tied: bool = False,
        mean: float = 0.0,
        std: float = 1.0,
        minutes: float = 5.0,
        sensors: Sequence[str] | None = None,
    ) -> None:
        super().__init__(nodes, history, horizon, mean, std, minutes, sensors)
        if hidden < 1 or steps < 0:
            raise BadInput(f"hidden={hidden}, steps={steps}; expected from 1, and from 0.")
        self.partition, self.steps = as_labels([0] * nodes if clusters is None else clusters), steps
        if len(self.partition) != nodes:
            raise BadInput(
                f"There are clusters of {len(self.partition)} sensors; expected {nodes}."
            )
        self.sizes: list[int] = np.bincount(self.partition).tolist()
        by_cluster = torch.from_numpy(np.argsort(self.partition, kind="stable"))
        self.register_buffer("order", by_cluster, persistent=False)
        rows = None if isinstance(edges, int) else torch.as_tensor(edges, dtype=torch.float64)
        size = edges if isinstance(edges, int) else len(edges)
        self.register_buffer("edges", torch.zeros(2, size, dtype=torch.int64))
        self.register_buffer("weights", torch.ones(size))
        if rows is not None and size:
            self.join(rows[:, :2].T.long(), rows[:, 2] if rows.shape[1] > 2 else None)
        self.encoder = DiffusionCell(len(self.sizes), 2, hidden, steps, tied)
        self.decoder = DiffusionCell(len(self.sizes), 1, hidden, steps, tied)
        self.projection = nn.Linear(hidden, 1)

    @torch.no_grad()
    def join(self, edges: Tensor, weights: Tensor | None = None) -> None:
        """Take up directed edges (2, E), sources first, and their weights (E,), 1 by default.

        Raises `BadInput` for another number of edges than it was made for, for sensors that are not
        there, and for weights that are not above 0.
        """
        given = torch.ones(edges.shape[1]) if weights is None else weights
        if edges.shape != self.edges.shape or given.shape != self.weights.shape:
            raise BadInput(
                f"Edges have the shape {tuple(edges.shape)} and weights {tuple(given.shape)}; "
                f"expected (2, {self.edges.shape[1]}) and one weight for each."
            )
        if edges.numel() and not 0 <= int(edges.min()) <= int(edges.max()) < self.nodes:
            raise BadInput(
                f"An edge joins no sensor; expected whole numbers 0 to {self.nodes - 1}."
            )
        if not bool((given.isfinite() & (given > 0)).all()):
            raise BadInput("Weights of edges are finite and above 0; leave out what is no edge.")
        self.edges.copy_(edges)
        self.weights.copy_(given)

    def forward(
        self, inputs: Tensor, truth: Tensor | None = None, fed: Sequence[bool] = ()
    ) -> Tensor:
        """Return speeds (B, horizon, N) in mph of speeds in mph and times of day in [0, 1).

        In training, `fed` says after which steps the decoder gets the `truth` (B, horizon, N), in
        place of what it wrote, where it is known: scheduled sampling.
        """
        place = self.order.argsort()
        diffusion = Diffusion(place[self.edges], self.weights, self.nodes, self.steps)
        speeds, times = rearrange(inputs[:, :, self.order], "b t n c -> c t n b")
        seen = torch.stack([self.scaled(speeds), times], -1)
        state = seen.new_zeros(*seen.shape[1:3], self.projection.in_features)
        for step in seen:
            state = self.encoder(step, state, diffusion, self.sizes)
        written = state.new_zeros(*state.shape[:2], 1)
        found = []
        for number in range(self.horizon):
            state = self.decoder(written, state, diffusion, self.sizes)
            written = self.projection(state)
            found.append(written)
            if truth is not None and number < len(fed) and fed[number]:
                true = rearrange(truth[:, number, self.order], "b n -> n b 1")
                written = torch.where(known_of(true), self.scaled(true), written)
        forecast = rearrange(torch.stack(found), "t n b 1 -> b t n")[:, :, place]
        return torch.add(forecast * self.std, self.mean)

"""`AutDCRNN`: forecasts on a road graph, by weights that sensors of one cluster share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from einops import rearrange
from torch import Tensor, nn
from zoo_signals.masking import known_of
from zoo_signals.speed_table import Speeds, read_speeds
from zoo_signals.traffic import Traffic

from zoo_approx_equivariant.coarsening import as_labels
from zoo_approx_equivariant.traffic.cells import Diffusion, DiffusionCell
from zoo_core import BadInput, notice


class AutDCRNN(nn.Module):
    """Speeds of the last steps (B, history, N, 2) to those of the next (B, horizon, N), in mph.

    An encoder reads speeds and times of day, a decoder writes speeds and is fed what it wrote;
    each is a `DiffusionCell`. `clusters` name the cluster of each sensor, in any partition: one
    for all is the ordinary DCRNN, one for each sensor shares nothing. `edges` are rows (source,
    target) or (source, target, weight) of any directed graph on `nodes` sensors; as a number, they
    are so many that come with the weights, or by `join`. `sensors` are names, `minutes` those of a
    step. `mean` and `std` scale speeds; a speed of 0 is missing, and taken as the mean.

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
        super().__init__()
        if min(nodes, hidden, history, horizon) < 1 or steps < 0 or std <= 0:
            raise BadInput(
                f"nodes={nodes}, hidden={hidden}, history={history}, horizon={horizon}, "
                f"steps={steps}, std={std}; expected 1 or more of each, 0 steps or more, and a "
                "positive std."
            )
        self.partition = as_labels([0] * nodes if clusters is None else clusters)
        names = list(map(str, range(nodes))) if sensors is None else list(map(str, sensors))
        for what, given in (("clusters", self.partition), ("names", names)):
            if len(given) != nodes:
                raise BadInput(f"There are {what} of {len(given)} sensors; expected {nodes}.")
        self.nodes, self.steps, self.history, self.horizon = nodes, steps, history, horizon
        self.mean, self.std, self.minutes, self.sensors = mean, std, minutes, names
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
        seen = torch.stack([self._scaled(speeds), times], -1)
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
                written = torch.where(known_of(true), self._scaled(true), written)
        forecast = rearrange(torch.stack(found), "t n b 1 -> b t n")[:, :, place]
        return torch.add(forecast * self.std, self.mean)

    def _scaled(self, speeds: Tensor) -> Tensor:
        return torch.where(known_of(speeds), (speeds - self.mean) / self.std, 0.0)

    def example_inputs(self, seed: int) -> tuple[Tensor]:
        """Return three windows of random speeds."""
        generator = torch.Generator().manual_seed(seed)
        size = (3, self.history, self.nodes)
        speeds = self.mean + self.std * torch.randn(size, generator=generator)
        times = torch.rand(3, self.history, 1, generator=generator).expand(size)
        return (torch.stack([speeds, times], -1),)

    def outputs(self, split: Any, batch_size: int = 64) -> Iterator[dict[str, Tensor]]:
        """Yield forecasts and raw speeds (B, horizon, N) in mph; 0 is a missing speed.

        Raises `BadInput` for other sensors, windows or steps.
        """
        data, device = split.data, self.projection.weight.device
        if not isinstance(data, Traffic):
            raise BadInput("dcrnn forecasts speeds; give traffic, such as metr-la-week.")
        self.check_fits(data)
        for first in split.indices.split(batch_size):
            inputs, targets = data.windows(first)
            yield {"prediction": self(inputs.to(device)), "target": targets.to(device)}

    def predict(
        self, source: Any = None, *, start: str | None = None, minutes: float | None = None
    ) -> list[dict[str, Any]]:
        """Return what speeds will be after the last row of a table: a row for each sensor, in mph.

        `source` is a table of speeds (see `zoo_signals.speed_table.read_speeds`): a file, a data
        frame, an array (T, N) in the order of the sensors, or a dataset's name. Its last rows are
        what the forecast is made of. Without a column of times `start` is the time of day of its
        first row, "08:00", and `minutes` the length of a step. Readings that are missing (0) are
        told by a notice, and count as the mean speed. Raises `BadInput` for sensors that are not
        there, NaN, negative speeds, times of other steps, and a gap in the last rows.
        """
        if source is None:
            raise BadInput("Give speeds: a table with a column for each sensor, in mph.")
        if isinstance(source, Traffic):
            self.check_fits(source)
            source = Speeds(
                source.speeds,
                tuple(source.graph.names),
                source.times,
                source.minutes,
                torch.zeros(0, dtype=torch.int64),
            )
        speeds = read_speeds(source, names=self.sensors, start=start, minutes=minutes)
        count = len(speeds.values)
        if count < self.history:
            raise BadInput(f"There are {count} rows; the forecast is made of {self.history}.")
        if speeds.minutes != self.minutes:
            raise BadInput(
                f"Rows are {speeds.minutes:g} minutes apart; the model takes steps of "
                f"{self.minutes:g}."
            )
        if bool((speeds.breaks > count - self.history).any()):
            raise BadInput(f"Time jumps within the last {self.history} rows; they have no gap.")
        given = speeds.values[-self.history :]
        missing = int((~known_of(given)).sum())
        if missing:
            notice(f"{missing} missing readings (0) count as the mean speed, {self.mean:.1f} mph.")
        times = speeds.times[-self.history :, None].expand_as(given)
        inputs = torch.stack([given, times], -1)[None].to(self.weights)
        found = self(inputs)[0].detach().clamp_min(0).T.cpu().double().numpy().round(2)
        ahead = [f"{self.minutes * step:g} min" for step in range(1, self.horizon + 1)]
        return [
            {"sensor": name, **dict(zip(ahead, row.tolist(), strict=True))}
            for name, row in zip(self.sensors, found, strict=True)
        ]

    def check_fits(self, data: Traffic) -> None:
        """Raise `BadInput` where `Traffic` has other sensors, windows or steps than the model."""
        if list(data.graph.names) != self.sensors:
            raise BadInput(
                f"The data are of {len(data.graph)} sensors, {data.graph.names[0]} first; the "
                f"model forecasts {self.nodes}, {self.sensors[0]} first, in its order."
            )
        for name in ("history", "horizon", "minutes"):
            if getattr(data, name) != getattr(self, name):
                raise BadInput(
                    f"The data have {name} = {getattr(data, name)}; the model has "
                    f"{getattr(self, name)}."
                )

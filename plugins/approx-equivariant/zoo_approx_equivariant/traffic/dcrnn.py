"""`AutDCRNN`: forecasts on a road graph, by weights that sensors of one cluster share.

Inside, nodes stand in front, (N, B, channels), cluster after cluster: both supports act by one
sparse product on (N, B * channels), and the weights of a cluster by one dense product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional
from zoo_signals.masking import known_of
from zoo_signals.sensors import transitions
from zoo_signals.speed_table import Speeds, read_speeds
from zoo_signals.traffic import Traffic

from zoo_approx_equivariant.coarsening import as_labels
from zoo_core import BadInput, notice

SUPPORTS = 2
"""Along the edges, and against them."""


class Diffusion:
    """What signals (N, B, d) become on a directed graph in up to `steps` steps both ways.

    With S_1 = (D_out^-1 A)^T and S_2 = (D_in^-1 A^T)^T these are z, then for each support S z and,
    by Chebyshev's recursion from z anew, 2 S (S z) - z and so on: (N, B, (1 + 2 steps) d).
    """

    def __init__(self, edges: Tensor, weights: Tensor, nodes: int, steps: int) -> None:
        self.nodes, self.steps = nodes, steps
        along, against = transitions(edges, weights, nodes)
        # One matrix (2 N, N) for both: its rows sorted, as a sparse product needs them.
        receivers = torch.cat([edges[1], edges[0] + nodes])
        order = receivers.argsort(stable=True)
        self.values = torch.cat([along, against])[order]
        senders = torch.cat([edges[0], edges[1]])[order]
        rows = SUPPORTS * nodes
        counts = receivers.new_zeros(rows).index_add(0, receivers, torch.ones_like(receivers))
        self.offsets = (counts.cumsum(0) - counts).int()
        self.first = senders.int()
        self.further = (senders + nodes * (receivers[order] >= nodes)).int()

    def __call__(self, signals: Tensor) -> Tensor:
        """Return (N, B, (1 + 2 steps) d) of signals (N, B, d)."""
        parts = [signals]
        if self.steps:
            before = signals.repeat(SUPPORTS, 1, 1) if self.steps > 1 else signals
            now = self._sent(self.first, signals)
            parts += now.chunk(SUPPORTS)
            for _ in range(1, self.steps):
                before, now = now, 2 * self._sent(self.further, now) - before
                parts += now.chunk(SUPPORTS)
        return torch.cat(parts, -1)

    def _sent(self, senders: Tensor, signals: Tensor) -> Tensor:
        found = functional.embedding_bag(
            senders,
            signals.flatten(1),
            self.offsets,
            mode="sum",
            per_sample_weights=self.values.to(signals.dtype),
        )
        return found.view(-1, *signals.shape[1:])


class ClusteredLinear(nn.Module):
    """A linear map of the channels of each node, by the weights of its cluster.

    `weight` (K, in, out) and `bias` (K, out): all clusters begin with the same values, drawn as
    Xavier's normal, and 0. `tied` clusters have one weight, and biases of their own.
    """

    def __init__(self, clusters: int, in_channels: int, out_channels: int, tied: bool) -> None:
        super().__init__()
        first = torch.empty(1, in_channels, out_channels)
        nn.init.xavier_normal_(first[0])
        self.weight = nn.Parameter(first if tied else first.repeat(clusters, 1, 1))
        self.bias = nn.Parameter(torch.zeros(clusters, out_channels))

    def forward(self, signals: Tensor, sizes: Sequence[int]) -> Tensor:
        """Return (N, B, out) of signals (N, B, in), whose nodes stand cluster after cluster.

        `sizes` are how many nodes each of the K clusters has.
        """
        parts = zip(
            torch.split(signals, list(sizes)),
            self.weight.expand(len(sizes), -1, -1),
            self.bias,
            strict=True,
        )
        found = [
            torch.addmm(bias, part.flatten(0, 1), weight).view(*part.shape[:2], -1)
            for part, weight, bias in parts
        ]
        return torch.cat(found)


class DiffusionCell(nn.Module):
    """A gated recurrent unit whose candidate state looks at the graph.

        r, u = sigmoid([x, h] W + b),  c = tanh(D([x, r h]) W_k + b_k),  h' = u h + (1 - u) c,

    where D is `Diffusion` and k the node's cluster. The gates see each node alone, and begin with
    biases of 1. Source: the paper's code for traffic, with weights that each cluster really has.
    """

    def __init__(self, clusters: int, channels: int, hidden: int, steps: int, tied: bool) -> None:
        super().__init__()
        width = channels + hidden
        self.gates = nn.Linear(width, 2 * hidden)
        nn.init.xavier_normal_(self.gates.weight)
        nn.init.ones_(self.gates.bias)
        self.candidate = ClusteredLinear(clusters, (1 + SUPPORTS * steps) * width, hidden, tied)

    def forward(
        self, inputs: Tensor, state: Tensor, diffusion: Diffusion, sizes: Sequence[int]
    ) -> Tensor:
        """Return the next state (N, B, hidden); `sizes` are those of the clusters."""
        gates = self.gates(torch.cat([inputs, state], -1)).sigmoid()
        reset, update = gates.chunk(2, -1)
        seen = diffusion(torch.cat([inputs, reset * state], -1))
        candidate = self.candidate(seen, sizes).tanh()
        return torch.lerp(candidate, state, update)


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

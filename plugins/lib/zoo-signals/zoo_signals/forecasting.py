"""What networks on sensors have in common: windows in, speeds out, tables of a user's, errors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from zoo_core import BadInput, notice
from zoo_signals.masking import known_of
from zoo_signals.speed_table import Speeds, read_speeds
from zoo_signals.traffic import Traffic


class Forecaster(nn.Module):
    """A network from speeds (B, history, N, 2), with times of day, to (B, horizon, N), in mph.

    `sensors` are the names of the N nodes, `minutes` those of a step. `mean` and `std` scale
    speeds; a speed of 0 is missing, and taken as the mean. Raises `BadInput` for sizes below 1, and
    for another number of names.
    """

    def __init__(
        self,
        nodes: int,
        history: int,
        horizon: int,
        mean: float,
        std: float,
        minutes: float,
        sensors: Sequence[str] | None,
    ) -> None:
        super().__init__()
        if min(nodes, history, horizon) < 1 or std <= 0:
            raise BadInput(
                f"nodes={nodes}, history={history}, horizon={horizon}, std={std}; expected 1 or "
                "more of each, and a positive std."
            )
        names = list(map(str, range(nodes))) if sensors is None else list(map(str, sensors))
        if len(names) != nodes:
            raise BadInput(f"There are names of {len(names)} sensors; expected {nodes}.")
        self.nodes, self.history, self.horizon = nodes, history, horizon
        self.mean, self.std, self.minutes, self.sensors = mean, std, minutes, names

    def scaled(self, speeds: Tensor) -> Tensor:
        """Return speeds in units of the training's spread; those that are missing are 0."""
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
        data, device = split.data, next(self.parameters()).device
        if not isinstance(data, Traffic):
            raise BadInput("The network forecasts speeds; give traffic, such as metr-la-week.")
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
        inputs = torch.stack([given, times], -1)[None].to(next(self.parameters()))
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


def shape_for(data: Traffic) -> dict[str, Any]:
    """Return what the data decide of a `Forecaster`: sensors, windows, scaler."""
    scaler = data.scaler()
    return {
        "nodes": len(data.graph),
        "history": data.history,
        "horizon": data.horizon,
        "minutes": data.minutes,
        "sensors": list(data.graph.names),
        "mean": scaler.mean,
        "std": scaler.std,
    }


def error_of(module: nn.Module, data: Any, split: str) -> float:
    """Return the mean absolute error over what is known of a split, in mph."""
    total, count = errors_by_window(module, data, split).sum(0).tolist()
    return float(total / count) if count else math.nan


@torch.no_grad()
def errors_by_window(module: Any, data: Any, split: str) -> Tensor:
    """Return for each window, in time, its summed absolute error and its known readings (W, 2)."""
    module.eval()
    found = []
    for outputs in module.outputs(data.split(split)):
        known = known_of(outputs["target"])
        gaps = (outputs["prediction"] - outputs["target"]).abs() * known
        found.append(torch.stack([gaps.double().sum((1, 2)), known.sum((1, 2)).double()], 1))
    return torch.cat(found).cpu()

"""`Traffic`: speeds on a graph of road sensors, in windows; and a week of METR-LA."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from zoo_tables import read_table

from zoo_core import BadInput, DataError, Split, available, fetch, notice
from zoo_signals.masking import known_of
from zoo_signals.scalers import Scaler
from zoo_signals.sensors import SensorGraph, labels_of
from zoo_signals.specs.traffic import CLUSTERS, EDGES, FULL, LOCATIONS, SPEEDS
from zoo_signals.windows import cut, windows_of

HISTORY, HORIZON = 3, 3
"""Steps that are given, and that are forecast: 15 minutes each on METR-LA."""
MINUTES = 5
DAY = 24 * 60
WEEK_STEPS, FULL_STEPS = 7 * DAY // MINUTES, 34_272
"""Steps of METR-LA: 7 days, and 119."""


@dataclass(frozen=True)
class Traffic:
    """Speeds (T, N) in mph on N sensors, one row every `minutes`; 0 is a missing reading.

    `times` (T,) are times of day as a share, in [0, 1). `rows` map each split to the first steps of
    its windows, of `history` steps and then `horizon`. `clusters` (N,) is a partition of the
    sensors that networks may use.
    """

    speeds: Tensor
    times: Tensor
    graph: SensorGraph
    rows: Mapping[str, Tensor]
    clusters: NDArray[np.intp]
    history: int = HISTORY
    horizon: int = HORIZON
    minutes: float = MINUTES
    facts: Mapping[str, int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.speeds.shape != (len(self.times), len(self.graph)):
            raise BadInput(
                f"Speeds have the shape {tuple(self.speeds.shape)}; expected {len(self.times)} "
                f"times and {len(self.graph)} sensors."
            )

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the splits."""
        return tuple(self.rows)

    def split(self, name: str) -> Split:
        """Return the view of one split, whose indices are the first steps of its windows."""
        return Split(self, name, self.rows[name])

    def windows(self, first: Tensor) -> tuple[Tensor, Tensor]:
        """Return inputs (B, history, N, 2) and targets (B, horizon, N) of windows by first step.

        Inputs are speeds in mph and the time of day; targets are raw speeds, 0 where missing.
        """
        speeds = cut(self.speeds, first, 0, self.history)
        times = cut(self.times, first, 0, self.history)[..., None].expand_as(speeds)
        targets = cut(self.speeds, first, self.history, self.horizon)
        return torch.stack([speeds, times], -1), targets

    def scaler(self) -> Scaler:
        """Return what the speeds given in training have as mean and spread, missing ones left out.

        Every window counts, as in DCRNN's code, so that all but the first steps weigh alike.
        """
        given = cut(self.speeds, self.rows["train"], 0, self.history)
        return Scaler.of(given, known_of(given))


def persistence(inputs: Tensor, horizon: int) -> Tensor:
    """Forecast (B, horizon, N) that speeds stay as they were last known; 0 where they never were.

    `inputs` are (B, history, N, 2), as `Traffic.windows` gives them.
    """
    last = torch.zeros_like(inputs[:, 0, :, 0])
    for speeds in inputs[..., 0].unbind(1):
        last = torch.where(known_of(speeds), speeds, last)
    return last[:, None].expand(-1, horizon, -1)


def traffic_of(
    speeds: Tensor,
    times: Tensor,
    graph: SensorGraph,
    *,
    clusters: NDArray[np.intp] | None = None,
    breaks: Tensor | None = None,
    minutes: float = MINUTES,
    history: int = HISTORY,
    horizon: int = HORIZON,
) -> Traffic:
    """Return speeds (T, N) in windows and splits; see `windows_of` and `Traffic`."""
    rows = windows_of(len(speeds), history, horizon, breaks)
    return Traffic(
        speeds=speeds,
        times=times,
        graph=graph,
        rows=rows,
        clusters=np.zeros(len(graph), np.intp) if clusters is None else clusters,
        history=history,
        horizon=horizon,
        minutes=minutes,
        facts={"sensors": len(graph), "edges": graph.edges.shape[1], "steps": len(speeds)},
    )


def metr_la_week(clusters: int = 1, full: bool = False) -> Traffic:
    """Return a week of METR-LA, or with `full` its four months, on the graph of 207 sensors.

    Raises `BadInput` for other than 1, 2 or 9 clusters, `DataError` for files that cannot be had.
    """
    graph = metr_la_graph()
    key = f"clusters_{clusters}"
    if isinstance(clusters, bool) or (clusters != 1 and key not in graph.partitions):
        raise BadInput(f"clusters={clusters!r}; METR-LA has 1, 2 or 9 of them.")
    found = _full(graph) if full else _speeds(fetch(SPEEDS), graph, WEEK_STEPS)
    # Both begin at midnight and have no gap.
    times = torch.arange(len(found)) * MINUTES % DAY / DAY
    return traffic_of(found, times, graph, clusters=graph.partitions.get(key))


def metr_la_graph() -> SensorGraph:
    """Return the directed graph of METR-LA's 207 sensors, with their places and partitions.

    Its 1,722 edges have self-loops of weight 1 among them. Raises `DataError` without the files.
    """
    places = read_table(fetch(LOCATIONS), text=["sensor_id"])
    edges = read_table(fetch(EDGES)).numbers().T
    names = [str(name) for name in places.column("sensor_id")]
    with fetch(CLUSTERS).open(encoding="utf-8") as file:
        lists = json.load(file)
    return SensorGraph(
        names=names,
        edges=edges[:2].astype(np.int64),
        weights=edges[2].astype(np.float32),
        positions=places.arranged(["latitude", "longitude"]).numbers(),
        partitions={key: labels_of(lists[key], len(names)) for key in ("clusters_2", "clusters_9")},
    )


def _full(graph: SensorGraph) -> Tensor:
    known = available(FULL)
    path = fetch(FULL) if known is None else known
    notice(
        f"The hash of {FULL.path} is not published: its {FULL_STEPS:,} times and {len(graph)} "
        "sensors were checked, its numbers were not."
    )
    return _speeds(path, graph, FULL_STEPS)


def _speeds(path: Path, graph: SensorGraph, steps: int) -> Tensor:
    """Return speeds (T, N) of a table whose columns are the graph's sensors, in its order."""
    table = read_table(path, header=True)
    found = table.arranged(graph.names).numbers()
    if len(found) != steps or not (np.isfinite(found) & (found >= 0)).all():
        raise DataError(
            f"{path} has {len(found):,} rows, or speeds that are none; expected {steps:,} rows of "
            "speeds from 0; get it from its official address."
        )
    return torch.from_numpy(found).float()

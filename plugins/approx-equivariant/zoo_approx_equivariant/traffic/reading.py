"""A user's traffic, with clusters of sensors that its graph gives where none are told."""

from __future__ import annotations

from typing import Any

from zoo_signals.sensors import SensorGraph
from zoo_signals.traffic import HISTORY, HORIZON, Traffic
from zoo_signals.traffic_reading import read_traffic

from zoo_approx_equivariant.coarsening import Labels, coarsen, symmetric_weights


def read_clustered(
    source: Any,
    *,
    edges: Any = None,
    adjacency: Any = None,
    clusters: Any = None,
    start: str | None = None,
    minutes: float | None = None,
    history: int = HISTORY,
    horizon: int = HORIZON,
) -> Traffic:
    """Return speeds of sensors on their graph; see `zoo_signals.traffic_reading.read_traffic`.

    `clusters` may also be a number: of so many clusters that spectral clustering makes of the
    graph, whose edges count both ways in it. Without clusters all sensors share their weights.
    Raises `BadInput` as `read_traffic` does, and for a number outside of 1 to N.
    """
    return read_traffic(
        source,
        edges=edges,
        adjacency=adjacency,
        clusters=clusters,
        start=start,
        minutes=minutes,
        history=history,
        horizon=horizon,
        coarsen=_coarsened,
    )


def _coarsened(graph: SensorGraph, count: int) -> Labels:
    weights, _ = symmetric_weights(graph.adjacency())
    return coarsen(weights, count)

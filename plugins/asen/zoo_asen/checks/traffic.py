"""The claim on traffic: a network along the roads, against what was last known."""

from __future__ import annotations

from zoo_signals.blocks import by_blocks
from zoo_signals.forecasting import errors_by_window
from zoo_signals.masking import known_of
from zoo_signals.traffic import persistence

from zoo_core import Finding, dataset, load

BLOCK = 24
"""Windows that are drawn together: two hours, in which errors resemble each other."""


def ahead() -> Finding:
    """Measure how far the network is ahead of the last known speeds, on the test windows."""
    week = dataset("metr-la-week", clusters=2)
    inputs, targets = week.windows(week.rows["test"])
    known = known_of(targets)
    gaps = (persistence(inputs, week.horizon) - targets).abs() * known
    last = gaps.double().sum((1, 2)) / known.sum((1, 2))
    windows = errors_by_window(load("asen-metrla"), week, "test")
    found = windows[:, 0] / windows[:, 1]
    return Finding(
        quantities={"persistence minus two clusters": by_blocks(last - found, BLOCK)},
        told="one run, its spread over blocks of two hours",
        figures={"persistence": float(last.mean()), "two clusters": float(found.mean())},
    )

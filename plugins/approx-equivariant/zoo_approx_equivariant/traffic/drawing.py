"""Traffic as a picture: the error of each step ahead, and a sensor's day with its forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from zoo_approx_equivariant.checks.traffic import GROUPS, SHIPPED
from zoo_approx_equivariant.curve import BLUE, ORANGE
from zoo_core import dataset, figures, load

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GREEN, GREY = "#009e73", "0.45"
COLOURS = {
    "persistence": GREY, "one cluster": BLUE, "two clusters": ORANGE, "nine clusters": GREEN,
}  # fmt: skip
SENSOR = 100
"""By its place, chosen by nothing that it measured."""
AHEAD = 3
"""Steps ahead of the forecasts that are drawn over a day."""


@torch.no_grad()
def forecasts() -> Figure:
    """Draw the stored errors of each step, and the last 24 hours of the test at one sensor."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 2))
    minutes = [5, 10, 15]
    for name, errors in figures("approx-equivariant", "traffic-persistence")["by step"].items():
        left.plot(minutes, errors, "o-", color=COLOURS[name], ms=4, label=name)
    left.set_xticks(minutes)
    left.set_xlabel("minutes ahead")
    left.set_ylabel("test error, MAE in mph")
    left.legend(frameon=False, fontsize=8)
    data = dataset("metr-la-week", clusters=GROUPS["two clusters"])
    first = data.rows["test"][-24 * 60 // int(data.minutes) :]
    inputs, targets = data.windows(first)
    hours = data.times[first + data.history + AHEAD - 1] * 24
    order = hours.argsort()
    found = load(SHIPPED["two clusters"])(inputs)[:, AHEAD - 1, SENSOR]
    for series, colour, label in (
        (targets[:, AHEAD - 1, SENSOR], "0.2", "measured"),
        (found, ORANGE, "forecast 15 minutes before"),
    ):
        right.plot(hours[order], series[order], color=colour, lw=1, label=label)
    right.set_xlabel("time of day, 7 March 2012")
    right.set_ylabel(f"speed at sensor {data.graph.names[SENSOR]}, mph")
    right.set_xticks(range(0, 25, 6), [f"{hour}:00" for hour in range(0, 25, 6)])
    right.legend(frameon=False, fontsize=8)
    for axes in (left, right):
        axes.grid(alpha=0.3)
    return figure

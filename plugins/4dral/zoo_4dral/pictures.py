"""Figures from what is stored, and from simulated streets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from zoo_4dral.data import SEEDS, TEST_SPACING
from zoo_4dral.specs.claims import (
    AS_WRITTEN,
    AS_WRITTEN_TO_LIDAR,
    CHOSEN_TERMS,
    FLAGSHIP,
    TEACHER,
)
from zoo_4dral.specs.data import POSES
from zoo_4dral.streetsim.drawing import draw_street, draw_view
from zoo_4dral.streetsim.sessions import QUERY, Drive
from zoo_core import dataset, fetch, figures, load

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER = "4dral"
BLUE, ORANGE, GREEN, GREY = "#0072b2", "#d55e00", "#009e73", "0.6"
ENHANCING = "4dral-r2r-lie-streetsim"
SHOWN = (20, 90, 150)
"""Queries of world 05, chosen by nothing that is in them."""
COUNTS = (1, 5, 10)
LOSSES = {
    "in a map by radar": {
        "terms": ("small", CHOSEN_TERMS),
        "as-written": ("written", AS_WRITTEN),
    },
    "in a map by LiDAR": {
        "terms-to-lidar": ("small to LiDAR", CHOSEN_TERMS),
        "as-written-to-lidar": ("written to LiDAR", AS_WRITTEN_TO_LIDAR),
    },
}
"""Claims by panel, with the kind of network that each is of and what taught it."""
CURVES = {
    "LiDAR in a LiDAR map (teacher)": ("teacher", GREEN),
    "radar in a LiDAR map": ("to-lidar", GREY),
    "radar in a radar map, taught": ("flagship", BLUE),
    "radar in a radar map, alone": ("alone", ORANGE),
}


@torch.no_grad()
def sides() -> Figure:
    """Draw radar images, what the enhancement makes of them, and the LiDAR's."""
    query = dataset("streetsim", world="05").worlds("test")[0].query
    module: Any = load(ENHANCING)
    images = torch.from_numpy(query.radar[list(SHOWN)])[:, None].float() / 255
    enhanced = (255 * module.parts(images).enhanced[:, 0]).byte().numpy()
    figure = _figure(6.6, 6.4)
    grid = figure.subplots(len(SHOWN), 3)
    for row, number in enumerate(SHOWN):
        each = (query.radar[number], enhanced[row], query.lidar[number])
        titles = ("radar, 5 scans", "radar, enhanced", "LiDAR") if row == 0 else ("", "", "")
        for axes, image, title in zip(grid[row], each, titles, strict=True):
            draw_view(axes, image, title)
    return figure


def street() -> Figure:
    """Draw a street of world 05 from above, with what LiDAR and radar return."""
    drive = Drive(fetch(POSES["05"]), SEEDS["05"], QUERY, *TEST_SPACING)
    figure = _figure(5.2, 5.0)
    draw_street(figure.subplots(), drive, SHOWN[1])
    return figure


def recalls() -> Figure:
    """Draw Recall@N of world 05 for all four ways, within 25 m and within 10 m."""
    figure = _figure(8.0, 3.4)
    both = figure.subplots(1, 2, sharey=True)
    for axes, radius in zip(both, ("25 m", "10 m"), strict=True):
        for label, (claim, colour) in CURVES.items():
            found = figures(PAPER, claim)
            axes.plot(COUNTS, found[f"world 05, clear, {radius}"], "o-", color=colour, label=label)
            rainy = found.get(f"world 05, rain, {radius}")
            if rainy is not None:
                axes.plot(COUNTS, rainy, "o:", color=colour, ms=3)
        axes.set_xticks(COUNTS)
        axes.set_xlabel("N")
        axes.set_title(f"within {radius}", fontsize=9)
        axes.grid(alpha=0.3)
    both[0].set_ylabel("Recall@N in percent")
    both[1].legend(frameon=False, fontsize=7, loc="lower right")
    return figure


@torch.no_grad()
def matches() -> Figure:
    """Draw the drive of world 05, each query found or not by the flagship and by LiDAR in fog."""
    figure = _figure(8.0, 4.2)
    titles = ("4D radar in rain", "LiDAR in fog")
    hows: tuple[Any, ...] = ({"drop": 0.35}, {"fog": 0.04})
    for axes, name, title, how in zip(
        figure.subplots(1, 2), (FLAGSHIP, TEACHER), titles, hows, strict=True
    ):
        _draw_matches(axes, name, how)
        axes.set_title(title, fontsize=9)
    return figure


def _draw_matches(axes: Axes, name: str, how: dict[str, float]) -> None:
    from matplotlib.collections import LineCollection

    data = dataset("streetsim", world="05", **how)
    world = data.worlds("test")[0]
    module: Any = load(name)
    index = module.build_index(world.database)
    queries = module.embed(world.query)
    first = [each[0]["place"] for each in index.query_all(queries, 1)]
    known, asked = world.database.poses, world.query.poses
    axes.plot(known[:, 0], known[:, 1], ".", color=GREY, ms=1.5, rasterized=True)
    found = np.hypot(*(known[first, :2] - asked[:, :2]).T) <= 25
    for right, colour in ((False, ORANGE), (True, BLUE)):
        rows = np.flatnonzero(found == right)
        pairs = np.stack([asked[rows, :2], known[np.array(first)[rows], :2]], 1)
        lines = LineCollection(list(pairs), colors=colour, lw=0.5, alpha=0.25, rasterized=True)
        axes.add_collection(lines)
        axes.plot(*asked[rows, :2].T, ".", color=colour, ms=4, rasterized=True)
    axes.set_aspect("equal")
    axes.set_xlabel("x in metres", fontsize=8)
    axes.tick_params(labelsize=7)
    counts = [int((found == right).sum()) for right in (True, False)]
    axes.text(0.02, 0.98, f"{counts[0]} found, {counts[1]} not", transform=axes.transAxes,
              va="top", fontsize=8)  # fmt: skip


def weather() -> Figure:
    """Draw Recall@1 against fog for the LiDAR's network, and against rain for the radar's."""
    found = figures(PAPER, "weather")
    figure = _figure(7.0, 3.2)
    left, right = figure.subplots(1, 2, sharey=True)
    left.plot(found["fogs"], found["by fog"], "o-", color=GREEN)
    left.set_xlabel("density of fog, a metre")
    left.set_title("LiDAR", fontsize=9)
    left.set_ylabel("Recall@1 in percent, world 05")
    right.plot(100 * np.array(found["drops"]), found["by drop"], "o-", color=BLUE)
    right.set_xlabel("detections lost, in percent")
    right.set_title("4D radar", fontsize=9)
    for axes in (left, right):
        axes.set_ylim(0, 100)
        axes.grid(alpha=0.3)
    return figure


def losses() -> Figure:
    """Draw what each loss of a teacher adds to Recall@1 of small networks, by training."""
    figure = _figure(9.0, 3.6)
    both = figure.subplots(1, 2, sharey=True)
    for axes, (title, claims) in zip(both, LOSSES.items(), strict=True):
        taught = [
            (figures(PAPER, claim), kind, name)
            for claim, (kind, names) in claims.items()
            for name in names
        ]
        for place, (found, kind, name) in enumerate(taught):
            for weather, colour, aside in (("clear", BLUE, -0.15), ("rain", ORANGE, 0.15)):
                row, without = (found[f"{kind}, {one}, {weather}"] for one in (name, "none"))
                _draw_runs(axes, place + aside, np.subtract(row, without), colour)
        labels = [f"{name}{', U-Net' * kind.startswith('written')}" for _, kind, name in taught]
        axes.axhline(0, color=GREY, lw=1)
        axes.set_xticks(range(len(labels)), labels, fontsize=7, rotation=40, ha="right")
        axes.set_title(title, fontsize=9)
        axes.grid(alpha=0.3, axis="y")
    both[0].set_ylabel("points of Recall@1 over no teacher")
    return figure


def _draw_runs(axes: Axes, place: float, values: np.ndarray, colour: str) -> None:
    """Draw the values of single trainings, and their mean as a bar."""
    axes.plot([place] * len(values), values, "o", color=colour, ms=4, alpha=0.6)
    axes.plot([place - 0.12, place + 0.12], [values.mean()] * 2, color=colour, lw=2)


def _figure(wide: float, high: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(wide, high), layout="constrained")

"""A cloud as a picture: its points, seen along an axis, and its two-point function."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from zoo_clouds.clouds import Cloud
from zoo_clouds.correlation import log_bins, two_point

from zoo_core import Media

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, GREY = "#0072b2", "#d55e00", "#009e73", "0.55"
BINS = 20
LEAST, MOST = 0.008, 0.44
"""Of the box's side: where the two-point function is drawn."""


def cloud_media(cloud: Cloud, rows: Sequence[dict[str, Any]]) -> Media:
    """Return the picture of a cloud and its two-point function, with what was predicted of it."""
    told = ", ".join(
        f"{row['parameter']} {row['value']:.3f} ({row['from']:.3f} to {row['to']:.3f})"
        for row in rows
    )
    contents: dict[str, bytes | Callable[[], bytes]] = {
        f".{kind}": partial(_written, cloud, told, kind) for kind in ("svg", "png")
    }
    return Media(contents, told=told)


def _written(cloud: Cloud, told: str, kind: str) -> bytes:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.6, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_cloud(left, cloud)
    draw_two_point(right, cloud, BLUE, "")
    figure.suptitle(told, fontsize=9)
    stream = io.BytesIO()
    figure.savefig(stream, format=kind)
    return stream.getvalue()


def draw_cloud(axes: Axes, cloud: Cloud, colour: str = BLUE, most: int = 5_000) -> None:
    """Draw the points seen along the last axis; of many the first `most`."""
    points = np.asarray(cloud.positions)[:most]
    # Points as one image: thousands of circles would make a large file.
    axes.plot(points[:, 0], points[:, 1], ".", color=colour, ms=1.6, alpha=0.7, rasterized=True)
    axes.set_xlim(0, float(cloud.box.sizes[0]))
    axes.set_ylim(0, float(cloud.box.sizes[1]))
    axes.set_aspect("equal")
    axes.set_xlabel("x in Mpc/h", fontsize=8)
    axes.set_ylabel("y in Mpc/h", fontsize=8)
    axes.tick_params(labelsize=7)


def draw_two_point(axes: Axes, cloud: Cloud, colour: str, label: str) -> None:
    """Draw 1 + xi of a cloud in a periodic box, in log bins; empty bins are left out."""
    side = float(cloud.box.sizes.min())
    edges = log_bins(LEAST * side, MOST * side, BINS)
    xi = two_point(cloud.positions, cloud.box, edges)
    middles = np.sqrt(edges[1:] * edges[:-1])
    kept = xi > -1
    axes.plot(middles[kept], 1 + xi[kept], "o-", color=colour, ms=3, lw=1, label=label)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.axhline(1, color=GREY, lw=0.8)
    axes.set_xlabel("distance r in Mpc/h", fontsize=8)
    axes.set_ylabel("pairs over those of even points, 1 + xi(r)", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.3)

"""The simulated street as a picture: from above with what both sensors saw, and as images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zoo_4dral.streetsim.sessions import Drive

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "0.55"
BUILDING, CAR = "0.85", "0.65"
REACH = 70.0
"""Metres around the sensor that are drawn."""


def draw_street(axes: Axes, drive: Drive, sample: int) -> None:
    """Draw what stands around a sample of a drive, north up, and what LiDAR and radar return."""
    from matplotlib.patches import Circle, Polygon

    pose = drive.sampled[sample]
    objects = drive.objects
    near = np.abs(objects.centres - pose[:2]).max(1) - objects.reaches < REACH
    for number in np.flatnonzero(near).tolist():
        if objects.round[number]:
            # Trunks and poles are drawn larger than they are, to be seen.
            axes.add_patch(Circle(tuple(objects.centres[number]), 0.7, color="0.45", lw=0))
        else:
            colour = CAR if objects.heights[number] < 2 else BUILDING
            axes.add_patch(Polygon(objects.outline(number), color=colour, lw=0))
    way = drive.path.points[np.abs(drive.path.points - pose[:2]).max(1) < REACH]
    axes.plot(*way.T, ",", color=GREY, rasterized=True)
    [lidar], [radar] = drive.lidar(sample), drive.radar(sample)
    for points, colour, label, size in (
        (lidar, BLUE, "LiDAR", 0.8),
        (radar, ORANGE, "radar, 5 scans", 2.2),
    ):
        axes.plot(
            *in_world(points, pose).T, ".", ms=size, color=colour, label=label, rasterized=True
        )
    ahead = 8 * np.array([np.cos(pose[2]), np.sin(pose[2])])
    axes.annotate("", pose[:2] + ahead, pose[:2], arrowprops={"arrowstyle": "->", "lw": 1.6})
    axes.set_xlim(pose[0] - REACH, pose[0] + REACH)
    axes.set_ylim(pose[1] - REACH, pose[1] + REACH)
    axes.set_aspect("equal")
    axes.set_xlabel("x in m", fontsize=8)
    axes.set_ylabel("y in m", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.legend(fontsize=7, markerscale=3, loc="upper right")


def draw_view(axes: Axes, image: NDArray[np.uint8], title: str = "", metres: float = 64.0) -> None:
    """Draw a bird's-eye view (s, s) of `metres` a side, the sensor below and what is left, left."""
    half = metres / 2
    axes.imshow(image, cmap="magma", origin="lower", extent=(-half, half, 0, metres))
    axes.invert_xaxis()
    axes.set_title(title, fontsize=9)
    axes.set_xlabel("m to the left", fontsize=8)
    axes.set_ylabel("m ahead", fontsize=8)
    axes.tick_params(labelsize=7)


def in_world(points: NDArray[np.float32], pose: Array) -> Array:
    """Return the places (n, 2) of points (n, 2 or more) that a sensor at a pose sees."""
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    return np.asarray(points[:, :2] @ np.array([[cos, sin], [-sin, cos]]) + pose[:2])

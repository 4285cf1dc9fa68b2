"""Figures of a symmetry that is chosen: error against the group, for images and for poses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo_asen.checks.images import DIGITS, FASHION
from zoo_asen.poses.groups import NAMED, TITLES
from zoo_core import estimate, figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER = "asen"
BLUE, ORANGE = "#0072b2", "#d55e00"


def images() -> Figure:
    """Draw test accuracy against how many pixels share a position, on digits and on clothes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.6, 3.4), layout="constrained")
    digits, clothes = figure.subplots(1, 2, sharey=True)
    found = figures(PAPER, "digits-curve")
    names = list(reversed(DIGITS))
    means = [sum(found[name]) / len(found[name]) for name in names]
    reach = [estimate(found[name]).reach for name in names]
    _line(digits, [f"{name}\n{(8 // DIGITS[name]) ** 2} vectors" for name in names], means, reach)
    digits.set_title("digits, 8 x 8 pixels, 3 runs", fontsize=9)
    found = figures(PAPER, "fashion-patches")
    labels = [f"p = {patch}\n{(14 // patch) ** 2} vectors" for patch in reversed(FASHION)]
    _line(clothes, labels, [found[f"p = {patch}"] for patch in reversed(FASHION)])
    clothes.set_title("Fashion-MNIST, 14 x 14 pixels, 1 run", fontsize=9)
    digits.set_ylabel("test accuracy, %")
    for axes in (digits, clothes):
        axes.set_xlabel("pixels that share a position: less and less symmetry")
        axes.set_ylim(0, 100)
    return figure


def poses() -> Figure:
    """Draw the error of poses against the group of the joints."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.4, 3.2), layout="constrained")
    axes = figure.subplots()
    found = figures(PAPER, "pose-groups")
    names = [name for name in reversed(list(NAMED)) if name in found]
    labels = [f"{TITLES[name]}\n{name}" for name in names]
    _line(
        axes, labels, [found[one]["mpjpe"] for one in names], [found[one]["reach"] for one in names]
    )
    axes.plot(labels, [found[one]["p-mpjpe"] for one in names], "o--", color=ORANGE, ms=4)
    axes.set_ylabel("error in mm")
    axes.set_ylim(bottom=0)
    return figure


def _line(
    axes: Axes, labels: Sequence[str], means: Sequence[float], reach: Sequence[float] | None = None
) -> None:
    axes.errorbar(labels, means, yerr=reach, fmt="o-", color=BLUE, ms=4, capsize=3)
    axes.tick_params(axis="x", labelsize=7)
    axes.grid(alpha=0.3)

"""Figures of clouds, made from what is stored and from generated clouds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zoo_core import dataset, figures
from zoo_cosmobench.drawing import BLUE, GREEN, GREY, ORANGE, draw_cloud, draw_two_point
from zoo_cosmobench.specs.claims import PARAMETERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER = "cosmobench"
COLOURS = (BLUE, ORANGE, GREEN)


def clouds() -> Figure:
    """Draw three clouds of low, middle and high sigma_8, and their two-point functions."""
    data = dataset("cosmo-mini-clouds")
    sigma = data.targets[:16, 1]
    chosen = [int(sigma.argsort()[place]) for place in (0, 8, 15)]
    figure = _figure(9.6, 2.9)
    axes = figure.subplots(1, 4)
    for place, number, colour in zip(axes, chosen, COLOURS, strict=False):
        omega, spread = data.targets[number].tolist()
        label = f"Omega_m {omega:.2f}, sigma_8 {spread:.2f}"
        draw_cloud(place, data.clouds[number], colour)
        place.set_title(label, fontsize=8)
        draw_two_point(axes[3], data.clouds[number], colour, label)
    axes[3].legend(frameon=False, fontsize=6)
    return figure


def radii() -> Figure:
    """Draw the radii that greedy least squares chose in each fold, in their order."""
    found = figures(PAPER, "clouds-least-squares")["radii"]
    figure = _figure(7.6, 3.0)
    for axes, number in zip(figure.subplots(1, 2, sharey=True), range(2), strict=True):
        for fold, both in enumerate(found):
            chosen = both[number]
            strength = np.linspace(1.0, 0.25, len(chosen))
            axes.scatter(chosen, [fold + 1] * len(chosen), s=70 * strength, color=BLUE, alpha=0.6)
            axes.annotate(
                "1", (chosen[0], fold + 1), ha="center", va="center", fontsize=6, color="white"
            )
        axes.set_title(PARAMETERS[number], fontsize=9)
        axes.set_xlabel("radius in Mpc/h", fontsize=8)
        axes.set_yticks(range(1, len(found) + 1))
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("fold", fontsize=8)
    return figure


def predicted() -> Figure:
    """Draw what least squares predicts of the test clouds against what is true."""
    found = figures(PAPER, "clouds-least-squares")
    given, true = np.array(found["predicted"]), np.array(found["true"])
    figure = _figure(7.0, 3.4)
    for number, axes in enumerate(figure.subplots(1, 2)):
        _against(axes, true[:, number], given[:, number], BLUE, "")
        axes.set_title(PARAMETERS[number], fontsize=9)
    figure.axes[0].set_ylabel("predicted", fontsize=8)
    return figure


def velocities() -> Figure:
    """Draw predicted velocities of 200 points along x against the true ones, by each model."""
    found = figures(PAPER, "velocities")
    true = np.array(found["scatter true"])
    figure = _figure(9.0, 3.2)
    names = [key.removeprefix("scatter ") for key in found if key.startswith("scatter ")]
    names.remove("true")
    for axes, name, colour in zip(figure.subplots(1, 3), names, COLOURS, strict=True):
        _against(axes, true, np.array(found[f"scatter {name}"]), colour, "km/s")
        axes.set_title(name, fontsize=9)
    figure.axes[0].set_ylabel("predicted, km/s", fontsize=8)
    return figure


def _against(axes: Axes, true: Any, given: Any, colour: str, unit: str) -> None:
    ends = [float(min(true.min(), given.min())), float(max(true.max(), given.max()))]
    axes.plot(ends, ends, color=GREY, lw=1)
    axes.plot(true, given, ".", color=colour, ms=3.5, alpha=0.7)
    axes.set_xlabel(f"true, {unit}" if unit else "true", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.3)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

"""Figures made from what is stored: accuracy against noise, learning by heart, the Bayes rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoo_core import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER = "symmetric-label-noise"
COLOURS = {
    "network": "#0072b2",
    "k-NN": "#009e73",
    "1-NN": "#d55e00",
    "16 units": "#0072b2",
    "1024 units": "#d55e00",
}
RATES = (0.0, 0.4, 0.6, 0.7)


def bayes() -> Figure:
    """Draw accuracy on the simulation against the rate, with the Bayes rule."""
    networks, near = figures(PAPER, "approaches-bayes"), figures(PAPER, "nearest-neighbours")
    figure = _figure(5.2, 3.6)
    axes = figure.subplots()
    for size, style in ((1_000, ":"), (10_000, "--"), (50_000, "-")):
        means = [100 * float(np.mean(networks[f"network {rate} {size}"])) for rate in RATES]
        axes.plot(
            RATES, means, style, color=COLOURS["network"], marker="o", ms=3,
            label=f"network, {size:,} points",
        )  # fmt: skip
    for name in ("k-NN", "1-NN"):
        means = [100 * float(np.mean(near[f"{name} {rate}"])) for rate in RATES]
        axes.plot(RATES, means, "s-", color=COLOURS[name], ms=3, label=f"{name}, 10,000 points")
    limits = [100 * float(np.mean(near[f"limit {rate}"])) for rate in RATES]
    axes.plot(RATES, limits, "k:", lw=1, label="limit of 1-NN")
    axes.axhline(100 * float(networks["bayes"]), color="0.4", lw=1, label="Bayes rule")
    axes.axvline(0.75, color="0.6", ls="--", lw=1)
    axes.annotate("threshold 3/4", (0.75, 30), rotation=90, fontsize=7, color="0.4", ha="right")
    _finish(axes, "probability of a wrong label", "clean test accuracy (%)")
    # Handles long enough that dashes are told from lines.
    axes.legend(frameon=False, fontsize=7, handlelength=3.5)
    return figure


def levels() -> Figure:
    """Draw accuracy on pictures of clothes against the rate, with the threshold."""
    found = figures(PAPER, "noise-levels")
    figure = _figure(5.2, 3.6)
    axes = figure.subplots()
    for name in ("network", "k-NN", "1-NN"):
        means = [float(np.mean(found[f"{name} {rate}"])) for rate in found["rates"]]
        axes.plot(found["rates"], means, "o-", color=COLOURS[name], ms=3, label=name)
    axes.axhline(10, color="0.4", lw=1, label="chance")
    axes.axvline(0.9, color="0.6", ls="--", lw=1)
    axes.annotate("threshold 9/10", (0.9, 60), rotation=90, fontsize=7, color="0.4", ha="right")
    _finish(axes, "probability of a wrong label", "clean test accuracy (%)")
    axes.legend(frameon=False, fontsize=7)
    return figure


def confusions() -> Figure:
    """Draw what networks answer for each class, under each noise."""
    found = figures(PAPER, "other-noise")
    names = [name for name in found if name != "classes"]
    figure = _figure(9.6, 2.9)
    every = figure.subplots(1, len(names), sharey=True)
    for axes, name in zip(every, names, strict=True):
        shown = axes.imshow(found[name], cmap="Blues", vmin=0, vmax=100)
        axes.set_title(name, fontsize=9)
        axes.set_xticks(range(10), found["classes"], rotation=90, fontsize=6)
        axes.set_yticks(range(10), found["classes"], fontsize=6)
    every[0].set_ylabel("true class", fontsize=8)
    figure.supxlabel("answer", fontsize=8)
    figure.colorbar(shown, ax=every, shrink=0.8, label="% of the class")
    return figure


def memorisation() -> Figure:
    """Draw accuracy by epoch of a small and a large network, and what they learn by heart."""
    found = figures(PAPER, "under-and-over")
    figure = _figure(8.4, 3.2)
    names = {
        "clean": "clean test labels",
        "validation": "noisy validation labels",
        "memorised": "wrong labels, learnt by heart",
    }
    for axes, (key, title) in zip(figure.subplots(1, 3), names.items(), strict=True):
        for name in ("16 units", "1024 units"):
            values = found[name][key]
            axes.plot(range(1, len(values) + 1), values, color=COLOURS[name], label=name)
        axes.set_title(title, fontsize=9)
        _finish(axes, "epoch", "accuracy (%)" if key == "clean" else "")
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure


def _finish(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(alpha=0.3)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

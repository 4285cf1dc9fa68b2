"""The paper's pictures, drawn from the stored figures of its claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo_core import figures
from zoo_pca_ols.simulators import COVARIANCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"OLS": "#d55e00", "PCA-OLS": "#0072b2", "ridge": "#009e73", "true beta": "0.45"}
"""Okabe and Ito's colours, told apart by everyone."""


def double_descent() -> Figure:
    """Draw test error against the number of features, simulated and on gasoline."""
    figure = _figure(8.6, 3.8)
    left, right = figure.subplots(1, 2)
    found = figures("pca-ols", "gaussian-peak")
    for name in ("OLS", "ridge", "PCA-OLS", "true beta"):
        _band(left, found["p"], found[name], name)
    _edge(left, 64, "p = n")
    left.set_title("simulated (section 7.1), 64 rows", fontsize=10)
    found = figures("pca-ols", "gasoline-peak")
    for name in ("OLS", "ridge", "PCA-OLS"):
        _band(right, found["p"], found[name], name)
    _edge(right, 39, "p = n - 1")
    right.set_title("gasoline, 40 rows, random wavelengths", fontsize=10)
    for axes, label in ((left, "PCA-OLS(32)"), (right, "PCA-OLS(5)")):
        axes.set(xscale="log", yscale="log", xlabel="number of features p")
        axes.grid(alpha=0.3)
        handles, names = axes.get_legend_handles_labels()
        names = [label if name == "PCA-OLS" else name for name in names]
        axes.legend(handles, names, frameon=False, fontsize=8)
    left.set_ylabel("test mean squared error")
    left.set_ylim(100, None)
    return figure


def attack() -> Figure:
    """Draw test errors with and without one poisoned row."""
    figure = _figure(8.6, 3.8)
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    found = figures("pca-ols", "gaussian-attack")
    for name in ("OLS", "ridge", "PCA-OLS"):
        colour = COLOURS[name]
        left.plot(found["p"], found[name]["median"], color=colour, lw=1.2, label=name)
        left.plot(
            found["p"], found[f"{name} attacked"]["median"], "o--", color=colour, ms=3.5, lw=1.2
        )
    _edge(left, 64, "p = n")
    left.set(xscale="log", yscale="log", xlabel="number of features p")
    left.set_xticks([16, 32, 64, 128, 256, 512], ["16", "32", "64", "128", "256", "512"])
    left.minorticks_off()
    left.set_ylabel("test mean squared error")
    left.set_title("simulated; dashed: one poisoned row added", fontsize=10)
    left.legend(frameon=False, fontsize=8)
    found = figures("pca-ols", "gasoline-attack")
    for place, name in enumerate(("OLS", "ridge", "PCA-OLS")):
        for shift, suffix, marker in ((-0.15, "", "o"), (0.15, " attacked", "x")):
            values = np.array(found[f"{name}{suffix}"])
            spread = place + shift + np.linspace(-0.1, 0.1, len(values))
            right.plot(spread, values, marker, color=COLOURS[name], ms=3, alpha=0.5)
            right.plot([place + shift - 0.13, place + shift + 0.13], [np.median(values)] * 2, "k")
    right.set(yscale="log", xticks=range(3), xticklabels=["OLS", "ridge", "PCA-OLS(5)"])
    right.set_title("gasoline, 50 splits; crosses: poisoned", fontsize=10)
    for axes in (left, right):
        axes.grid(alpha=0.3)
    return figure


def bias_variance() -> Figure:
    """Draw squared bias and variance of PCA-OLS against the number of components."""
    found = figures("pca-ols", "bias-variance")
    figure = _figure(9, 2.9)
    for axes, name in zip(figure.subplots(1, 4), COVARIANCES, strict=True):
        bias, variance = (np.array(found[name][part]) for part in ("bias", "variance"))
        k = np.arange(len(bias))
        total = bias + variance + found[name]["noise"]
        axes.plot(k, bias, color=COLOURS["PCA-OLS"], label="squared bias")
        axes.plot(k[1:], variance[1:], color=COLOURS["OLS"], label="variance")
        axes.plot(k, total, color="k", lw=1, label="risk")
        axes.axvline(int(found[name]["best"]), color="0.5", ls=":", lw=1)
        axes.set_yscale("log")
        axes.set_ylim(max(total.min() / 300, 1e-3), 5 * total.max())
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("components k")
        axes.grid(alpha=0.3)
        if name == COVARIANCES[0]:
            axes.legend(frameon=False, fontsize=8)
            axes.set_ylabel("mean over 20 designs")
    return figure


def projections() -> Figure:
    """Draw the median test error of every projection against its dimension."""
    found = figures("pca-ols", "projection-peaks")
    styles = {
        "pca": ("PCA-OLS", COLOURS["PCA-OLS"]),
        "oracle": ("oracle PCR", "0.45"),
        "pls": ("PLS", "#cc79a7"),
        "random": ("random", COLOURS["OLS"]),
        "orthogonal": ("random orthogonal", "#e69f00"),
    }
    figure = _figure(9, 3.1)
    for axes, name in zip(figure.subplots(1, 4), COVARIANCES, strict=True):
        for method, (label, colour) in styles.items():
            axes.plot(found["h"], found[f"{name} {method}"], color=colour, lw=1.3, label=label)
        _edge(axes, 50, "")
        axes.set_yscale("log")
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("dimension h")
        axes.grid(alpha=0.3)
        if name == COVARIANCES[0]:
            axes.legend(frameon=False, fontsize=7)
            axes.set_ylabel("median test error, 50 trials")
    return figure


def _band(axes: Axes, places: Sequence[float], found: Mapping[str, Any], name: str) -> None:
    """Draw medians, with a band between the quartiles."""
    axes.plot(places, found["median"], "o-", color=COLOURS[name], ms=3, lw=1.3, label=name)
    axes.fill_between(places, found["low"], found["high"], color=COLOURS[name], alpha=0.2, lw=0)


def _edge(axes: Axes, place: float, words: str) -> None:
    axes.axvline(place, color="0.6", lw=0.8, ls=":")
    axes.annotate(
        words,
        (place, 1),
        xycoords=("data", "axes fraction"),
        xytext=(3, -10),
        textcoords="offset points",
        fontsize=8,
        color="0.4",
    )


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

"""Figures made from what is stored: tree minus flat by noise, levels of accuracy, a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zoo_core import Estimate, figures, paired

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER = "hierarchical-label-noise"
TREE, FLAT = "#0072b2", "#d55e00"
NOISES = {
    "across 0.6": "across-noise",
    "within 0.4": "within-noise",
    "symmetric 0.4": "symmetric-noise",
}
"""The noise on clothes, and the claim whose figures tell of it."""


def gains() -> Figure:
    """Draw the tree minus the flat network in points, with intervals, by kind of noise."""
    rows = [*_leads(), *_tuned_leads()]
    figure = _figure(6.4, 0.32 * len(rows) + 1.0)
    axes = figure.subplots()
    for place, (_, found) in enumerate(reversed(rows)):
        colour = TREE if found.low > 0 else FLAT if found.high < 0 else "0.5"
        axes.errorbar(found.mean, place, xerr=found.reach, fmt="o", color=colour, ms=4, capsize=2)
    axes.set_yticks(range(len(rows)), [label for label, _ in reversed(rows)], fontsize=8)
    axes.axvline(0, color="0.3", lw=1)
    _finish(axes, "tree minus flat, points of clean test accuracy", "")
    return figure


def _leads() -> list[tuple[str, Estimate]]:
    rows = []
    for noise, claim in NOISES.items():
        found = figures(PAPER, claim)
        rows.append((noise, paired(found["product"], found["flat"])))
        rows.append(
            (f"{noise}, beside two flat", paired(found["product"], found["two flat networks"]))
        )
    for noise in ("across 0.6", "symmetric 0.4"):
        found, decay = figures(PAPER, NOISES[noise]), "with a rate that decays"
        lead = paired(found[f"product, {decay}"], found[f"flat, {decay}"])
        rows.append((f"{noise}, decaying rate", lead))
    found = figures(PAPER, "convolutions")
    rows.append(("across 0.6, convolutions", paired(found["product"], found["flat"])))
    return sorted(rows, key=lambda row: row[0])


def _tuned_leads() -> list[tuple[str, Estimate]]:
    found = figures(PAPER, "tuned")
    return [
        (f"{noise}, both tuned", paired(found[f"{noise} product"], found[f"{noise} flat"]))
        for noise in ("across 0.6", "within 0.4", "symmetric 0.4")
    ]


def levels() -> Figure:
    """Draw accuracy of classes and of superclasses, found in three ways, by kind of noise."""
    figure = _figure(9.0, 3.2)
    names = {
        "": "classes",
        ", coarse leaf": "superclass of\nthe class",
        ", coarse summed": "superclass by\nsummed P",
        ", coarse direct": "superclass by\nthe root",
    }
    panels = figure.subplots(1, len(NOISES), sharey=True)
    for axes, (noise, claim) in zip(panels, NOISES.items(), strict=True):
        found = figures(PAPER, claim)
        for shift, (way, colour) in enumerate((("flat", FLAT), ("product", TREE))):
            means = [float(np.mean(found[f"{way}{suffix}"])) for suffix in names]
            spread = [float(np.std(found[f"{way}{suffix}"], ddof=1)) for suffix in names]
            place = np.arange(len(names)) + 0.18 * (2 * shift - 1)
            axes.errorbar(place, means, yerr=spread, fmt="o", color=colour, ms=4, label=way)
        axes.set_xticks(range(len(names)), names.values(), fontsize=6)
        axes.set_title(noise, fontsize=9)
        _finish(axes, "", "clean test accuracy (%)" if axes is figure.axes[0] else "")
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure


def induced() -> Figure:
    """Draw Ward's tree over the classes of CIFAR-10, from the worst labels that people gave."""
    from scipy.cluster.hierarchy import dendrogram
    from zoo_images.cifar import CLASSES

    from zoo_hierarchical_label_noise.induction import merges

    merged = merges(np.asarray(figures(PAPER, "induced-tree")["means"], float))
    cut = float(merged[-2:, 2].mean())
    figure = _figure(5.6, 3.2)
    axes = figure.subplots()
    drawn: Any = dendrogram(
        merged,
        labels=list(CLASSES),
        ax=axes,
        color_threshold=cut,
        above_threshold_color="0.4",
        leaf_font_size=8,
    )
    assert len(drawn["ivl"]) == len(CLASSES)
    axes.axhline(cut, color="0.6", ls="--", lw=1)
    axes.tick_params(axis="x", rotation=40)
    _finish(axes, "", "Ward's distance of class means")
    return figure


def _finish(axes: Axes, x: str, y: str) -> None:
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(alpha=0.3)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

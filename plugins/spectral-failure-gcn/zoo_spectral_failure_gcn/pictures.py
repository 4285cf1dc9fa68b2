"""The paper's two pictures, from stored findings and shipped weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from zoo_core import dataset, estimate, figures, load
from zoo_spectral_failure_gcn.data import BAYES_ERROR
from zoo_spectral_failure_gcn.specs.claims import DIAL

_COLOURS = {
    "ASE (d = 2)": "#0b6e99",
    "ASE (d = 1)": "#7fb8d1",
    "GAE (ones)": "#c8322b",
    "GAE (degree)": "#e58b6f",
    "GAE (identity)": "#5a8f3c",
    "semi-supervised GCN": "#8a5aa8",
}
_PARTIES = ("#2f5d9b", "#c8322b")


def dial() -> Figure:
    """Draw claim F3's errors against the angle."""
    stored = figures("spectral-failure-gcn", "F3")
    angles = tuple(DIAL.values())
    figure = Figure(figsize=(6.2, 3.8))
    axes = figure.subplots()
    axes.axhline(100 * BAYES_ERROR, color="0.6", linewidth=0.9, linestyle=":")
    axes.text(angles[1] / 4, 100 * BAYES_ERROR - 1.6, "Bayes", color="0.45", fontsize=8)
    for place, (name, colour) in enumerate(_COLOURS.items()):
        found = [estimate(stored[f"{name} at {delta:.4f}"]) for delta in angles]
        axes.errorbar(
            # Side by side, or the intervals at one angle would hide each other.
            np.array(angles) + 0.0016 * (place - (len(_COLOURS) - 1) / 2),
            [one.mean for one in found],
            yerr=[one.reach for one in found],
            label=name,
            color=colour,
            marker="o",
            markersize=3.5,
            linewidth=1.4,
            capsize=2,
        )
    axes.set_xticks(angles, ["0", "π/64", "π/32", "π/16", "π/8"])
    axes.set_xlabel("angle δ between mean position and normal")
    axes.set_ylabel("test error, %")
    axes.set_ylim(20, 55)
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def blogs() -> Figure:
    """Draw the two embeddings of polblogs, coloured by party."""
    labels = dataset("polblogs", fold=0).labels
    figure = Figure(figsize=(7.6, 3.6), dpi=150)
    panels = figure.subplots(1, 2)
    for axes, (name, title) in zip(
        panels,
        (("ase-polblogs", "ASE"), ("gae-polblogs", "GCN features (GAE, ones)")),
        strict=True,
    ):
        module: Any = load(name)
        points = module.embed().numpy()
        order = np.random.default_rng(0).permutation(len(points))
        axes.scatter(
            *points[order, :2].T,
            c=[_PARTIES[label] for label in labels[order]],
            s=5,
            alpha=0.6,
            linewidths=0,
            # Points as one image: thousands of circles would make a file of megabytes.
            rasterized=True,
        )
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("first coordinate")
        axes.set_ylabel("second coordinate")
        axes.spines[["top", "right"]].set_visible(False)
    for colour, party in zip(_PARTIES, ("liberal", "conservative"), strict=True):
        panels[0].scatter([], [], color=colour, s=12, label=party)
    panels[0].legend(frameon=False, fontsize=8)
    figure.tight_layout()
    return figure

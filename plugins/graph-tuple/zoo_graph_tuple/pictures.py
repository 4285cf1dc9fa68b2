"""Figures made from what is stored and shipped: views, predictions, fusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from zoo_clouds.clouds import Cloud
from zoo_molecules.elements import symbol_of

from zoo_core import dataset, load
from zoo_graph_tuple.checks.clouds import POINTS
from zoo_graph_tuple.egnn.clouds import CUTOFFS, cloud_views
from zoo_graph_tuple.egnn.layer import H_START, logits
from zoo_graph_tuple.gine.molecules import THRESHOLD, coulomb_views
from zoo_graph_tuple.specs.claims import CLOUDS, MOLECULES
from zoo_graph_tuple.words import paper_weights, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "0.8"
COLOURS = {1: "0.9", 6: "0.25", 7: "#56b4e9", 8: "#d55e00", 16: "#f0e442"}
SHOWN = (3, 0)
"""Which test molecule and which test cloud are drawn, chosen by nothing that is in them."""
SLICE = 40.0
"""Thickness of the slice of a cloud, in Mpc/h."""


def views() -> Figure:
    """Draw the views of a test molecule and of a slice of a test cloud."""
    figure = _figure(8.6, 4.2)
    left, right = figure.subplots(1, 2)
    molecules = dataset("qm7")
    row = molecules.rows["test"][SHOWN[0] : SHOWN[0] + 1]
    low, high = (int(molecules.offsets[int(row) + side]) for side in range(2))
    draw_molecule(
        left,
        molecules.numbers[low:high].numpy(),
        molecules.positions[low:high].numpy(),
        coulomb_views(molecules.matrices.take(row), [THRESHOLD]),
    )
    left.set_title(f"{molecules.formulas()[int(row)]}: strong and weak pairs", fontsize=9)
    clouds = dataset("cosmo-mini-clouds", points=POINTS)
    draw_cloud(right, clouds.ready(clouds.rows["test"][SHOWN[1] :][:1])[0])
    return figure


def draw_molecule(axes: Axes, numbers: Any, positions: Any, pairs: Any) -> None:
    """Draw a molecule in the plane of its two principal axes, with its strong and weak pairs."""
    centred = positions - positions.mean(0)
    plane = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    for view, (colour, width) in zip(reversed(pairs), ((GREY, 0.4), (BLUE, 1.6)), strict=True):
        for source, target in view.edges.T.tolist():
            if source < target:
                axes.plot(*plane[[source, target]].T, color=colour, lw=width, zorder=1)
    for number, (x, y) in zip(numbers.tolist(), plane, strict=True):
        axes.plot(x, y, "o", ms=11, mfc=COLOURS[number], mec="0.3", zorder=2)
        dark = number == 6
        axes.text(x, y, symbol_of(number), ha="center", va="center", fontsize=7,
                  color="white" if dark else "black", zorder=3)  # fmt: skip
    axes.set_aspect("equal")
    axes.set_xlabel("Å")


def draw_cloud(axes: Axes, cloud: Cloud) -> None:
    """Draw the points of a slice along the last axis, with near and far pairs within it."""
    places = np.asarray(cloud.positions)
    inside = places[:, 2] < SLICE
    for view, (colour, width) in zip(
        reversed(cloud_views(cloud, CUTOFFS)), ((ORANGE, 0.4), (BLUE, 1.2)), strict=True
    ):
        for (source, target), vector in zip(
            view.edges.T.tolist(), view.values.numpy(), strict=True
        ):
            if source < target and inside[source] and inside[target]:
                ends = np.stack([places[source], places[source] + vector])
                axes.plot(ends[:, 0], ends[:, 1], color=colour, lw=width, zorder=1)
    axes.plot(*places[inside, :2].T, ".", color="0.1", ms=3, zorder=2)
    axes.set_aspect("equal")
    axes.set_title(f"{int(inside.sum())} of {len(places)} points, a slice of {SLICE:.0f} Mpc/h",
                   fontsize=9)  # fmt: skip
    axes.set_xlabel("Mpc/h")


@torch.no_grad()
def predicted() -> Figure:
    """Draw predicted against true values of the test parts."""
    figure = _figure(7.6, 3.6)
    named = (
        (MOLECULES[0], dataset("qm7"), "atomisation energy, kcal/mol"),
        (CLOUDS[0], dataset("cosmo-mini-clouds", points=POINTS), "sigma_8"),
    )
    for axes, (name, data, label) in zip(figure.subplots(1, 2), named, strict=True):
        module: Any = load(name)
        batches = list(module.outputs(data.split("test")))
        found, true = (
            torch.cat([one[kind] for one in batches])[:, 0].numpy()
            for kind in ("prediction", "target")
        )
        ends = [min(true.min(), found.min()), max(true.max(), found.max())]
        axes.plot(ends, ends, color="0.6", lw=0.8)
        axes.plot(true, found, ".", color=BLUE, ms=3)
        error = float(np.abs(found - true).mean())
        axes.set_title(f"{name}: mean absolute error {error:.3g}", fontsize=9)
        axes.set_xlabel(f"true {label}")
        axes.set_ylabel("predicted")
        axes.set_aspect("equal")
        axes.grid(alpha=0.3)
    return figure


def fusion() -> Figure:
    """Draw the learned weight of each word in each layer, and where it began."""
    figure = _figure(7.6, 3.2)
    words = words_of(2)
    start = [paper_weights(words).tolist(), logits(words, H_START).softmax(0).tolist()]
    for axes, name, begun in zip(
        figure.subplots(1, 2), (MOLECULES[0], CLOUDS[0]), start, strict=True
    ):
        module: Any = load(name)
        for place, (layer, colour) in enumerate(zip(module.fusion(), (BLUE, ORANGE), strict=False)):
            axes.plot(
                list(layer), list(layer.values()), "o", color=colour, label=f"layer {place + 1}"
            )
        axes.plot(list(layer), begun, "o", mfc="none", mec="0.3", ms=9, label="at first")
        axes.set_title(name, fontsize=9)
        axes.set_xlabel("word")
        axes.axhline(0, color="0.7", lw=0.6)
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("weight")
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

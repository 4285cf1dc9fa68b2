"""Figures made from what is stored and shipped: the chain, restored images, the risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from zoo_signals.poses import cmu_pose16

from zoo_approx_equivariant.checks.theory import GROUPS, NOISE, SIZES, targets
from zoo_approx_equivariant.curve import BLUE, ORANGE
from zoo_approx_equivariant.data import fashion_inpainting
from zoo_approx_equivariant.pose.drawing import draw_pose
from zoo_approx_equivariant.risk import expected_excess
from zoo_approx_equivariant.specs.claims import CUTS, FASHION, PUBLISHED
from zoo_core import estimate, figures, load

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER = "approx-equivariant"
GREEN = "#009e73"
SHOWN = (3, 14, 159, 265, 358, 979)
"""Test images, chosen by nothing that is in them."""
OPERATIONS = {
    "poses": ("joints hear nothing, 30 epochs", BLUE),
    "poses-between": ("joints hear neighbours, 12 epochs", ORANGE),
}
"""The claims that measured each operation of the graph."""
LIFTER = "autsemgcn-cmupose"
SEEN = (0, 1000, 2000)
"""Test poses, chosen likewise."""


def chain() -> Figure:
    """Draw test error against the cut, measured and published, for both data sets."""
    figure = _figure(8.6, 3.6)
    lines = figures(PAPER, "one-layer")
    for axes, data in zip(figure.subplots(1, 2), ("fashion", "mnist"), strict=True):
        found = figures(PAPER, f"{data}-chain")
        two = {cut: found[f"c = {cut}"] for cut in CUTS}
        if data == "fashion":
            two[28] = figures(PAPER, "between-clothes")["c = 28"]
        one = {cut: lines[f"{data}, c = {cut}"] for cut in (*CUTS, 28)}
        _curve(axes, two, PUBLISHED[data], BLUE, "two layers")
        _curve(axes, one, PUBLISHED[f"{data}, one layer"], ORANGE, "one layer")
        axes.set_title("Fashion-MNIST" if data == "fashion" else "MNIST", fontsize=9)
        axes.set_xlabel("c: patches along a side (S_784 ... none)")
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("test error, MSE x 100")
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure


def _curve(axes: Axes, runs: dict[int, Any], known: Any, colour: str, label: str) -> None:
    cuts = sorted(runs)
    places = [(*CUTS, 28).index(cut) for cut in cuts]
    means = [sum(runs[cut]) / len(runs[cut]) for cut in cuts]
    reach = [estimate(runs[cut]).reach if len(runs[cut]) > 1 else 0 for cut in cuts]
    axes.errorbar(
        places, means, yerr=reach,
        fmt="o-", color=colour, ms=4, capsize=3, label=label,
    )  # fmt: skip
    every = range(len(CUTS) + 1)
    published = [known[cut] for cut in (*CUTS, 28)]
    axes.plot(every, published, "o", mfc="none", mec="0.3", ms=8, label=f"{label}, published")
    axes.set_xticks(list(every), [str(cut) for cut in (*CUTS, 28)])


@torch.no_grad()
def restored() -> Figure:
    """Draw test images with a hidden square, restored by each network, and as they are."""
    data = fashion_inpainting(0)
    rows = data.rows["test"][list(SHOWN)]
    columns = {"hidden": data.inputs[rows]}
    for name in FASHION:
        columns[name.partition("-")[0].replace("gnet", "c = ")] = load(name)(data.inputs[rows])
    columns["true"] = data.targets[rows]
    figure = _figure(1.1 * len(columns), 1.1 * len(rows) + 0.3)
    grid = figure.subplots(len(rows), len(columns))
    for place, (title, images) in enumerate(columns.items()):
        grid[0, place].set_title(title, fontsize=9)
        for line, image in enumerate(images):
            axes = grid[line, place]
            axes.imshow(image.reshape(28, 28).numpy(), cmap="gray", vmin=-1, vmax=1)
            axes.axis("off")
    return figure


def risk() -> Figure:
    """Draw the expected excess risk of three groups, by formula and by simulation."""
    found = figures(PAPER, "bias-variance")
    figure = _figure(9.6, 2.8)
    for axes, (name, beta) in zip(figure.subplots(1, 4), targets().items(), strict=True):
        for (group, known), colour in zip(GROUPS.items(), (GREEN, ORANGE, BLUE), strict=True):
            formula = [
                expected_excess(beta, known, samples=n, noise=NOISE, invariant=True)
                for n in range(min(SIZES), max(SIZES) + 1)
            ]
            axes.plot(range(min(SIZES), max(SIZES) + 1), formula, color=colour, label=group)
            axes.plot(found["samples"], found[f"{name}, {group}"], "o", color=colour, ms=3)
        axes.set_title(f"weights {name}", fontsize=9)
        axes.set_yscale("log")
        axes.set_xlabel("samples")
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("excess risk")
    figure.axes[0].legend(frameon=False, fontsize=8)
    return figure


@torch.no_grad()
def poses() -> Figure:
    """Draw test poses in the image, and from two sides: as the network lifts them, and true."""
    data = cmu_pose16()
    module: Any = load(LIFTER)
    figure = _figure(7.5, 2.2 * len(SEEN) + 0.3)
    grid = figure.subplots(len(SEEN), 3)
    for number, (axes, place) in enumerate(zip(grid, SEEN, strict=True)):
        row = data.rows["test"][place]
        flat, true = data.inputs[row, 0], 1000 * data.targets[row, 0]
        found = 1000 * module(flat[None])[0]
        both = {"true": (true.numpy(), "0.2"), "predicted": ((found - found[0]).numpy(), ORANGE)}
        draw_pose(axes, flat.numpy(), both, data.skeleton.bones, titles=number == 0)
    grid[0, 1].legend(frameon=False, fontsize=7)
    return figure


def pose_groups() -> Figure:
    """Draw the error of each group of the skeleton on poses, a point a run."""
    figure = _figure(4.8, 3.2)
    axes = figure.subplots()
    names = list(figures(PAPER, "poses"))
    for claim, (label, colour) in OPERATIONS.items():
        found = figures(PAPER, claim)
        places = [names.index(name) for name in found for _ in found[name]]
        errors = [error for runs in found.values() for error in runs]
        axes.plot(places, errors, "o", color=colour, ms=5, label=label)
    axes.set_xticks(range(len(names)), names)
    axes.legend(frameon=False, fontsize=8)
    axes.set_ylabel("test error, MPJPE in mm")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    return figure


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

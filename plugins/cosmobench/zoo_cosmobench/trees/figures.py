"""Figures of trees: one that is drawn, fine and coarse; parameters predicted against true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from zoo_core import dataset, load
from zoo_cosmobench.trees.drawing import BLUE, ORANGE, draw_tree, places
from zoo_cosmobench.trees.forest import Trees
from zoo_cosmobench.trees.infilling import LINEAR_BELOW, questions
from zoo_cosmobench.trees.preparation import (
    binarised,
    coarsened,
    contracted,
    heaviest_two,
    kept_times,
)
from zoo_cosmobench.trees.training import residuals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NETWORKS = {"DeepSet": "cosmo-deepset-trees-mini", "MPNN": "cosmo-mpnn-trees-mini"}
INFILL = "cosmo-mpnn-infill-mini"
DRAWN = 150
"""So many haloes at least the tree has that is drawn, the first of the test part."""


def tree() -> Figure:
    """Draw a test tree, and the coarse tree of it with what the network says of its mergers."""
    data: Trees = dataset("cosmo-mini-trees")
    rows = data.rows["test"].numpy()
    sizes = data.forest.sizes[rows]
    one = data.forest.take(rows[[int(np.argmax(sizes >= DRAWN))]])
    figure = _figure(9.0, 4.2)
    left, right = figure.subplots(1, 2, sharey=True)
    draw_tree(left, one)
    left.set_title("a merger tree", fontsize=9)
    _draw_coarse(right, one, kept_times(data.forest))
    right.set_title("every second time left out: where was a merger hidden?", fontsize=9)
    right.set_ylabel("")
    return figure


@torch.no_grad()
def _draw_coarse(axes: Axes, one: Any, times: Any) -> None:
    coarse, hidden = coarsened(binarised(contracted(one, LINEAR_BELOW)), times)
    keep = heaviest_two(coarse)
    binary = coarse.kept(keep, coarse.parent)
    draw_tree(axes, binary, "0.75")
    merger = np.flatnonzero(binary.children == 2)
    answer = hidden[keep][merger]
    module: Any = load(INFILL)
    said = module(*questions(binary).one(0)).argmax(1).numpy() == 1
    points = np.stack([places(binary), 1 / binary.features[:, 3] - 1], 1)[merger]
    for label, which, colour, fill in (
        ("hidden, found", answer & said, ORANGE, ORANGE),
        ("hidden, not found", answer & ~said, ORANGE, "none"),
        ("none, none said", ~answer & ~said, BLUE, BLUE),
        ("none, one said", ~answer & said, BLUE, "none"),
    ):
        axes.scatter(
            points[which, 0], points[which, 1], s=26, ec=colour, fc=fill, zorder=3, label=label
        )
    axes.legend(frameon=False, fontsize=7)


def parameters() -> Figure:
    """Draw predicted against true Omega_m and sigma_8 of the test trees, for both networks."""
    data: Trees = dataset("cosmo-mini-trees")
    target = data.targets[data.rows["test"]]
    figure = _figure(7.0, 6.4)
    grid = figure.subplots(2, 2)
    for line, (label, name) in zip(grid, NETWORKS.items(), strict=True):
        error = residuals(load(name), data, "test")
        for column, axes in enumerate(line):
            true = target[:, column]
            r2 = 1 - error[:, column].square().mean() / true.var(correction=0)
            ends = [float(true.min()), float(true.max())]
            axes.plot(ends, ends, color="0.6", lw=0.8)
            axes.plot(true, true + error[:, column], "o", color=BLUE, ms=2.5, alpha=0.6)
            axes.set_title(f"{label}, {data.names[column]}: R2 {float(r2):.3f}", fontsize=9)
            axes.set_xlabel("true", fontsize=8)
            axes.grid(alpha=0.3)
        line[0].set_ylabel("predicted", fontsize=8)
    return figure


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

"""The pictures of the distances, and of how untrained networks keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import pearsonr
from zoo_graphs.graph_set import GraphSet

from zoo_core import dataset
from zoo_fine_grained_expressivity.checks.preservation import (
    NETWORKS,
    SEQUENCES,
    embedded_to_last,
    to_last,
)
from zoo_fine_grained_expressivity.data import circulant
from zoo_fine_grained_expressivity.idm.distance import KINDS, between, pairwise

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LEVELS = range(1, 9)
_COLOURS = ("#1b6ca8", "#c1521f", "#3c8d53", "#7a4f9a")
_SHOWN = {"GC-m, L = 3, H = 64": "#2f5d9b", "GIN-m, L = 3, H = 64": "#c8322b"}


def mutag_distances() -> Figure:
    """Draw the matrix of MUTAG's distances, sorted by class and size."""
    from matplotlib.figure import Figure

    data = dataset("mutag")
    labels = data.labels
    assert labels is not None
    order = np.lexsort([data.sizes, labels])
    found = pairwise(data)[np.ix_(order, order)]
    border = int((labels == 0).sum()) - 0.5
    figure = Figure(figsize=(5.0, 4.3))
    axes = figure.add_subplot()
    # Pixels in the SVG: 35,344 rectangles would be a file of megabytes.
    image = axes.imshow(found, cmap="viridis", interpolation="nearest")
    axes.axhline(border, color="white", linewidth=0.8)
    axes.axvline(border, color="white", linewidth=0.8)
    middles = [border / 2, (border + len(data)) / 2]
    names = [name.replace("-", " ") for name in data.class_names]
    axes.set_xticks(middles, names, fontsize=8)
    axes.set_yticks(middles, names, fontsize=8, rotation=90, va="center")
    axes.tick_params(length=0)
    figure.colorbar(image, label="delta_W, level 3", shrink=0.85)
    return figure


def distances_by_level() -> Figure:
    """Draw both distances of four pairs of graphs over the levels."""
    from matplotlib.figure import Figure

    star = GraphSet.from_edges([[0] * 4, [1, 2, 3, 4]], [0, 5])
    path = GraphSet.from_edges([[0, 1, 2, 3, 4], [1, 2, 3, 4, 5]], [0, 6])
    ring, complete = circulant(5, (1,)), circulant(5, (1, 2))
    hexagon, triangles = circulant(6, (1,)), circulant(6, (2,))
    pairs = {
        "C5 and K5": (ring, complete),
        "star and C5": (star, ring),
        "path and C6": (path, hexagon),
        "C6 and two triangles": (hexagon, triangles),
    }
    figure = Figure(figsize=(5.2, 3.4))
    axes = figure.add_subplot()
    for colour, (name, pair) in zip(_COLOURS, pairs.items(), strict=True):
        for kind in KINDS:
            values = [between(*pair, level, kind)[0, 0] for level in _LEVELS]
            whole = kind == "wasserstein"
            axes.plot(
                _LEVELS,
                values,
                color=colour,
                marker="o",
                markersize=4,
                linewidth=1.2,
                linestyle="-" if whole else ":",
                markerfacecolor=colour if whole else "white",
                label=name if whole else None,
            )
    axes.set_xlabel("level")
    axes.set_ylabel("distance")
    axes.set_ylim(-0.03, 0.92)  # room for the legend
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="upper center")
    return figure


def preservation() -> Figure:
    """Draw delta_W to the last graph against embedding distance, both as shares of the largest."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.6, 3.6))
    panels = figure.subplots(1, len(SEQUENCES), sharey=True)
    for axes, (sequence, make) in zip(panels, SEQUENCES.items(), strict=True):
        graphs = make()
        true = to_last(graphs)
        for label, colour in _SHOWN.items():
            found = embedded_to_last(graphs, 0, **NETWORKS[label])
            axes.scatter(
                true / true.max(),
                found / found.max(),
                s=12,
                alpha=0.6,
                linewidths=0,
                color=colour,
                label=f"{label} (r = {pearsonr(true, found)[0]:.2f})",
            )
        axes.set_title(sequence, fontsize=10)
        axes.set_xlabel("δ$_W$ after three rounds, share of the largest")
        axes.legend(frameon=False, fontsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("distance of embeddings, share of the largest")
    figure.tight_layout()
    return figure

"""A merger tree as a picture: time upwards, the heaviest line straight, masses as areas."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zoo_cosmobench.trees.forest import Forest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "0.6"


def drawn_tree(forest: Forest, kind: str) -> bytes:
    """Return the drawing of one tree as "svg" or "png"."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 5.0), layout="constrained")
    draw_tree(figure.subplots(), forest)
    stream = io.BytesIO()
    figure.savefig(stream, format=kind)
    return stream.getvalue()


def draw_tree(axes: Axes, forest: Forest, colour: str = BLUE) -> None:
    """Draw the one tree of a forest: areas grow with mass, redshift is on the vertical axis."""
    from matplotlib.collections import LineCollection

    place = places(forest)
    redshift = 1 / forest.features[:, 3] - 1
    points = np.stack([place, redshift], 1)
    lines = LineCollection(list(points[forest.edges.T]), colors=GREY, linewidths=0.5, zorder=1)
    axes.add_collection(lines)
    area = 60 * 10 ** (forest.features[:, 0] - forest.features[:, 0].max())
    axes.scatter(place, redshift, s=np.maximum(area, 0.4), color=colour, linewidths=0, zorder=2)
    axes.set_ylabel("redshift")
    axes.set_xticks([])
    axes.autoscale_view()


def places(forest: Forest) -> NDArray[np.float64]:
    """Return where each halo of one tree is across, (n,): leaves side by side, no lines crossing.

    The subtrees of a halo stand beside one another, the heaviest first; a halo is above its
    heaviest child.
    """
    child, parent = forest.edges
    order = np.lexsort((-forest.features[child, 0], parent))
    below: dict[int, list[int]] = {}
    for node, above in zip(child[order].tolist(), parent[order].tolist(), strict=True):
        below.setdefault(above, []).append(node)
    across = np.zeros(len(forest.parent))
    stack = [int(np.flatnonzero(forest.parent < 0)[0])]
    visited, leaves = [], 0
    while stack:
        node = stack.pop()
        visited.append(node)
        children = below.get(node, [])
        stack.extend(reversed(children))
        if not children:
            across[node] = leaves
            leaves += 1
    for node in reversed(visited):
        if node in below:
            across[node] = across[below[node][0]]
    return across

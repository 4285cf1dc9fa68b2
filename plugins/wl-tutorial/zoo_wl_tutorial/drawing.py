"""The picture of colour refinement: two graphs side by side, one row for each rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from zoo_graphs.graph_set import GraphSet

from zoo_core import BadInput
from zoo_wl_tutorial.layout import place_nodes
from zoo_wl_tutorial.refinement.comparison import compare
from zoo_wl_tutorial.refinement.rounds import Refinement, refine

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROWS = ("1-wl", "2-wl", "2-fwl")
MAX_NODES = 200
MAX_ROUNDS = 4
TITLES = {"1-wl": "1-WL", "2-wl": "2-WL (oblivious)", "2-fwl": "2-FWL (folklore)"}
_HUES = 0.88  # from red to purple: the circle does not close
_DIFFERENT = "#b3261e"

Palette = Mapping[int, tuple[float, float, float]]


def palettes(found: Refinement) -> list[Palette]:
    """Return the colour on the page of each class, round by round.

    Each class owns an interval of hues, and its first hue. When it splits, the children share out
    the interval, the most frequent first: that one keeps the parent's hue. Both graphs of a
    refinement have the same palette.
    """
    from matplotlib.colors import hsv_to_rgb

    intervals: dict[int, tuple[float, float]] = {0: (0.0, _HUES)}
    parents = np.zeros_like(found.colours[0])
    rounds: list[Palette] = []
    for colours in found.colours:
        classes, first, counts = np.unique(colours, return_index=True, return_counts=True)
        families: dict[int, list[int]] = {}
        for place in np.lexsort([classes, -counts]).tolist():
            families.setdefault(int(parents[first[place]]), []).append(int(classes[place]))
        split = {}
        for parent, children in families.items():
            low, high = intervals[parent]
            width = (high - low) / len(children)
            for number, child in enumerate(children):
                split[child] = (low + number * width, low + (number + 1) * width)
        palette = {}
        for child, (low, _) in sorted(split.items(), key=lambda item: item[1]):
            red, green, blue = hsv_to_rgb((low, 0.62, 0.92)).tolist()
            palette[child] = (red, green, blue)
        rounds.append(palette)
        intervals, parents = split, colours
    return rounds


def draw_refinement(
    graphs: GraphSet,
    variants: Sequence[str] = ROWS,
    *,
    rounds: int = MAX_ROUNDS,
    names: Sequence[str] = ("first graph", "second graph"),
    places: Sequence[np.ndarray | None] = (None, None),
) -> Figure:
    """Draw the refinement of two graphs, round by round, in one row for each rule.

    For 1-WL the graph in a fixed layout, its nodes coloured by class, over the histogram of
    classes; for k = 2 the matrix of pair colours, nodes sorted by their class. The variants are of
    `ROWS`. At most so many `rounds` are drawn after the first colouring. `places` (n, 2) are where
    to draw the nodes of each graph, by default `place_nodes`.

    Raises `BadInput` for other than two graphs, a variant that cannot be drawn, graphs of more than
    200 nodes, or when matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise BadInput(
            "Drawing needs matplotlib; install it with `pip install matplotlib`, "
            "or write a table to a .txt file."
        ) from error
    _check(graphs, variants)
    found = {name: _shown_rounds(graphs, name, rounds) for name in variants}
    drawn = [
        place_nodes(graphs.select([i])) if given is None else given
        for i, given in enumerate(places)
    ]
    columns = max(len(one.colours) for one in found.values())
    heights = [1.35 if name == "1-wl" else 1.0 for name in variants]
    figure = Figure(figsize=(1.25 * (2 * columns + 0.4) + 0.5, 1.55 * sum(heights) + 0.5))
    halves: Any = figure.subfigures(1, 2, wspace=0.02)
    for graph, half in enumerate(halves):
        half.suptitle(names[graph], fontsize=10)
        rows = half.subfigures(len(variants), 1, height_ratios=heights, squeeze=False)[:, 0]
        for name, row in zip(variants, rows, strict=True):
            _draw_row(row, found[name], graph, columns, graphs.select([graph]), drawn[graph])
    return figure


def save_refinement(graphs: GraphSet, path: Path, first: str = "1-wl") -> None:
    """Write the picture, or for .txt the table, of two graphs to a file.

    All three rules are drawn, without tuples where graphs are large. Raises `BadInput` as
    `draw_refinement` does, and for a file that cannot be written.
    """
    variants = list(dict.fromkeys([first, *ROWS])) if path.suffix == ".txt" else list(ROWS)
    try:
        if path.suffix == ".txt":
            path.write_text(table(graphs, variants) + "\n", encoding="utf-8")
            return
        figure = draw_refinement(graphs, variants)
        steady: Any = {"svg.fonttype": "none", "svg.hashsalt": "wl-tutorial"}
        from matplotlib import rc_context

        with rc_context(steady):
            metadata = {"Date": None} if path.suffix == ".svg" else None
            figure.savefig(path, bbox_inches="tight", metadata=metadata)
    except (OSError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        reason = str(error).partition("\n")[0].rstrip(".")
        raise BadInput(
            f"{str(path)!r} could not be written ({reason}); give a path that ends in .svg, .png, "
            ".pdf or .txt in a folder that exists."
        ) from error


def table(graphs: GraphSet, variants: Sequence[str] = ROWS) -> str:
    """Return, as a text, how many colours two graphs have by rule and round, and where they
    differ; raises `BadInput` as `refine` does.
    """
    lines = [f"{'rule':<8}{'round':>6}{'first':>8}{'second':>8}  histograms"]
    for name in variants:
        found = compare(graphs, name)
        for round_, counts in enumerate(zip(*found.counts, strict=True)):
            apart = found.round is not None and round_ >= found.round
            lines.append(
                f"{name:<8}{round_:>6}{counts[0]:>8}{counts[1]:>8}  "
                f"{'different' if apart else 'equal'}"
            )
    return "\n".join(lines)


def _check(graphs: GraphSet, variants: Sequence[str]) -> None:
    if graphs.num_graphs != 2:
        raise BadInput(f"{graphs.num_graphs} graphs were given, and two are drawn; give two.")
    for name in variants:
        if name not in TITLES:
            known = ", ".join(TITLES)
            raise BadInput(f"{name!r} cannot be drawn; the variants that can are {known}.")
    largest = int(graphs.sizes.max())
    if largest > MAX_NODES:
        raise BadInput(
            f"A graph has {largest} nodes, and up to {MAX_NODES} can be drawn; write a table to a "
            ".txt file instead."
        )


def _shown_rounds(graphs: GraphSet, variant: str, rounds: int) -> Refinement:
    """Refine until the last round that changes anything, but at most `rounds`."""
    # The last round of a comparison only shows that nothing splits any more.
    needed = len(compare(graphs, variant).counts[0]) - 2
    return refine(graphs, variant, min(max(needed, 1), rounds))


def _draw_row(
    row: Any, found: Refinement, graph: int, columns: int, drawn: GraphSet, places: np.ndarray
) -> None:
    difference = found.first_difference(0, 1)
    colours = palettes(found)
    plain = found.variant.k == 1
    shape = {"height_ratios": [3, 1], "hspace": 0.05} if plain else {}
    axes = row.subplots(2 if plain else 1, columns, squeeze=False, gridspec_kw=shape)
    row.subplots_adjust(left=0.08, right=0.98, bottom=0.06, top=0.82, wspace=0.12)
    for one in axes.ravel():
        one.set_axis_off()
    if graph == 0:
        row.text(0.0, 0.5, TITLES[found.variant.name], rotation=90, fontsize=8, va="center")
    for round_, palette in enumerate(colours):
        top = axes[0, round_]
        if plain:
            _draw_graph(top, drawn, places, found.of(graph, round_), palette)
            _draw_histogram(axes[1, round_], found, graph, round_, palette)
        else:
            _draw_matrix(top, found, graph, round_, palette)
        apart = difference is not None and round_ >= difference
        count = found.counts(graph)[round_]
        top.set_title(
            f"t = {round_}: {count} {'colour' if count == 1 else 'colours'}",
            fontsize=7,
            pad=3,
            color=_DIFFERENT if apart else "0.25",
        )


def _draw_graph(
    axes: Axes, graph: GraphSet, places: np.ndarray, colours: np.ndarray, palette: Palette
) -> None:
    from matplotlib.collections import LineCollection

    lines, (x, y) = places[graph.edges.T], places.T
    axes.add_collection(LineCollection(list(lines), colors="0.6", linewidths=0.8, zorder=1))
    shades = [palette[int(colour)] for colour in colours]
    size = float(np.clip(700 / len(places), 6, 55))
    axes.scatter(x, y, c=shades, s=size, edgecolors="0.2", linewidths=0.5, zorder=2, clip_on=False)
    axes.set_aspect("equal")
    axes.margins(0.12)


def _draw_histogram(
    axes: Axes, found: Refinement, graph: int, round_: int, palette: Palette
) -> None:
    """Draw one bar for each class of both graphs, so that bars of the two can be compared."""
    ours, both = found.flat(graph, round_), found.colours[round_]
    counts = [int(np.count_nonzero(ours == np.array(one, both.dtype))) for one in palette]
    tallest = max(
        int(np.unique(found.flat(i, round_), return_counts=True)[1].max()) for i in (0, 1)
    )
    axes.bar(range(len(counts)), counts, color=list(palette.values()), width=0.8)
    axes.set_xlim(-0.6, max(len(counts), 4) - 0.4)
    axes.set_ylim(0, tallest)


def _draw_matrix(axes: Axes, found: Refinement, graph: int, round_: int, palette: Palette) -> None:
    final = {colour: place for place, colour in enumerate(palettes(found)[-1])}
    diagonal = [final[int(colour)] for colour in np.diag(found.of(graph))]
    order = np.argsort(diagonal, kind="stable")
    colours = found.of(graph, round_)[np.ix_(order, order)]
    image = np.array([[palette[int(colour)] for colour in line] for line in colours])
    axes.imshow(image, interpolation="nearest")

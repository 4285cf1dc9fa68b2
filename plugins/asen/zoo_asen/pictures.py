"""Figures: the colours of each group, and what symmetry brings where sequences are few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo_asen.colours import NAMED, as_group, colour_count, pair_colours
from zoo_core import estimate, figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAPER = "asen"
ARMS = {
    "one network": ("with symmetry, one network", "#0072b2"),
    "separate": ("with symmetry, one for each", "#56b4e9"),
    "without symmetry": ("without symmetry, one network", "#d55e00"),
}
MEASURED = (
    ("palindrome", "positions"),
    ("palindrome", "exact"),
    ("cyclicsum", "positions"),
    ("cyclicsum", "exact"),
    ("intersect", "positions"),
    ("intersect", "exact"),
)


def colours(n: int = 10) -> Figure:
    """Draw the matrix of colours of ordered pairs, for each group that has a name."""
    figure = _figure(9.6, 1.9)
    for axes, name in zip(figure.subplots(1, len(NAMED)), NAMED, strict=True):
        pairs = pair_colours(as_group(name, n))
        axes.imshow(pairs.numpy(), cmap="tab20" if colour_count(pairs) <= 20 else "viridis")
        axes.set_title(f"{name}: {colour_count(pairs)}", fontsize=9)
        axes.set_xticks([])
        axes.set_yticks([])
    return figure


def few_sequences() -> Figure:
    """Draw how many labels and sequences are right, of 700 sequences a task to learn from."""
    found = figures(PAPER, "few-sequences")
    figure = _figure(7.2, 3.0)
    axes = figure.subplots()
    for number, (arm, (label, colour)) in enumerate(ARMS.items()):
        runs = [found[f"{arm}, {task}, {what}"] for task, what in MEASURED]
        axes.bar(
            [place + 0.27 * (number - 1) for place in range(len(MEASURED))],
            [sum(values) / len(values) for values in runs],
            0.25,
            yerr=[estimate(values).error if len(values) > 1 else 0 for values in runs],
            color=colour,
            label=label,
        )
    told = {"positions": "labels", "exact": "sequences"}
    axes.set_xticks(
        range(len(MEASURED)), [f"{task}\n{told[what]}" for task, what in MEASURED], fontsize=8
    )
    axes.set_ylabel("right, %")
    axes.set_ylim(20, 100)
    axes.legend(frameon=False, fontsize=8, loc="lower center", ncols=3, bbox_to_anchor=(0.5, 1))
    return figure


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

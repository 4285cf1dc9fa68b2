"""Figures: the colours of each group, and what symmetry brings or costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo_asen.checks.images import DIGITS, FASHION
from zoo_asen.colours import NAMED, as_group, colour_count, pair_colours
from zoo_asen.poses.groups import NAMED as POSE_GROUPS
from zoo_asen.poses.groups import TITLES
from zoo_core import estimate, figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER = "asen"
BLUE, ORANGE = "#0072b2", "#d55e00"
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


def images() -> Figure:
    """Draw test accuracy against how many pixels share a position, on digits and on clothes."""
    figure = _figure(8.6, 3.4)
    digits, clothes = figure.subplots(1, 2, sharey=True)
    found = figures(PAPER, "digits-curve")
    names = list(reversed(DIGITS))
    means = [sum(found[name]) / len(found[name]) for name in names]
    reach = [estimate(found[name]).reach for name in names]
    _line(digits, [f"{name}\n{(8 // DIGITS[name]) ** 2} vectors" for name in names], means, reach)
    digits.set_title("digits, 8 x 8 pixels, 3 runs", fontsize=9)
    found = figures(PAPER, "fashion-patches")
    labels = [f"p = {patch}\n{(14 // patch) ** 2} vectors" for patch in reversed(FASHION)]
    _line(clothes, labels, [found[f"p = {patch}"] for patch in reversed(FASHION)])
    clothes.set_title("Fashion-MNIST, 14 x 14 pixels, 1 run", fontsize=9)
    digits.set_ylabel("test accuracy, %")
    for axes in (digits, clothes):
        axes.set_xlabel("pixels that share a position: less and less symmetry")
        axes.set_ylim(0, 100)
    return figure


def poses() -> Figure:
    """Draw the error of poses against the group of the joints."""
    figure = _figure(5.4, 3.2)
    axes = figure.subplots()
    found = figures(PAPER, "pose-groups")
    names = [name for name in reversed(list(POSE_GROUPS)) if name in found]
    labels = [f"{TITLES[name]}\n{name}" for name in names]
    _line(
        axes, labels, [found[one]["mpjpe"] for one in names], [found[one]["reach"] for one in names]
    )
    axes.plot(labels, [found[one]["p-mpjpe"] for one in names], "o--", color=ORANGE, ms=4)
    axes.set_ylabel("error in mm")
    axes.set_ylim(bottom=0)
    return figure


def _line(
    axes: Axes, labels: Sequence[str], means: Sequence[float], reach: Sequence[float] | None = None
) -> None:
    axes.errorbar(labels, means, yerr=reach, fmt="o-", color=BLUE, ms=4, capsize=3)
    axes.tick_params(axis="x", labelsize=7)
    axes.grid(alpha=0.3)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

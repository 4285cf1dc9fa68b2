"""The paper's pictures, drawn from the stored figures of its claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoo_attention_to_mamba.checks.findings import PAPER_BUDGET, PAPER_TABLE, PAPER_TEACHER
from zoo_attention_to_mamba.specs.claims import (
    CHANNEL,
    DIRECT,
    FLAGSHIP,
    HEDGEHOG,
    NAIVE,
    NARROW,
    SHORT,
    STAGE1,
    TEACHER,
)
from zoo_core import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER = "attention-to-mamba"
COLOURS = {"teacher": "0.35", "student": "#0072b2", "narrow": "#009e73", "paper": "#e69f00"}
VARIANT_COLOURS = {
    "10/90": "#0072b2",
    "0/100": "#56b4e9",
    "100/0": "#e69f00",
    "naive": "#d55e00",
}
"""Okabe and Ito's colours, told apart by everyone."""
NAMES = {
    "10/90": "10/90\n(the recipe)",
    "0/100": "0/100\n(no stage 1)",
    "100/0": "100/0\n(no stage 2)",
    "naive": "naive\n(fresh mixers)",
}
STYLES = {
    TEACHER: ("teacher", COLOURS["teacher"]),
    FLAGSHIP: ("student", COLOURS["student"]),
    NARROW: ("narrow student", COLOURS["narrow"]),
}
LAYER_STYLES = {
    STAGE1: ("100/0", "s-", "#e69f00"),
    FLAGSHIP: ("flagship (wide)", "o-", "#0072b2"),
    NARROW: ("narrow", "o-", "#009e73"),
    CHANNEL: ("Δ, A by channel", "o:", "#56b4e9"),
    HEDGEHOG: ("Hedgehog", "^-", "#cc79a7"),
    DIRECT: ("0/100", "v--", "0.45"),
    NAIVE: ("naive", "x--", "#d55e00"),
}


def ablations() -> Figure:
    """Draw the perplexities of the recipe and of what is left of it, ours and the paper's."""
    found = figures(PAPER, "initialisation")
    figure = _figure(8.6, 3.6)
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    for place, (name, colour) in enumerate(VARIANT_COLOURS.items()):
        row = found["perplexity"][name]
        mean = sum(row) / len(row)
        left.plot([place - 0.25, place + 0.25], [mean, mean], color=colour, lw=2)
        left.plot([place + 0.1 * (i - 1) for i in range(len(row))], row, "o", color=colour, ms=5)
        left.annotate(
            f"{mean:.2f}",
            (place, max(row)),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
        value = PAPER_TABLE[name]
        right.plot([place], [value], "^" if name == "naive" else "D", color=colour, ms=6)
        right.annotate(
            f"{'> ' if name == 'naive' else ''}{value:g}",
            (place, value),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    _level(left, found["teacher"], f"teacher {found['teacher']:.2f}")
    _level(right, PAPER_TEACHER, f"teacher {PAPER_TEACHER}")
    left.set_title(f"here: stories260k, {found['tokens'] / 1e6:g}M tokens", fontsize=10)
    right.set_title("the paper: Pythia-1B, OpenWebText", fontsize=10)
    left.set_ylabel("test perplexity")
    highest = max(max(row) for row in found["perplexity"].values())
    for axes, least, most in ((left, found["teacher"], highest), (right, 13.86, 100.0)):
        axes.set_yscale("log")
        axes.set_ylim(least / 1.15, most * 1.35)
        _plain(axes, [n for n in (4, 5, 6, 8, 10, 15, 20, 30, 50, 100) if least / 1.1 <= n <= most])
        axes.set_xlim(-0.6, 3.6)
    left.set_xticks(range(4), [NAMES[name] for name in VARIANT_COLOURS], fontsize=8)
    right.set_xticks(range(4), list(VARIANT_COLOURS), fontsize=8)
    return figure


def budget() -> Figure:
    """Draw perplexity against the tokens of the distillation, ours and the paper's."""
    found = {int(n): value for n, value in figures(PAPER, "budget")["perplexity"].items()}
    whole = figures(PAPER, "flagship")["perplexity"][TEACHER]
    figure = _figure(8.6, 3.2)
    left, right = figure.subplots(1, 2)
    left.plot([n / 1e6 for n in found], list(found.values()), "o-", color=COLOURS["narrow"])
    for name, rows in figures(PAPER, "tokens-saved")["perplexity"].items():
        colour, means = VARIANT_COLOURS[name], [sum(row) / len(row) for row in rows.values()]
        budgets = [int(n) / 1e6 for n in rows]
        left.plot(budgets, means, "--", color=colour, label=f"{name}, three seeds")
        for budget, row in zip(budgets, rows.values(), strict=True):
            left.plot([budget] * len(row), row, ".", color=colour)
    _level(left, whole, f"teacher {whole:.2f}")
    left.set_yscale("log")
    _plain(left, (4, 5, 6, 8, 12, 20, 40, 80))
    left.legend(frameon=False, fontsize=8)
    left.set_title("here: stories260k, narrow maps; line: one seed", fontsize=10)
    left.set_xlabel("millions of tokens")
    left.set_ylabel("test perplexity")
    paper = PAPER_BUDGET
    right.plot([n / 1e9 for n in paper], list(paper.values()), "D-", color=COLOURS["paper"])
    _level(right, PAPER_TEACHER, f"teacher {PAPER_TEACHER}")
    right.set_title("the paper: Pythia-1B", fontsize=10)
    right.set_xlabel("billions of tokens")
    for axes, ticks in ((left, (0.1, 0.3, 1, 2, 5)), (right, (1, 2, 3, 10))):
        axes.set_xscale("log")
        axes.set_xticks(ticks, [str(n) for n in ticks])
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.margins(y=0.12)
    return figure


def decoding() -> Figure:
    """Draw bytes kept and tokens a second against the length of the context."""
    kept = figures(PAPER, "constant-memory")["bytes"]
    speeds = [figures(PAPER, name) for name in ("decoding-speed", "decoding-batch")]
    figure = _figure(9.4, 3.3)
    memory, *others = figure.subplots(1, 3)
    for name, (label, colour) in STYLES.items():
        lengths = [int(n) for n in kept[name]]
        memory.plot(lengths, list(kept[name].values()), "o-", color=colour, ms=4, label=label)
    memory.set_yscale("log")
    memory.set_title("bytes kept of the text", fontsize=10)
    memory.legend(frameon=False, fontsize=8)
    for axes, found in zip(others, speeds, strict=True):
        for name, (label, colour) in STYLES.items():
            by_length = found["quartiles"][name]
            low, middle, high = zip(*by_length.values(), strict=True)
            reach = [
                [m - a for m, a in zip(middle, low, strict=True)],
                [b - m for m, b in zip(middle, high, strict=True)],
            ]
            axes.errorbar(
                [int(n) for n in by_length],
                middle,
                reach,
                fmt="o-",
                color=colour,
                ms=4,
                capsize=2,
                label=label,
            )
        texts = found["texts"]
        of = f"{texts} text{'s' if texts > 1 else ''}, {found['mode']}"
        axes.set_title(f"tokens a second, {of}", fontsize=10)
        axes.set_ylim(0, None)
    for axes in (memory, *others):
        axes.set_xscale("log")
        axes.set_xticks([64, 256, 1024, 4096], ["64", "256", "1,024", "4,096"])
        axes.minorticks_off()
        axes.set_xlabel("tokens of context")
        axes.grid(alpha=0.3)
    return figure


def layers() -> Figure:
    """Draw the cosine of every layer's mixer outputs with the teacher's."""
    found = figures(PAPER, "agreement")
    figure = _figure(6.4, 3.4)
    axes = figure.subplots()
    for name, one in found.items():
        label, style, colour = LAYER_STYLES[name]
        row = one["cosine of each layer"]
        shown = f"{label}: KL {one['divergence']['mean']:.2f}"
        axes.plot(range(1, len(row) + 1), row, style, color=colour, ms=5, label=shown)
    axes.set_xticks(range(1, len(row) + 1))
    axes.set(xlabel="layer", ylabel="mean cosine with the teacher's mixer")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def positions() -> Figure:
    """Draw the perplexities by the position of a token: up to 512, and up to 4,096."""
    figure = _figure(9.4, 3.6)
    axes = figure.subplots(1, 2, sharey=True)
    styles = {TEACHER: ("teacher", "-", COLOURS["teacher"]), **LAYER_STYLES}
    styles[SHORT] = ("flagship, windows of 256 only", "o--", "#56b4e9")
    for ax, claim, title in zip(
        axes,
        ("positions", "longer"),
        ("within the teacher's context", "beyond it (the teacher: 512 tokens at a time)"),
        strict=True,
    ):
        found = figures(PAPER, claim)
        size = found["tokens a part"]
        for name, row in found["perplexity"].items():
            label, style, colour = styles[name]
            middles = [(part + 0.5) * size for part in range(len(row))]
            ax.plot(middles, row, style, color=colour, ms=4, label=label)
        ax.set_title(title, fontsize=10)
        ax.set_xlabel("position")
        ax.set_yscale("log")
        _plain(ax, (4, 5, 6, 8, 12, 20, 40))
    axes[0].set_ylabel("test perplexity")
    axes[0].legend(frameon=False, fontsize=7, ncols=2)
    return figure


def _level(axes: Axes, height: float, words: str) -> None:
    axes.axhline(height, color=COLOURS["teacher"], ls="--", lw=1)
    axes.annotate(
        words,
        (0.99, height),
        xycoords=("axes fraction", "data"),
        xytext=(0, -2),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=8,
        color=COLOURS["teacher"],
    )


def _plain(axes: Axes, ticks: Sequence[int]) -> None:
    """Write the ticks of a logarithmic axis as plain numbers."""
    axes.set_yticks(ticks, [str(n) for n in ticks])
    axes.minorticks_off()
    axes.grid(alpha=0.3, axis="y")


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

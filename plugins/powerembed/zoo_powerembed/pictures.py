"""The paper's pictures, drawn from the stored figures of its claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo_core import estimate, figures, paired

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NORMALISED, PLAIN = "#0072b2", "#d55e00"  # of Okabe and Ito's colours, told apart by all


def depth() -> Figure:
    """Draw the accuracy of the last hop alone on Chameleon (T2), and the loss in depth (T4)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 3), layout="constrained")
    panels = {
        "Chameleon, last hop alone": ("T2", ""),
        "Texas, all hops": ("T4", "texas "),
        "Cornell, all hops": ("T4", "cornell "),
    }
    for axes, (title, (claim, prefix)) in zip(
        figure.subplots(1, len(panels), sharey=True), panels.items(), strict=True
    ):
        accuracies = figures("powerembed", claim)
        for label, way, colour in (
            ("with the inverse Gram matrix", "inverse", NORMALISED),
            ("without", "none", PLAIN),
        ):
            found = [estimate(accuracies[f"{prefix}{way} {hops}"]) for hops in (2, 10)]
            axes.errorbar(
                (2, 10),
                [one.mean for one in found],
                yerr=[one.reach for one in found],
                label=label,
                color=colour,
                marker="o",
                capsize=3,
            )
        axes.set_title(title, fontsize=10)
        axes.set_xticks((2, 10))
        axes.set_xlabel("hops")
        axes.set_xlim(0, 12)
        axes.grid(axis="y", alpha=0.3)
        if not prefix:
            axes.set_ylabel("test accuracy, %")
            figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def ten_graphs() -> Figure:
    """Draw PowerEmbed minus a 2-layer GCN on each graph, with its 95 percent interval."""
    from matplotlib.figure import Figure

    found = figures("powerembed", "ten-graphs")
    names = [key.removesuffix(" powerembed") for key in found if key.endswith(" powerembed")]
    leads = [paired(found[f"{name} powerembed"], found[f"{name} GCN"]) for name in names]
    figure = Figure(figsize=(7.5, 3), layout="constrained")
    axes = figure.subplots()
    axes.bar(
        names,
        [lead.mean for lead in leads],
        yerr=[lead.reach for lead in leads],
        color=[NORMALISED if lead.mean > 0 else PLAIN for lead in leads],
        capsize=3,
    )
    axes.axhline(0, color="0.2", lw=0.8)
    axes.set_ylabel("PowerEmbed minus GCN, points")
    axes.grid(axis="y", alpha=0.3)
    return figure

"""The figures, drawn from stored claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zoo_core import figures

BLUE, ORANGE, GREY, LIGHT = "#3366aa", "#dd8833", "#999999", "#99bbdd"


def gates() -> Any:
    """Draw histograms of the flagship's gates."""
    from matplotlib.figure import Figure

    found = figures("visualsem-kg", "flagship")["gates"]
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    for name, colour in (("gloss", BLUE), ("image", ORANGE)):
        counts = np.array(found[name])
        edges = np.linspace(0, 1, len(counts) + 1)
        axes.stairs(counts, edges, color=colour, fill=name == "gloss", alpha=0.8, linewidth=2,
                    label=f"{name} ({counts.sum():,} entities)")  # fmt: skip
    axes.set_xlabel("how far the gate is open")
    axes.set_ylabel("entities")
    axes.legend(frameon=False)
    return figure


def relations() -> Any:
    """Draw the mean reciprocal rank of each relation: graph, texts, both."""
    found = figures("visualsem-kg", "graph-beside-texts")
    told = {label: found[label] for label in ("graph", "texts", "both")}
    return _by_relation(told, (GREY, ORANGE, BLUE))


def images() -> Any:
    """Draw the mean reciprocal rank of each relation with and without images."""
    found = figures("visualsem-kg", "images-add")
    labels = {
        "graph alone": "node",
        "and images": "image",
        "glosses and texts": "gloss",
        "and images too": "both",
    }
    told = {label: found[way]["by relation"] for label, way in labels.items()}
    return _by_relation(told, (GREY, LIGHT, ORANGE, BLUE))


def _by_relation(told: Mapping[str, Mapping[str, Any]], colours: Sequence[str]) -> Any:
    """Draw bars for each relation, those with most queries first."""
    from matplotlib.figure import Figure

    queries = {name: one["queries"] for name, one in next(iter(told.values())).items()}
    names = sorted(queries, key=lambda name: -queries[name])
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    places, wide = np.arange(len(names)), 0.81 / len(told)
    shifts = wide * (np.arange(len(told)) - (len(told) - 1) / 2)
    for shift, (label, found), colour in zip(shifts, told.items(), colours, strict=True):
        heights = [found[name]["MRR"] for name in names]
        axes.bar(places + shift, heights, wide - 0.02, color=colour, label=label)
    under = [f"{name}\n({queries[name]} queries)" for name in names]
    axes.set_xticks(places, under, fontsize=8)
    axes.set_ylabel("MRR")
    axes.legend(frameon=False)
    return figure


def retrieval() -> Any:
    """Draw the share of sentences whose entity is among the first k, by what is searched."""
    from matplotlib.figure import Figure

    frozen = figures("visualsem-kg", "retrieval-frozen")
    named = figures("visualsem-kg", "retrieval-named")
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.subplots()
    for label, found, colour, line in (
        ("glosses alone", frozen["gloss"], GREY, ":"),
        ("half name, half gloss", frozen["half name, half gloss"], GREY, "-"),
        ("trained", named["without"], ORANGE, "-"),
        ("trained, with names", named["with names"], BLUE, "-"),
    ):
        depths = sorted(int(key[5:]) for key in found if key.startswith("Hits@"))
        shares = [found[f"Hits@{k}"] for k in depths]
        axes.plot(depths, shares, line, color=colour, marker="o", markersize=3, label=label)
    axes.set_xscale("log")
    axes.set_xticks(depths, [str(k) for k in depths], minor=False)
    axes.minorticks_off()
    axes.set_xlabel("k")
    axes.set_ylabel("Hits@k (%)")
    axes.set_ylim(0, 100)
    axes.legend(frameon=False, loc="lower right")
    return figure


def downstream() -> Any:
    """Draw what entities add to verb senses, and what shuffled ones add."""
    found = figures("visualsem-kg", "senses-entities")
    told = {title: {**part, "without": part["none"]} for title, part in found.items()}
    return _added(told, "accuracy")


def names() -> Any:
    """Draw what entities add to names, claim by claim, and what shuffled ones add."""
    claims = {
        "English, concat": "english-concat",
        "a tenth of the size": "english-small",
        "and the last layer": "english-tuned",
        "English, attend": "english-attend",
        "German, concat": "german-concat",
    }
    told = {title: figures("visualsem-kg", f"names-{name}") for title, name in claims.items()}
    return _added(told, "F1")


def _added(told: Mapping[str, Mapping[str, Any]], what: str) -> Any:
    """Draw a panel for each comparison: more than without, by entities and by shuffled ones."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(6, 1.8 * len(told)), 3), layout="constrained")
    panels = zip(figure.subplots(1, len(told), sharey=True), told.items(), strict=True)
    for axes, (title, found) in panels:
        for place, (label, colour) in enumerate((("entities", BLUE), ("shuffled", ORANGE))):
            gains = np.array(found[label]) - np.array(found["without"])
            spots = place + np.linspace(-0.15, 0.15, len(gains))
            axes.plot(spots, gains, ".", color=colour)
            axes.hlines(gains.mean(), place - 0.25, place + 0.25, color=colour, linewidth=2)
        axes.axhline(0, color=GREY, linewidth=1)
        axes.set_xticks([0, 1], ["entities", "shuffled"])
        axes.set_xlim(-0.5, 1.5)
        axes.set_title(title, fontsize=10)
    figure.axes[0].set_ylabel(f"{what}, more than without (points)", fontsize=8)
    return figure


def neighbourhood() -> Any:
    """Draw a query of the flagship: what training says around it, and the best answers."""
    from matplotlib.figure import Figure

    found = figures("visualsem-kg", "flagship")["neighbourhood"]
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    sides = (
        (-1, [(_told(found["head"], *one), "", GREY) for one in found["around"]]),
        (1, [_answer(row) for row in found["ranked"]]),
    )
    for side, rows in sides:
        heights = np.linspace(1, -1, len(rows)) if len(rows) > 1 else np.zeros(1)
        for (name, note, colour), height in zip(rows, heights, strict=True):
            axes.plot([0, side], [0, height], color=colour, linewidth=1, zorder=0)
            axes.text(side * 1.03, height, f"{name} {note}".strip(), color=colour, fontsize=8,
                      va="center", ha="left" if side > 0 else "right")  # fmt: skip
    box = {"boxstyle": "round", "facecolor": "white", "edgecolor": GREY}
    asked = f"{found['head']}\n{found['relation']} ?"
    axes.text(0, 0, asked, ha="center", va="center", fontsize=9, bbox=box)
    axes.set_xlim(-2.2, 2.2)
    axes.set_ylim(-1.2, 1.2)
    axes.axis("off")
    return figure


def _told(head: str, first: str, relation: str, second: str) -> str:
    """Return a training triple as it is seen from one of its ends."""
    return f"{relation} {second}" if first == head else f"{first} {relation} it"


def _answer(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["tail"], f"({row['score']:.1f})", ORANGE if row["true"] else BLUE


def ranks() -> Any:
    """Draw the ranks of all test queries by the graph alone, and with texts and images."""
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    found = figures("visualsem-kg", "graph-beside-texts")["ranks"]
    edges, counts = np.array(found["edges"]), np.array(found["counts"], dtype=float)
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots()
    drawn = axes.pcolormesh(edges, edges, np.where(counts > 0, counts, np.nan).T,
                            norm=LogNorm(1, counts.max()), cmap="Blues")  # fmt: skip
    axes.plot(edges[[0, -1]], edges[[0, -1]], color=ORANGE, linewidth=1)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("rank by the graph alone")
    axes.set_ylabel("rank with texts and images")
    figure.colorbar(drawn, label="queries")
    return figure

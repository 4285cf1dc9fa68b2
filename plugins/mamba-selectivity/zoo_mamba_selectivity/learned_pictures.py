"""The pictures of the trained models, drawn from the stored figures of their claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo_core.errors import BadInput
from zoo_core.results import stored_claims

if TYPE_CHECKING:
    from matplotlib.figure import Figure

S6, S4D = "#0072b2", "#d55e00"
STATES = ("#9ecae1", "#6baed6", "#2171b5", "#08306b")
"""Light to dark for small to large states; S6 and S4D have Okabe and Ito's colours."""


def components() -> Figure:
    """Draw the accuracies of whole layers and of layers that lack a part."""
    found, s4d = _figures("components"), _figures("recall-s4d")
    rows = {
        "Mamba-2": found["all"],
        "Mamba-2\nno gate": found["no gate"],
        "Mamba-2\nno convolution": found["no convolution"],
        "Mamba (S6)": [_figures("recall-mamba")["mamba"]],
        "S4D, wide": [s4d["gate"]],
        "S4D, wide\nno gate": [s4d["no gate"]],
    }
    figure = _figure(7.6, 3.2)
    axes = figure.subplots()
    for place, (label, values) in enumerate(rows.items()):
        colour = S4D if label.startswith("S4D") else S6
        axes.bar(place, np.mean(values), color=colour, alpha=0.45, width=0.6)
        spread = place + 0.08 * (np.arange(len(values)) - (len(values) - 1) / 2)
        axes.plot(spread, values, "o", color=colour, ms=4)
    axes.axhline(0.25, color="0.4", ls=":", lw=1)
    axes.set_xticks(range(len(rows)), list(rows), fontsize=8)
    axes.set(ylim=(0, 1.04), ylabel="accuracy on MQAR")
    axes.grid(axis="y", alpha=0.3)
    return figure


def capacity() -> Figure:
    """Draw accuracy against the number of pairs for each size of the state."""
    figure = _figure(5.4, 3.2)
    axes = figure.subplots()
    for (size, rows), colour in zip(_figures("capacity").items(), STATES, strict=True):
        pairs = [int(one) for one in rows]
        values = np.array(list(rows.values()))
        axes.plot(pairs, values.mean(axis=1), "o-", color=colour, ms=3.5, label=f"N = {size}")
        axes.fill_between(
            pairs, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.2, lw=0
        )
    axes.set(xlabel="number of pairs κ", ylabel="accuracy on MQAR", ylim=(0, 1.03))
    axes.set_xticks(pairs)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    return figure


def memory() -> Figure:
    """Draw the sensitivity to the token asked for, and accuracies by length."""
    figure = _figure(8.6, 3.2)
    left, right = figure.subplots(1, 2)
    by_length = _figures("keep-learned")["by length"]
    lengths = [int(one) for one in by_length]
    found = _figures("sensitivity")
    for name, colour in (("S4D", S4D), ("S6", S6)):
        for i, row in enumerate(found["modes"][name]):
            left.plot(found["lags"], row, color=colour, lw=1, label=None if i else name)
        values = [by_length[str(length)][name] for length in lengths]
        right.plot(lengths, values, "o-", color=colour, ms=3.5, label=name)
    left.set(
        yscale="log",
        ylim=(1e-4, 1.5),
        xlabel="tokens since token 64",
        ylabel="sensitivity (relative)",
    )
    right.axvline(256, color="0.4", ls=":", lw=1)
    right.set(xscale="log", xlabel="length T", ylabel="accuracy on keep-n-th", ylim=(0, 1.04))
    right.set_xticks([64, 128, 256, 512, 1024], ["64", "128", "256", "512", "1024"])
    right.minorticks_off()
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, framealpha=0.9, loc="lower right" if axes is left else "best")
    return figure


def _figures(claim: str) -> Mapping[str, Any]:
    found = stored_claims("mamba-selectivity").get(claim)
    if found is None:
        raise BadInput(
            f"Claim {claim} has no stored finding; run `zoo verify mamba-selectivity --claim "
            f"{claim} --store` first."
        )
    figures: Mapping[str, Any] = found["figures"]
    return figures


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

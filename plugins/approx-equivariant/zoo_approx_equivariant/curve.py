"""The curve of a chain of groups, as a picture: error against the number of clusters."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, ORANGE = "#0072b2", "#d55e00"


def drawn(chain: Sequence[Mapping[str, Any]]) -> dict[str, Callable[[], bytes]]:
    """Return the picture by suffix: made when it is asked for."""
    return {f".{kind}": partial(_written, chain, kind) for kind in ("svg", "png", "pdf")}


def figure_of(chain: Sequence[Mapping[str, Any]]) -> Figure:
    """Return the figure: groups from the largest to the smallest, the chosen one marked."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    axes = figure.subplots()
    places = range(len(chain))
    axes.errorbar(
        places,
        [row["error"] for row in chain],
        yerr=[row["interval"] for row in chain],
        fmt="o-", color=BLUE, ms=4, capsize=3,
    )  # fmt: skip
    chosen = next(i for i, row in enumerate(chain) if row["chosen"])
    axes.plot([chosen], [chain[chosen]["error"]], "o", color=ORANGE, ms=8, label="chosen")
    axes.set_xticks(
        list(places), [f"{row['group']}\n{row['clusters']}" for row in chain], fontsize=7
    )
    axes.set_xlabel("group, and its number of clusters: less and less symmetry")
    axes.set_ylabel("error, in variances of the targets")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=8)
    return figure


def _written(chain: Sequence[Mapping[str, Any]], kind: str) -> bytes:
    stream = io.BytesIO()
    figure_of(chain).savefig(stream, format=kind)
    return stream.getvalue()

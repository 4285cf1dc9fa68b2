"""The picture of the experiments: distances of graphs against distances of untrained embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy.stats import pearsonr

from zoo_fine_grained_expressivity.networks_claims import (
    NETWORKS,
    SEQUENCES,
    embedded_to_last,
    to_last,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = {"GC-m, L = 3, H = 64": "#2f5d9b", "GIN-m, L = 3, H = 64": "#c8322b"}


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

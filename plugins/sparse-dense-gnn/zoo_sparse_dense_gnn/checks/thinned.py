"""S3, S4, citeseer and components: real graphs, and what is left of them without some edges.

The epoch is chosen on validation nodes.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from zoo_graphs.components import components as connected_components

from zoo_core import Finding, dataset
from zoo_sparse_dense_gnn.checks.findings import (
    FOLDS,
    OPERATORS,
    Figures,
    Values,
    accuracies,
    by_split,
    means,
    minus,
)
from zoo_sparse_dense_gnn.specs.claims import DROPS

THINNINGS = 3
"""Thinned graphs for each split, of which the mean is taken; a graph serves one split only."""
METHODS = {"GNN(non)": "graph-filter", "SE(150)": "spectral-mlp"}


def thinned(
    base: str, architecture: str, drop: int, operator: str, thinnings: int = 1
) -> list[float]:
    """Return the accuracy, in points, of each of the ten splits after removing `drop` percent.

    Where edges are removed, each split is the mean over `thinnings` graphs of its own.
    """
    options = {"symmetrize": "upper"} if base == "chameleon" else {}
    repeats = thinnings if drop else 1
    runs = [
        {**options, "fold": fold, "drop": drop, "thinning": fold + FOLDS * repeat}
        for repeat in range(repeats)
        for fold in range(FOLDS)
    ]
    shape = {"operator": operator}
    return by_split(accuracies(architecture, f"{base}-thinned", runs, shape, {}))


def compared(
    base: str, operators: Mapping[str, str], drops: Sequence[int], thinnings: Mapping[int, int]
) -> dict[str, list[float]]:
    """Return the accuracies by operator's label, method and percent of edges removed."""
    return {
        f"{label} {method} drop {drop}": thinned(
            base, architecture, drop, operator, thinnings.get(drop, 1)
        )
        for label, operator in operators.items()
        for method, architecture in METHODS.items()
        for drop in drops
    }


def lead(figures: Figures, label: str, drop: int) -> list[float]:
    """Return how far the network is ahead of the embedding, by split."""
    return minus(figures[f"{label} GNN(non) drop {drop}"], figures[f"{label} SE(150) drop {drop}"])


def chameleon() -> Finding:
    """S3: Chameleon as it is and with 70 percent of its edges removed."""
    figures = compared("chameleon", OPERATORS, DROPS, {70: THINNINGS})
    return Finding(
        quantities=chameleon_quantities(figures),
        told=f"means of ten splits, {THINNINGS} graphs each at drop 70: {means(figures)}",
        figures=figures,
        seeds=list(range(FOLDS * THINNINGS)),
    )


def chameleon_quantities(figures: Figures) -> dict[str, Values]:
    """Return what S3 is judged by: the normalised operator alone."""
    before, after = (lead(figures, "normalised", drop) for drop in (0, 70))
    return {
        "lead of GNN(non) over SE(150) at drop 70": after,
        # (SE(0) - SE(70)) - (GNN(0) - GNN(70)), by split.
        "loss of SE(150) beyond that of GNN(non)": minus(after, before),
    }


def components() -> Finding:
    """Count the components of Chameleon as edges are removed: eigenvalues 1 of the operator."""
    figures = {
        f"drop {drop}": [
            connected_components(
                dataset("chameleon-thinned", symmetrize="upper", drop=drop, thinning=seed)
            )[0]
            for seed in range(FOLDS)
        ]
        for drop in DROPS
    }
    return Finding(
        quantities=components_quantities(figures),
        told=f"means of {FOLDS} graphs: "
        + ", ".join(f"{statistics.fmean(row):.0f} at {name}" for name, row in figures.items()),
        figures=figures,
        seeds=list(range(FOLDS)),
    )


def components_quantities(figures: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """Return what the degeneracy is judged by."""
    return {
        "fewest components at drop 50 and 70": min(*figures["drop 50"], *figures["drop 70"]),
        "most components at drop 0 and 20": max(*figures["drop 0"], *figures["drop 20"]),
    }


def citations(base: str, drops: Sequence[int], accuracy: bool = False) -> Finding:
    """S4 and citeseer: a citation graph at several thinnings, operator A + I.

    With `accuracy`, that of the network on the whole graph is judged as well.
    """
    figures = compared(base, {"A": "adj"}, drops, {})
    return Finding(
        quantities=citations_quantities(figures, drops, accuracy),
        told=f"means of ten splits, each with its own thinned graph: {means(figures)}",
        figures=figures,
        seeds=list(range(FOLDS)),
    )


def citations_quantities(
    figures: Figures, drops: Sequence[int], accuracy: bool
) -> dict[str, Values]:
    """Return what the comparison on a citation graph is judged by."""
    whole = {"GNN(non) at drop 0": figures["A GNN(non) drop 0"]} if accuracy else {}
    return {**whole, **{f"lead over SE(150) at drop {d}": lead(figures, "A", d) for d in drops}}

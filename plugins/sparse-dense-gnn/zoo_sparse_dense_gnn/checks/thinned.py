"""S3, S4, citeseer and components: real graphs, and what is left of them without some edges.

The epoch is chosen on validation nodes.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from zoo_graphs.components import components as connected_components

from zoo_core import Estimate, Finding, Verdict, dataset, estimate, paired
from zoo_core.statistics import at_least
from zoo_sparse_dense_gnn.checks.findings import (
    FOLDS,
    OPERATORS,
    Values,
    accuracies,
    by_split,
    finding,
    mean,
    told,
)

THINNINGS = 3
"""Thinned graphs for each split, of which the mean is taken; a graph serves one split only."""
DROPS = (0, 20, 50, 70)


def thinned(
    base: str, architecture: str, drop: int, thinnings: int = 1, **config: Any
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
    return by_split(accuracies(architecture, f"{base}-thinned", runs, config))


def compared(
    base: str, operators: Mapping[str, str], drops: Sequence[int], thinnings: Mapping[int, int]
) -> dict[tuple[str, str, int], list[float]]:
    """Return the accuracies by operator's label, method and percent of edges removed."""
    methods = {"GNN(non)": "graph-filter", "SE(150)": "spectral-mlp"}
    return {
        (label, method, drop): thinned(
            base, architecture, drop, thinnings.get(drop, 1), operator=operator
        )
        for label, operator in operators.items()
        for method, architecture in methods.items()
        for drop in drops
    }


def curve(values: Mapping[tuple[str, str, int], Values], label: str, drops: Sequence[int]) -> str:
    """Return the accuracies of both methods for people."""
    cells = [
        f"drop {drop}: {mean(values[label, 'GNN(non)', drop])} against "
        f"{mean(values[label, 'SE(150)', drop])}"
        for drop in drops
    ]
    return f"{label}, GNN(non) against SE(150): {', '.join(cells)}"


def named(values: Mapping[tuple[str, str, int], Values]) -> dict[str, Values]:
    """Return the accuracies under names that JSON can have."""
    return {f"{label} {method} drop {drop}": row for (label, method, drop), row in values.items()}


def chameleon() -> Finding:
    """S3: Chameleon as it is and with 70 percent of its edges removed."""
    values = compared("chameleon", OPERATORS, DROPS, {70: THINNINGS})
    verdicts: list[Verdict] = []
    parts = []
    for label in OPERATORS:
        network, embedding = (
            {drop: values[label, method, drop] for drop in DROPS}
            for method in ("GNN(non)", "SE(150)")
        )
        lead = paired(network[70], embedding[70])
        # How much more the embedding loses: (SE(0) - SE(70)) - (GNN(0) - GNN(70)), by split.
        before = [a - b for a, b in zip(embedding[0], network[0], strict=True)]
        after = [a - b for a, b in zip(embedding[70], network[70], strict=True)]
        spared = paired(before, after)
        if label == "normalised":
            verdicts += [at_least(lead, 5), at_least(spared, 3)]
        parts.append(
            f"{curve(values, label, DROPS)}; lead at 70 {told(lead)}, SE loses more by "
            f"{told(spared)}"
        )
    measured = (
        f"{'; '.join(reversed(parts))} (± standard error; ten splits, {THINNINGS} graphs each at "
        'drop 70; symmetrize="upper")'
    )
    return finding(verdicts, measured, named(values), FOLDS * THINNINGS)


def components() -> Finding:
    """Count the components of Chameleon as edges are removed: eigenvalues 1 of the operator."""
    counts = {
        drop: [
            connected_components(
                dataset("chameleon-thinned", symmetrize="upper", drop=drop, thinning=seed)
            )[0]
            for seed in range(FOLDS)
        ]
        for drop in DROPS
    }
    degenerate = all(min(counts[drop]) > 150 for drop in (50, 70))
    whole = all(max(counts[drop]) <= 150 for drop in (0, 20))
    listed = ", ".join(f"{statistics.fmean(row):.0f} at {drop}" for drop, row in counts.items())
    return Finding(
        verdict="holds" if degenerate and whole else "fails",
        measured=f"components, by percent of edges removed: {listed} (means of {FOLDS} graphs)",
        figures={f"drop {drop}": row for drop, row in counts.items()},
        seeds=list(range(FOLDS)),
    )


def cora() -> Finding:
    """S4: Cora at every thinning, operator A + I."""
    values = compared("cora", {"A": "adj"}, DROPS, {})
    verdicts: list[Verdict] = [at_least(estimate(values["A", "GNN(non)", 0]), 84)]
    leads = leads_of(values, DROPS)
    verdicts += [at_least(lead, 5) for lead in leads.values()]
    measured = f"{curve(values, 'A', DROPS)}; {leads_told(leads)}"
    return finding(verdicts, measured, named(values), FOLDS)


def citeseer() -> Finding:
    """The same comparison on CiteSeer, as it is and with 70 percent of its edges removed."""
    drops = (0, 70)
    values = compared("citeseer", {"A": "adj"}, drops, {})
    leads = leads_of(values, drops)
    verdicts = [at_least(lead, 5) for lead in leads.values()]
    measured = f"{curve(values, 'A', drops)}; {leads_told(leads)}"
    return finding(verdicts, measured, named(values), FOLDS)


def leads_of(
    values: Mapping[tuple[str, str, int], Values], drops: Sequence[int]
) -> dict[int, Estimate]:
    """Return the network's lead over the embedding, by percent of edges removed."""
    return {
        drop: paired(values["A", "GNN(non)", drop], values["A", "SE(150)", drop]) for drop in drops
    }


def leads_told(leads: Mapping[int, Estimate]) -> str:
    """Return the leads for people."""
    listed = ", ".join(f"{told(lead)} at {drop}" for drop, lead in leads.items())
    return f"lead {listed} (± standard error; ten splits, each with its own thinned graph)"

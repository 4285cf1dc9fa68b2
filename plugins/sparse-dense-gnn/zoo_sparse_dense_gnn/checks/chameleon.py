"""Chameleon as it is: the published table by the original recipe, and what networks put out."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from zoo_core import Finding, dataset, train
from zoo_sparse_dense_gnn.checks.findings import (
    FOLDS,
    OPERATORS,
    Figures,
    Values,
    accuracies,
    by_split,
)

RESTARTS = 5  # as the published table
ORIGINAL = {"patience": None, "tolerance": 0.01}
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "SE(150)": ("spectral-mlp", {}),
    "GNN(lin)": ("graph-filter", {"output_dropout": True, "nonlinearity": "identity"}),
    "GNN(non)": ("graph-filter", {"output_dropout": True}),
}


def published_table() -> Finding:
    """Hold the original recipe on the original Chameleon against the published means."""
    runs = [{"symmetrize": "upper", "fold": fold} for _ in range(RESTARTS) for fold in range(FOLDS)]
    figures = {
        f"{label} {method}": by_split(
            accuracies(architecture, "chameleon", runs, {**shape, "operator": operator}, ORIGINAL)
        )
        for label, operator in OPERATORS.items()
        for method, (architecture, shape) in METHODS.items()
    }
    return Finding(
        quantities=table_quantities(figures),
        told=f"ten splits, {RESTARTS} restarts each",
        figures=figures,
        seeds=list(range(FOLDS * RESTARTS)),
    )


def table_quantities(figures: Figures) -> dict[str, Values]:
    """Return what the table is judged by: each mean from both sides."""
    return {
        f"{method}, {label}, {side}": figures[f"{label} {method}"]
        for label in OPERATORS
        for method in METHODS
        for side in ("from below", "from above")
    }


def whole_spectrum() -> Finding:
    """Measure how much of the networks' output on Chameleon lies where SE(150) is blind."""
    figures = {"share": [_share_beyond(fold) for fold in range(FOLDS)]}
    return Finding(
        quantities=spectrum_quantities(figures),
        told="ten splits",
        figures=figures,
        seeds=list(range(FOLDS)),
    )


def _share_beyond(fold: int) -> float:
    """Train on one split; return the percent of the output beyond 150 eigenvectors."""
    options = {"symmetrize": "upper", "fold": fold}
    with TemporaryDirectory() as folder:
        network: Any = train(
            "graph-filter", "chameleon", out=Path(folder) / "it", seed=fold, options=options
        )
        response = network.frequency_response(dataset("chameleon", **options))
    return round(100 * float(np.mean(response.beyond(150))), 3)


def spectrum_quantities(figures: Figures) -> dict[str, Values]:
    """Return what the whole spectrum is judged by."""
    return {"share of the squared output beyond the 150": figures["share"]}

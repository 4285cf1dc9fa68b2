"""S1 and S2: networks and embeddings on graphs of the dense-sparse graph model.

The last epoch is measured, as in the paper's simulation, whose protocol has no validation.
"""

from __future__ import annotations

import statistics

from zoo_core import Finding
from zoo_sparse_dense_gnn.checks.findings import (
    OPERATORS,
    Figures,
    Values,
    accuracies,
    means,
    minus,
)
from zoo_sparse_dense_gnn.specs.models import EMBEDDED, FILTERS, SIMULATION

DENSE, SPARSE = 0.002, 0.01
DIMENSIONS = (2, 6, 10, 20)
NETWORKS = ("GNN(lin)", "GNN(non)")


def simulated(gamma: float, graphs: int) -> dict[str, list[float]]:
    """Return the accuracies on so many sampled graphs, by operator and method."""
    runs = [{"fold": fold, "gamma": gamma} for fold in range(graphs)]
    figures = {}
    for label, operator in OPERATORS.items():
        filters = {**FILTERS, "operator": operator}
        embedded = {**EMBEDDED, "operator": operator}
        for k in DIMENSIONS:
            figures[f"{label} SE({k})"] = accuracies(
                "spectral-mlp", "dsgm", runs, {**embedded, "k": k}, {**SIMULATION, "lr": 0.02}
            )
        for network, nonlinearity in zip(NETWORKS, ("identity", "prelu"), strict=True):
            shape = {**filters, "nonlinearity": nonlinearity}
            figures[f"{label} {network}"] = accuracies(
                "graph-filter", "dsgm", runs, shape, SIMULATION
            )
    return figures


def dense_graphs(graphs: int) -> Finding:
    """S1: on dense sampled graphs two eigenvectors are about as good as the better network."""
    figures = simulated(DENSE, graphs)
    return _finding(dense_quantities(figures), figures, graphs)


def dense_quantities(figures: Figures) -> dict[str, Values]:
    """Return what S1 is judged by."""
    quantities: dict[str, Values] = {}
    for label in OPERATORS:
        embedding = figures[f"{label} SE(2)"]
        best = max((figures[f"{label} {one}"] for one in NETWORKS), key=statistics.fmean)
        quantities[f"SE(2), {label}"] = embedding
        quantities[f"SE(2) minus the better network, {label}"] = minus(embedding, best)
    return quantities


def sparse_graphs(graphs: int) -> Finding:
    """S2: on sparse sampled graphs both networks against the mean of four embeddings."""
    figures = simulated(SPARSE, graphs)
    return _finding(sparse_quantities(figures), figures, graphs)


def sparse_quantities(figures: Figures) -> dict[str, Values]:
    """Return what S2 is judged by."""
    quantities: dict[str, Values] = {}
    for label in OPERATORS:
        embeddings = [figures[f"{label} SE({k})"] for k in DIMENSIONS]
        average = [statistics.fmean(row) for row in zip(*embeddings, strict=True)]
        for network in NETWORKS:
            quantities[f"{network} over the mean of the embeddings, {label}"] = minus(
                figures[f"{label} {network}"], average
            )
    return quantities


def _finding(
    quantities: dict[str, Values], figures: dict[str, list[float]], graphs: int
) -> Finding:
    told = f"means of {graphs} graphs: {means(figures)}"
    return Finding(quantities=quantities, told=told, figures=figures, seeds=list(range(graphs)))

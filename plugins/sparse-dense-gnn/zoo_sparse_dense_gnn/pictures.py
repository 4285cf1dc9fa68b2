"""The paper's pictures, drawn from the stored figures of its claims and from stored weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo_core import estimate, figures, load
from zoo_sparse_dense_gnn.checks.findings import OPERATORS
from zoo_sparse_dense_gnn.checks.sampled import DIMENSIONS
from zoo_sparse_dense_gnn.data import FEATURES_ALONE
from zoo_sparse_dense_gnn.frequency import own_graph
from zoo_sparse_dense_gnn.specs.claims import DROPS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"GNN(non)": "#0072b2", "GNN(lin)": "#56b4e9", "SE(150)": "#d55e00"}  # Okabe and Ito
EMBEDDING = COLOURS["SE(150)"]
BLOCK = 10  # eigenvectors drawn as one bar
READ = 150


def density_chameleon() -> Figure:
    """Draw accuracy against density on Chameleon, both operators."""
    return _density("S3", "Chameleon", ("normalised", "A"))


def density_cora() -> Figure:
    """Draw accuracy against density on Cora."""
    return _density("S4", "Cora", ("A",))


def simulation() -> Figure:
    """Draw the accuracies on sampled graphs, dense above sparse."""
    figure = _figure(7.5, 5.5)
    axes = figure.subplots(2, len(OPERATORS), sharex=True, sharey="row")
    methods = [*(f"SE({k})" for k in DIMENSIONS), "GNN(lin)", "GNN(non)"]
    for row, (claim, kind) in zip(axes, (("S1", "dense"), ("S2", "sparse")), strict=True):
        found = figures("sparse-dense-gnn", claim)
        for axis, label in zip(row, OPERATORS, strict=True):
            for place, method in enumerate(methods):
                _points(axis, place, found[f"{label} {method}"], COLOURS.get(method, EMBEDDING))
            axis.set_title(f"{kind}, {label}", fontsize=10)
            axis.set_xticks(range(len(methods)), methods, rotation=45, ha="right")
            axis.grid(axis="y", alpha=0.3)
            if kind == "sparse":
                axis.axhline(100 * FEATURES_ALONE, color="0.3", ls=":", lw=1)
        row[0].set_ylabel("test accuracy, %")
    return figure


def frequency_chameleon() -> Figure:
    """Draw the frequency response of the trained network on its own graph."""
    model: Any = load("sparse-gnn-chameleon")
    response = model.frequency_response(own_graph(model))
    figure = _figure(7.5, 7)
    axes = figure.subplots(len(response.class_names), 1, sharex=True, sharey=True)
    count = len(response.eigenvalues)
    blocks = np.split(np.arange(count), range(BLOCK, count, BLOCK))
    read = np.zeros(count, dtype=bool)
    read[np.argsort(-np.abs(response.eigenvalues), kind="stable")[:READ]] = True
    beyond = response.beyond(READ)
    for axis, name, values, share in zip(
        axes, response.class_names, np.abs(response.normalised).T, beyond, strict=True
    ):
        for start, stop in _stretches(read):
            axis.axvspan(start, stop, color="0.85", lw=0)
        heights = [values[block].max() for block in blocks]
        edges = [*(block[0] for block in blocks), count]
        axis.stairs(heights, edges, fill=True, color=COLOURS["GNN(non)"])
        axis.set_ylabel(f"class {name}")
        axis.set_ylim(0, 1.05)
        words = f"{100 * share:.0f} % of the energy is unshaded"
        axis.text(0.5, 0.8, words, transform=axis.transAxes, ha="center", fontsize=9)
    _mark_eigenvalues(axes[-1], response.eigenvalues)
    axes[0].set_title(f"|ŷ| / max |ŷ|, the largest of each {BLOCK} eigenvectors", fontsize=10)
    return figure


def _density(claim: str, title: str, labels: Sequence[str]) -> Figure:
    stored = figures("sparse-dense-gnn", claim)
    figure = _figure(4.2 * len(labels), 3.4)
    axes = figure.subplots(1, len(labels), sharey=True, squeeze=False)[0]
    kept = [100 - drop for drop in DROPS]
    for axis, label in zip(axes, labels, strict=True):
        for method in ("GNN(non)", "SE(150)"):
            found = [estimate(stored[f"{label} {method} drop {drop}"]) for drop in DROPS]
            means, reaches = (np.array([getattr(e, key) for e in found]) for key in _FIELDS)
            axis.plot(kept, means, "o-", color=COLOURS[method], label=method)
            axis.fill_between(
                kept, means - reaches, means + reaches, color=COLOURS[method], alpha=0.2, lw=0
            )
        axis.set_title(f"{title}, operator {label}", fontsize=10)
        axis.set_xlabel("edges kept, %")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("test accuracy, %")
    axes[0].legend(frameon=False)
    return figure


_FIELDS = ("mean", "reach")


def _points(axis: Axes, place: int, values: Sequence[float], colour: str) -> None:
    """Draw a point for each graph, spread in order, and a bar at the mean."""
    spread = place + np.linspace(-0.25, 0.25, len(values))
    axis.plot(spread, values, ".", color=colour, alpha=0.5, ms=4)
    axis.plot([place - 0.35, place + 0.35], [np.mean(values)] * 2, color=colour, lw=2)


def _mark_eigenvalues(axis: Axes, eigenvalues: np.ndarray) -> None:
    """Label the axis of indices by some eigenvalues."""
    places = np.linspace(0, len(eigenvalues) - 1, 9).astype(int)
    axis.set_xticks(places, [f"{place}\nλ={eigenvalues[place]:.2f}" for place in places])
    axis.set_xlabel("index of the eigenvalue, descending")
    axis.set_xlim(0, len(eigenvalues))


def _stretches(mask: np.ndarray) -> list[tuple[int, int]]:
    """Return where a mask is true, as [start, stop) pairs."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")

"""The checks of the paper's claims: each fits the methods anew and compares them by graph or fold.

Errors are in percent of the test nodes. Differences are paired: both methods see the same graph
(or fold) and the same seed. Nothing is chosen on any labels: dimensions are those of the model
(two classes, d = 2) or fixed beforehand (d = 32 for 42 departments). Folds of one graph share its
nodes and, for ASE, its embedding, so their intervals say how firmly these splits show it, not what
another graph would show. Figures are rounded before they are judged, so that what is stored is what
was judged.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from zoo_graphs.components import adjacency_matrix
from zoo_graphs.embedding import leading_part

from zoo_core import Finding, Quantity, dataset, protocol
from zoo_spectral_failure_gcn.autoencoder import GraphAutoencoder
from zoo_spectral_failure_gcn.diagnostics import explained
from zoo_spectral_failure_gcn.specs.claims import DIAL
from zoo_spectral_failure_gcn.spectral_embedding import SpectralEmbedding

GRAPHS = 10
FOLDS = 30
"""Six times five-fold cross-validation: one fold's 200 test nodes leave 3 points of spread."""
METHODS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "ASE (d = 2)": ("ase", {"k": 2}),
    "ASE (d = 1)": ("ase", {"k": 1}),
    "GAE (ones)": ("gae", {"k": 2, "features": "ones"}),
    "GAE (degree)": ("gae", {"k": 2, "features": "degree"}),
    "GAE (identity)": ("gae", {"k": 2, "features": "identity"}),
    "semi-supervised GCN": ("structural-gcn", {}),
}
STRUCTURAL = ("GAE (ones)", "GAE (degree)")
Values = Sequence[float]
Figures = Mapping[str, Values]
"""What was measured on each graph or fold, by name."""
Quantities = dict[str, Quantity]


def on_segment(method: str, delta: float) -> list[float]:
    """Return the errors, in percent, of a method on ten random graphs of 1000 nodes."""
    architecture, shape = METHODS[method]
    runs = [{"delta": delta, "seed": seed} for seed in range(GRAPHS)]
    return _errors(architecture, "rdpg-segment", runs, shape)


def on_folds(method: str, graph: str, **shape: Any) -> list[float]:
    """Return the errors, in percent, of a method on thirty splits of a graph."""
    architecture, known = METHODS[method]
    runs = [{"split": "five-fold", "fold": fold} for fold in range(FOLDS)]
    return _errors(architecture, graph, runs, {**known, **shape})


def _errors(
    architecture: str, graph: str, runs: Sequence[Mapping[str, Any]], shape: Mapping[str, Any]
) -> list[float]:
    return [round(100 * (1 - one), 3) for one in protocol(architecture, graph, runs, shape=shape)]


def minus(first: Values, second: Values) -> list[float]:
    """Return the differences by graph or fold."""
    return [round(a - b, 3) for a, b in zip(first, second, strict=True)]


def _finding(quantities: Quantities, figures: Figures, told: str = "") -> Finding:
    count = max(len(row) for row in figures.values())
    return Finding(quantities=quantities, told=told, figures=figures, seeds=list(range(count)))


def beside(figures: Figures, *names: str) -> str:
    """Return the mean errors that no bound is on, for people."""
    means = ", ".join(f"{name} {statistics.fmean(figures[name]):.1f}" for name in names)
    return f"beside these, in %: {means}"


def failure() -> Finding:
    """F1: at delta = 0."""
    figures = {name: on_segment(name, 0.0) for name in ("ASE (d = 2)", *STRUCTURAL)}
    return _finding(failure_quantities(figures), figures)


def failure_quantities(figures: Figures) -> Quantities:
    """Return what F1 is judged by."""
    spectral = figures["ASE (d = 2)"]
    return {
        **{f"error of {name}": row for name, row in figures.items()},
        **{f"{name} above ASE": minus(figures[name], spectral) for name in STRUCTURAL},
    }


def success() -> Finding:
    """F2: at delta = pi/8."""
    names = ("ASE (d = 2)", "ASE (d = 1)", *STRUCTURAL)
    figures = {name: on_segment(name, DIAL["pi/8"]) for name in names}
    return _finding(success_quantities(figures), figures)


def success_quantities(figures: Figures) -> Quantities:
    """Return what F2 is judged by."""
    spectral = figures["ASE (d = 2)"]
    return {
        **{f"error of {name}": row for name, row in figures.items()},
        **{
            f"{name} minus ASE (d = 2), {side}": minus(figures[name], spectral)
            for name in ("ASE (d = 1)", *STRUCTURAL)
            for side in ("from above", "from below")
        },
    }


def dial() -> Finding:
    """F3: the error along the dial; graphs of one seed share their random numbers."""
    figures = {
        f"{name} at {delta:.4f}": on_segment(name, delta)
        for name in METHODS
        for delta in DIAL.values()
    }
    return _finding(dial_quantities(figures), figures, dial_told(figures))


def dial_quantities(figures: Figures) -> Quantities:
    """Return what F3 is judged by."""
    return {
        f"error of {name}": {
            f"at {angle}": figures[f"{name} at {delta:.4f}"] for angle, delta in DIAL.items()
        }
        for name in STRUCTURAL
    }


def dial_told(figures: Figures) -> str:
    """Return the mean errors of the methods that no bound is on, for people."""
    rows = [
        f"{name} "
        + ", ".join(
            f"{statistics.fmean(figures[f'{name} at {at:.4f}']):.1f}" for at in DIAL.values()
        )
        for name in METHODS
        if name not in STRUCTURAL
    ]
    return f"beside these, in % at {', '.join(DIAL)}: {'; '.join(rows)}"


def semi_supervised() -> Finding:
    """A semi-supervised GCN at both ends of the dial."""
    figures = {
        f"at {delta:.4f}": on_segment("semi-supervised GCN", delta)
        for delta in (DIAL["0"], DIAL["pi/8"])
    }
    return _finding(semi_supervised_quantities(figures), figures)


def semi_supervised_quantities(figures: Figures) -> Quantities:
    """Return what the semi-supervised GCN is judged by."""
    return {f"error at {angle}": figures[f"at {DIAL[angle]:.4f}"] for angle in ("0", "pi/8")}


def first_eigenvector() -> Finding:
    """What degree and first eigenvector explain, at delta = 0, and the angle to the second."""
    rows = [_explained_on(seed) for seed in range(GRAPHS)]
    figures = {name: [round(row[name], 3) for row in rows] for name in rows[0]}
    return Finding(
        quantities=first_eigenvector_quantities(figures),
        told=f"degrees vary by {statistics.fmean(figures['degree variation']):.3f} of their mean",
        figures=figures,
        seeds=list(range(GRAPHS)),
    )


def _explained_on(seed: int) -> dict[str, float]:
    """Measure both embeddings of one random graph."""
    graph = dataset("rdpg-segment", delta=0.0, seed=seed)
    matrix = adjacency_matrix(graph)
    degrees = matrix.sum(axis=1)
    vectors = leading_part(matrix, 2)[1]
    regressors = np.column_stack([np.ones(len(degrees)), degrees, vectors[:, 0]])
    features = GraphAutoencoder(k=2).fit(graph, seed=seed).points.double().numpy()
    spectral = SpectralEmbedding(k=2).fit(graph).own_points().double().numpy()
    # Of rank one: the direction of either column is that of the span.
    direction = np.linalg.svd(features, full_matrices=False)[0][:, 0]
    return {
        "GAE R²": min(explained(features, regressors)),
        "GAE angle": float(np.degrees(np.arccos(abs(direction @ vectors[:, 1])))),
        "ASE R² of the second coordinate": explained(spectral, regressors)[1],
        "degree variation": float(degrees.std() / degrees.mean()),
    }


def first_eigenvector_quantities(figures: Figures) -> Quantities:
    """Return what the first eigenvector's explanation is judged by."""
    return {
        "R² of each GAE coordinate": figures["GAE R²"],
        "angle of GAE to the second eigenvector": figures["GAE angle"],
        "R² of the second ASE coordinate": figures["ASE R² of the second coordinate"],
    }


def real_graph(graph: str, k: int) -> Finding:
    """F4 and F5: a real graph, in k dimensions."""
    figures = {
        f"ASE (d = {k})": on_folds("ASE (d = 2)", graph, k=k),
        **{name: on_folds(name, graph, k=k) for name in STRUCTURAL},
    }
    told = beside(figures, "GAE (degree)")
    return _finding(real_graph_quantities(figures, k), figures, told)


def real_graph_quantities(figures: Figures, k: int) -> Quantities:
    """Return what F4 and F5 are judged by."""
    return {
        "error of ASE": figures[f"ASE (d = {k})"],
        "error of GAE (ones)": figures["GAE (ones)"],
    }


def control() -> Finding:
    """F6: identity features on polblogs; shown without a bound on the other graphs."""
    names = {"GAE (identity)": "GAE (identity)", "ASE": "ASE (d = 2)"}
    figures = {
        **{f"polblogs {name}": on_folds(one, "polblogs") for name, one in names.items()},
        **{
            f"email-eu-core {name}": on_folds(one, "email-eu-core", k=32)
            for name, one in names.items()
        },
        **{f"rdpg-segment {name}": on_segment(one, 0.0) for name, one in names.items()},
    }
    return _finding(control_quantities(figures), figures, beside(figures, *figures))


def control_quantities(figures: Figures) -> Quantities:
    """Return what F6 is judged by."""
    identity, spectral = (figures[f"polblogs {name}"] for name in ("GAE (identity)", "ASE"))
    return {"GAE (identity) minus ASE on polblogs": minus(identity, spectral)}


def karate() -> Finding:
    """The karate club: seven test nodes a fold."""
    figures = {name: on_folds(name, "karate") for name in ("ASE (d = 2)", "GAE (ones)")}
    return _finding(karate_quantities(figures), figures, beside(figures, "GAE (ones)"))


def karate_quantities(figures: Figures) -> Quantities:
    """Return what the karate club is judged by."""
    spectral, ones = figures["ASE (d = 2)"], figures["GAE (ones)"]
    return {"error of ASE": spectral, "GAE (ones) above ASE": minus(ones, spectral)}

"""The two theorems, on sampled and on small graphs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np
import torch
from zoo_graphs.operators import operator_matrix

from zoo_core import Finding
from zoo_sparse_dense_gnn import dsgm
from zoo_sparse_dense_gnn.checks.findings import FOLDS, Figures, Values
from zoo_sparse_dense_gnn.data import sample_dsgm
from zoo_sparse_dense_gnn.krylov import interpolating_taps, krylov_matrix

STEPS = (0.001, 0.002, 0.004, 0.008)
KINDS = ("eigenvalues", "eigenvectors")


def deviations() -> Finding:
    """Theorem 1: how far the sampled spectrum is from the kernel's as the grid gets coarser.

    At N gamma = 2, so that all graphs sample the same interval [-1, 1].
    """
    exact = np.array(dsgm.integral_eigenvalues(reach=1.0))
    figures: dict[str, list[float]] = {"steps": list(STEPS)}
    for seed in range(FOLDS):
        found = [deviation(gamma, seed, exact) for gamma in STEPS]
        for kind, row in zip(KINDS, zip(*found, strict=True), strict=True):
            figures[f"{kind} seed {seed}"] = [float(f"{value:.4g}") for value in row]
    return Finding(
        quantities=deviations_quantities(figures),
        told=f"a graph for each of the steps {', '.join(map(str, STEPS))} and each seed",
        figures=figures,
        seeds=list(range(FOLDS)),
    )


def deviations_quantities(figures: Figures) -> dict[str, Values]:
    """Return what theorem 1 is judged by: the slopes of the deviations, by seed."""
    steps = np.log(figures["steps"])
    return {
        f"exponent of gamma in the deviation of {kind}": [
            float(np.polyfit(steps, np.log(figures[f"{kind} seed {seed}"]), 1)[0])
            for seed in range(FOLDS)
        ]
        for kind in KINDS
    }


def deviation(gamma: float, seed: int, exact: np.ndarray) -> tuple[float, float]:
    """Return deviations of eigenvalues and eigenvectors of one sampled graph.

    The first is the largest |gamma lambda_i(A) - lambda_i(W)| over all i, where W has two nonzero
    ones, so that the bulk of A's spectrum counts. The second is the sine of the angle between the
    leading eigenvector of A and theta.
    """
    nodes = round(2 / gamma)
    graph = sample_dsgm(gamma=gamma, nodes=nodes, seed=seed)
    matrix = operator_matrix(
        torch.from_numpy(graph.edges), nodes, "adj", self_loops=False, dtype=torch.float64
    )
    eigenvalues, vectors = np.linalg.eigh(matrix.to_dense().numpy())
    order = np.argsort(-np.abs(eigenvalues))
    expected = np.zeros(nodes)
    # The positive eigenvalues of A that are largest stand for those of W.
    expected[np.argsort(-eigenvalues)[: len(exact)]] = exact
    ideal = dsgm.theta(dsgm.grid(nodes, gamma))
    overlap = abs(vectors[:, order[0]] @ ideal) / np.linalg.norm(ideal)
    return (
        float(np.abs(gamma * eigenvalues - expected).max()),
        math.sqrt(max(0.0, 1 - float(overlap) ** 2)),
    )


def interpolation() -> Finding:
    """Theorem 2: solve for the taps that map a signal to a target, on small weighted graphs."""
    errors, ranks = [], []
    for seed, count in itertools.product(range(20), range(2, 9)):
        rng = np.random.default_rng([seed, count])
        weights = np.triu(rng.uniform(size=(count, count)), 1)
        operator = weights + weights.T + np.eye(count)
        x, y = rng.standard_normal(count), rng.standard_normal(count)
        reached = krylov_matrix(operator, x) @ interpolating_taps(operator, x, y)
        errors.append(float(np.abs(reached - y).max() / np.abs(y).max()))
        # An eigenvalue that repeats: the complete graph reaches two dimensions only.
        complete = krylov_matrix(np.ones((count, count)), x)
        ranks.append(int(np.linalg.matrix_rank(complete, tol=1e-6 * np.linalg.norm(complete))))
    figures = {"largest error": max(errors), "largest rank": max(ranks)}
    return Finding(
        quantities=interpolation_quantities(figures),
        told=f"{len(errors)} weighted graphs of 2 to 8 nodes, and complete graphs",
        figures=figures,
        seeds=list(range(20)),
    )


def interpolation_quantities(figures: Mapping[str, float]) -> dict[str, float]:
    """Return what theorem 2 is judged by."""
    return {
        "largest error on small graphs": figures["largest error"],
        "dimensions that are reached where an eigenvalue repeats": figures["largest rank"],
    }

"""The claim that untrained networks keep distances: those of embeddings against those of graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from scipy.stats import pearsonr
from zoo_graphs.graph_set import GraphSet

from zoo_core import Finding, Quantity, dataset
from zoo_fine_grained_expressivity.data import block_models
from zoo_fine_grained_expressivity.idm.distance import between
from zoo_fine_grained_expressivity.networks.inputs import to_tensors
from zoo_fine_grained_expressivity.networks.network import GraphNetwork

LEVEL = 3
DRAWS = 10
NETWORKS = {
    "GC-m, L = 1, H = 8": {"convolution": "gc", "layers": 1, "hidden": 8},
    "GC-m, L = 3, H = 64": {"convolution": "gc", "layers": 3, "hidden": 64},
    "GIN-m, L = 1, H = 8": {"convolution": "gin", "layers": 1, "hidden": 8},
    "GIN-m, L = 3, H = 64": {"convolution": "gin", "layers": 3, "hidden": 64},
}
"""Untrained networks whose embeddings' distances are held against those of the graphs."""
SEQUENCES: dict[str, Callable[[], GraphSet]] = {
    "MUTAG": lambda: dataset("mutag"),
    "SBM": block_models,
}


def to_last(graphs: GraphSet) -> np.ndarray:
    """Return delta_{W,3} of each graph but the last to the last one, (g - 1,)."""
    rest, last = np.arange(len(graphs) - 1), [len(graphs) - 1]
    return between(graphs.select(rest), graphs.select(last), LEVEL)[:, 0]


@torch.no_grad()
def embedded_to_last(graphs: GraphSet, seed: int, **config: Any) -> np.ndarray:
    """Return the distances of untrained embeddings of constant features to the last, (g - 1,).

    BatchNorm has the statistics of the whole set. A draw in which all embeddings coincide (every
    unit dead) is drawn again.
    """
    inputs = to_tensors(graphs, 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        while True:
            module = GraphNetwork(1, 2, **config).train()
            found = module.pooled(*inputs).double()
            distances: np.ndarray = (found[:-1] - found[-1]).norm(dim=1).numpy()
            if distances.max() > 1e-7 * float(found.abs().max()):
                return distances


def distance_preservation() -> Finding:
    """Correlations of delta_{W,3} with embedding distances, over draws of untrained networks."""
    figures: dict[str, list[float]] = {}
    for sequence, make in SEQUENCES.items():
        graphs = make()
        true = to_last(graphs)
        for label, config in NETWORKS.items():
            figures[f"{sequence}, {label}"] = [
                round(float(pearsonr(true, embedded_to_last(graphs, seed, **config))[0]), 3)
                for seed in range(DRAWS)
            ]
    shown = ", ".join(f"{name}: {np.mean(row):.3f}" for name, row in figures.items())
    return Finding(
        quantities=correlations(figures),
        told=f"mean of {DRAWS} draws: {shown}",
        figures=figures,
        seeds=range(DRAWS),
    )


def correlations(figures: Mapping[str, Sequence[float]]) -> dict[str, Quantity]:
    """Return the correlations of the deeper networks on MUTAG, by draw."""
    rows = {name: figures[f"MUTAG, {name}, L = 3, H = 64"] for name in ("GC-m", "GIN-m")}
    return {"correlation of GC-m": rows["GC-m"], "order": rows}

"""The checks of the experiments on networks: accuracy, time, and how well they keep distances."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import networkx as nx
import numpy as np
import torch
from scipy.stats import pearsonr
from torch import Tensor
from zoo_graphs.graph_set import GraphSet

from zoo_core import Finding, evaluation
from zoo_core.interfaces import Run
from zoo_core.registry import registry
from zoo_core.statistics import at_least, estimate, paired, together
from zoo_core.training import protocol
from zoo_fine_grained_expressivity.distance import between
from zoo_fine_grained_expressivity.networks import GraphNetwork
from zoo_fine_grained_expressivity.networks_inputs import to_tensors
from zoo_fine_grained_expressivity.networks_train import create_untrained, fit, set_statistics

FOLDS = tuple({"fold": fold} for fold in range(10))
ALLOWED = 3.0
"""Points by which an untrained network may be worse than a trained one and still be on par."""
LEVEL = 3
DRAWS = 10
NETWORKS = {
    "GC-m, L = 1, H = 8": {"convolution": "gc", "layers": 1, "hidden": 8},
    "GC-m, L = 3, H = 64": {"convolution": "gc", "layers": 3, "hidden": 64},
    "GIN-m, L = 1, H = 8": {"convolution": "gin", "layers": 1, "hidden": 8},
    "GIN-m, L = 3, H = 64": {"convolution": "gin", "layers": 3, "hidden": 64},
}
"""Untrained networks whose embeddings' distances are held against those of the graphs."""


def points(convolution: str, dataset: str, trained: bool, **config: Any) -> list[float]:
    """Return test accuracies in points over the ten folds."""
    config = {**config, "trained": trained}
    return [100 * one for one in protocol(f"mpnn-{convolution}", dataset, FOLDS, config)]


def _rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: [round(one, 3) for one in row] for name, row in figures.items()}


def _accuracy(dataset: str, bound: float, **config: Any) -> Finding:
    values = points("gin", dataset, trained=False, **config)
    found = estimate(values)
    return Finding(
        verdict=at_least(found, bound),
        measured=f"{found.mean:.1f} % (standard deviation over ten folds {np.std(values):.1f})",
        figures=_rounded({"untrained": values}),
        seeds=list(range(len(FOLDS))),
    )


def untrained_on_mutag() -> Finding:
    """An untrained GIN on MUTAG: at least 84 %."""
    return _accuracy("mutag", 84, size_norm=False)


def untrained_on_proteins() -> Finding:
    """An untrained GIN on PROTEINS: at least 70 %."""
    return _accuracy("proteins", 70, size_norm=False)


def untrained_on_nci1() -> Finding:
    """An untrained GIN on NCI1: at least 70 %."""
    return _accuracy("nci1", 70, size_norm=False)


def untrained_on_imdb_binary() -> Finding:
    """An untrained GIN-m on IMDB-BINARY: at least 70 %."""
    return _accuracy("imdb-binary", 70)


def _par(convolution: str, dataset: str, **config: Any) -> Finding:
    figures = {
        name: points(convolution, dataset, trained=name == "trained", **config)
        for name in ("trained", "untrained")
    }
    difference = paired(figures["untrained"], figures["trained"])
    means = ", ".join(f"{name} {np.mean(row):.1f} %" for name, row in figures.items())
    return Finding(
        verdict=at_least(difference, -ALLOWED),
        measured=f"{means}; difference {difference.mean:+.1f} points, 95 % interval "
        f"± {difference.reach:.1f} over ten folds",
        figures=_rounded(figures),
        seeds=list(range(len(FOLDS))),
    )


def par_gin_mutag() -> Finding:
    """Untrained and trained GIN on MUTAG, by fold."""
    return _par("gin", "mutag", size_norm=False)


def par_gc_mutag() -> Finding:
    """Untrained and trained GC-m on MUTAG, by fold."""
    return _par("gc", "mutag")


def par_gin_ptc() -> Finding:
    """Untrained and trained GIN on PTC, by fold."""
    return _par("gin", "ptc", size_norm=False)


def par_gin_imdb_binary() -> Finding:
    """Untrained and trained GIN-m on IMDB-BINARY, by fold."""
    return _par("gin", "imdb-binary")


def par_gin_proteins() -> Finding:
    """Untrained and trained GIN on PROTEINS, by fold."""
    return _par("gin", "proteins", size_norm=False)


def epoch_time(epochs: int = 4, repetitions: int = 8) -> Finding:
    """Processor seconds of an epoch on MUTAG: all layers trained, frozen, and embedded once."""
    data = evaluation.dataset("mutag", fold=0).as_directed()
    known = registry().architecture("mpnn-gin").config
    config = {**known, "size_norm": False, "epochs": epochs}
    train = data.splits["train"]
    figures: dict[str, list[float]] = {"trained": [], "frozen": [], "embedded once": []}
    for seed in range(-1, repetitions):
        for way, row in figures.items():
            chosen = {**config, "trained": way == "trained"}
            module = create_untrained(Run(data=data, seed=max(seed, 0)), chosen)
            logits, part = _logits(module, data, once=way == "embedded once")
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                started = time.process_time()
                fit(part, logits, data.labels, train, train[:1], config)
                seconds = (time.process_time() - started) / epochs
            if seed >= 0:  # the first one of all warms up
                row.append(seconds)
    times = {
        way: [one / other for one, other in zip(figures["trained"], row, strict=True)]
        for way, row in figures.items()
        if way != "trained"
    }
    faster = {way: estimate(row) for way, row in times.items()}
    shown = ", ".join(f"{way} {one.mean:.1f} times" for way, one in faster.items())
    return Finding(
        verdict=together(
            [at_least(estimate([one - 1 for one in row]), 0) for row in times.values()]
        ),
        measured=f"{1000 * np.mean(figures['trained']):.0f} ms per epoch trained; faster: {shown}",
        figures={name: [round(one, 5) for one in row] for name, row in figures.items()},
        seeds=list(range(repetitions)),
    )


def _logits(
    module: GraphNetwork, data: GraphSet, once: bool
) -> tuple[Callable[[np.ndarray], Tensor], torch.nn.Module]:
    """Return how logits are computed of graphs' indices, and what is put in training mode."""
    if once:
        inputs = to_tensors(data, module.in_features)
        set_statistics(module, inputs)
        with torch.no_grad():
            table = module.standardise(module.embed(*inputs))
        return lambda graphs: module.head(table[graphs]), module.head
    return lambda graphs: module(*to_tensors(data.select(graphs), module.in_features)), module


def block_models(count: int = 50) -> GraphSet:
    """Return the sequence of block models of the experiments, whose last graph has no blocks left.

    Thirty nodes in two blocks, joined with probability 1/2 within a block and linspace(0.1, 0.5)
    between them.
    """
    graphs = []
    for seed, q in enumerate(np.linspace(0.1, 0.5, count)):
        graph = nx.stochastic_block_model([15, 15], [[0.5, q], [q, 0.5]], seed=seed)
        graphs.append(GraphSet.from_edges(np.array(graph.edges).T, [0, 30]))
    return GraphSet.concatenate(graphs)


SEQUENCES: dict[str, Callable[[], GraphSet]] = {
    "MUTAG": lambda: evaluation.dataset("mutag"),
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
            found = module.embed(*inputs).double()
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
                float(pearsonr(true, embedded_to_last(graphs, seed, **config))[0])
                for seed in range(DRAWS)
            ]
    gc, gin = (figures[f"MUTAG, {name}-m, L = 3, H = 64"] for name in ("GC", "GIN"))
    shown = ", ".join(f"{name}: {np.mean(row):.3f}" for name, row in figures.items())
    return Finding(
        verdict=together(
            [
                at_least(estimate([one - 0.93 for one in gc]), 0),
                at_least(paired(gc, gin), 0),
            ]
        ),
        measured=f"Pearson correlation, mean of {DRAWS} draws: {shown}",
        figures=_rounded(figures),
        seeds=list(range(DRAWS)),
    )

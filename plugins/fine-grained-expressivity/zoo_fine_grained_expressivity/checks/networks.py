"""The claims about trained and untrained networks: their accuracy, and the time of an epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from zoo_graphs.graph_set import GraphSet

from zoo_core import Finding, Run, dataset, estimate, paired, protocol, together
from zoo_core.registry import registry
from zoo_core.statistics import at_least
from zoo_fine_grained_expressivity.networks.inputs import to_tensors
from zoo_fine_grained_expressivity.networks.network import GraphNetwork
from zoo_fine_grained_expressivity.train import create_untrained, fit, set_statistics

FOLDS = tuple({"fold": fold} for fold in range(10))
ALLOWED = 3.0
"""Points by which an untrained network may be worse than a trained one and still be on par."""


def points(convolution: str, data: str, trained: bool, **config: Any) -> list[float]:
    """Return test accuracies in points over the ten folds."""
    config = {**config, "trained": trained}
    return [100 * one for one in protocol(f"mpnn-{convolution}", data, FOLDS, config)]


def _rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: [round(one, 3) for one in row] for name, row in figures.items()}


def _accuracy(data: str, bound: float, **config: Any) -> Finding:
    values = points("gin", data, trained=False, **config)
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


def _par(convolution: str, data: str, **config: Any) -> Finding:
    figures = {
        name: points(convolution, data, trained=name == "trained", **config)
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
    data = dataset("mutag", fold=0).as_directed()
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

"""The claims about trained and untrained networks: their accuracy, and the time of an epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from zoo_graphs.graph_set import GraphSet

from zoo_core import Finding, Quantity, dataset, protocol, resampled
from zoo_fine_grained_expressivity.networks.inputs import to_tensors
from zoo_fine_grained_expressivity.networks.network import GraphNetwork
from zoo_fine_grained_expressivity.specs.models import NETWORK_RECIPE
from zoo_fine_grained_expressivity.train import fit, set_statistics, shape_for

FOLDS = 10
"""Of one cross-validation; further ones, in another order of the graphs, follow it."""


def points(
    convolution: str, data: str, trained: bool, size_norm: bool, folds: int = FOLDS
) -> list[float]:
    """Return test accuracies in points over the folds."""
    shape = {"trained": trained, "size_norm": size_norm}
    runs = [{"fold": fold} for fold in range(folds)]
    found = protocol(f"mpnn-{convolution}", data, runs, shape=shape)
    return [round(100 * one, 3) for one in found]


def accuracy(data: str, size_norm: bool, folds: int = FOLDS) -> Finding:
    """Cross-validate a head on an untrained GIN, and again where there are more than ten folds."""
    values = points("gin", data, trained=False, size_norm=size_norm, folds=folds)
    return Finding(
        quantities={"accuracy": over_folds(values)},
        told="" if folds <= FOLDS else "error corrected for the graphs that repetitions share",
        figures={"untrained": values},
        seeds=range(folds),
    )


def over_folds(values: Sequence[float]) -> Quantity:
    """Return values by fold as they are judged: corrected where graphs are tested on again."""
    return values if len(values) <= FOLDS else resampled(values, test_share=1 / FOLDS)


def par(convolution: str, data: str, size_norm: bool) -> Finding:
    """Cross-validate a network trained and untrained, and compare them fold by fold."""
    figures = {
        name: points(convolution, data, name == "trained", size_norm)
        for name in ("trained", "untrained")
    }
    return Finding(
        quantities={"untrained minus trained": differences(figures)},
        told=", ".join(f"{name} {np.mean(row):.1f} %" for name, row in figures.items()),
        figures=figures,
        seeds=range(FOLDS),
    )


def differences(figures: Mapping[str, Sequence[float]]) -> list[float]:
    """Return by how many points the untrained network is better than the trained, by fold."""
    pairs = zip(figures["untrained"], figures["trained"], strict=True)
    return [untrained - trained for untrained, trained in pairs]


def epoch_time(epochs: int = 4, repetitions: int = 8) -> Finding:
    """Processor seconds of an epoch on MUTAG: all layers trained, frozen, and embedded once."""
    data = dataset("mutag", fold=0).as_directed()
    recipe = {**NETWORK_RECIPE, "epochs": epochs}
    train = data.splits["train"]
    figures: dict[str, list[float]] = {"trained": [], "frozen": [], "embedded once": []}
    for seed in range(-1, repetitions):
        for way, row in figures.items():
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(max(seed, 0))
                module = GraphNetwork(**shape_for(data), size_norm=False, trained=way == "trained")
                logits, part = _logits(module, data, once=way == "embedded once")
                torch.manual_seed(max(seed, 0))
                started = time.process_time()
                fit(part, logits, data.labels, train, train[:1], recipe)
                seconds = (time.process_time() - started) / epochs
            if seed >= 0:  # the first one of all warms up
                row.append(round(seconds, 5))
    return Finding(
        quantities=speeds(figures),
        told=f"{1000 * np.mean(figures['trained']):.0f} ms per epoch trained",
        figures=figures,
        seeds=range(repetitions),
    )


def speeds(figures: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Return, by repetition, how many times as fast the ways to train a head are."""

    def ratio(slow: str, fast: str) -> list[float]:
        return [one / other for one, other in zip(figures[slow], figures[fast], strict=True)]

    return {
        "speed of frozen over trained": ratio("trained", "frozen"),
        "speed of embedded once over trained": ratio("trained", "embedded once"),
        "speed of embedded once over frozen": ratio("frozen", "embedded once"),
    }


def _logits(
    module: GraphNetwork, data: GraphSet, once: bool
) -> tuple[Callable[[np.ndarray], Tensor], torch.nn.Module]:
    """Return how logits are computed of graphs' indices, and what is put in training mode."""
    if once:
        inputs = to_tensors(data, module.in_features)
        set_statistics(module, inputs)
        with torch.no_grad():
            table = module.standardise(module.pooled(*inputs))
        return lambda graphs: module.head(table[graphs]), module.head
    return lambda graphs: module(*to_tensors(data.select(graphs), module.in_features)), module

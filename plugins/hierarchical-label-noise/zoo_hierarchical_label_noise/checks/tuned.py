"""Tree and flat network, each with the recipe that noisy validation labels prefer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from torch.nn import functional

from zoo_core import Finding, dataset
from zoo_hierarchical_label_noise.checks.comparing import (
    Answer,
    answer,
    choices_of,
    minus,
    trained,
)
from zoo_hierarchical_label_noise.specs.models import CLOTHES

SETTINGS = {"across 0.6": 0.6, "within 0.4": 0.4, "symmetric 0.4": 0.4}
RATES, SMOOTHINGS = (0.03, 0.1), (0.0, 0.1)
WAYS = {"flat": "flat", "product": "separate"}


def both_tuned(
    seeds: int = 3,
    limit: int = 10_000,
    tests: int | None = None,
    epochs: int = 10,
    rates: Sequence[float] = RATES,
    smoothings: Sequence[float] = SMOOTHINGS,
) -> Finding:
    """Compare tree and flat network of 64 units a net on 10,000 images, both tuned alike.

    Of every learning rate with and without smoothing, the epoch of each network is that with the
    least cross-entropy on the noisy validation labels that are its own, and the whole is chosen by
    the cross-entropy of its P on all of them. Test labels are looked at once, of what was chosen.
    """
    found: dict[str, dict[str, list[Answer]]] = {}
    chosen: dict[str, list[Mapping[str, float]]] = {}
    for name, rate in SETTINGS.items():
        found[name] = {way: [] for way in WAYS}
        for seed in range(seeds):
            data = _data(name.split()[0], rate, seed, limit)
            grid = list(product(rates, smoothings))
            for way, reading in WAYS.items():
                best, settings = _best(data, seed, reading, epochs, grid, tests)
                found[name][way].append(best)
                chosen.setdefault(f"{name} {way}", []).append(settings)
    quantities: dict[str, Any] = {}
    figures: dict[str, Any] = {"chosen": chosen}
    for name, ways in found.items():
        accuracies = {way: [one.accuracy for one in runs] for way, runs in ways.items()}
        severities = {way: [one.severity for one in runs] for way, runs in ways.items()}
        lead = minus(accuracies["product"], accuracies["flat"])
        quantities[f"{name}: tuned product minus tuned flat"] = lead
        quantities[f"{name}: mistake severity, tuned flat minus tuned product"] = minus(
            severities["flat"], severities["product"]
        )
        figures |= {f"{name} {way}": values for way, values in accuracies.items()}
    return Finding(quantities=quantities, figures=figures, seeds=tuple(range(seeds)))


def _data(kind: str, rate: float, seed: int, limit: int) -> Any:
    return dataset("noisy-fashion-mnist", kind=kind, rate=rate, noise_seed=seed, limit=limit)


def _best(
    data: Any,
    seed: int,
    reading: str,
    epochs: int,
    grid: Sequence[tuple[float, float]],
    tests: int | None,
) -> tuple[Answer, Mapping[str, float]]:
    shape = {
        "backbone": "mlp",
        "options": {"widths": [64]},
        "hierarchy": CLOTHES,
        "reading": reading,
    }
    best: tuple[float, Any, Mapping[str, float]] | None = None
    for learning_rate, smoothing in grid:
        settings = {"learning_rate": learning_rate, "smoothing": smoothing}
        recipe = {
            "optimizer": "sgd",
            "batch_size": 250,
            "weight_decay": 0.0,
            "warmup": 0.0,
            "epochs": epochs,
            "select": "loss",
            **settings,
        }
        module = trained(data, seed, shape, recipe)
        kept = module.combined(choices_of(module, data, data.rows["val"]))
        loss = float(functional.nll_loss(kept, data.targets("val")))
        if best is None or loss < best[0]:
            best = (loss, module, settings)
    assert best is not None
    rows = data.rows["test"][:tests]
    module = best[1]
    return answer(module, choices_of(module, data, rows), data.truth[rows]), best[2]

"""Claims on the shipped models: their accuracy on clean labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zoo_core import Finding, bootstrap, dataset, load
from zoo_hierarchical_label_noise.checks.comparing import answer, choices_of, mcnemar


def clean_accuracy(models: Sequence[str]) -> Finding:
    """Measure models on clean test labels, with a bootstrap over the test set."""
    found = {name: shipped(name) for name in models}
    return Finding(
        quantities={name: bootstrap((100.0 * one.right).tolist()) for name, one in found.items()},
        figures={name: one.coarse_accuracies for name, one in found.items()},
    )


def beside_flat(pairs: Sequence[Sequence[str]]) -> Finding:
    """Compare shipped trees with the flat networks beside them, on the same clean test images."""
    quantities: dict[str, Any] = {}
    told = []
    for first, second in pairs:
        tree, flat = shipped(first), shipped(second)
        lead = tree.right.double() - flat.right.double()
        quantities[f"{first} minus {second}"] = bootstrap((100.0 * lead).tolist())
        told.append(f"{first}: McNemar p = {mcnemar(tree.right, flat.right):.2g}")
    return Finding(quantities=quantities, told="; ".join(told))


def shipped(name: str) -> Any:
    """Return what a shipped model answers to the clean test images of its data."""
    module: Any = load(name)
    source = module.zoo_source
    data = dataset(source.dataset, **source.options)
    rows = data.rows["test"]
    return answer(module, choices_of(module, data, rows), data.targets("test"))

"""The checks of the kernels: their exact sums, and accuracies over folds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from zoo_core import Estimate, Finding, estimate, protocol
from zoo_core import dataset as load_dataset
from zoo_wl_tutorial.kernels import gram, kernel_features

FOLDS = 10
"""Of one cross-validation; further ones, in another order of the graphs, follow it."""


def kernel_sums(datasets: Sequence[str]) -> Finding:
    """Measure the sum of each set's kernel matrix and the size of its vocabulary, H = 5."""
    found = {}
    for name in datasets:
        features = kernel_features(load_dataset(name), 5)
        found[name] = [int(gram(features).sum()), int(features.vocabulary.size)]
    return Finding(quantities=sums_and_colours(found), figures=found)


def sums_and_colours(found: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """Return both numbers of each set by the names of the claim's bounds."""
    quantities = {}
    for name, (total, colours) in found.items():
        quantities[f"sum of the matrix of {name}"] = total
        quantities[f"colours of {name}"] = colours
    return quantities


def points(
    architecture: str,
    dataset: str,
    *,
    folds: int = FOLDS,
    cleaned: bool = False,
    recipe: Mapping[str, Any] | None = None,
) -> list[float]:
    """Return test accuracies in points over the folds, of a set without copies if `cleaned`."""
    options = {"cleaned": True} if cleaned else {}
    runs = [{"fold": fold, **options} for fold in range(folds)]
    found = protocol(architecture, dataset, runs, recipe=recipe)
    return [round(100 * one, 3) for one in found]


def accuracy(dataset: str, folds: int = FOLDS, recipe: Mapping[str, Any] | None = None) -> Finding:
    """Measure the accuracy of the subtree kernel on a set, with the recipe of the shipped model."""
    found = {"accuracy": points("wl-subtree", dataset, folds=folds, recipe=recipe)}
    return Finding(quantities=found, figures=found, seeds=range(folds))


def company(dataset: str) -> Finding:
    """Measure optimal assignment and pair colours beside the subtree kernel, by fold."""
    found = {
        architecture: points(architecture, dataset)
        for architecture in ("wl-subtree", "wl-assignment", "fwl2-subtree")
    }
    return Finding(quantities=leads(found), figures=found, seeds=range(FOLDS))


def leads(found: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Return by how many points each method is ahead of the subtree kernel, fold by fold."""
    return {
        f"{label} over subtree": [
            own - beside for own, beside in zip(found[method], found["wl-subtree"], strict=True)
        ]
        for label, method in (
            ("optimal assignment", "wl-assignment"),
            ("2-FWL pairs", "fwl2-subtree"),
        )
    }


def copies(datasets: Sequence[str], folds: int = FOLDS) -> Finding:
    """Measure accuracies with and without isomorphic copies."""
    found = {}
    for dataset in datasets:
        found[dataset] = points("wl-subtree", dataset, folds=folds)
        found[f"{dataset} cleaned"] = points("wl-subtree", dataset, folds=folds, cleaned=True)
    return Finding(quantities=falls(found), figures=found, seeds=range(folds))


def falls(found: Mapping[str, Sequence[float]]) -> dict[str, Estimate]:
    """Return by how many points the accuracy on each set falls when its copies are left out.

    The two are on different sets of graphs, so that the folds are no pairs: the interval is that of
    two independent means.
    """
    quantities = {}
    for dataset in found:
        if f"{dataset} cleaned" in found:
            every, cleaned = (estimate(found[name]) for name in (dataset, f"{dataset} cleaned"))
            quantities[f"fall on {dataset} without copies"] = Estimate(
                every.mean - cleaned.mean,
                math.hypot(every.error, cleaned.error),
                math.hypot(every.reach, cleaned.reach),
                runs=every.runs,
            )
    return quantities

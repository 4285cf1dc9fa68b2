"""Claims on trees of networks, trained by the recipe of the flat network beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo_core import Finding, dataset
from zoo_hierarchical_label_noise.checks.comparing import (
    Answer,
    answer,
    choices_of,
    mcnemar,
    minus,
    trained,
)
from zoo_hierarchical_label_noise.specs.models import CLOTHES
from zoo_hierarchical_label_noise.tree_softmax import TreeSoftmax

SGD = {
    "batch_size": 250,
    "learning_rate": 0.05,
    "optimizer": "sgd",
    "weight_decay": 0.0,
    "warmup": 0.0,
    "decay": False,
    "select": "last",
}
"""As simple as can be: the targets were set with a learning rate that stays as it is."""
METHODS = ("flat", "two flat networks", "product", "topdown")


def across(seeds: int = 5, **sizes: Any) -> Finding:
    """Compare on 10,000 images with 60 % of the labels wrong, across superclasses.

    A learning rate that decays along a cosine, which is told beside, averages over more of the
    noise and closes a part of the gap.
    """
    recipe = {**SGD, "epochs": 5}
    found = _compared("across", 0.6, _mlp(64), recipe, seeds, **sizes)
    decaying = _compared("across", 0.6, _mlp(64), {**recipe, "decay": True}, seeds, **sizes)
    flat, tree = found["flat"], found["product"]
    severities = ([one.severity for one in runs] for runs in (flat, tree))
    pvalues = [mcnemar(a.right, b.right) for a, b in zip(tree, flat, strict=True)]
    return _finding(
        found,
        {
            "product minus flat": _lead(found, "product", "flat"),
            "product minus two flat networks": _lead(found, "product", "two flat networks"),
            "product minus topdown": _lead(found, "product", "topdown"),
            "mistake severity, flat minus product": minus(*severities),
            "largest p-value of McNemar's test": max(pvalues),
        },
        {"with a rate that decays": decaying},
    )


def within(seeds: int = 4, **sizes: Any) -> Finding:
    """Compare networks of 512 units that learn by heart, 40 % wrong labels within superclasses.

    They see each of 10,000 images 20 times.
    """
    found = _compared("within", 0.4, _mlp(512), {**SGD, "epochs": 20}, seeds, **sizes)
    return _finding(
        found,
        {
            "product minus flat": _lead(found, "product", "flat"),
            "product minus two flat networks": _lead(found, "product", "two flat networks"),
        },
    )


def symmetric(seeds: int = 5, **sizes: Any) -> Finding:
    """Compare on 10,000 images with 40 % of the labels wrong, all wrong ones equally likely.

    A learning rate that decays is told beside.
    """
    recipe = {**SGD, "epochs": 5}
    found = _compared("symmetric", 0.4, _mlp(64), recipe, seeds, **sizes)
    decaying = _compared("symmetric", 0.4, _mlp(64), {**recipe, "decay": True}, seeds, **sizes)
    return _finding(
        found,
        {
            "product minus flat": _lead(found, "product", "flat"),
            "product minus topdown": _lead(found, "product", "topdown"),
        },
        {"with a rate that decays": decaying},
    )


def convolutions(seeds: int = 3, epochs: int = 5, **sizes: Any) -> Finding:
    """Compare small convolutional networks, 60 % wrong labels across superclasses."""
    recipe = {"epochs": epochs, "select": "last"}
    found = _compared("across", 0.6, {"backbone": "small-cnn"}, recipe, seeds, **sizes)
    return _finding(found, {"product minus flat": _lead(found, "product", "flat")})


def _mlp(width: int) -> dict[str, Any]:
    return {"backbone": "mlp", "options": {"widths": [width]}}


def _compared(
    kind: str,
    rate: float,
    shape: dict[str, Any],
    recipe: dict[str, Any],
    seeds: int,
    limit: int = 10_000,
    tests: int | None = None,
) -> dict[str, list[Answer]]:
    """Return the answers of each method by seed; a seed draws noise and initial weights.

    The first of the two flat networks is the flat network; product and topdown are two rules for
    the same tree.
    """
    found: dict[str, list[Answer]] = {name: [] for name in METHODS}
    for seed in range(seeds):
        data = dataset("noisy-fashion-mnist", kind=kind, rate=rate, noise_seed=seed, limit=limit)
        rows = data.rows["test"][:tests]
        truth = data.truth[rows]
        shared = {**shape, "hierarchy": CLOTHES}
        flat = trained(data, seed, {**shared, "reading": "ensemble"}, recipe)
        logits = choices_of(flat, data, rows)
        found["two flat networks"].append(answer(flat, logits, truth))
        one = logits[:, : len(data.classes)].log_softmax(1)
        found["flat"].append(
            Answer(one, flat.tree.summed(one), truth, flat.superclasses, flat.heights)
        )
        tree = trained(data, seed, {**shared, "reading": "separate"}, recipe)
        logits = choices_of(tree, data, rows)
        found["product"].append(answer(tree, logits, truth))
        routed = TreeSoftmax(tree.hierarchy, "topdown")
        found["topdown"].append(answer(tree, logits, truth, routed))
    return found


def _lead(found: dict[str, list[Answer]], first: str, second: str) -> list[float]:
    return minus(*([one.accuracy for one in found[name]] for name in (first, second)))


def _finding(
    found: dict[str, list[Answer]],
    quantities: dict[str, Any],
    beside: Mapping[str, dict[str, list[Answer]]] | None = None,
) -> Finding:
    figures: dict[str, Any] = _accuracies(found)
    for name in ("flat", "product"):
        ways = [one.coarse_accuracies for one in found[name]]
        figures |= {f"{name}, coarse {way}": [one[way] for one in ways] for way in ways[0]}
        figures[f"{name}, severity"] = [one.severity for one in found[name]]
    told = _told(found)
    for label, other in (beside or {}).items():
        figures |= {f"{name}, {label}": values for name, values in _accuracies(other).items()}
        told += f"; {label}: {_told(other)}"
    return Finding(
        quantities=quantities, told=told, figures=figures, seeds=tuple(range(len(found["flat"])))
    )


def _accuracies(found: dict[str, list[Answer]]) -> dict[str, list[float]]:
    return {name: [one.accuracy for one in answers] for name, answers in found.items()}


def _told(found: dict[str, list[Answer]]) -> str:
    means = {name: sum(values) / len(values) for name, values in _accuracies(found).items()}
    return ", ".join(f"{name} {value:.1f} %" for name, value in means.items())

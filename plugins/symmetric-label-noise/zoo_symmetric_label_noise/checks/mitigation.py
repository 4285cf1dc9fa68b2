"""The conjecture: with noise that is not symmetric, mitigation beats ignoring the noisy data."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional
from zoo_images.features import features_of
from zoo_images.probe import choose_regression, standardisation
from zoo_label_noise.losses import forward_correction

from zoo_core import Finding, dataset, load

CLEAN = 450
"""How many clean labels the classifier has that ignores noisy ones: five in a hundred."""
PENALTIES = (1e-5, 1e-4, 1e-3, 1e-2)
SETTINGS: dict[str, dict[str, Any]] = {
    "symmetric 0.4": {"kind": "symmetric", "rate": 0.4},
    "pair 0.45": {"kind": "pair", "rate": 0.45},
    "human, worst": {"kind": "worst"},
}


def conjecture(seeds: int = 3, limit: int | None = None, every: int = 1) -> Finding:
    """Fit linear heads to frozen features of CIFAR-10N: as labels are, corrected, and clean only.

    T is known: that of the injected noise, or counted over all labels that people gave. The penalty
    of each is chosen on validation labels of the kind that it was fitted to, through T where it is
    corrected; the few clean labels are not counted with those that choose theirs. Seeds draw the
    injected noise and the few clean labels. With ``every=20`` each twentieth test image is looked
    at: they come class by class.
    """
    module = load("symnoise-lite0-cifar10")
    clean = dataset("noisy-cifar10n", rate=0.0, limit=limit)
    measured = clean.rows["test"][::every]
    x = {name: features_of(module, clean, clean.rows[name]) for name in ("train", "val")}
    x["test"] = features_of(module, clean, measured)
    mean, scale = standardisation(x["train"])
    x = {name: (features - mean) / scale for name, features in x.items()}
    assert clean.truth is not None
    truth = clean.truth[measured]
    rows: dict[str, dict[str, list[float]]] = {
        name: {"as it is": [], "forward": [], "clean only": []} for name in SETTINGS
    }
    for seed in range(seeds):
        chosen = torch.randperm(
            len(clean.rows["train"]), generator=torch.Generator().manual_seed(seed)
        )[:CLEAN]
        few = choose_regression(
            (x["train"][chosen], clean.truth[clean.rows["train"]][chosen]),
            (x["val"], clean.truth[clean.rows["val"]]),
            10,
            PENALTIES,
        )
        for name, options in SETTINGS.items():
            data = dataset("noisy-cifar10n", noise_seed=seed, limit=limit, **options)
            train, kept = ((x[name], data.targets(name)) for name in ("train", "val"))
            fits = {"clean only": few}
            forward = forward_correction(data.noise.transition)
            for way, loss in {"as it is": functional.cross_entropy, "forward": forward}.items():
                fits[way] = choose_regression(train, kept, 10, PENALTIES, loss, loss)
            for way, (_, weight, bias) in fits.items():
                found = (x["test"] @ weight.T + bias).argmax(1)
                rows[name][way].append(100 * float((found == truth).double().mean()))
    return Finding(quantities=_quantities(rows), figures=rows, seeds=tuple(range(seeds)))


def _quantities(rows: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    def minus(setting: str, first: str, second: str) -> list[float]:
        return [a - b for a, b in zip(rows[setting][first], rows[setting][second], strict=True)]

    plain = minus("symmetric 0.4", "forward", "as it is")
    return {
        "pair 0.45: forward correction minus none": minus("pair 0.45", "forward", "as it is"),
        "pair 0.45: forward correction minus 450 clean labels": minus(
            "pair 0.45", "forward", "clean only"
        ),
        "human, worst: forward correction minus 450 clean labels": minus(
            "human, worst", "forward", "clean only"
        ),
        "symmetric 0.4, from above: forward correction minus none": plain,
        "symmetric 0.4, from below: forward correction minus none": plain,
    }

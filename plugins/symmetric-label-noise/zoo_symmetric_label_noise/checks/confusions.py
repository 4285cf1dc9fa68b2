"""The claim on noise that is not symmetric: what a network answers, class by class."""

from __future__ import annotations

from typing import Any

import torch
from zoo_images.training import predict

from zoo_core import Finding, dataset
from zoo_symmetric_label_noise.checks.contrast import inputs_of, trained_on

NOISES: dict[str, dict[str, Any]] = {
    "symmetric 0.6": {"kind": "symmetric", "rate": 0.6},
    "pair 0.4": {"kind": "pair", "rate": 0.4},
    "pair 0.6": {"kind": "pair", "rate": 0.6},
    "asymmetric 0.6": {"kind": "asymmetric", "rate": 0.6},
}


def confusions(limit: int = 10_000, tests: int = 2_000, seeds: int = 3) -> Finding:
    """Train the small network on 10,000 pictures of clothes under several noises; measure answers.

    Pair noise takes class i for i + 1, the last for the first. Stored for each noise is how many
    percent of the test images of class i (row) are answered j (column), a mean over seeds.
    """
    same: dict[str, list[float]] = {name: [] for name in NOISES}
    following: list[float] = []
    counts = {name: torch.zeros(10, 10, dtype=torch.float64) for name in NOISES}
    classes: list[str] = []
    for name, options in NOISES.items():
        for seed in range(seeds):
            data = dataset("noisy-fashion-mnist", noise_seed=seed, limit=limit, **options)
            x, truth = inputs_of(data, {"test": tests}), data.targets("test")[:tests]
            answers = predict(trained_on(data, x["train"], seed), x["test"]).argmax(1)
            classes = list(data.classes)
            same[name].append(100 * float((answers == truth).double().mean()))
            if name == "pair 0.6":
                following.append(100 * float((answers == (truth + 1) % 10).double().mean()))
            ones = torch.ones(len(truth), dtype=torch.float64)
            counts[name].index_put_((truth, answers), ones, accumulate=True)
    return Finding(
        quantities={
            "symmetric 0.6: clean accuracy": same["symmetric 0.6"],
            "pair 0.4: clean accuracy": same["pair 0.4"],
            "pair 0.6: clean accuracy": same["pair 0.6"],
            "pair 0.6: answers that are the next class": following,
        },
        figures={
            "classes": classes,
            **{
                name: (table / table.sum(1, keepdim=True)).mul(100).round(decimals=1).tolist()
                for name, table in counts.items()
            },
        },
        seeds=tuple(range(seeds)),
    )

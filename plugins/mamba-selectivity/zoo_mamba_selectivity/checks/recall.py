"""Recall: MQAR by the exact models, and by the trained ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from zoo_core import Finding, dataset, load, retrained
from zoo_mamba_selectivity.checks.measuring import accuracy, by_sequence, judged
from zoo_mamba_selectivity.data.mqar import Recall

SIZES = {
    "mamba-mqar-exact": (
        (64, 4),
        (64, 16),
        (128, 8),
        (128, 32),
        (256, 4),
        (256, 16),
        (256, 32),
    ),
    "mamba2-mqar-exact": (
        (64, 4),
        (64, 16),
        (128, 8),
        (128, 32),
        (256, 4),
        (256, 16),
        (256, 32),
    ),
    "s4d-mqar-exact": ((64, 4), (64, 16), (124, 8), (124, 31)),
}
"""Lengths and pairs; S4D's vocabulary of 128 allows no longer ones."""


def recall_exact() -> Finding:
    """Measure the three shipped models on 1,000 sequences of each size."""
    found: dict[str, dict[str, float]] = {}
    for name, sizes in SIZES.items():
        model: Any = load(name)
        found[name] = {
            f"T={length} pairs={pairs}": accuracy(
                model,
                Recall(length=length, pairs=pairs, vocabulary=model.vocabulary, seed=1),
            )
            for length, pairs in sizes
        }
    lowest = min(value for row in found.values() for value in row.values())
    return Finding(
        quantities={"lowest accuracy": 100 * lowest},
        told=f"1,000 sequences of each of {sum(map(len, found.values()))} sizes",
        figures=found,
        seeds=[1],
    )


def recall_trained(models: Mapping[str, str], seeds: Sequence[int]) -> Finding:
    """Measure trained layers on the 1,000 test sequences of MQAR; `models` are by quantity.

    Several seeds of a recipe are judged by their spread, one by a bootstrap over the sequences.
    """
    data = dataset("mqar")
    return _of_trained(
        {
            quantity: [by_sequence(retrained(name, seed), data) for seed in seeds]
            for quantity, name in models.items()
        },
        seeds,
    )


def _of_trained(rows: Mapping[str, Sequence[Sequence[float]]], seeds: Sequence[int]) -> Finding:
    """Return the finding of percentages by quantity, seed and sequence."""
    means = {quantity: [fmean(row) for row in ones] for quantity, ones in rows.items()}
    told = " and ".join(" / ".join(f"{one:.1f}" for one in ones) for ones in means.values())
    return Finding(
        quantities={quantity: judged(ones) for quantity, ones in rows.items()},
        told=f"by seed {told} %, over 1,000 test sequences",
        figures={quantity: [one / 100 for one in ones] for quantity, ones in means.items()},
        seeds=list(seeds),
    )

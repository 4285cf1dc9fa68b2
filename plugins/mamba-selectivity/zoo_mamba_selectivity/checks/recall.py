"""Recall: MQAR by the exact models, and by the trained ones."""

from __future__ import annotations

from zoo_core import Finding, dataset, estimate, together
from zoo_core.statistics import at_least, at_most
from zoo_mamba_selectivity.checks.measuring import accuracy, by_sequence, if_all, loaded, told
from zoo_mamba_selectivity.data.mqar import Recall

RECALL_SIZES = {
    "mamba-mqar-exact": ((64, 4), (64, 16), (128, 8), (128, 32), (256, 4), (256, 16), (256, 32)),
    "mamba2-mqar-exact": ((64, 4), (64, 16), (128, 8), (128, 32), (256, 4), (256, 16), (256, 32)),
    "s4d-mqar-exact": ((64, 4), (64, 16), (124, 8), (124, 31)),
}
"""Lengths and pairs; S4D's vocabulary of 128 allows no longer ones."""


def recall_exact() -> Finding:
    """Measure the three shipped models on 1,000 sequences of each size."""
    found: dict[str, dict[str, float]] = {}
    for name, sizes in RECALL_SIZES.items():
        model = loaded(name)
        found[name] = {
            f"T={length} pairs={pairs}": accuracy(
                model, Recall(length=length, pairs=pairs, vocabulary=model.vocabulary, seed=1)
            )
            for length, pairs in sizes
        }
    lowest = {name: min(row.values()) for name, row in found.items()}
    return Finding(
        verdict=if_all(*(value == 1 for value in lowest.values())),
        measured="lowest accuracy over the sizes: "
        + ", ".join(f"{name} {value:.4f}" for name, value in lowest.items()),
        figures=found,
        seeds=[1],
    )


def recall_mamba() -> Finding:
    """The trained S6 layer on MQAR: at least 0.99."""
    found = estimate(by_sequence(loaded("mamba-mqar"), dataset("mqar")))
    return Finding(
        verdict=at_least(found, 0.99),
        measured=f"accuracy {told(found)} over 1,000 test sequences (one trained layer)",
        figures={"mamba": found.mean},
    )


def recall_s4d() -> Finding:
    """The wide S4D layers on MQAR, with their gate and without."""
    data = dataset("mqar")
    rows = {
        name: by_sequence(loaded(model), data)
        for name, model in (("gate", "s4d-mqar"), ("no gate", "s4d-nogate-mqar"))
    }
    found, without = estimate(rows["gate"]), estimate(rows["no gate"])
    verdicts = [at_least(found, 0.9), at_most(without, 0.35)]
    return Finding(
        verdict=together(verdicts),
        measured=f"accuracy {told(found)} with gate, {told(without)} without, over 1,000 test "
        "sequences (one trained layer each: they are the slowest to train)",
        figures={"gate": found.mean, "no gate": without.mean},
    )

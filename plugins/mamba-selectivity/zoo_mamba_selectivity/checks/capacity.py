"""Capacity: how many pairs random codes hold, and how many a trained state does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from zoo_core import Finding, rounded, train
from zoo_mamba_selectivity.checks.measuring import accuracy
from zoo_mamba_selectivity.data.mqar import Recall, mqar
from zoo_mamba_selectivity.exact.recall import ExactRecall

CODES_TABLE = {
    # (p, q): fraction of queries right for 4, 16 and 64 pairs, V = 8192
    (32, 32): (1.00, 0.99, 0.50),
    (64, 32): (1.00, 1.00, 0.90),
    (64, 64): (1.00, 1.00, 1.00),
    (128, 64): (1.00, 1.00, 1.00),
    (64, 128): (1.00, 1.00, 1.00),
    (16, 128): (1.00, 1.00, 0.90),
}
CODES_PAIRS = (4, 16, 64)
CODES_VOCABULARY = 8192
CODES_SEQUENCES = 40
CODES_SEEDS = 5
GRID_BITS = (8, 16, 32, 64, 128)
GRID_PAIRS = (4, 8, 16, 32, 64, 128)

STATES = (8, 16, 32, 64)
PAIRS = (1, 2, 4, 8, 16, 24, 32)
LENGTH = 128
SEEDS = (0, 1, 2)
SHAPE = {"mixer": "mamba2", "width": 64, "inner": 16}
RECIPE = {"batch_size": 32, "stage_updates": 200, "updates": 1500, "lr": 1e-2}
"""Few channels, so that the states of 16 channels and not the time to learn are what is short.

Of seed 7, after 1,000 updates of the last stage, a rate of 3e-3 had learned nothing (3.0 % of 32
pairs, N = 64, 64 channels), 1e-2 had 99.9 and 64.4 % there (N = 64 and 8), and with 16 channels it
had 95.6 and 46.4 % (N = 64 and 32). The first of the last two is
`zoo train recall-network --dataset mqar --seed 7 --option length=128 --option pairs=32
--set mixer=mamba2 --set state_size=64 --set inner=16 --set batch_size=32 --set updates=1000
--set lr=0.01`.
"""


def codes_accuracy(key_bits: int, value_bits: int, pairs: int, seed: int) -> float:
    """Return the accuracy of a Mamba-2 block with random codes on 40 sequences, V = 8192."""
    model = ExactRecall("mamba2", CODES_VOCABULARY, key_bits, value_bits, seed=seed).eval()
    data = Recall(
        length=4 * pairs,
        pairs=pairs,
        vocabulary=CODES_VOCABULARY,
        sequences=CODES_SEQUENCES,
        seed=seed,
    )
    return accuracy(model, data)


def recall_table() -> Finding:
    """Hold the accuracies of short random codes against the table, over five draws of codes."""
    figures, gaps = {}, []
    for (p, q), expected in CODES_TABLE.items():
        for pairs, reference in zip(CODES_PAIRS, expected, strict=True):
            values = [codes_accuracy(p, q, pairs, seed) for seed in range(CODES_SEEDS)]
            figures[f"p={p} q={q} pairs={pairs}"] = {
                "found": rounded(values),
                "table": reference,
            }
            gaps.append(100 * abs(fmean(values) - reference))
    return Finding(
        quantities={"largest difference from the table": max(gaps)},
        told=f"{fmean(gaps):.1f} points in the mean over {len(gaps)} entries, each the mean of "
        f"{CODES_SEEDS} draws of codes",
        figures=figures,
        seeds=list(range(CODES_SEEDS)),
    )


def half_point(pairs: Sequence[int], accuracies: Sequence[float], level: float) -> float | None:
    """Return the number of pairs at which the accuracy falls to a level, None if not among these.

    Between two sizes the logarithm of the number is interpolated.
    """
    logs = np.log(pairs)
    for i in range(len(pairs) - 1):
        high, low = accuracies[i], accuracies[i + 1]
        if high >= level > low:
            share = (high - level) / (high - low)
            return float(np.exp(logs[i] + share * (logs[i + 1] - logs[i])))
    return None


def recall_capacity() -> Finding:
    """Fit how the number of pairs that short codes hold grows with the size p q of the state."""
    grid = {
        (p, q): [codes_accuracy(p, q, pairs, 0) for pairs in GRID_PAIRS]
        for p in GRID_BITS
        for q in GRID_BITS
    }
    points = {cell: half_point(GRID_PAIRS, row, 0.9) for cell, row in grid.items()}
    known = {cell: point for cell, point in points.items() if point is not None}
    sizes = np.log([p * q for p, q in known])
    slope = float(np.polyfit(sizes, np.log(list(known.values())), 1)[0])
    return Finding(
        quantities={"distance of the exponent from 1": abs(slope - 1)},
        told=f"pairs at 90 % accuracy grow as (p q)^{slope:.2f} over {len(known)} of {len(grid)} "
        "sizes",
        figures={
            "pairs": list(GRID_PAIRS),
            "bits": list(GRID_BITS),
            "accuracy": {f"{p} {q}": rounded(row) for (p, q), row in grid.items()},
            "pairs_at_90": {f"{p} {q}": rounded(point) for (p, q), point in known.items()},
            "slope": rounded(slope),
        },
    )


def capacity() -> Finding:
    """Accuracy of Mamba-2 on one to 32 pairs, by the size of its state; three seeds."""
    figures: dict[str, dict[str, list[float]]] = {}
    for size in STATES:
        rows: dict[str, list[float]] = {str(pairs): [] for pairs in PAIRS}
        for seed in SEEDS:
            module = _trained(size, seed)
            for pairs in PAIRS:
                rows[str(pairs)].append(accuracy(module, mqar(LENGTH, pairs, sequences=300)))
        figures[str(size)] = rows
    return _of_capacity(figures)


def _trained(state_size: int, seed: int) -> Any:
    """Return a layer of Mamba-2 that was trained on as many pairs as are asked at most."""
    with TemporaryDirectory() as folder:
        return train(
            "recall-network",
            "mqar",
            out=Path(folder) / "run",
            seed=seed,
            config={**SHAPE, **RECIPE, "state_size": state_size},
            options={"length": LENGTH, "pairs": PAIRS[-1]},
        )


def _of_capacity(figures: Mapping[str, Mapping[str, Sequence[float]]]) -> Finding:
    """Return the finding of accuracies by state size, number of pairs and seed."""
    most = {n: [100 * one for one in figures[str(n)][str(PAIRS[-1])]] for n in STATES}
    # One trend a seed: what a doubling of N adds, by a line through the four sizes.
    trend = np.polyfit(np.log2(STATES), np.array([most[n] for n in STATES]), 1)[0]
    reach = ", ".join(f"N = {n}: {_reach(figures[str(n)])}" for n in STATES)
    return Finding(
        quantities={f"accuracy at {PAIRS[-1]} pairs": {f"N = {n}": most[n] for n in STATES}},
        told=f"a doubling of N adds {fmean(trend):.1f} points; most pairs of those tried at 90 % "
        f"{reach}",
        figures=figures,
        seeds=list(SEEDS),
    )


def _reach(rows: Mapping[str, Sequence[float]]) -> float:
    """Return the largest number of pairs at which, and below which, 90 % are right."""
    right = [int(pairs) for pairs, row in rows.items() if fmean(row) >= 0.9]
    wrong = [int(pairs) for pairs, row in rows.items() if fmean(row) < 0.9]
    return max((pairs for pairs in right if pairs < min(wrong, default=10**6)), default=0)

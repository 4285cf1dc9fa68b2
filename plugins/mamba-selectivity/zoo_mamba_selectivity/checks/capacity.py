"""Capacity: how many pairs random codes hold, and how many a trained state does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean

import numpy as np

from zoo_core import Finding, Verdict, estimate, paired, together
from zoo_core.registry import registry
from zoo_core.statistics import at_least
from zoo_mamba_selectivity.checks.measuring import SEEDS, accuracy, if_all, short, told, trained
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
CODES_MARGIN = 0.03
GRID_BITS = (8, 16, 32, 64, 128)
GRID_PAIRS = (4, 8, 16, 32, 64, 128)

STATES = (8, 16, 32, 64)
PAIRS = (1, 2, 4, 8, 12, 16)
LENGTH = 64
RECIPE = {"batch_size": 32, "stage_updates": 200, "updates": 200}


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
    figures, gaps, verdicts = {}, [], []
    for (p, q), expected in CODES_TABLE.items():
        for pairs, reference in zip(CODES_PAIRS, expected, strict=True):
            values = [codes_accuracy(p, q, pairs, seed) for seed in range(CODES_SEEDS)]
            figures[f"p={p} q={q} pairs={pairs}"] = {"found": short(values), "table": reference}
            gap = abs(float(np.mean(values)) - reference)
            gaps.append(gap)
            verdicts.append(if_all(gap <= CODES_MARGIN))
    return Finding(
        verdict=together(verdicts),
        measured=f"largest difference from the table {max(gaps):.3f}, mean {np.mean(gaps):.3f}, "
        f"over {len(gaps)} entries (each the mean of {CODES_SEEDS} draws of codes)",
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
        verdict=if_all(0.75 <= slope <= 1.25),
        measured=f"pairs at 90 % accuracy grow as (p q)^{slope:.2f} over {len(known)} of "
        f"{len(grid)} sizes",
        figures={
            "pairs": list(GRID_PAIRS),
            "bits": list(GRID_BITS),
            "accuracy": {f"{p} {q}": short(row) for (p, q), row in grid.items()},
            "pairs_at_90": {f"{p} {q}": short(point) for (p, q), point in known.items()},
            "slope": short(slope),
        },
    )


def capacity() -> Finding:
    """Accuracy of Mamba-2 on one to sixteen pairs, by the size of its state; three seeds."""
    known = registry().architecture("recall-network").config
    figures: dict[str, dict[str, list[float]]] = {}
    for size in STATES:
        config = {**known, **RECIPE, "mixer": "mamba2", "state_size": size}
        rows: dict[str, list[float]] = {str(pairs): [] for pairs in PAIRS}
        for seed in SEEDS:
            module = trained(mqar(LENGTH, PAIRS[-1]), config, seed)
            for pairs in PAIRS:
                data = mqar(LENGTH, pairs, sequences=300)
                rows[str(pairs)].append(accuracy(module, data))
        figures[str(size)] = rows
    return _of_capacity(figures)


def _of_capacity(figures: Mapping[str, Mapping[str, list[float]]]) -> Finding:
    """Return the finding of accuracies by state size, number of pairs and seed."""
    most = [figures[str(size)][str(PAIRS[-1])] for size in STATES]
    # Each doubling must help, over the seeds, unless all is right already.
    verdicts: list[Verdict] = []
    for small, large in pairwise(most):
        solved = fmean(small) >= 0.99 and fmean(large) >= 0.99
        verdicts.append("holds" if solved else at_least(paired(large, small), 0.0))
    # One trend a seed: what a doubling of N adds, by a line through the four sizes.
    gain = estimate(np.polyfit(np.log2(STATES), np.array(most), 1)[0].tolist())
    shown = ", ".join(
        f"N = {n}: {told(estimate(row))}" for n, row in zip(STATES, most, strict=True)
    )
    reach = ", ".join(f"N = {n}: {_reach(figures[str(n)])}" for n in STATES)
    return Finding(
        verdict=together(verdicts),
        measured=f"accuracy at {PAIRS[-1]} pairs {shown}; a doubling of N adds {told(gain)}; most "
        f"pairs of those tried at 90 % {reach}",
        figures=figures,
        seeds=list(SEEDS),
    )


def _reach(rows: Mapping[str, list[float]]) -> float:
    """Return the largest number of pairs at which, and below which, 90 % are right."""
    right = [int(pairs) for pairs, row in rows.items() if fmean(row) >= 0.9]
    wrong = [int(pairs) for pairs, row in rows.items() if fmean(row) < 0.9]
    return max((pairs for pairs in right if pairs < min(wrong, default=10**6)), default=0)

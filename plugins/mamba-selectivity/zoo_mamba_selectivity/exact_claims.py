"""The checks of what the exact models are claimed to do, and of what no layer without a part can.

Statements of existence are checked on the shipped weights or on models of other sizes that the same
constructor builds; statements that something is impossible on random blocks, by the identity that
makes it so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_ssm.blocks import S4D, Mamba, Mamba2
from zoo_ssm.s4d import s4d_lin_poles

from zoo_core import Finding, models
from zoo_core.interfaces import Verdict
from zoo_core.statistics import at_least, estimate, paired, together
from zoo_core.training import protocol
from zoo_mamba_selectivity import haar
from zoo_mamba_selectivity.exact_recall import ExactRecall
from zoo_mamba_selectivity.haar_data import measured, pywavelets
from zoo_mamba_selectivity.keepnth import Keep
from zoo_mamba_selectivity.mqar import Recall
from zoo_mamba_selectivity.thresholds import haar_ramps, ramps

Array = np.ndarray
SIGNALS = ("ecg", "blocks", "nino")
TOLERANCE = 1e-5

GRID = 2048
"""Samples on which the best approximation of the Haar mother wavelet is computed."""
MODES = (4, 6, 8, 12, 16, 24, 32, 48, 64)
HORIZONS = (0.5, 1.0, 1.5, 1.7, 1.8, 1.9, 1.95, 2.0, 2.5, 3.0)
"""Values of τT, the length of the signal on the time scale of S4D-Lin's poles."""

RECALL_SIZES = {
    "mamba-mqar-exact": ((64, 4), (64, 16), (128, 8), (128, 32), (256, 4), (256, 16), (256, 32)),
    "mamba2-mqar-exact": ((64, 4), (64, 16), (128, 8), (128, 32), (256, 4), (256, 16), (256, 32)),
    "s4d-mqar-exact": ((64, 4), (64, 16), (124, 8), (124, 31)),
}
"""Lengths and pairs; S4D's vocabulary of 128 allows no longer ones."""

CAPACITY_TABLE = {
    # (p, q): fraction of queries right for 4, 16 and 64 pairs, V = 8192
    (32, 32): (1.00, 0.99, 0.50),
    (64, 32): (1.00, 1.00, 0.90),
    (64, 64): (1.00, 1.00, 1.00),
    (128, 64): (1.00, 1.00, 1.00),
    (64, 128): (1.00, 1.00, 1.00),
    (16, 128): (1.00, 1.00, 0.90),
}
CAPACITY_PAIRS = (4, 16, 64)
CAPACITY_VOCABULARY = 8192
CAPACITY_SEQUENCES = 40
CAPACITY_SEEDS = 5
CAPACITY_MARGIN = 0.03
GRID_BITS = (8, 16, 32, 64, 128)
GRID_PAIRS = (4, 8, 16, 32, 64, 128)
LEARNED_ROW = 5
"""The wavelet of level 2 and shift 1: a quarter of the signal, away from its ends."""
LEARNED_SEEDS = 5
BLOCKS = 20
"""Random blocks on which an impossibility is checked."""
SAME, DIFFERENT = 1e-9, 1e-3


def short(value: Any) -> Any:
    """Return numbers, in whatever containers, with five significant digits."""
    if isinstance(value, dict):
        return {str(key): short(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [short(item) for item in value]
    return float(f"{float(value):.5g}")


def if_all(*holds: bool) -> Verdict:
    """Return the verdict of figures that have no spread."""
    return "holds" if all(holds) else "fails"


# Haar wavelets ---------------------------------------------------------------------------------


def haar_signals() -> Finding:
    """Hold the shipped model against PyWavelets on an electrocardiogram, Blocks and El Niño."""
    model = models.load("s6-haar-exact")
    oracle = pywavelets()
    figures, parts = {}, []
    for name in SIGNALS:
        x = measured(name, 256).part("test")
        expected = np.concatenate(oracle.wavedec(x[0], "haar", mode="periodization"))
        with torch.no_grad():
            found = model(torch.from_numpy(x))[0].numpy()
        worst = float(np.abs(found - expected).max())
        relative = float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
        figures[name] = {"max_absolute": worst, "relative_l2": relative}
        parts.append(f"{name} {worst:.1e}")
    worst = max(row["max_absolute"] for row in figures.values())
    return Finding(
        verdict=if_all(worst < TOLERANCE),
        measured=f"largest error of the 256 coefficients: {', '.join(parts)} (float64, standardised"
        " signals)",
        figures=short(figures),
    )


def lin_error(modes: int, horizon: float, wavelet: Array) -> float:
    """Return the relative L2 error of the best S4D-Lin kernel for a wavelet, by least squares.

    At the last of T samples the kernel of N modes is Σ_n Re c_n exp(λ_n τ (T - s)); `horizon` is
    τT. The weights c_n are complex and free, C and b̄ together; twice the real part makes no
    difference.
    """
    poles = s4d_lin_poles(modes).to(torch.complex128).numpy()
    ago = horizon * (1 - (np.arange(len(wavelet)) + 0.5) / len(wavelet))
    curves = np.exp(np.outer(ago, poles))
    design = np.concatenate([curves.real, curves.imag[:, 1:]], axis=1)  # λ_0 is real
    best = design @ np.linalg.lstsq(design, wavelet, rcond=None)[0]
    return float(np.linalg.norm(best - wavelet) / np.linalg.norm(wavelet))


def selective_error(row: int, length: int = GRID) -> tuple[float, int]:
    """Return the relative L2 error of the S6 kernel for a wavelet, and its number of channels.

    The kernel is measured: the outputs of the scan for each unit impulse.
    """
    thresholds, weights = haar_ramps(length, [row])
    with torch.no_grad():
        found = ramps(
            torch.eye(length, dtype=torch.float64), torch.from_numpy(thresholds), decay=1e-17
        )
    kernel = found.numpy() @ weights[0] / math.sqrt(haar.widths(length)[row])
    wavelet = haar.haar_matrix(length)[row]
    return float(np.linalg.norm(kernel - wavelet)), len(thresholds)


def haar_rate() -> Finding:
    """Fit how the best S4D-Lin error for the Haar mother wavelet falls with the modes."""
    mother = np.repeat([1.0, -1.0], GRID // 2)
    errors = {h: [lin_error(n, h, mother) for n in MODES] for h in HORIZONS}
    best = np.min(list(errors.values()), axis=0)
    slope = float(np.polyfit(np.log(MODES), np.log(best), 1)[0])
    # The mother needs four channels, because P_0 = 0; the wavelet of level 2, shift 1 needs six.
    (selective, four), (inner, six) = selective_error(1), selective_error(5)
    return Finding(
        verdict=if_all(
            -0.6 <= slope <= -0.4, best[-1] > 0.05, max(selective, inner) < 1e-6, six <= 6
        ),
        measured=f"S4D-Lin: N^{slope:.3f}, relative error {best[-1]:.3f} at N = 64, the best of "
        f"{len(HORIZONS)} step sizes; S6: {selective:.1e} with {four} channels, {inner:.1e} with "
        f"{six} for a wavelet inside",
        figures=short(
            {
                "modes": list(MODES),
                "best": best,
                "slope": slope,
                "by_horizon": errors,
                "selective": {str(four): selective, str(six): inner},
            }
        ),
    )


# Memory ----------------------------------------------------------------------------------------


def keep_nth() -> Finding:
    """Ask the shipped keep-n-th model for n = 0, T/4, T/2 at lengths from 16 to 1024."""
    model: Any = models.load("s6-keepnth-exact")
    lengths = [2**power for power in range(4, 11)]
    accuracy, worst = {}, 0.0
    for length in lengths:
        right = asked = 0
        for position in (0, length // 4, length // 2):
            data = Keep(length=length, position=position, vocabulary=16, sequences=100, seed=1)
            with torch.no_grad():
                for scores, answers in model.outputs_and_targets(data, "test"):
                    wanted = nn.functional.one_hot(answers, 16)
                    worst = max(worst, float((scores - wanted).abs().max()))
                    right += int((scores.argmax(dim=1) == answers).sum())
                    asked += len(answers)
        accuracy[str(length)] = right / asked
    return Finding(
        verdict=if_all(*(one == 1 for one in accuracy.values())),
        measured=f"accuracy {min(accuracy.values()):.3f} at worst over T = {lengths[0]} to "
        f"{lengths[-1]} and n = 0, T/4, T/2 (100 sequences each), the same weights throughout; "
        f"largest error of a score {worst:.1e}",
        figures={"accuracy": accuracy, "largest_error": short(worst)},
        seeds=[1],
    )


# Recall ----------------------------------------------------------------------------------------


def accuracy(model: Any, data: Recall, split: str = "test") -> float:
    """Return the fraction of queries right."""
    right = asked = 0
    with torch.no_grad():
        for scores, answers in model.outputs_and_targets(data, split):
            right += int((scores.argmax(dim=1) == answers).sum())
            asked += len(answers)
    return right / asked


def recall_exact() -> Finding:
    """Measure the three shipped models on 1,000 sequences of each size."""
    found: dict[str, dict[str, float]] = {}
    for name, sizes in RECALL_SIZES.items():
        model: Any = models.load(name)
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


def capacity_accuracy(key_bits: int, value_bits: int, pairs: int, seed: int) -> float:
    """Return the accuracy of a Mamba-2 block with random codes on 40 sequences, V = 8192."""
    model = ExactRecall("mamba2", CAPACITY_VOCABULARY, key_bits, value_bits, seed=seed).eval()
    data = Recall(
        length=4 * pairs,
        pairs=pairs,
        vocabulary=CAPACITY_VOCABULARY,
        sequences=CAPACITY_SEQUENCES,
        seed=seed,
    )
    return accuracy(model, data)


def recall_table() -> Finding:
    """Hold the accuracies of short random codes against the table, over five draws of codes."""
    figures, gaps, verdicts = {}, [], []
    for (p, q), expected in CAPACITY_TABLE.items():
        for pairs, reference in zip(CAPACITY_PAIRS, expected, strict=True):
            values = [capacity_accuracy(p, q, pairs, seed) for seed in range(CAPACITY_SEEDS)]
            figures[f"p={p} q={q} pairs={pairs}"] = {"found": short(values), "table": reference}
            gap = abs(float(np.mean(values)) - reference)
            gaps.append(gap)
            verdicts.append(if_all(gap <= CAPACITY_MARGIN))
    return Finding(
        verdict=together(verdicts),
        measured=f"largest difference from the table {max(gaps):.3f}, mean {np.mean(gaps):.3f}, "
        f"over {len(gaps)} entries (each the mean of {CAPACITY_SEEDS} draws of codes)",
        figures=figures,
        seeds=list(range(CAPACITY_SEEDS)),
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
        (p, q): [capacity_accuracy(p, q, pairs, 0) for pairs in GRID_PAIRS]
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


# What cannot be --------------------------------------------------------------------------------


def _frozen(seed: int, make: Callable[[], nn.Module]) -> nn.Module:
    """Return a block with random weights in float64, whose state-space layer forgets nothing."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        block = make().double()
        for parameter in block.parameters():
            parameter.normal_(std=0.3)
        block.get_parameter("A_log").fill_(-60.0)  # A = -exp(-60), below rounding
    return block.eval()


def _relative(first: Tensor, second: Tensor, scale: Tensor) -> float:
    return float((first - second).norm() / scale.norm())


def no_convolution() -> Finding:
    """Permute the context of blocks with A = 0: does the output at the query change?

    Without convolution the state is a sum over tokens, so it cannot, and a query is answered by one
    of the κ values at best.
    """
    changes: dict[str, list[float]] = {}
    for name, cls in (("mamba", Mamba), ("mamba2", Mamba2)):
        for taps in (1, 4):
            rows = changes.setdefault(f"{name}, {taps} taps", [])
            for seed in range(BLOCKS):
                block = _frozen(seed, lambda cls=cls, taps=taps: cls(16, conv_width=taps))
                rng = np.random.default_rng(seed)
                context = torch.from_numpy(rng.normal(size=(1, 24, 16)))
                query = torch.from_numpy(rng.normal(size=(1, 5, 16)))
                moved = context[:, torch.from_numpy(rng.permutation(24))]
                with torch.no_grad():
                    first, second = (
                        block(torch.cat([one, query], dim=1))[0][:, -1] for one in (context, moved)
                    )
                rows.append(_relative(first, second, first))
    recalled = {
        f"{mixer}, {pairs} pairs": accuracy(
            ExactRecall(mixer, convolution=False).eval(),
            Recall(length=64, pairs=pairs, vocabulary=1024, sequences=200),
        )
        for mixer in ("mamba", "mamba2")
        for pairs in (4, 16)
    }
    still = max(max(row) for name, row in changes.items() if "1 taps" in name)
    moved_least = min(min(row) for name, row in changes.items() if "4 taps" in name)
    bound = [value <= 1 / int(name.split()[1]) for name, value in recalled.items()]
    return Finding(
        verdict=if_all(still < SAME, moved_least > DIFFERENT, *bound),
        measured=f"relative change of the output under a permutation of the context: at most "
        f"{still:.0e} without convolution, at least {moved_least:.0e} with it ({2 * BLOCKS} random "
        f"blocks); exact models without it recall {max(recalled.values()):.2f} at most",
        figures={"changes": short(changes), "accuracy": recalled},
        seeds=list(range(BLOCKS)),
    )


def no_gate() -> Finding:
    """Cross two contexts with two queries in S4D blocks: does the query see the context?

    Without gate a time-invariant layer adds up what context and query give, so that the difference
    of two queries' outputs is the same after any context. Where k_1 → v_1, k_2 → v_2 is to be told
    from k_1 → v_2, k_2 → v_1, it has to change.
    """
    changes: dict[str, list[float]] = {"gate": [], "no gate": []}
    for gate in (True, False):
        for seed in range(BLOCKS):
            block = _frozen(seed, lambda gate=gate: S4D(16, state_size=4, kind="lin", gate=gate))
            rng = np.random.default_rng(seed)
            contexts = torch.from_numpy(rng.normal(size=(2, 24, 16)))
            queries = torch.from_numpy(rng.normal(size=(2, 1, 16)))
            blanks = torch.from_numpy(rng.normal(size=(1, 3, 16)))  # as many as convolution sees
            with torch.no_grad():
                out = [
                    [block(torch.cat([c[None], blanks, q[None]], dim=1))[0][:, -1] for q in queries]
                    for c in contexts
                ]
            first, second = (row[0] - row[1] for row in out)
            changes["gate" if gate else "no gate"].append(_relative(first, second, first))
    recalled = {
        f"{pairs} pairs": accuracy(
            ExactRecall("s4d", 128, 6, None, distinct_keys=True, gate=False).eval(),
            Recall(length=64, pairs=pairs, vocabulary=128, sequences=200),
        )
        for pairs in (4, 16)
    }
    kept = {
        mixer: accuracy(
            ExactRecall(mixer, gate=False).eval(),
            Recall(length=64, pairs=16, vocabulary=1024, sequences=200),
        )
        for mixer in ("mamba", "mamba2")
    }
    still, moved = max(changes["no gate"]), min(changes["gate"])
    chance = [value <= 1 / int(name.split()[0]) for name, value in recalled.items()]
    return Finding(
        verdict=if_all(
            still < SAME, moved > DIFFERENT, *chance, *(value == 1 for value in kept.values())
        ),
        measured=f"how much the difference of two queries' outputs changes with the context: at "
        f"most {still:.0e} without gate, at least {moved:.0e} with it ({BLOCKS} random S4D "
        "blocks); without gate the exact S4D model recalls "
        + ", ".join(f"{value:.3f} of {name}" for name, value in recalled.items())
        + ", Mamba and Mamba-2 all",
        figures={"changes": short(changes), "accuracy": {**recalled, **kept}},
        seeds=list(range(BLOCKS)),
    )


# Learned layers --------------------------------------------------------------------------------


def haar_learned() -> Finding:
    """Train S6 and S4D layers with the same D N on one Haar coefficient, five seeds each."""
    runs = [{"coefficients": [LEARNED_ROW]} for _ in range(LEARNED_SEEDS)]
    errors = {
        mixer: protocol("haar-layer", "haar", runs, {"mixer": mixer, **more}, "relative-error")
        for mixer, more in (("s6", {}), ("s4d", {"updates": 1600, "lr": 0.02}))
    }
    squared = {mixer: [error**2 for error in row] for mixer, row in errors.items()}
    gain = paired(squared["s4d"], squared["s6"])
    found = {mixer: estimate(row) for mixer, row in squared.items()}
    return Finding(
        verdict=at_least(gain, 0.0),
        measured="relative squared error "
        + ", ".join(
            f"{label} {found[mixer].mean:.3f} ± {found[mixer].error:.3f}"
            for mixer, label in (("s6", "S6"), ("s4d", "S4D"))
        )
        + f" (± standard error, {LEARNED_SEEDS} seeds); S4D minus S6 {gain.mean:.3f} ± "
        f"{gain.error:.3f}",
        figures=short(squared),
        seeds=list(range(LEARNED_SEEDS)),
    )

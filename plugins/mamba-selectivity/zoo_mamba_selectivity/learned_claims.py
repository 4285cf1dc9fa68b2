"""The checks of what the trained models show: recall, its capacity, memory and its decay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from statistics import fmean
from typing import Any

import numpy as np
import torch
from torch import Tensor

from zoo_core import Finding, evaluation
from zoo_core.interfaces import Run, Verdict
from zoo_core.models import full_config, load
from zoo_core.registry import registry
from zoo_core.statistics import Estimate, at_least, at_most, estimate, paired, together
from zoo_mamba_selectivity.keepnth import Keep, keepnth
from zoo_mamba_selectivity.mqar import mqar
from zoo_mamba_selectivity.networks import SequenceNetwork
from zoo_mamba_selectivity.sensitivity import by_autograd, of_token, to_last
from zoo_mamba_selectivity.sequences import SequenceTask
from zoo_mamba_selectivity.train import train_keep, train_recall

SEEDS = (0, 1, 2)
STATES = (8, 16, 32, 64)
PAIRS = (1, 2, 4, 8, 12, 16)
CAPACITY = {"length": 64, "pairs": 16}
CAPACITY_RECIPE = {"batch_size": 32, "stage_updates": 200, "updates": 200}
LENGTHS = (65, 96, 128, 192, 256, 384, 512, 1024)
SEQUENCES = 16
"""Sequences over which sensitivities are averaged."""
LAGS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 160, 191)
"""Where the curves of single modes are kept for the picture, and of how many modes."""
MODES = 12
SETTLED = 32
"""Tokens after the one asked for by which an S6 layer has sorted out what it keeps of it."""


def components() -> Finding:
    """Mamba-2 on MQAR with all its parts, without gate, without convolution; three seeds."""
    figures = {
        "all": _over_seeds("mamba2-mqar"),
        "no gate": _over_seeds("mamba2-mqar", gate=False),
        "no convolution": _over_seeds("mamba2-noconv-mqar"),
    }
    verdicts = [
        at_least(estimate(figures["all"]), 0.99),
        at_least(estimate(figures["no gate"]), 0.98),
        at_most(estimate(figures["no convolution"]), 0.35),
    ]
    shown = ", ".join(f"{name} {_told(estimate(row))}" for name, row in figures.items())
    return Finding(
        verdict=together(verdicts),
        measured=f"accuracy {shown}, mean ± standard error of three seeds",
        figures=figures,
        seeds=list(SEEDS),
    )


def recall_mamba() -> Finding:
    """The trained S6 layer on MQAR: at least 0.99."""
    found = estimate(by_sequence(_loaded("mamba-mqar"), evaluation.dataset("mqar")))
    return Finding(
        verdict=at_least(found, 0.99),
        measured=f"accuracy {_told(found)} over 1,000 test sequences (one trained layer)",
        figures={"mamba": found.mean},
    )


def recall_s4d() -> Finding:
    """The wide S4D layers on MQAR, with their gate and without."""
    data = evaluation.dataset("mqar")
    rows = {
        name: by_sequence(_loaded(model), data)
        for name, model in (("gate", "s4d-mqar"), ("no gate", "s4d-nogate-mqar"))
    }
    found, without = estimate(rows["gate"]), estimate(rows["no gate"])
    verdicts = [at_least(found, 0.9), at_most(without, 0.35)]
    return Finding(
        verdict=together(verdicts),
        measured=f"accuracy {_told(found)} with gate, {_told(without)} without, over 1,000 test "
        "sequences (one trained layer each: they are the slowest to train)",
        figures={"gate": found.mean, "no gate": without.mean},
    )


def capacity() -> Finding:
    """Accuracy of Mamba-2 on one to sixteen pairs, by the size of its state; three seeds."""
    known = registry().architecture("recall-network").config
    figures: dict[str, dict[str, list[float]]] = {}
    for size in STATES:
        config = {**known, **CAPACITY_RECIPE, "mixer": "mamba2", "state_size": size}
        rows: dict[str, list[float]] = {str(pairs): [] for pairs in PAIRS}
        for seed in SEEDS:
            module = _trained(mqar(**CAPACITY), config, seed)
            for pairs in PAIRS:
                data = mqar(CAPACITY["length"], pairs, sequences=300)
                rows[str(pairs)].append(fmean(by_sequence(module, data)))
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
        f"N = {n}: {_told(estimate(row))}" for n, row in zip(STATES, most, strict=True)
    )
    reach = ", ".join(f"N = {n}: {_reach(figures[str(n)])}" for n in STATES)
    return Finding(
        verdict=together(verdicts),
        measured=f"accuracy at {PAIRS[-1]} pairs {shown}; a doubling of N adds {_told(gain)}; most "
        f"pairs of those tried at 90 % {reach}",
        figures=figures,
        seeds=list(SEEDS),
    )


def keep_learned() -> Finding:
    """S6 and S4D on keep-n-th at T = 256, and S6 at lengths that it has not seen."""
    data = evaluation.dataset("keepnth")
    s6, s4d = (_loaded(name) for name in ("mamba-keepnth", "s4d-keepnth"))
    found, other = estimate(by_sequence(s6, data)), estimate(by_sequence(s4d, data))
    by_length = {
        str(length): {
            name: fmean(by_sequence(module, keepnth(length, data.position, sequences=500)))
            for name, module in (("S6", s6), ("S4D", s4d))
        }
        for length in LENGTHS
    }
    verdicts = [at_least(found, 0.99), at_most(other, 0.5)]
    longest = by_length[str(LENGTHS[-1])]["S6"]
    return Finding(
        verdict=together(verdicts),
        measured=f"accuracy at T = 256: S6 {_told(found)}, S4D {_told(other)} (one trained layer "
        f"each, 1,000 test sequences); S6 at T = {LENGTHS[-1]}, unseen: {longest:.3f}",
        figures={"S6": found.mean, "S4D": other.mean, "by length": by_length},
    )


def sensitivity() -> Finding:
    """How the state depends on the token asked for, as more tokens come: S6 and S4D, trained."""
    data = evaluation.dataset("keepnth")
    tokens = torch.from_numpy(data.part("test").tokens[:SEQUENCES])
    curves: dict[str, list[float]] = {}
    modes: dict[str, list[list[float]]] = {}
    gaps: dict[str, float] = {}
    verdicts: list[Verdict] = []
    for name, model in (("S6", "mamba-keepnth"), ("S4D", "s4d-keepnth")):
        module = _loaded(model).double()
        block: Any = module.blocks[0]
        inputs = _block_inputs(module, tokens)
        followed = [of_token(block, u, data.position).flatten(1) for u in inputs]
        norms = [one.norm(dim=1) for one in followed]
        curves[name] = torch.stack(norms).mean(dim=0).tolist()
        modes[name] = _some_modes(followed[0])
        exact, found = to_last(block, inputs[0]), by_autograd(block, inputs[0])
        gaps[name] = float((exact - found).norm() / exact.norm())
        verdicts.append("holds" if gaps[name] < 1e-9 else "fails")
        if name == "S4D":
            worst = _bend(found)
            verdicts.append("holds" if worst < 1e-6 else "fails")
        else:
            flat = [float(row[-1] / row[SETTLED]) for row in norms]
            verdicts.append(at_least(estimate([float(row[-1] / row[0]) for row in norms]), 0.5))
    kept, first = estimate(flat), curves["S6"][SETTLED] / curves["S6"][0]
    s4d = curves["S4D"][-1] / curves["S4D"][SETTLED]
    lags = len(curves["S6"]) - 1
    return Finding(
        verdict=together(verdicts),
        measured=f"S6's sensitivity to token {data.position} falls to {first:.3f} while later "
        f"tokens close the gate, and {lags} tokens after it is still {kept.mean:.3f} of what it "
        f"was {SETTLED} after ({SEQUENCES} sequences; S4D's, whose slowest modes decide, "
        f"{s4d:.2f}); S4D's log-sensitivities differ from lines in T - s by {worst:.1g}, autograd "
        f"from the closed forms by {max(gaps.values()):.1g}",
        figures={"lags": list(LAGS), "modes": modes, "ratios": flat},
    )


def by_sequence(module: SequenceNetwork, data: SequenceTask, split: str = "test") -> list[float]:
    """Return the share of right answers in each sequence of a split."""
    rows: list[float] = []
    queries = data.part(split).queries()[0].shape[1]
    with torch.no_grad():
        for logits, answers in module.outputs_and_targets(data, split):
            right = (logits.argmax(dim=-1) == answers).double()
            rows += right.view(-1, queries).mean(dim=1).tolist()
    return rows


def _over_seeds(name: str, **changes: Any) -> list[float]:
    """Return a model's test accuracies over seeds; the stored weights are those of seed 0."""
    spec = registry().model(name)
    data = evaluation.dataset(spec.dataset, **spec.options)
    config = {**full_config(spec), **changes}
    modules = [
        _loaded(name) if seed == 0 and not changes else _trained(data, config, seed)
        for seed in SEEDS
    ]
    return [fmean(by_sequence(module, data)) for module in modules]


def _trained(data: SequenceTask, config: Mapping[str, Any], seed: int) -> SequenceNetwork:
    recipe = train_keep if isinstance(data, Keep) else train_recall
    module: Any = recipe([Run(data=data, seed=seed)], config, _silent)[0]
    return module  # type: ignore[no-any-return]  # the class is known only by its import string


def _silent(steps: Iterable[Any], **_: Any) -> Iterable[Any]:
    return steps


def _loaded(name: str) -> SequenceNetwork:
    module: Any = load(name)
    return module  # type: ignore[no-any-return]  # the class is known only by its import string


def _block_inputs(module: SequenceNetwork, tokens: Tensor) -> list[Tensor]:
    """Return what the first block reads, (T, d) for each sequence."""
    with torch.no_grad():
        return list(module.norms[0](module.embed(tokens)).unbind(0))


def _bend(found: Tensor) -> float:
    """Return the largest distance of log |dh_T / dx_s| from a line in s, over channels and modes.

    Values whose logarithm is lost in rounding, relative to the last, are left out.
    """
    worst = 0.0
    logs = found.flatten(1).abs().clamp(min=1e-300).log().numpy()
    for row in logs.T:
        kept = row > row[-1] - 20
        places = np.flatnonzero(kept)
        if len(places) > 2:
            line = np.polyval(np.polyfit(places, row[kept], 1), places)
            worst = max(worst, float(np.abs(line - row[kept]).max()))
    return worst


def _some_modes(followed: Tensor) -> list[list[float]]:
    """Return the relative curves of modes from the fastest to fall to the slowest, at `LAGS`."""
    relative = (followed / followed[0]).abs()
    order = relative.log().clamp(min=-60).mean(dim=0).argsort()
    chosen = order[torch.linspace(0, len(order) - 1, MODES).long()]
    return [_short(row) for row in relative[list(LAGS)][:, chosen].clamp(min=1e-12).T.tolist()]


def _reach(rows: Mapping[str, list[float]]) -> float:
    """Return the largest number of pairs at which, and below which, 90 % are right."""
    right = [int(pairs) for pairs, row in rows.items() if fmean(row) >= 0.9]
    wrong = [int(pairs) for pairs, row in rows.items() if fmean(row) < 0.9]
    return max((pairs for pairs in right if pairs < min(wrong, default=10**6)), default=0)


def _told(found: Estimate) -> str:
    return f"{found.mean:.3f} ± {found.error:.3f}"


def _short(row: Iterable[float]) -> list[float]:
    return [float(f"{value:.4g}") for value in row]

"""Memory: the n-th symbol at the end of a sequence, and how the state depends on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from zoo_core import Finding, Verdict, dataset, estimate, together
from zoo_core.statistics import at_least, at_most
from zoo_mamba_selectivity.checks.measuring import (
    accuracy,
    by_sequence,
    if_all,
    loaded,
    short,
    told,
)
from zoo_mamba_selectivity.data.keepnth import Keep, keepnth
from zoo_mamba_selectivity.networks.sequence import SequenceNetwork
from zoo_mamba_selectivity.sensitivity import by_autograd, of_token, to_last

LENGTHS = (65, 96, 128, 192, 256, 384, 512, 1024)
SEQUENCES = 16
"""Sequences over which sensitivities are averaged."""
LAGS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 160, 191)
"""Where the curves of single modes are kept for the picture, and of how many modes."""
MODES = 12
SETTLED = 32
"""Tokens after the one asked for by which an S6 layer has sorted out what it keeps of it."""


def keep_nth() -> Finding:
    """Ask the shipped keep-n-th model for n = 0, T/4, T/2 at lengths from 16 to 1024."""
    model = loaded("s6-keepnth-exact")
    lengths = [2**power for power in range(4, 11)]
    shares, worst = {}, 0.0
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
        shares[str(length)] = right / asked
    return Finding(
        verdict=if_all(*(one == 1 for one in shares.values())),
        measured=f"accuracy {min(shares.values()):.3f} at worst over T = {lengths[0]} to "
        f"{lengths[-1]} and n = 0, T/4, T/2 (100 sequences each), the same weights throughout; "
        f"largest error of a score {worst:.1e}",
        figures={"accuracy": shares, "largest_error": short(worst)},
        seeds=[1],
    )


def keep_learned() -> Finding:
    """S6 and S4D on keep-n-th at T = 256, and S6 at lengths that it has not seen."""
    data = dataset("keepnth")
    s6, s4d = (loaded(name) for name in ("mamba-keepnth", "s4d-keepnth"))
    found, other = estimate(by_sequence(s6, data)), estimate(by_sequence(s4d, data))
    by_length = {
        str(length): {
            name: accuracy(module, keepnth(length, data.position, sequences=500))
            for name, module in (("S6", s6), ("S4D", s4d))
        }
        for length in LENGTHS
    }
    verdicts = [at_least(found, 0.99), at_most(other, 0.5)]
    longest = by_length[str(LENGTHS[-1])]["S6"]
    return Finding(
        verdict=together(verdicts),
        measured=f"accuracy at T = 256: S6 {told(found)}, S4D {told(other)} (one trained layer "
        f"each, 1,000 test sequences); S6 at T = {LENGTHS[-1]}, unseen: {longest:.3f}",
        figures={"S6": found.mean, "S4D": other.mean, "by length": by_length},
    )


def sensitivity() -> Finding:
    """How the state depends on the token asked for, as more tokens come: S6 and S4D, trained."""
    data = dataset("keepnth")
    tokens = torch.from_numpy(data.part("test").tokens[:SEQUENCES])
    curves: dict[str, list[float]] = {}
    modes: dict[str, list[list[float]]] = {}
    gaps: dict[str, float] = {}
    verdicts: list[Verdict] = []
    for name, model in (("S6", "mamba-keepnth"), ("S4D", "s4d-keepnth")):
        module = loaded(model).double()
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
    kept: list[list[float]] = short(relative[list(LAGS)][:, chosen].clamp(min=1e-12).T.tolist())
    return kept

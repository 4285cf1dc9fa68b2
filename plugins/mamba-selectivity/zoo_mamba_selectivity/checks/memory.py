"""Memory: the n-th symbol at the end of a sequence, and how the state depends on it."""

from __future__ import annotations

from statistics import fmean
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from zoo_core import Finding, bootstrap, dataset, load, rounded
from zoo_mamba_selectivity.checks.measuring import accuracy, by_sequence
from zoo_mamba_selectivity.data.keepnth import Keep, keepnth
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
    model: Any = load("s6-keepnth-exact")
    lengths = [2**power for power in range(4, 11)]
    shares, worst = {}, 0.0
    for length in lengths:
        right = asked = 0
        for position in (0, length // 4, length // 2):
            data = Keep(length=length, position=position, vocabulary=16, sequences=100, seed=1)
            with torch.no_grad():
                for outputs in model.outputs(data.split("test")):
                    scores, answers = outputs["logits"], outputs["target"]
                    wanted = nn.functional.one_hot(answers, 16)
                    worst = max(worst, float((scores - wanted).abs().max()))
                    right += int((scores.argmax(dim=1) == answers).sum())
                    asked += len(answers)
        shares[str(length)] = right / asked
    return Finding(
        quantities={"lowest accuracy": 100 * min(shares.values())},
        told=f"T = {lengths[0]} to {lengths[-1]} and n = 0, T/4, T/2, 100 sequences each, the same "
        f"weights throughout; largest error of a score {worst:.1e}",
        figures={"accuracy": shares, "largest_error": rounded(worst)},
        seeds=[1],
    )


def keep_learned() -> Finding:
    """S6 and S4D on keep-n-th at T = 256, and both at lengths that they have not seen."""
    data = dataset("keepnth")
    modules = {"S6": load("mamba-keepnth"), "S4D": load("s4d-keepnth")}
    rows = {name: by_sequence(module, data) for name, module in modules.items()}
    by_length = {
        str(length): {
            name: accuracy(module, keepnth(length, data.position, sequences=500))
            for name, module in modules.items()
        }
        for length in LENGTHS
    }
    longest = by_length[str(LENGTHS[-1])]["S6"]
    return Finding(
        quantities={f"{name}'s accuracy": bootstrap(row) for name, row in rows.items()},
        told=f"one trained layer each, 1,000 test sequences of T = 256; S6 at T = {LENGTHS[-1]}, "
        f"unseen: {100 * longest:.1f} %",
        figures={
            **{name: fmean(row) / 100 for name, row in rows.items()},
            "by length": by_length,
        },
    )


def sensitivity() -> Finding:
    """How the state depends on the token asked for, as more tokens come: S6 and S4D, trained."""
    data = dataset("keepnth")
    tokens = torch.from_numpy(data.part("test").tokens[:SEQUENCES])
    norms: dict[str, Tensor] = {}
    modes: dict[str, list[list[float]]] = {}
    gaps: dict[str, float] = {}
    for name, model in (("S6", "mamba-keepnth"), ("S4D", "s4d-keepnth")):
        module: Any = load(model).double()
        block = module.blocks[0]
        inputs = _block_inputs(module, tokens)
        followed = [of_token(block, u, data.position).flatten(1) for u in inputs]
        norms[name] = torch.stack([one.norm(dim=1) for one in followed])
        modes[name] = _some_modes(followed[0])
        exact, found = to_last(block, inputs[0]), by_autograd(block, inputs[0])
        gaps[name] = float((exact - found).norm() / exact.norm())
    kept = (norms["S6"][:, -1] / norms["S6"][:, 0]).tolist()
    settled = (norms["S6"][:, -1] / norms["S6"][:, SETTLED]).tolist()
    s6, s4d = norms["S6"].mean(dim=0), norms["S4D"].mean(dim=0)
    lags = len(s6) - 1
    return Finding(
        quantities={
            "S6's sensitivity that is kept": bootstrap([100 * ratio for ratio in kept]),
            "bend of S4D's log-sensitivities": _bend(found),
            "distance of autograd from the closed forms": max(gaps.values()),
        },
        told=f"S6's sensitivity to token {data.position} falls to {s6[SETTLED] / s6[0]:.3f} while "
        f"later tokens close the gate, and {lags} tokens after it is still {fmean(settled):.3f} of "
        f"what it was {SETTLED} after ({SEQUENCES} sequences; S4D's, whose slowest modes decide, "
        f"{s4d[-1] / s4d[SETTLED]:.2f})",
        figures={"lags": list(LAGS), "modes": modes, "kept": kept, "settled": settled},
    )


def _block_inputs(module: Any, tokens: Tensor) -> list[Tensor]:
    """Return what the first block reads, (T, d) for each sequence."""
    with torch.no_grad():
        return list(module.norms[0](module.embed_tokens(tokens)).unbind(0))


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
    kept: list[list[float]] = rounded(relative[list(LAGS)][:, chosen].clamp(min=1e-12).T.tolist())
    return kept

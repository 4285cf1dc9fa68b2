"""Memory: the n-th symbol at the end of a sequence, and how the state depends on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from zoo_core import Finding, dataset, load, retrained, rounded
from zoo_mamba_selectivity.checks.measuring import accuracy, by_sequence, judged
from zoo_mamba_selectivity.data.keepnth import Keep, keepnth
from zoo_mamba_selectivity.sensitivity import by_autograd, of_token, to_last

LEARNED = {"S6": "mamba-keepnth", "S4D": "s4d-keepnth"}
LENGTHS = (65, 96, 128, 192, 256, 384, 512, 1024)
UNSEEN = 200
"""Sequences of each length."""
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


def keep_learned(seeds: Mapping[str, Sequence[int]]) -> Finding:
    """S6 and S4D on keep-n-th at T = 256, and both at lengths that they have not seen.

    `seeds` are by layer; several of one are judged by their spread, one by a bootstrap.
    """
    data = dataset("keepnth")
    trained = {
        name: [retrained(model, seed) for seed in seeds[name]] for name, model in LEARNED.items()
    }
    rows = {name: [by_sequence(one, data) for one in ones] for name, ones in trained.items()}
    by_length = {
        str(length): {
            name: [accuracy(one, keepnth(length, data.position, sequences=UNSEEN)) for one in ones]
            for name, ones in trained.items()
        }
        for length in LENGTHS
    }
    means = {name: [fmean(row) / 100 for row in ones] for name, ones in rows.items()}
    longest = fmean(by_length[str(LENGTHS[-1])]["S6"])
    return Finding(
        quantities={f"{name}'s accuracy": judged(ones) for name, ones in rows.items()},
        told=f"1,000 test sequences of T = 256; S6 at T = {LENGTHS[-1]}, unseen: "
        f"{100 * longest:.1f} %",
        figures={**means, "by length": by_length},
        seeds=sorted({seed for ones in seeds.values() for seed in ones}),
    )


def sensitivity(seeds: Mapping[str, Sequence[int]]) -> Finding:
    """How the state depends on the token asked for, as more tokens come: S6 and S4D, trained.

    `seeds` are by layer.
    """
    tokens = torch.from_numpy(dataset("keepnth").part("test").tokens[:SEQUENCES])
    rows: dict[str, list[dict[str, Any]]] = {
        name: [_followed(retrained(model, seed).double(), tokens) for seed in seeds[name]]
        for name, model in LEARNED.items()
    }
    return _of_sensitivity(
        {
            "lags": list(LAGS),
            "modes": {name: ones[0]["modes"] for name, ones in rows.items()},
            **{
                part: {name: [one[part] for one in ones] for name, ones in rows.items()}
                for part in ("kept", "settled", "gap")
            },
            "bend": [one["bend"] for one in rows["S4D"]],
        },
        seeds["S6"],
    )


def _followed(module: Any, tokens: Tensor) -> dict[str, Any]:
    """Return how the sensitivity to the token asked for falls, and the error of its closed form.

    That is what is `kept` at the end of what it was right after the token, and of what it was
    `SETTLED` tokens after it (`settled`), by sequence; the curves of some `modes`, the `bend` of
    all their logarithms, and the relative distance of autograd from the closed form (`gap`).
    """
    block = module.blocks[0]
    inputs = _block_inputs(module, tokens)
    followed = [of_token(block, u, module.position).flatten(1) for u in inputs]
    norms = torch.stack([one.norm(dim=1) for one in followed])
    exact, found = to_last(block, inputs[0]), by_autograd(block, inputs[0])
    return {
        "kept": rounded((norms[:, -1] / norms[:, 0]).tolist()),
        "settled": rounded((norms[:, -1] / norms[:, SETTLED]).tolist()),
        "modes": _some_modes(followed[0]),
        "bend": _bend(found),
        "gap": float((exact - found).norm() / exact.norm()),
    }


def _of_sensitivity(figures: Mapping[str, Any], seeds: Sequence[int]) -> Finding:
    """Return the finding of what is kept of sensitivities, by layer, seed and sequence."""
    kept = [100 * fmean(row) for row in figures["kept"]["S6"]]
    settled = {name: fmean(map(fmean, rows)) for name, rows in figures["settled"].items()}
    return Finding(
        quantities={
            "S6's sensitivity that is kept": kept,
            "bend of S4D's log-sensitivities": max(figures["bend"]),
            "distance of autograd from the closed forms": max(map(max, figures["gap"].values())),
        },
        told=f"by seed {' / '.join(f'{one:.1f}' for one in kept)} %, the mean of {SEQUENCES} "
        f"sequences; of what it was {SETTLED} tokens after, {100 * settled['S6']:.1f} % (S4D's, "
        f"whose slowest modes decide, {100 * settled['S4D']:.0f} %)",
        figures=figures,
        seeds=list(seeds),
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

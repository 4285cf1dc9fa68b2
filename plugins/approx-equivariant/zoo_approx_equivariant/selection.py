"""The chain of groups on signals of one graph: each is trained on the same draws, one is chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zoo_approx_equivariant.chain import by_channel, cluster_count
from zoo_approx_equivariant.data import Signals
from zoo_approx_equivariant.layers import widths
from zoo_approx_equivariant.risk import weight_count
from zoo_approx_equivariant.train import error_of, fit
from zoo_core import BadInput, Run, notice, resampled


@dataclass(frozen=True)
class Candidate:
    """One group: permutations within clusters, or what generators generate, or (neither) none."""

    name: str
    clusters: list[int] | None = None
    generators: list[list[int]] | None = None

    @property
    def shape(self) -> dict[str, Any]:
        """What of a network's shape says it."""
        return {"clusters": self.clusters, "generators": self.generators, "group": self.name}


def train_chain(run: Run, progress: Callable[..., Any]) -> Any:
    """Choose the group by error on held-out signals, and train a network that has it.

    In each of `runs` draws the signals that are not for the test are dealt out anew: to learn from,
    to choose the epoch, and to judge (a quarter); all groups get the same draws and none sees the
    test. The error is the mean over the draws, its interval corrected for the signals that draws
    share (Nadeau and Bengio). Raises `BadInput` for fewer than eight such signals.
    """
    recipe = dict(run.recipe)
    runs = int(recipe.pop("runs"))
    candidates = tried(run.data, run.shape, int(recipe.pop("most_weights")))
    pool = torch.cat([run.data.rows["train"], run.data.rows["val"]])
    if len(pool) < 8 or runs < 2:
        raise BadInput(
            f"There are {len(pool)} signals beside the test and {runs} draws; a chain needs 8 "
            "signals and 2 draws, to tell errors apart."
        )
    module: Any = None
    errors: dict[str, list[float]] = {}
    weights: dict[str, int] = {}
    common = _common(run.data)
    share = 0.0
    for candidate in candidates:
        module = run.make(**common, **candidate.shape)
        weights[candidate.name] = sum(one.numel() for one in module.parameters())
        for number in progress(range(runs), desc=candidate.name):
            parts, share = _dealt(pool, run.seed, number)
            _normalise(module, run.data, parts["learn"])
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(1_000 * run.seed + number)
                module.reset_parameters()
            _fitted(module, run.data, parts["learn"], parts["stop"], recipe)
            judged = error_of(_Normalised(module), _pair(module, run.data, parts["judge"]))
            errors.setdefault(candidate.name, []).append(judged)
    rows = _table(candidates, errors, weights, share, run.data.inputs.shape[1])
    best = next(one for one, row in zip(candidates, rows, strict=True) if row["chosen"])
    module = run.make(**common, **best.shape, chain=rows)
    _normalise(module, run.data, run.data.rows["train"])
    _fitted(module, run.data, run.data.rows["train"], run.data.rows["val"], recipe)
    return module


def tried(data: Signals, shape: Mapping[str, Any], most_weights: int) -> list[Candidate]:
    """Return the groups that a graph gives, from all permutations down to none.

    What has too many weights is left out, with a notice.
    """
    nodes = data.inputs.shape[1]
    channels = widths(
        data.inputs.shape[2],
        int(shape.get("hidden", 16)),
        int(shape.get("layers", 2)),
        data.targets.shape[2],
    )
    found = [Candidate("S_N", clusters=[0] * nodes)]
    for labels in sorted(data.partitions, key=lambda one: int(one.max())):
        count = int(labels.max()) + 1
        if 1 < count < nodes:
            found.append(Candidate(f"{count} clusters", clusters=labels.tolist()))
    if data.generators:
        found.append(Candidate("Aut(G)", generators=[list(one) for one in data.generators]))
    found.append(Candidate("trivial"))
    kept = [one for one in found if _size(one, nodes, channels) <= most_weights]
    if len(kept) < len(found):
        left = ", ".join(one.name for one in found if one not in kept)
        notice(
            f"Left out for their size, over {most_weights:,} weights: {left}; raise most_weights, "
            "or lower hidden."
        )
    return kept


def _size(one: Candidate, nodes: int, channels: Sequence[tuple[int, int]]) -> int:
    """Return how many weights a network holds; of a general group, as the matrices they make."""
    if one.generators is not None:
        return sum(a * b * nodes**2 for a, b in channels)
    return weight_count(cluster_count(None, one.clusters, nodes), channels)


def _dealt(pool: Tensor, seed: int, number: int) -> tuple[dict[str, Tensor], float]:
    order = pool[torch.from_numpy(np.random.default_rng((seed, number)).permutation(len(pool)))]
    judge, stop = max(2, len(pool) // 4), max(1, len(pool) // 5)
    parts = {
        "judge": order[:judge],
        "stop": order[judge : judge + stop],
        "learn": order[judge + stop :],
    }
    return parts, judge / len(pool)


def _common(data: Signals) -> dict[str, int]:
    return {
        "nodes": data.inputs.shape[1],
        "in_channels": data.inputs.shape[2],
        "out_channels": data.targets.shape[2],
    }


def _normalise(module: Any, data: Signals, rows: Tensor) -> None:
    """Let a network normalise by what it learns from."""
    for name, signals in (("in", data.inputs[rows]), ("out", data.targets[rows])):
        mean, std = by_channel(signals)
        getattr(module, f"{name}_mean").copy_(mean)
        getattr(module, f"{name}_std").copy_(std)


class _Normalised(torch.nn.Module):
    """A network in units of its targets' spread, in which it is trained."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module

    def forward(self, signals: Tensor) -> Tensor:
        found: Tensor = (self.module(signals) - self.module.out_mean) / self.module.out_std
        return found


def _pair(module: Any, data: Signals, rows: Tensor) -> tuple[Tensor, Tensor]:
    device = module.out_mean.device
    targets = (data.targets[rows].to(device) - module.out_mean) / module.out_std
    return data.inputs[rows].to(device), targets


def _fitted(
    module: Any, data: Signals, learn: Tensor, stop: Tensor, recipe: Mapping[str, Any]
) -> None:
    pairs = (_pair(module, data, rows) for rows in (learn, stop))
    fit(_Normalised(module), *pairs, **recipe)


def _table(
    candidates: Sequence[Candidate],
    errors: Mapping[str, Sequence[float]],
    weights: Mapping[str, int],
    share: float,
    nodes: int,
) -> list[dict[str, Any]]:
    """Return a row for each group, with how far it is behind the chosen one, by draw."""
    means = {name: float(np.mean(values)) for name, values in errors.items()}
    best = min(means, key=means.__getitem__)
    rows: list[dict[str, Any]] = []
    for one in candidates:
        found = resampled(errors[one.name], share)
        behind: NDArray[np.float64] = np.subtract(errors[one.name], errors[best])
        gap = resampled(behind.tolist(), share)
        rows.append(
            {
                "group": one.name,
                "clusters": cluster_count(one.generators, one.clusters, nodes),
                "weights": weights[one.name],
                "error": _short(found.mean),
                "interval": _short(found.reach),
                "behind": _short(gap.mean),
                "behind interval": _short(gap.reach),
                "evidence": _evidence(one.name == best, gap.low),
                "chosen": one.name == best,
            }
        )
    return rows


def _evidence(chosen: bool, low: float) -> str:
    if chosen:
        return "least error"
    return "resolved" if low > 0 else "not resolved"


def _short(number: float) -> float:
    if number == 0 or not math.isfinite(number):
        return number
    return round(number, 4 - math.ceil(math.log10(abs(number))))

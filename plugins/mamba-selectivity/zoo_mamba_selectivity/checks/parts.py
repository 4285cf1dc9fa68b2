"""Parts: what a layer does without its convolution, and what without its gate."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_ssm.blocks import S4D, Mamba, Mamba2

from zoo_core import Finding, dataset, estimate, together
from zoo_core.models import full_config
from zoo_core.registry import registry
from zoo_core.statistics import at_least, at_most
from zoo_mamba_selectivity.checks.measuring import (
    SEEDS,
    accuracy,
    if_all,
    loaded,
    short,
    told,
    trained,
)
from zoo_mamba_selectivity.data.mqar import Recall
from zoo_mamba_selectivity.exact.recall import ExactRecall

BLOCKS = 20
"""Random blocks on which an impossibility is checked."""
SAME, DIFFERENT = 1e-9, 1e-3


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
    shown = ", ".join(f"{name} {told(estimate(row))}" for name, row in figures.items())
    return Finding(
        verdict=together(verdicts),
        measured=f"accuracy {shown}, mean ± standard error of three seeds",
        figures=figures,
        seeds=list(SEEDS),
    )


def _over_seeds(name: str, **changes: Any) -> list[float]:
    """Return a model's test accuracies over seeds; the stored weights are those of seed 0."""
    spec = registry().model(name)
    data = dataset(spec.dataset, **spec.options)
    config = {**full_config(spec), **changes}
    modules = [
        loaded(name) if seed == 0 and not changes else trained(data, config, seed) for seed in SEEDS
    ]
    return [accuracy(module, data) for module in modules]


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
                block = _frozen(seed, partial(cls, 16, conv_width=taps))
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
            block = _frozen(seed, partial(S4D, 16, state_size=4, kind="lin", gate=gate))
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

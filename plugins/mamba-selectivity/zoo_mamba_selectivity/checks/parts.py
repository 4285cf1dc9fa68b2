"""Parts: what a layer does without its convolution, and what without its gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from zoo_ssm.blocks import S4D, Mamba, Mamba2

from zoo_core import Finding, protocol, rounded
from zoo_mamba_selectivity.checks.measuring import accuracy
from zoo_mamba_selectivity.data.mqar import Recall
from zoo_mamba_selectivity.exact.recall import ExactRecall

SEEDS = (0, 1, 2)
PARTS: dict[str, dict[str, Any]] = {
    "all": {},
    "no gate": {"gate": False},
    "no convolution": {"conv_width": 1},
}
BLOCKS = 20
"""Random blocks on which an impossibility is checked."""


def components() -> Finding:
    """Train Mamba-2 on MQAR with all its parts, without gate, without convolution; three seeds."""
    runs: list[dict[str, Any]] = [{} for _ in SEEDS]
    return _of_components(
        {
            name: protocol("recall-network", "mqar", runs, shape={"mixer": "mamba2", **part})
            for name, part in PARTS.items()
        }
    )


def _of_components(figures: Mapping[str, Sequence[float]]) -> Finding:
    """Return the finding of accuracies by the parts of a layer and by seed."""
    return Finding(
        quantities={
            f"accuracy with {name}": [100 * one for one in row] for name, row in figures.items()
        },
        figures=figures,
        seeds=list(SEEDS),
    )


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
    return _of_convolution(rounded(changes), recalled)


def _of_convolution(
    changes: Mapping[str, Sequence[float]], recalled: Mapping[str, float]
) -> Finding:
    """Return the finding of relative changes under a permutation, and of accuracies without."""
    return Finding(
        quantities={
            "change without convolution": max(
                max(row) for name, row in changes.items() if "1 taps" in name
            ),
            "change with convolution": min(
                min(row) for name, row in changes.items() if "4 taps" in name
            ),
            "pairs recalled without convolution": max(
                value * int(name.split()[1]) for name, value in recalled.items()
            ),
        },
        told=f"relative changes of the output under a permutation of the context, {2 * BLOCKS} "
        "random blocks; recall of exact models without convolution",
        figures={"changes": changes, "accuracy": recalled},
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
    return _of_gate(rounded(changes), {**recalled, **kept})


def _of_gate(changes: Mapping[str, Sequence[float]], recalled: Mapping[str, float]) -> Finding:
    """Return the finding of relative changes with the context, and of accuracies without gate."""
    pairs = [value * int(name.split()[0]) for name, value in recalled.items() if "pairs" in name]
    kept = [value for name, value in recalled.items() if "pairs" not in name]
    return Finding(
        quantities={
            "change without gate": max(changes["no gate"]),
            "change with gate": min(changes["gate"]),
            "pairs recalled by S4D without gate": max(pairs),
            "recall of Mamba and Mamba-2 without gate": 100 * min(kept),
        },
        told="how much the difference of two queries' outputs changes with the context, relative, "
        f"{BLOCKS} random S4D blocks; recall of exact models without gate",
        figures={"changes": changes, "accuracy": recalled},
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

"""The recipe with something left out, trained anew at equal tokens.

Recipes are compared over seeds, paired by seed. Every training is of TinyStories, in windows of the
teacher's context; the paper's numbers (Pythia-1B on OpenWebText) stand beside ours, on another
scale. `python -m zoo_attention_to_mamba.checks.ablations VARIANT SEED TOKENS` trains one
beforehand.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.checks import comparing, findings
from zoo_attention_to_mamba.checks.findings import perplexity, plain, told
from zoo_attention_to_mamba.specs.claims import DIRECT, HEDGEHOG, NAIVE, NARROW, STAGE1, TEACHER
from zoo_core import Finding, retrained

TOKENS = 1_500_000
FEW = (100_000, 300_000)
"""Budgets at which what a student starts from tells most."""
SEEDS = 3
BUDGETS = (*FEW, 1_000_000, 2_000_000)
LARGEST_BUDGET = 5_000_000


@dataclass(frozen=True)
class Variant:
    """A recipe by the share of its tokens in stage 1, and what else it changes of a model's."""

    stage1: float
    changes: Mapping[str, Any] = field(default_factory=dict)
    base: str = NARROW

    def config(self, tokens: int) -> dict[str, Any]:
        """Return its hyperparameters for so many tokens in both stages together."""
        first = round(self.stage1 * tokens)
        return {**self.changes, "stage1_tokens": first, "stage2_tokens": tokens - first}


VARIANTS = {
    "10/90": Variant(0.1),
    "10/90 by weights": Variant(0.1, {"stage1_match": "weights"}),
    "10/90 by states": Variant(0.1, {"stage1_match": "states"}),
    "0/100": Variant(0.0, base=DIRECT),
    "100/0": Variant(1.0, base=STAGE1),
    "naive": Variant(0.0, base=NAIVE),
    "fresh q, k, v, o": Variant(0.0, {"fresh": "projections"}),
    "Hedgehog": Variant(0.5, base=HEDGEHOG),
    "+ SSM": Variant(0.5, {"parts": ["ssm"]}),
    "+ convolution": Variant(0.5, {"parts": ["ssm", "convolution"]}),
    "+ gate": Variant(0.5),
}
"""Stage 1 / stage 2; and from Hedgehog on, 50/50, the mixer part by part."""


def student(name: str, seed: int, tokens: int) -> CausalLM:
    """Return the student of a variant: as shipped, kept, or trained now."""
    variant = VARIANTS[name]
    found: Any = retrained(variant.base, seed, variant.config(tokens))
    model: CausalLM = found
    return model


@cache
def perplexities(name: str, seeds: int, tokens: int = TOKENS) -> tuple[float, ...]:
    """Return the test perplexities of a variant's students of seeds 0, 1, …"""
    data = findings.stories()
    return tuple(
        perplexity(comparing.window_losses(student(name, seed, tokens), data, "test"))
        for seed in range(seeds)
    )


def of_checkpoint(name: str) -> float:
    """Return the test perplexity of a registered model."""
    return perplexity(comparing.window_losses(findings.network(name), findings.stories(), "test"))


def fall(before: float, after: float) -> float:
    """Return by how many percent a perplexity has fallen."""
    return 100 * (1 - after / before)


def initialisation() -> Finding:
    """Train the recipe, stage 1 alone, stage 2 alone and naive mixers at equal tokens."""
    found = {name: list(perplexities(name, SEEDS)) for name in findings.PAPER_TABLE}
    whole = of_checkpoint(TEACHER)
    ours, naive = found["10/90"], found["naive"]
    closed = [(bad - good) / (bad - whole) for bad, good in zip(naive, ours, strict=True)]
    return Finding(
        quantities={
            "perplexity of naive over 10/90": _ratios(naive, ours),
            "naive above 10/90 without overlap": min(naive) > max(ours),
            "perplexity of 100/0 over the teacher": [one / whole for one in found["100/0"]],
            "gap closed": [100 * one for one in closed],
        },
        told=f"at {TOKENS / 1e6:g}M tokens "
        + "; ".join(f"{name} {told(row)}" for name, row in found.items())
        + f"; teacher {whole:.2f}",
        figures=plain(
            {"perplexity": found, "teacher": whole, "gap closed": closed, "tokens": TOKENS}
        ),
        seeds=range(SEEDS),
    )


def _ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    return [a / b for a, b in zip(above, below, strict=True)]


def _differences(above: Sequence[float], below: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(above, below, strict=True)]


def random_mixers() -> Finding:
    """Train the recipe and naive mixers at equal tokens: which is ahead, by whatever factor."""
    ours, naive = (list(perplexities(name, SEEDS)) for name in ("10/90", "naive"))
    factor = statistics.fmean(naive) / statistics.fmean(ours)
    return Finding(
        quantities={
            "perplexity of naive above 10/90": _differences(naive, ours),
            "naive above 10/90 without overlap": min(naive) > max(ours),
        },
        told=f"10/90 {told(ours)}, naive {told(naive)}, {factor:.2f} times",
        figures=plain({"perplexity": {"10/90": ours, "naive": naive}}),
        seeds=range(SEEDS),
    )


def fresh_projections() -> Finding:
    """Train with random queries, keys, values and outputs, all else as in the checkpoint 0/100."""
    found = list(perplexities("fresh q, k, v, o", SEEDS))
    copied, whole = of_checkpoint(DIRECT), of_checkpoint(TEACHER)
    closed = [(one - copied) / (one - whole) for one in found]
    return Finding(
        quantities={
            "perplexity with fresh q, k, v and o over that with the teacher's": [
                one / copied for one in found
            ],
            "gap closed": [100 * one for one in closed],
        },
        told=f"fresh projections {told(found)}, the teacher's {copied:.2f} (0/100, one seed); "
        f"teacher {whole:.2f}",
        figures=plain(
            {"perplexity": found, "0/100": copied, "teacher": whole, "gap closed": closed}
        ),
        seeds=range(SEEDS),
    )


def tokens_saved() -> Finding:
    """Train the recipe and naive mixers with few tokens: how many more the latter need.

    The tokens of the recipe at the perplexity that naive mixers have with most of them are read off
    its own curve, straight in both logarithms between budgets, and nowhere beyond them.
    """
    budgets = (*FEW, TOKENS)
    ours, naive = (
        [list(perplexities(name, SEEDS, tokens)) for tokens in budgets]
        for name in ("10/90", "naive")
    )
    factors = [_ratios(above, below) for above, below in zip(naive, ours, strict=True)]
    saved = [
        TOKENS / _tokens_at(naive[-1][seed], [row[seed] for row in ours], budgets)
        for seed in range(SEEDS)
    ]
    return Finding(
        quantities={"tokens of naive over those of 10/90, at one perplexity": saved},
        told="perplexity of naive over 10/90: "
        + ", ".join(
            f"{told(row)} at {tokens / 1e6:g}M tokens"
            for tokens, row in zip(budgets, factors, strict=True)
        ),
        figures=plain(
            {
                "perplexity": {
                    "10/90": dict(zip(budgets, ours, strict=True)),
                    "naive": dict(zip(budgets, naive, strict=True)),
                }
            }
        ),
        seeds=range(SEEDS),
    )


def _tokens_at(wanted: float, perplexities: Sequence[float], budgets: Sequence[int]) -> float:
    """Return the tokens at which falling perplexities reach one, at least the fewest of them."""
    falling = np.log(perplexities)[::-1]
    return math.exp(np.interp(math.log(wanted), falling, np.log(budgets)[::-1]))


def stage1_match() -> Finding:
    """Train with few tokens, by what stage 1 holds mixers against the teacher's."""
    tokens = FEW[-1]
    names = {"outputs": "10/90", "weights": "10/90 by weights", "states": "10/90 by states"}
    found = {how: list(perplexities(name, SEEDS, tokens)) for how, name in names.items()}
    found["no stage 1"] = list(perplexities("0/100", SEEDS, tokens))
    return Finding(
        quantities={
            f"perplexity by outputs above by {how}": _differences(found["outputs"], found[how])
            for how in ("weights", "states")
        },
        told=f"at {tokens / 1e6:g}M tokens "
        + ", ".join(f"{how} {told(row, 3)}" for how, row in found.items()),
        figures=plain({"perplexity": found, "tokens": tokens}),
        seeds=range(SEEDS),
    )


def stage1_helps() -> Finding:
    """Train with a tenth of the tokens in stage 1, and without stage 1."""
    with_it, without = (list(perplexities(name, SEEDS)) for name in ("10/90", "0/100"))
    return Finding(
        quantities={"perplexity of 0/100 above 10/90": _differences(without, with_it)},
        told=f"10/90 {told(with_it, 3)}, 0/100 {told(without, 3)}",
        figures=plain({"perplexity": {"10/90": with_it, "0/100": without}}),
        seeds=range(SEEDS),
    )


def ladder() -> Finding:
    """Train linear attention and what it becomes as the parts of Mamba are added, one seed."""
    found = {name: perplexities(name, 1)[0] for name in findings.PAPER_LADDER}
    return Finding(
        quantities={
            "fall of the perplexity from Hedgehog to all parts, one seed": fall(
                found["Hedgehog"], found["+ gate"]
            )
        },
        told="; ".join(f"{name} {value:.2f}" for name, value in found.items()),
        figures=plain({"perplexity": found, "tokens": TOKENS}),
    )


def budget() -> Finding:
    """Train with ever more tokens, and add the checkpoint of 5M, one seed."""
    found = {tokens: perplexities("10/90", 1, tokens)[0] for tokens in BUDGETS}
    found[LARGEST_BUDGET] = of_checkpoint(NARROW)
    first, second, third = list(found.values())[-3:]
    return Finding(
        quantities={
            "fall of the perplexity from 1M to 2M tokens, one seed": fall(first, second),
            "fall of the perplexity from 2M to 5M tokens, one seed": fall(second, third),
        },
        told=", ".join(f"{n / 1e6:g}M tokens {value:.3f}" for n, value in found.items()),
        figures=plain({"perplexity": found}),
    )


if __name__ == "__main__":
    student(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

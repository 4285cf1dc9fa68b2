"""The recipe with something left out, trained anew at equal tokens.

Recipes are compared over seeds, paired by seed. Every training is of TinyStories at its own
length; the paper's numbers (Pythia-1B on OpenWebText) stand beside ours, on another scale.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from zoo_attention_to_mamba.checks import comparing, findings
from zoo_attention_to_mamba.checks.findings import STORIES, perplexity, plain, told
from zoo_attention_to_mamba.specs.claims import DIRECT, NARROW, TEACHER
from zoo_attention_to_mamba.specs.models import ABLATION
from zoo_core import Finding, protocol

ARCHITECTURE, METRIC = "attention-to-mamba", "perplexity"
TOKENS = 1_500_000
SEEDS = 3
BUDGETS = (1_000_000, 2_000_000)
LARGEST_BUDGET = 5_000_000


@dataclass(frozen=True)
class Variant:
    """A recipe by the share of its tokens in stage 1, what else it changes, and its shape."""

    stage1: float
    changes: Mapping[str, Any] = field(default_factory=dict)
    shape: Mapping[str, Any] = field(default_factory=dict)

    def recipe(self, tokens: int) -> dict[str, Any]:
        """Return its hyperparameters for so many tokens in both stages together."""
        first = round(self.stage1 * tokens)
        return {
            **ABLATION,
            **self.changes,
            "stage1_tokens": first,
            "stage2_tokens": tokens - first,
        }


VARIANTS = {
    "10/90": Variant(0.1),
    "0/100": Variant(0.0),
    "100/0": Variant(1.0, {"log_decay": -16.0}),
    "naive": Variant(0.0, {"fresh": "mixers"}),
    "fresh q, k, v, o": Variant(0.0, {"fresh": "projections"}),
    "Hedgehog": Variant(0.5, shape={"mixer": "linear"}),
    "+ SSM": Variant(0.5, shape={"parts": ["ssm"]}),
    "+ convolution": Variant(0.5, shape={"parts": ["ssm", "convolution"]}),
    "+ gate": Variant(0.5),
}
"""Stage 1 / stage 2; and from Hedgehog on, 50/50, the mixer part by part."""


@cache
def perplexities(name: str, seeds: int, tokens: int = TOKENS) -> tuple[float, ...]:
    """Train a variant with seeds 0, 1, …; return the test perplexities.

    Kept while the process lives: claims that are checked together share their trainings.
    """
    variant = VARIANTS[name]
    return tuple(
        protocol(
            ARCHITECTURE,
            STORIES,
            [{}] * seeds,
            shape=variant.shape,
            recipe=variant.recipe(tokens),
            given={"teacher": TEACHER},
            metric=METRIC,
        )
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
    first, second, third = found.values()
    return Finding(
        quantities={
            "fall of the perplexity from 1M to 2M tokens, one seed": fall(first, second),
            "fall of the perplexity from 2M to 5M tokens, one seed": fall(second, third),
        },
        told=", ".join(f"{n / 1e6:.0f}M tokens {value:.3f}" for n, value in found.items()),
        figures=plain({"perplexity": found}),
    )

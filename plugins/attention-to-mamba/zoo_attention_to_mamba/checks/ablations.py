"""The recipe with something left out, trained anew at equal tokens.

Recipes are compared over seeds, paired by seed. Every training is of TinyStories at its own
length; the paper's numbers (Pythia-1B on OpenWebText) stand beside ours, on another scale.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

from zoo_attention_to_mamba.checks import comparing, findings
from zoo_attention_to_mamba.checks.findings import STORIES, finding, perplexity, told, yes
from zoo_attention_to_mamba.specs.claims import DIRECT, NARROW, TEACHER
from zoo_attention_to_mamba.specs.models import ABLATION
from zoo_core import Finding, Verdict, estimate, load, paired, protocol
from zoo_core.statistics import at_least

ARCHITECTURE, METRIC = "attention-to-mamba", "perplexity"
TOKENS = 1_500_000
SEEDS = 3
BUDGETS = (1_000_000, 2_000_000)
LARGEST_BUDGET = 5_000_000
FALL = 0.01
"""The least share by which one seed's perplexity must fall from one budget to the next."""


@dataclass(frozen=True)
class Variant:
    """A recipe by the share of its tokens in stage 1, and what else it changes."""

    stage1: float
    changes: Mapping[str, Any] = field(default_factory=dict)

    def config(self, tokens: int) -> dict[str, Any]:
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
    "Hedgehog": Variant(0.5, {"mixer": "linear"}),
    "+ SSM": Variant(0.5, {"parts": ["ssm"]}),
    "+ convolution": Variant(0.5, {"parts": ["ssm", "convolution"]}),
    "+ gate": Variant(0.5),
}
"""Stage 1 / stage 2; and from Hedgehog on, 50/50, the mixer part by part."""


@cache
def perplexities(name: str, seeds: int, tokens: int = TOKENS) -> tuple[float, ...]:
    """Train a variant with seeds 0, 1, …; return the test perplexities.

    Kept while the process lives: claims that are checked together share their trainings.
    """
    config = VARIANTS[name].config(tokens)
    return tuple(protocol(ARCHITECTURE, STORIES, [{}] * seeds, config, METRIC))


def falls(before: float, after: float) -> Verdict:
    """Hold two trainings of one seed against each other: a fall must be more than seeds make."""
    if after <= (1 - FALL) * before:
        return "holds"
    return "not established" if after < before else "fails"


def initialisation() -> Finding:
    """Train the recipe, stage 1 alone, stage 2 alone and naive mixers at equal tokens."""
    found = {name: list(perplexities(name, SEEDS)) for name in findings.PAPER_TABLE}
    whole = perplexity(comparing.window_losses(load(TEACHER), findings.stories(), "test"))
    ours, naive = found["10/90"], found["naive"]
    closed = [(bad - good) / (bad - whole) for bad, good in zip(naive, ours, strict=True)]
    verdicts = [
        at_least(paired(naive, [1.3 * one for one in ours]), 0.0),
        yes(min(naive) > max(ours)),
        at_least(estimate([one - 3 * whole for one in found["100/0"]]), 0.0),
        at_least(estimate(closed), 0.6),
    ]
    measured = (
        "; ".join(f"{name} {told(row)}" for name, row in found.items())
        + f"; teacher {whole:.2f}; naive over 10/90 "
        f"{statistics.fmean(naive) / statistics.fmean(ours):.2f}, gap closed "
        f"{statistics.fmean(closed):.0%}"
    )
    figures = {
        "perplexity": found,
        "teacher": whole,
        "gap closed": closed,
        "tokens": TOKENS,
    }
    return finding(verdicts, measured, figures, SEEDS)


def random_mixers() -> Finding:
    """Train the recipe and naive mixers at equal tokens: which is ahead, by whatever factor."""
    ours, naive = (list(perplexities(name, SEEDS)) for name in ("10/90", "naive"))
    lead = paired(naive, ours)
    measured = (
        f"10/90 {told(ours)}, naive {told(naive)}: {lead.mean:.2f} ± {lead.reach:.2f} apart, "
        f"{statistics.fmean(naive) / statistics.fmean(ours):.2f} times"
    )
    verdicts = [at_least(lead, 0.0), yes(min(naive) > max(ours))]
    figures = {"perplexity": {"10/90": ours, "naive": naive}, "lead": lead}
    return finding(verdicts, measured, figures, SEEDS)


def fresh_projections() -> Finding:
    """Train with random queries, keys, values and outputs, all else as in the checkpoint 0/100."""
    found = list(perplexities("fresh q, k, v, o", SEEDS))
    copied = perplexity(comparing.window_losses(load(DIRECT), findings.stories(), "test"))
    whole = perplexity(comparing.window_losses(load(TEACHER), findings.stories(), "test"))
    ratio = estimate([one / copied for one in found])
    closed = [(one - copied) / (one - whole) for one in found]
    measured = (
        f"fresh projections {told(found)}, the teacher's {copied:.2f} (one seed): "
        f"{ratio.mean:.2f} ± {ratio.reach:.2f} times; teacher {whole:.2f}; gap closed "
        f"{statistics.fmean(closed):.0%}"
    )
    verdicts = [at_least(ratio, 1.3), at_least(estimate(closed), 0.6)]
    figures = {"perplexity": found, "0/100": copied, "teacher": whole, "gap closed": closed}
    return finding(verdicts, measured, figures, SEEDS)


def stage1_helps() -> Finding:
    """Train with a tenth of the tokens in stage 1, and without stage 1."""
    with_it, without = (list(perplexities(name, SEEDS)) for name in ("10/90", "0/100"))
    margin = paired(without, with_it)
    measured = (
        f"10/90 {told(with_it, 3)}, 0/100 {told(without, 3)}: {margin.mean:+.3f} ± "
        f"{margin.reach:.3f} without stage 1 (the paper {17.08 - 14.11:+.2f})"
    )
    figures = {"perplexity": {"10/90": with_it, "0/100": without}, "margin": margin}
    return finding([at_least(margin, 0.0)], measured, figures, SEEDS)


def ladder() -> Finding:
    """Train linear attention and what it becomes as the parts of Mamba are added."""
    found = {name: perplexities(name, 1)[0] for name in findings.PAPER_LADDER}
    measured = "; ".join(f"{name} {value:.2f}" for name, value in found.items()) + "; one seed"
    figures = {"perplexity": found, "tokens": TOKENS}
    return finding([falls(found["Hedgehog"], found["+ gate"])], measured, figures)


def budget() -> Finding:
    """Train with ever more tokens, and add the checkpoint of 5M."""
    found = {tokens: perplexities("10/90", 1, tokens)[0] for tokens in BUDGETS}
    longest = comparing.window_losses(load(NARROW), findings.stories(), "test")
    found[LARGEST_BUDGET] = perplexity(longest)
    verdicts = [falls(before, after) for before, after in pairwise(found.values())]
    measured = ", ".join(
        f"{tokens / 1e6:.0f}M tokens {value:.3f}" for tokens, value in found.items()
    )
    return finding(verdicts, f"{measured}; one seed", {"perplexity": found})

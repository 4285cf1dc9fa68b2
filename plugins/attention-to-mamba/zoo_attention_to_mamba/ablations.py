"""The recipe with something left out, trained anew at equal tokens, over seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from zoo_attention_to_mamba.models_registered import ABLATION
from zoo_core.training import protocol

ARCHITECTURE, DATASET, METRIC = "attention-to-mamba", "tinystories-sample", "perplexity"
TOKENS = 1_500_000


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
    return tuple(protocol(ARCHITECTURE, DATASET, [{}] * seeds, config, METRIC))

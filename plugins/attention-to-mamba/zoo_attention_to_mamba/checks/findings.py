"""What the checks share: estimates, how they are told, and the paper's own numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from zoo_attention_to_mamba.causal_lm import CausalLM
from zoo_attention_to_mamba.text import Text
from zoo_core import Estimate, bootstrap, dataset, load

STORIES = "tinystories-sample"

PAPER_TEACHER = 13.86
PAPER_TABLE = {"10/90": 14.11, "0/100": 17.08, "100/0": 25.71, "naive": 100.0}
"""The paper's perplexities; the naive one is given as "more than 100"."""
PAPER_LADDER = {"Hedgehog": 14.89, "+ SSM": 14.89, "+ convolution": 14.89, "+ gate": 14.58}
PAPER_BUDGET = {1e9: 16.56, 2e9: 15.61, 3e9: 15.15, 1e10: 14.11}


def told(values: Sequence[float], digits: int = 2) -> str:
    """Return a mean with its standard deviation, for people."""
    mean = f"{statistics.fmean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} ± {statistics.stdev(values):.{digits}f}"


def network(name: str) -> CausalLM:
    """Return a registered language model."""
    found: Any = load(name)
    model: CausalLM = found
    return model


def stories() -> Text:
    """Return the stories."""
    data: Text = dataset(STORIES)
    return data


def perplexity(losses: Sequence[float]) -> float:
    """Return exp of the mean loss."""
    return math.exp(statistics.fmean(losses))


def exponential(log: Estimate) -> Estimate:
    """Return exp of an estimate; its upper end is exact, and the lower no nearer than it is."""
    mean = math.exp(log.mean)
    return Estimate(mean, mean * log.error, math.exp(log.high) - mean, log.runs)


def ratio_of_means(above: Sequence[float], below: Sequence[float]) -> Estimate:
    """Return the ratio of two means over the same test examples, by the bootstrap.

    To first order the ratio r moves as the mean of r + (a - r b) / mean(b).
    """
    mean = statistics.fmean(below)
    ratio = statistics.fmean(above) / mean
    return bootstrap([ratio + (a - ratio * b) / mean for a, b in zip(above, below, strict=True)])


def log_ratio(losses: Sequence[float], others: Sequence[float]) -> Estimate:
    """Return the mean difference of two losses by window: the log of the perplexities' ratio."""
    return bootstrap([one - other for one, other in zip(losses, others, strict=True)])


def times(found: Estimate) -> str:
    """Return a ratio with its interval, for people."""
    return f"{found.mean:.3f} times ({found.low:.3f} to {found.high:.3f})"


def plain(value: Any) -> Any:
    """Return figures as JSON values, their numbers cut to six digits."""
    if isinstance(value, Estimate):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value

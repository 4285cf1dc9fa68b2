"""What the checks share: how findings are made and told, and the paper's own numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from zoo_attention_to_mamba.text import Text
from zoo_core import Estimate, Finding, Verdict, dataset, together

STORIES = "tinystories-sample"

PAPER_TEACHER = 13.86
PAPER_TABLE = {"10/90": 14.11, "0/100": 17.08, "100/0": 25.71, "naive": 100.0}
"""The paper's perplexities; the naive one is given as "more than 100"."""
PAPER_LADDER = {"Hedgehog": 14.89, "+ SSM": 14.89, "+ convolution": 14.89, "+ gate": 14.58}
PAPER_BUDGET = {1e9: 16.56, 2e9: 15.61, 3e9: 15.15, 1e10: 14.11}
PAPER_LAST_WORD = 32.31 / 42.07


def finding(
    verdicts: Sequence[Verdict], measured: str, figures: Mapping[str, Any], seeds: int = 1
) -> Finding:
    """Return a Finding of all the parts' verdicts, its numbers cut to six digits."""
    return Finding(
        verdict=together(verdicts),
        measured=measured,
        figures=_short(figures),
        seeds=list(range(seeds)),
    )


def _short(value: Any) -> Any:
    if isinstance(value, Estimate):
        return _short(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def yes(holds: bool) -> Verdict:
    """Return the verdict of what has no spread."""
    return "holds" if holds else "fails"


def told(values: Sequence[float], digits: int = 2) -> str:
    """Return a mean with its standard deviation, for people."""
    mean = f"{statistics.fmean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} ± {statistics.stdev(values):.{digits}f}"


def stories() -> Text:
    """Return the stories."""
    data: Text = dataset(STORIES)
    return data


def perplexity(losses: Sequence[float]) -> float:
    """Return exp of the mean loss."""
    return math.exp(statistics.fmean(losses))


def as_ratio(log: Estimate) -> str:
    """Return a log ratio as a ratio with its interval, for people."""
    low, high = math.exp(log.mean - log.reach), math.exp(log.mean + log.reach)
    return f"{math.exp(log.mean):.3f} times ({low:.3f} to {high:.3f})"

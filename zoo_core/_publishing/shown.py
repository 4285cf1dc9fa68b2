"""Stored results and findings as they are shown to people, on cards and on pages of the shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from zoo_core._measuring.judging import NOT_MEASURED, Judgement, judge_finding
from zoo_core._registry.registry import Registry
from zoo_core._registry.results import Result, stored_claims
from zoo_core._registry.specs import Claim, Model, Paper

NOTHING = "—"
"""What stands where there is no number."""


def row(known: Registry, result: Result) -> dict[str, Any]:
    """Return a result's facts, by what they are."""
    metric = known.metric(result.metric)
    return {
        "metric": metric.title,
        "shown": result.shown(metric),
        "dataset": result.dataset,
        "split": result.split,
        "options": ", ".join(f"{key} {value}" for key, value in result.options.items()),
        "runs": len(result.values),
        "command": result.command,
        "date": result.date,
        "name": result.metric,
        "value": result.value * metric.scale,
        "std": None if result.std is None else result.std * metric.scale,
        "unit": metric.unit,
        "seconds": result.seconds,
    }


def published(known: Registry, spec: Model, name: str) -> str:
    """Return the paper's own number for a metric, and where it is from."""
    if name not in spec.published:
        return NOTHING
    value, source = spec.published[name]
    metric = known.metric(name)
    return f"{value * metric.scale:g} {metric.unit} ({source})".replace("  ", " ")


def protocol(known: Registry, spec: Model, results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return a row for each metric and method, the model's own first."""
    order = {name: number for number, name in enumerate([spec.name, *spec.beside])}
    own = {result.metric: result for result in results if result.method == spec.name}
    table = []
    for result in sorted(results, key=lambda one: (one.metric, order.get(one.method, len(order)))):
        mine = own.get(result.metric)
        line = {**row(known, result), "method": result.method, "difference": ""}
        if mine is not None and result is not mine and len(mine.values) == len(result.values):
            pairs = [a - b for a, b in zip(mine.values, result.values, strict=True)]
            paired = Result(**{**vars(result), "values": pairs})
            line["difference"] = paired.shown(known.metric(result.metric))
        table.append(line)
    return table


def claims(paper: Paper, model: str | None = None) -> list[Mapping[str, Any]]:
    """Return a row for each claim of a paper, its stored finding judged by today's bounds.

    With `model` only those on that model's card.
    """
    findings = stored_claims(paper.name)
    rows: list[Mapping[str, Any]] = []
    for claim in paper.claims:
        if model is None or model in claim.models:
            found = _judged(paper, claim, findings.get(claim.name))
            measured = None if found.verdict == NOT_MEASURED else found.measured
            rows.append(
                {
                    "claim": claim,
                    "measured": measured,
                    "verdict": found.verdict,
                    "parts": found.parts,
                }
            )
    return rows


_JUDGED: dict[tuple[str, str], tuple[Claim, Any, Judgement]] = {}


def _judged(paper: Paper, claim: Claim, finding: Mapping[str, Any] | None) -> Judgement:
    """Judge a stored finding once: the card of each model that a claim is about asks for it."""
    key = (paper.name, claim.name)
    before = _JUDGED.get(key)
    if before is None or before[0] is not claim or before[1] != finding:
        before = _JUDGED[key] = (claim, finding, judge_finding(paper, claim, finding))
    return before[2]


def claim_facts(paper: Paper, name: str) -> dict[str, Any]:
    """Return all that is known of one claim of a paper, as JSON values."""
    (row,) = (row for row in claims(paper) if row["claim"].name == name)
    return {
        "kind": "claim",
        "paper": paper.name,
        **asdict(row["claim"]),
        "verdict": row["verdict"],
        "finding": stored_claims(paper.name).get(name),
    }

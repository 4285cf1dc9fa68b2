"""From what a check measured to verdicts, and to how many runs would settle what is open.

What was measured is stored in a form that can be judged again, so that a verdict always follows
from today's bounds: the cards, and `verify` with `stored`, judge without measuring.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from zoo_core import _statistics as statistics
from zoo_core._registry.results import stored_claims
from zoo_core._registry.specs import Claim, Paper
from zoo_core.interfaces import Estimate, Quantity, Verdict

NOT_MEASURED: Literal["not measured"] = "not measured"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What follows for a claim from its quantities: a verdict, its parts, and a line for people."""

    verdict: Verdict | Literal["not measured"]
    measured: str
    parts: Mapping[str, Verdict] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored with a finding."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What it takes to settle one part of a claim: how many runs are `needed`, of how many made.

    `needed` is None where runs do not settle it, or nobody can say; `note` says why.
    """

    claim: str
    bound: str
    expected: str
    measured: str
    runs: int | None
    needed: int | None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON values."""
        return asdict(self)


def judge(claim: Claim, quantities: Mapping[str, Quantity], told: str = "") -> Judgement:
    """Hold what was measured against a claim's bounds; `told` are further words for people.

    Raises `ValueError` for a quantity that its bound does not judge.
    """
    parts = {name: bound.judge(quantities[name]) for name, bound in claim.bounds.items()}
    shown = [bound.shown(name, quantities[name]) for name, bound in claim.bounds.items()]
    return Judgement(
        verdict=statistics.together(list(parts.values())),
        measured="; ".join([*shown, *([told] if told else [])]),
        parts=parts,
    )


def judge_finding(paper: Paper, claim: Claim, finding: Mapping[str, Any] | None) -> Judgement:
    """Judge a stored finding by today's bounds; what cannot be judged is "not measured"."""
    again = f"run `zoo verify {paper.name} --claim {claim.name} --store`"

    def not_measured(why: str) -> Judgement:
        return Judgement(verdict=NOT_MEASURED, measured=f"{why}; {again}")

    if finding is None:
        return not_measured("nothing is stored")
    if "quantities" not in finding:
        return not_measured("what is stored is of API level 1, a verdict without its quantities")
    found = finding["quantities"]
    missing = [name for name in claim.bounds if name not in found]
    if missing:
        return not_measured(f"nothing is stored of {', '.join(missing)}")
    try:
        return judge(claim, of_json(found), finding.get("told", ""))
    except (KeyError, TypeError, ValueError) as error:
        return not_measured(f"what is stored cannot be judged ({str(error).rstrip('.')})")


def as_json(quantity: Quantity) -> Any:
    """Return a checked quantity as JSON values, from which `of_json` makes the same again."""
    if isinstance(quantity, Estimate):
        return {**asdict(quantity), "low": quantity.low, "high": quantity.high}
    if isinstance(quantity, Mapping):
        return {"values": dict(quantity)}
    # JSON has no infinity.
    infinite = isinstance(quantity, float) and math.isinf(quantity)
    return str(quantity) if infinite else quantity


def rounded(value: Any) -> Any:
    """Return figures, in whatever containers, as JSON values with five significant digits.

    Arrays and tensors become lists; whole numbers, texts and bools stay as they are.

    `value` may be any nesting of mappings and sequences. Raises nothing.

    >>> zoo_core.rounded({"error": 0.123456789, "runs": 10})
    {'error': 0.12346, 'runs': 10}
    """
    if isinstance(value, Mapping):
        return {str(key): rounded(item) for key, item in value.items()}
    if hasattr(value, "tolist"):  # an array, a tensor, or one of their numbers
        return rounded(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [rounded(item) for item in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def of_json(found: Mapping[str, Any]) -> dict[str, Quantity]:
    """Return the quantities that `as_json` made JSON values of, by name."""

    def quantity(one: Any) -> Quantity:
        if isinstance(one, Mapping) and "values" in one:
            values: Mapping[str, Sequence[float]] = one["values"]
            return values
        if isinstance(one, Mapping):
            return Estimate(one["mean"], one["error"], one["reach"], one["runs"])
        number: float = float(one) if isinstance(one, str) else one
        return number

    return {name: quantity(one) for name, one in found.items()}


def plans(paper: Paper, claim: Claim) -> list[Plan]:
    """Return a plan for each stored part of a claim that is not established.

    The numbers are those of `zoo_core.runs_needed`, from the spread that was measured and its
    distance from where the verdict turns.
    """
    finding = stored_claims(paper.name).get(claim.name)
    judgement = judge_finding(paper, claim, finding)
    if finding is None or judgement.verdict == NOT_MEASURED:
        return [_without_runs(claim, judgement.measured)]
    found = of_json(finding["quantities"])
    return [
        _plan(claim, name, found[name])
        for name, verdict in judgement.parts.items()
        if verdict == "not established"
    ]


def _plan(claim: Claim, name: str, quantity: Quantity) -> Plan:
    bound = claim.bounds[name]
    open_parts = bound.undecided(quantity)
    runs = min(found.runs for found, _ in open_parts)
    needed, note = None, ""
    if runs == 1:
        note = "one run: its spread over runs is not known; make two or more"
    elif any(margin == 0 for _, margin in open_parts):
        note = "the mean is where the verdict turns: no number of runs settles it"
    else:
        spreads = [(found.error * math.sqrt(found.runs), margin) for found, margin in open_parts]
        needed = max(statistics.runs_needed(spread, margin) for spread, margin in spreads)
    return Plan(
        claim=claim.name,
        bound=name,
        expected=bound.told(name),
        measured=bound.shown(name, quantity),
        runs=runs,
        needed=needed,
        note=note,
    )


def _without_runs(claim: Claim, why: str) -> Plan:
    return Plan(
        claim=claim.name,
        bound=", ".join(claim.bounds),
        expected=claim.expected,
        measured=NOT_MEASURED,
        runs=None,
        needed=None,
        note=why,
    )

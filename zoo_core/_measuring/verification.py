"""`verify`: run claims' checks, or judge their stored findings, and measure a card's numbers again.

What a check measures is judged in `zoo_core._measuring.judging`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from zoo_core._loading import making
from zoo_core._measuring.evaluation import evaluate
from zoo_core._measuring.judging import (
    NOT_MEASURED,
    Plan,
    as_json,
    judge,
    judge_finding,
    plans,
    rounded,
)
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result, provenance, store_claims, stored, stored_claims
from zoo_core._registry.specs import Claim, Paper
from zoo_core.errors import BadInput, DataError, PluginError, UnknownName, WeightsError, closest
from zoo_core.interfaces import Finding, Quantity, Verdict

RELATIVE_TOLERANCE = 0.005
"""A checkpoint's number is the same when it is within half a percent of the stored one: other
processors round differently, which may move a borderline prediction or two, not more."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of `verify`: what was claimed, what was expected and measured, and the verdict.

    The verdict is the bounds', "skipped" when the data could not be had, or "not measured" when a
    stored finding was asked for and there is none to judge. `parts` are the verdicts bound by
    bound, `amendments` counts the bounds of the claim that were amended. `data` says what other
    data a claim was asked on, and over which runs.
    """

    name: str
    statement: str
    expected: str
    measured: str
    verdict: str
    seconds: float
    figures: Any = None
    kind: Literal["claim", "number"] = "number"
    parts: Mapping[str, Verdict] = field(default_factory=dict)
    amendments: int = 0
    data: str = ""

    def as_row(self) -> dict[str, str]:
        """Return what people read of the line, by the names of a table's columns."""
        return {
            "verdict": self.verdict,
            "claim": self.name,
            "measured": self.measured,
            "expected": self.expected,
        }

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON values."""
        return asdict(self)


def verify(
    name: str,
    *,
    quick: bool = False,
    claim: str | None = None,
    store: bool = False,
    stored: bool = False,
) -> Iterator[Check]:
    """Check a paper, or what one model's card states; yields one `Check` after the other.

    For a paper: its claims, then the number of every checkpoint; for a model: the claims on its
    card, then its numbers. `claim` picks one claim; `quick` leaves out slow ones; `store` keeps
    the findings with the plugin. With `stored` nothing is run: the stored findings of the claims
    are judged by today's bounds (and, with `store`, these verdicts kept). Raises `UnknownName`.
    """
    paper, claims = claims_of(name, quick=quick, claim=claim)
    for one in claims:
        yield _judge_again(paper, one, store) if stored else _check_claim(paper, one, store)
    if claim is None and not stored:
        yield from _check_numbers(name)


def claims_of(
    name: str, *, quick: bool = False, claim: str | None = None
) -> tuple[Paper, list[Claim]]:
    """Return the paper of a paper's or model's name, and the claims that `verify` would check."""
    known = registry()
    if name in known.papers:
        paper = known.paper(name)
        claims = list(paper.claims)
    elif name not in known.models and name not in known.models.clashes:
        names = [*known.papers.specs, *known.models.specs]
        raise UnknownName(
            f"There is no paper or model {name!r} here{closest(name, names)}{known.hint(name)}"
        )
    else:
        paper = known.paper_of(known.model(name))
        claims = [one for one in paper.claims if name in one.models]
    if claim is None:
        return paper, [one for one in claims if not (quick and one.slow)]
    if claim not in {one.name for one in claims}:
        raise UnknownName(
            f"{name} has no claim {claim!r}; it has {', '.join(one.name for one in claims)}."
        )
    return paper, [one for one in claims if one.name == claim]


def _check_claim(paper: Paper, claim: Claim, store: bool) -> Check:
    started = time.perf_counter()
    try:
        finding = _run(paper, claim)
    except (DataError, WeightsError) as error:
        return _line(claim, "skipped", str(error), seconds=time.perf_counter() - started)
    seconds = time.perf_counter() - started
    quantities = _checked(paper, claim, finding)
    judgement = judge(claim, quantities, finding.told)
    if store:
        owner = registry().papers.owners[paper.name]
        content = {
            **judgement.as_json(),
            "quantities": {name: as_json(one) for name, one in quantities.items()},
            "told": finding.told,
            "figures": rounded(finding.figures),
            "seeds": list(finding.seeds),
            **provenance(owner, seconds, f"zoo verify {paper.name} --claim {claim.name}"),
        }
        store_claims(paper.name, {claim.name: content})
    return _line(
        claim,
        judgement.verdict,
        judgement.measured,
        seconds=seconds,
        figures=rounded(finding.figures),
        parts=judgement.parts,
    )


def _run(paper: Paper, claim: Claim) -> Finding:
    """Call a claim's check with its arguments; raises `PluginError` when the two do not fit."""
    label = f"The check of claim {claim.name} of {paper.name}"
    check = making.resolve(claim.check)
    try:
        making.check_arguments(check, claim.arguments, label)
    except BadInput as error:
        raise PluginError(str(error)) from error
    finding = check(**claim.arguments)
    if not isinstance(finding, Finding):
        raise PluginError(
            f"{label} returned a {type(finding).__name__}; expected a zoo_core.Finding."
        )
    return finding


def _checked(paper: Paper, claim: Claim, finding: Finding) -> dict[str, Quantity]:
    """Return a finding's quantities in the form that is judged, in the order of the bounds."""
    label = f"The check of claim {claim.name} of {paper.name}"
    if set(finding.quantities) != set(claim.bounds):
        raise PluginError(
            f"{label} measured {', '.join(finding.quantities) or 'nothing'}; the claim's bounds "
            f"are on {', '.join(claim.bounds)}."
        )
    quantities = {}
    for name, bound in claim.bounds.items():
        try:
            quantities[name] = bound.checked(finding.quantities[name])
        except (TypeError, ValueError) as error:
            raise PluginError(f"{label} gave no usable {name}: {error}") from error
    return quantities


def _judge_again(paper: Paper, claim: Claim, store: bool) -> Check:
    finding = stored_claims(paper.name).get(claim.name)
    judgement = judge_finding(paper, claim, finding)
    if store and finding is not None and judgement.verdict != NOT_MEASURED:
        new = {**finding, **judgement.as_json()}
        if new != finding:
            store_claims(paper.name, {claim.name: new})
    return _line(
        claim,
        judgement.verdict,
        judgement.measured,
        figures=(finding or {}).get("figures"),
        parts=judgement.parts,
    )


def _line(
    claim: Claim,
    verdict: str,
    measured: str,
    *,
    seconds: float = 0.0,
    figures: Any = None,
    parts: Mapping[str, Verdict] | None = None,
) -> Check:
    return Check(
        kind="claim",
        name=claim.name,
        statement=claim.statement,
        expected=f"{claim.expected} ({claim.source})",
        measured=measured,
        verdict=verdict,
        seconds=round(seconds, 1),
        figures=figures,
        parts=parts or {},
        amendments=len({one.bound for one in claim.amendments}),
    )


def plan(name: str, *, quick: bool = False, claim: str | None = None) -> list[Plan]:
    """Return what it takes to settle each stored part that is not established; runs nothing.

    A claim of which nothing is stored that could be judged has a line that says so. Raises
    `UnknownName`.
    """
    paper, claims = claims_of(name, quick=quick, claim=claim)
    return [line for one in claims for line in plans(paper, one)]


def summary(checks: Sequence[Check]) -> str:
    """Return how many claims, and numbers of cards, hold and fail, and how many were amended."""
    claims = [one for one in checks if one.kind == "claim"]
    numbers = [one for one in checks if one.kind == "number"]
    amended = sum(one.amendments for one in claims)
    told = _tally(claims, ("holds", "fails", "not established"))
    text = f"{_count(len(claims), 'claim')}: {told}; {_count(amended, 'bound')} amended."
    return f"{text} {_count(len(numbers), 'number')}: {_tally(numbers)}." if numbers else text


def _tally(checks: Sequence[Check], always: Sequence[str] = ()) -> str:
    counts = Counter(dict.fromkeys(always, 0))
    counts.update(one.verdict for one in checks)
    several = {"holds": "hold", "fails": "fail"}
    return ", ".join(
        f"{count} {verdict if count == 1 else several.get(verdict, verdict)}"
        for verdict, count in counts.items()
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else noun + 's'}"


def _check_numbers(name: str) -> Iterator[Check]:
    known = registry()
    for spec in known.models:
        if name in (spec.name, known.paper_of(spec).name):
            for row in stored(spec.name):
                if row.kind == "checkpoint":
                    yield check_number(spec.name, row, row.dataset, row.options, spec.name)


def check_number(
    model: str | Path, row: Result, data: Any, options: Mapping[str, Any], label: str
) -> Check:
    metric = registry().metric(row.metric)
    started = time.perf_counter()
    try:
        new = evaluate(model, data, split=row.split, metrics=[row.metric], options=options)[0]
    except (DataError, WeightsError) as error:
        measured, verdict = str(error), "skipped"
    else:
        same = abs(new.value - row.value) <= RELATIVE_TOLERANCE * abs(row.value)
        measured, verdict = new.shown(metric), "holds" if same else "fails"
    return Check(
        name=label,
        statement=f"{metric.title} on {row.dataset}, {row.split} split",
        expected=f"{row.shown(metric)} (its card)",
        measured=measured,
        verdict=verdict,
        seconds=round(time.perf_counter() - started, 1),
    )

"""What `verify` is made of: claims' checks and cards' numbers, each a task; stored findings.

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
from zoo_core._measuring.each import evaluation_part
from zoo_core._measuring.judging import (
    NOT_MEASURED,
    Plan,
    as_json,
    judge,
    judge_finding,
    of_json,
    plans,
    rounded,
)
from zoo_core._registry.registry import registry
from zoo_core._registry.results import (
    Result,
    provenance,
    result_of,
    store_claims,
    stored,
    stored_claims,
)
from zoo_core._registry.specs import Claim, Paper
from zoo_core._running.code import code_here
from zoo_core._running.parts import Outcome, Part
from zoo_core._running.running import Task, ago, value_of
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
    data a claim was asked on, and over which runs; `ago` when it was measured, where that was not
    now ("2 h ago"), and `seconds` how long it took then.
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
    ago: str = ""

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


def tasks(
    name: str, *, quick: bool = False, claim: str | None = None, store: bool = False
) -> list[Task]:
    """Return what `verify` does for a paper or a model, each part of it by itself.

    For a paper: its claims, then the number of every checkpoint; for a model: the claims on its
    card, then its numbers. What a task gives is a `Check`. With `store` the findings are kept with
    the plugin by this process. Raises `UnknownName`.
    """
    paper, claims = claims_of(name, quick=quick, claim=claim)
    found = [claim_task(paper, one, store) for one in claims]
    return found if claim is not None else [*found, *_number_tasks(name)]


def stored_checks(
    name: str,
    *,
    quick: bool = False,
    claims: Sequence[str | None] = (None,),
    store: bool = False,
) -> Iterator[Check]:
    """Judge the stored findings of claims by today's bounds; runs nothing.

    With `store` these verdicts are kept; when all are judged, raises `WeightsError` where one could
    not be. Raises `UnknownName`.
    """
    paper, _ = claims_of(name)
    failed: list[WeightsError] = []
    for one in [
        found for claim in claims for found in claims_of(name, quick=quick, claim=claim)[1]
    ]:
        finding = stored_claims(paper.name).get(one.name)
        check, new = _judge_again(paper, one, finding)
        try:
            if store and new is not None and new != finding:
                store_claims(paper.name, {one.name: new})
        except WeightsError as error:
            failed.append(error)
        yield check
    if failed:
        raise failed[0]


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


def claim_task(paper: Paper, claim: Claim, store: bool = False) -> Task:
    """Return the task that measures a claim, and judges what was measured."""
    owner = registry().papers.owners[paper.name]
    part = Part(
        label=f"{paper.name} {claim.name}",
        call=f"{__name__}:find",
        arguments={"paper": paper.name, "claim": claim.name},
        facts={"check": claim.check, "arguments": claim.arguments, "bounds": list(claim.bounds)},
        code=code_here(owner.distribution),
    )
    return Task(
        part,
        lambda outcome: _judged(paper, claim, outcome),
        claim.minutes,
        (lambda outcome: _store(paper, claim, outcome)) if store else None,
    )


def find(paper: str, claim: str) -> dict[str, Any]:
    """Measure a claim; return its finding as JSON values, with how it was made.

    Raises what its check raises, and `PluginError` for a finding that the bounds do not fit.
    """
    spec = registry().paper(paper)
    (one,) = (known for known in spec.claims if known.name == claim)
    started = time.perf_counter()
    finding = _run(spec, one)
    seconds = time.perf_counter() - started
    quantities = _checked(spec, one, finding)
    owner = registry().papers.owners[paper]
    return {
        "quantities": {name: as_json(value) for name, value in quantities.items()},
        "told": finding.told,
        "figures": rounded(finding.figures),
        "seeds": list(finding.seeds),
        **provenance(owner, seconds, f"zoo verify {paper} --claim {claim}"),
    }


def _judged(paper: Paper, claim: Claim, outcome: Outcome) -> Check:
    """Hold a finding against the claim's bounds."""
    try:
        content = value_of(outcome)
    except (DataError, WeightsError) as error:
        return _line(claim, "skipped", str(error), seconds=outcome.seconds)
    judgement = judge(claim, of_json(content["quantities"]), content["told"])
    return _line(
        claim,
        judgement.verdict,
        judgement.measured,
        seconds=outcome.seconds,
        figures=content["figures"],
        parts=judgement.parts,
        ago=ago(outcome),
    )


def _store(paper: Paper, claim: Claim, outcome: Outcome) -> None:
    """Keep a finding and the verdict on it with the plugin, where data for it could be had."""
    if outcome.error is None:
        content = outcome.value
        judgement = judge(claim, of_json(content["quantities"]), content["told"])
        store_claims(paper.name, {claim.name: {**judgement.as_json(), **content}})


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


def _judge_again(
    paper: Paper, claim: Claim, finding: dict[str, Any] | None
) -> tuple[Check, dict[str, Any] | None]:
    """Return a stored finding as a line, and as it is to be stored with today's verdict."""
    judgement = judge_finding(paper, claim, finding)
    new = finding
    if finding is not None and judgement.verdict != NOT_MEASURED:
        new = {**finding, **judgement.as_json()}
    check = _line(
        claim,
        judgement.verdict,
        judgement.measured,
        figures=(finding or {}).get("figures"),
        parts=judgement.parts,
    )
    return check, new


def _line(
    claim: Claim,
    verdict: str,
    measured: str,
    *,
    seconds: float = 0.0,
    figures: Any = None,
    parts: Mapping[str, Verdict] | None = None,
    ago: str = "",
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
        ago=ago,
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


def _number_tasks(name: str) -> list[Task]:
    known = registry()
    return [
        number_task(spec.name, row, row.dataset, row.options, spec.name)
        for spec in known.models
        if name in (spec.name, known.paper_of(spec).name)
        for row in stored(spec.name)
        if row.kind == "checkpoint"
    ]


def number_task(
    model: str | Path, row: Result, data: Any, options: Mapping[str, Any], label: str
) -> Task:
    """Return the task that measures a number again, and holds it against the stored one."""
    part = evaluation_part(
        model, data, split=row.split, metrics=[row.metric], options=options, label=label
    )
    return Task(part, lambda outcome: _compared(label, row, outcome))


def _compared(label: str, row: Result, outcome: Outcome) -> Check:
    metric = registry().metric(row.metric)
    try:
        new = result_of(value_of(outcome)[0])
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
        seconds=round(outcome.seconds, 1),
        ago=ago(outcome),
    )

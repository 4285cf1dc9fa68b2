"""`verify`: run claims' checks, and measure a card's numbers again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from zoo_core._loading import making
from zoo_core._measuring.evaluation import evaluate
from zoo_core._registry.registry import registry
from zoo_core._registry.results import Result, provenance, store_claims, stored
from zoo_core._registry.specs import Claim, Model, Paper
from zoo_core.errors import DataError, PluginError, UnknownName, closest
from zoo_core.interfaces import Finding

RELATIVE_TOLERANCE = 0.005
"""A checkpoint's number is the same when it is within half a percent of the stored one: other
processors round differently, which may move a borderline prediction or two, not more."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of `verify`: what was claimed, what was expected and measured, and the verdict.

    The verdict is a `Finding`'s, or "skipped" when the data could not be had.
    """

    name: str
    statement: str
    expected: str
    measured: str
    verdict: str
    seconds: float
    figures: Any = None

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON values."""
        return asdict(self)


def verify(
    name: str, *, quick: bool = False, claim: str | None = None, store: bool = False
) -> Iterator[Check]:
    """Check a paper, or what one model's card states; yields one `Check` after the other.

    For a paper: its claims, then the number of every checkpoint; for a model: the claims on its
    card, then its numbers. `claim` picks one claim; `quick` leaves out slow ones; `store` keeps
    the findings with the plugin. Raises `UnknownName`.
    """
    paper, claims = claims_of(name, quick=quick, claim=claim)
    for one in claims:
        yield _check_claim(paper, one, store)
    known = registry()
    for spec in known.models if claim is None else ():
        if name in (spec.name, known.paper_of(spec).name):
            for row in stored(spec.name):
                if row.kind == "checkpoint":
                    yield _check_number(spec, row)


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
        finding: Finding | None = making.resolve(claim.check)()
    except DataError as error:
        finding, reason = None, str(error)
    if finding is not None and not isinstance(finding, Finding):
        raise PluginError(
            f"The check of claim {claim.name} of {paper.name} returned a "
            f"{type(finding).__name__}; expected a zoo_core.Finding."
        )
    seconds = time.perf_counter() - started
    if store and finding is not None:
        owner = registry().papers.owners[paper.name]
        command = f"zoo verify {paper.name} --claim {claim.name}"
        store_claims(
            paper.name, {claim.name: {**asdict(finding), **provenance(owner, seconds, command)}}
        )
    return Check(
        name=claim.name,
        statement=claim.statement,
        expected=f"{claim.expected} ({claim.source})",
        measured=finding.measured if finding else reason,
        verdict=finding.verdict if finding else "skipped",
        seconds=round(seconds, 1),
        figures=finding.figures if finding else None,
    )


def _check_number(spec: Model, row: Result) -> Check:
    metric = registry().metric(row.metric)
    started = time.perf_counter()
    try:
        new = evaluate(
            spec.name, row.dataset, split=row.split, metrics=[row.metric], options=row.options
        )[0]
    except DataError as error:
        measured, verdict = str(error), "skipped"
    else:
        same = abs(new.value - row.value) <= RELATIVE_TOLERANCE * abs(row.value)
        measured, verdict = new.shown(metric), "holds" if same else "fails"
    return Check(
        name=spec.name,
        statement=f"{metric.title} on {row.dataset}, {row.split} split",
        expected=f"{row.shown(metric)} (its card)",
        measured=measured,
        verdict=verdict,
        seconds=round(time.perf_counter() - started, 1),
    )

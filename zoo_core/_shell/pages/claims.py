"""The page of a claim, and the lines that pages of papers and models have of theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from zoo_core._measuring.judging import NOT_MEASURED
from zoo_core._publishing import shown
from zoo_core._registry.results import stored_claims
from zoo_core._registry.specs import Claim, Paper
from zoo_core._shell.pages.page import VERDICTS, Page, verdict

ORDER = (*VERDICTS, NOT_MEASURED)


def line(rows: Sequence[Mapping[str, Any]]) -> Text:
    """Return claims as a line of verdicts: how many there are of each, and which."""
    counts = Counter(row["verdict"] for row in rows)
    told = Text()
    for word in sorted(counts, key=ORDER.index):
        names = ", ".join(row["claim"].name for row in rows if row["verdict"] == word)
        told.append("; " if told else "")
        told.append(f"{counts[word]} ")
        told.append(*verdict(word, counts[word]))
        told.append(f" ({names})")
    return told


def page(paper: Paper, claim: Claim) -> Page:
    """Return the page of one claim of a paper."""
    name = claim.name
    (row,) = (row for row in shown.claims(paper) if row["claim"].name == name)
    made = Page()
    made.title(name, f"claim of {paper.name}", claim.statement)
    made.section("Verdict")
    found = stored_claims(paper.name).get(name, {})
    when = f"measured {found['date']}" if row["measured"] and found.get("date") else ""
    made.facts(
        {
            "verdict": Text.assemble(verdict(row["verdict"])),
            "expected": f"{claim.expected} ({claim.source})",
            "measured": row["measured"] or "nothing that could be judged is stored",
            "when": ", ".join(part for part in (when, _seconds(found)) if part),
        }
    )
    if len(row["parts"]) > 1:
        made.section("Bound by bound")
        for bound, word in row["parts"].items():
            made.parts.append(Text.assemble(verdict(word), f": {claim.bounds[bound].told(bound)}"))
    if claim.amendments:
        made.section("Bounds that were changed after figures had been seen")
        for one in claim.amendments:
            made.text(f"{one.date}, {one.bound}: from {one.before} to {one.after}. {one.why}")
    if claim.models:
        made.section("Models")
        made.names(claim.models)
    made.section("Check it again")
    made.code(f"zoo verify {paper.name} {name}")
    if claim.asked:
        made.code(f"zoo verify {paper.name} {name} --dataset FILE")
    made.text(f"takes about {claim.minutes:g} minutes" if claim.minutes >= 1 else "")
    return made


def _seconds(found: Mapping[str, Any]) -> str:
    return f"in {found['seconds']:g} s" if found.get("seconds") else ""

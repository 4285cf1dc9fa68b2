"""What `zoo show` prints: a page for people on each kind of thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from zoo_core._measuring.verification import claims_of
from zoo_core._registry import listing
from zoo_core._shell.pages import claims, models, others, papers
from zoo_core._shell.pages.page import Page

PAGES: Mapping[str, Callable[[Any], Page]] = {
    "model": models.page,
    "paper": papers.page,
    "architecture": others.architecture,
    "dataset": others.dataset,
    "metric": others.metric,
}


def of(name: str, claim: str | None = None, kind: str | None = None) -> Page:
    """Return the page of what has a name, or of one claim of the paper of that name.

    Raises `UnknownName` for a name that nothing here has.
    """
    if claim is not None:
        paper, (one,) = claims_of(name, claim=claim)
        return claims.page(paper, one)
    found, spec = listing.found(name, kind)
    page = PAGES[found](spec)
    others = [other for other in listing.kinds_of(name) if other != found]
    if others:
        page.section("Of the same name")
        page.code(*(f"zoo show {name} --kind {other}" for other in others))
    return page


def of_plugins(rows: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> Page:
    """Return the page of what is installed: each plugin, and where things are kept."""
    page = Page()
    for row in rows:
        page.title(row["name"], row.get("version") or "")
        told = {name: value for name, value in row.items() if name not in ("name", "version")}
        page.facts({**told, "versions": ", ".join(map(" ".join, told.get("versions", {}).items()))})
        page.parts.append("")
    page.facts({**facts, "set": ", ".join(map("=".join, facts["set"].items()))})
    return page

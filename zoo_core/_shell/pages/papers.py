"""The page of a paper."""

from __future__ import annotations

from zoo_core._publishing import shown
from zoo_core._registry import listing
from zoo_core._registry.registry import registry
from zoo_core._registry.specs import Paper
from zoo_core._shell.pages import claims
from zoo_core._shell.pages.page import Page


def page(paper: Paper) -> Page:
    """Return the page of a paper."""
    known = registry()
    made = Page()
    made.title(paper.name, "paper", paper.title)
    made.text(f"{', '.join(paper.authors)} ({paper.year})")
    made.parts.append("")
    made.text(paper.summary)
    made.parts.append("")
    judged = shown.claims(paper)
    made.facts(
        {
            "address": f"https://arxiv.org/abs/{paper.arxiv}" if paper.arxiv else "",
            "package": known.papers.owners[paper.name].distribution,
            "claims": claims.line(judged) if judged else "",
            "pictures": ", ".join(picture.name for picture in paper.pictures),
        }
    )
    rows = listing.model_rows(paper=paper.name)
    made.models(rows, "dataset", f"zoo list --paper {paper.name}")
    if judged:
        made.section("Claims")
        for row in judged:
            claim = row["claim"]
            made.entry(claim.name, row["verdict"], claim.statement)
        made.text(f"zoo show {paper.name} CLAIM tells more of one.")
    made.section("Use in a shell")
    first = next((claim.name for claim in paper.claims if not claim.slow), None)
    made.code(f"zoo list --paper {paper.name}")
    if judged:
        made.code(
            f"zoo verify {paper.name} --stored", f"zoo verify {paper.name} {first or ''}".rstrip()
        )
    if paper.notes:
        made.section("Limits")
        made.text(paper.notes)
    made.section("Cite")
    made.cite(paper.bibtex)
    return made

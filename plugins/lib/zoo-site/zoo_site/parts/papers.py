"""The list of papers, and a page for each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from zoo_site.catalogue import HONEST, Catalogue, Facts, tally
from zoo_site.page import Page
from zoo_site.parts.models import row_of
from zoo_site.parts.pictures import place

HEADINGS = {
    "fails": "What failed",
    "not established": "What was not established",
    "not measured": "What was not measured",
    "holds": "What held",
}


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield the list, and the pages."""
    yield Page(
        path="papers.html",
        template="papers.html.j2",
        title="Papers",
        section="papers",
        summary="The papers, with what held of what they claim.",
        facts={"papers": [_entry(catalogue, paper) for paper in catalogue.papers]},
    )
    for paper in catalogue.papers:
        yield _page(catalogue, paper)


def _entry(catalogue: Catalogue, paper: Facts) -> dict[str, Any]:
    kept = ("name", "title", "year", "summary", "arxiv", "distribution")
    return {
        **{key: paper[key] for key in kept},
        "authors": ", ".join(paper["authors"]),
        "tally": tally(paper["claims"]),
        "models": len(catalogue.models_of(paper["name"])),
    }


def _page(catalogue: Catalogue, paper: Facts) -> Page:
    claims = sorted(paper["claims"], key=lambda one: HONEST.index(one["verdict"]))
    models = [row_of(catalogue, model) for model in catalogue.models_of(paper["name"])]
    return Page(
        path=f"papers/{paper['name']}.html",
        template="paper.html.j2",
        title=paper["title"],
        section="papers",
        summary=paper["summary"],
        facts={
            **_entry(catalogue, paper),
            "error": paper["error"],
            "notes": paper["notes"],
            "bibtex": paper["bibtex"],
            "install": paper["install"],
            "groups": [
                {"verdict": verdict, "heading": HEADINGS[verdict], "claims": list(several)}
                for verdict, several in groupby(claims, key=lambda one: one["verdict"])
            ],
            "listed": models,
            "datasets": _datasets(catalogue, models),
            "pictures": [
                {"path": place(paper["name"], one["name"]), "caption": one["caption"]}
                for one in paper["pictures"]
                if one["file"]
            ],
            "time": _time(paper, claims),
        },
    )


def _datasets(catalogue: Catalogue, models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = dict.fromkeys(model["dataset"] for model in models)
    return [
        {key: catalogue.dataset[name][key] for key in ("name", "title", "license")}
        for name in names
        if name in catalogue.dataset
    ]


def _time(paper: Facts, claims: list[Facts]) -> dict[str, Any]:
    """Return how long it takes to check the claims: all of them, and without the slow ones."""
    return {
        "all": sum(claim["minutes"] for claim in claims),
        "quick": sum(claim["minutes"] for claim in claims if not claim["slow"]),
        "slow": sum(1 for claim in claims if claim["slow"]),
        "measured": sum(claim["seconds"] or 0 for claim in claims) / 60,
    }

"""The board: all claims of all papers, as a matrix and on lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zoo_site import drawing
from zoo_site.catalogue import HONEST, Catalogue, Facts, tally
from zoo_site.page import Page
from zoo_site.rendering import rows_as_json, slug

MEANINGS: Mapping[str, str] = {
    "holds": "the figures are on the right side of every bound",
    "fails": "a bound is clearly missed",
    "not established": "the figures leave it open",
    "not measured": "nothing that could be judged is stored",
}
LEGEND = drawing.Line(
    "accuracy", "not established", 80, 1, "%", mean=81, low=78.5, high=83.5, published=84.6
)


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield the board."""
    papers = [paper for paper in catalogue.papers if paper["claims"]]
    every = [claim for paper in papers for claim in paper["claims"]]
    yield Page(
        path="claims.html",
        template="claims.html.j2",
        title="The board of claims",
        section="claims",
        summary="Every claim of every paper: expected, published, measured, and whether it holds.",
        scripts=("assets/board.js",),
        facts={
            "total": len(every),
            "amended": sum(1 for claim in every if claim["amendments"]),
            "tally": tally(every),
            "verdicts": list(MEANINGS.items()),
            "papers": [board(paper, lines=True) for paper in papers],
            "legend": {"svg": drawing.legend(LEGEND)},
        },
    )


def files(catalogue: Catalogue) -> Mapping[str, bytes]:
    """Return all claims as JSON."""
    left_out = ("check", "arguments", "asked")
    rows = [
        {"paper": paper["name"], **{k: v for k, v in claim.items() if k not in left_out}}
        for paper in catalogue.papers
        for claim in paper["claims"]
    ]
    return {"claims.json": rows_as_json(rows)}


def board(paper: Facts, *, lines: bool = False) -> dict[str, Any]:
    """Return what the board shows of a paper: its cells, what did not work first, and its lines."""
    cells = [
        {
            "id": place(paper["name"], claim["name"]),
            **{key: claim[key] for key in ("name", "verdict", "statement")},
        }
        for claim in paper["claims"]
    ]
    found = {
        "name": paper["name"],
        "title": paper["title"],
        "year": paper["year"],
        "authors": f"{paper['authors'][0]}{' et al.' if len(paper['authors']) > 1 else ''}",
        "tally": tally(paper["claims"]),
        "cells": sorted(cells, key=lambda one: HONEST.index(one["verdict"])),
    }
    if lines:
        found["claims"] = [_line(paper, claim) for claim in paper["claims"]]
    return found


def place(paper: str, claim: str) -> str:
    """Return the name of a claim's place on the board; no paper's name has two hyphens."""
    return f"{slug(paper)}--{slug(claim)}"


def _line(paper: Facts, claim: Facts) -> dict[str, Any]:
    said = (claim["name"], claim["statement"], claim["source"], paper["title"], *claim["models"])
    kept = ("name", "statement", "verdict", "bounds", "published", "amendments")
    return {
        "id": place(paper["name"], claim["name"]),
        **{key: claim[key] for key in kept},
        "text": " ".join(said).lower(),
        "decisive": drawing.decisive(claim),
    }

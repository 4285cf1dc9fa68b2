"""The first page: what there is, at a glance."""

from __future__ import annotations

from collections.abc import Iterator

from zoo_site.catalogue import Catalogue, tally
from zoo_site.page import Page
from zoo_site.parts.claims import board
from zoo_site.tryit import tried


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield the first page."""
    papers = [paper for paper in catalogue.papers if paper["claims"]]
    claims = [claim for paper in papers for claim in paper["claims"]]
    trained = [model for model in catalogue.models if model["weights"]]
    yield Page(
        path="index.html",
        template="home.html.j2",
        title="zoo: papers whose claims are checked",
        summary="Pretrained models from research papers: load by name, run, check every claim.",
        facts={
            "papers": [board(paper) for paper in papers],
            "tally": tally(claims),
            "total": len(claims),
            "models": len(trained),
            "datasets": len(catalogue.datasets),
            "embedded": sum(1 for model in trained if model["embedded"]),
            "tried": len(tried(catalogue)),
            "example": trained[0]["name"] if trained else "NAME",
        },
    )

"""The pictures of all papers, as they are stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from zoo_site.catalogue import Catalogue
from zoo_site.page import Page


def pages(catalogue: Catalogue) -> Iterator[Page]:
    """Yield nothing: pictures stand on the pages of papers and models."""
    yield from ()


def files(catalogue: Catalogue) -> Mapping[str, Path]:
    """Return the pictures that are drawn, by their places."""
    return {
        place(paper["name"], one["name"]): Path(one["file"])
        for paper in catalogue.papers
        for one in paper["pictures"]
        if one["file"]
    }


def place(paper: str, picture: str) -> str:
    """Return where a picture is in the site."""
    return f"pictures/{paper}/{picture}.svg"

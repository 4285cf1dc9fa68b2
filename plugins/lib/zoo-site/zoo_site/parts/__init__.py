"""The parts of a site: each makes its pages, and files, from the catalogue.

A part is a module with ``pages(catalogue)``, which yields `zoo_site.page.Page`s, and where it has
any ``files(catalogue)``, which maps paths in the site to the files (or bytes) that are put there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo_site import tryit
from zoo_site.catalogue import Catalogue
from zoo_site.page import Page
from zoo_site.parts import claims, data, guide, home, models, papers, pictures, reference

PARTS = (home, claims, models, papers, data, guide, reference, pictures, tryit)
STATIC = Path(__file__).parents[1] / "static"


@dataclass(frozen=True)
class Site:
    """All pages, and all files by their paths."""

    pages: Sequence[Page]
    files: Mapping[str, Path | bytes]


def everything(catalogue: Catalogue) -> Site:
    """Return what a site is made of."""
    pages = [page for part in PARTS for page in part.pages(catalogue)]
    files: dict[str, Path | bytes] = {
        f"assets/{path.name}": path for path in sorted(STATIC.iterdir()) if path.is_file()
    }
    for part in PARTS:
        if hasattr(part, "files"):
            files |= part.files(catalogue)
    return Site(pages, files)

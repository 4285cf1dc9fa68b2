"""What a site is made of: pages, which templates make, and files, which are there already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page: where it is, what makes it, and from which facts.

    `path` is below the site's folder ("models/gcn-cora.html"), `template` a file of a folder of
    templates, `title` stands in the browser's tab, and `summary` is a sentence for what lists
    pages. `section` is the word of the menu that it belongs to. `facts` are JSON values, by the
    names that the template has for them: a page is made anew when these or the templates change.
    `scripts` are the files that it runs besides the site's own, by their paths in the site. Facts
    that take long to find are given by a function, which is called when `key` is another than
    before.
    """

    path: str
    template: str
    title: str
    summary: str = ""
    section: str = ""
    facts: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = field(default_factory=dict)
    key: str = ""
    scripts: tuple[str, ...] = ()

    @property
    def root(self) -> str:
        """The way from the page to the site's folder: links are relative, so it opens anywhere."""
        return "../" * self.path.count("/")

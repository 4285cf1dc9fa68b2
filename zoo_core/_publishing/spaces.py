"""Static pages as a Space of the Hub: one commit of all files, and none where nothing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from zoo_core._publishing.publishable import CARD, Content, Kind
from zoo_core._publishing.publishing import Publication, publish_items
from zoo_core.errors import BadInput

MARK = "made-by-zoo"
"""A tag of Spaces whose files are all made here."""
FIRST = "index.html"
KEPT = (".gitattributes", ".gitignore")


@dataclass(frozen=True)
class Space:
    """Static pages, by their paths, that are a Space of their own."""

    name: str
    title: str
    files: Mapping[str, Content]
    kind: Kind = field(default="space", init=False)
    home: str | None = field(default=None, init=False)

    @property
    def told(self) -> str:
        """What it is, for the message of a commit."""
        return f"the Space {self.name}"

    def check(self, dry_run: bool) -> None:
        """Check that there is a page to begin with, and that the README is not given."""
        if FIRST not in self.files:
            raise BadInput(f"A Space begins with {FIRST}, which is not among the files.")
        if CARD in self.files:
            raise BadInput(f"The {CARD} of a Space is made here; leave it out.")

    def contents(self, repo: str, page: str) -> dict[str, Content]:
        """Return the files, and the README that says what the Space is.

        Raises `BadInput` for a Space whose README is not of this kind: all files of one are made.
        """
        if page and f"- {MARK}\n" not in page:
            raise BadInput(
                f"{repo} is a Space that the zoo did not make, and all its files would be "
                "replaced; choose another with --as OWNER/NAME."
            )
        header = {
            "title": self.title,
            "sdk": "static",
            "app_file": FIRST,
            "pinned": False,
            "tags": ["zoo", MARK],
        }
        told = yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=100)
        text = (
            f"---\n{told}---\n\nMade by `zoo publish`: all files here are replaced by the next.\n"
        )
        return {CARD: text.encode(), **self.files}

    def pinned(self, repo: str) -> str | None:
        """Return None: nothing depends on a Space's commit."""
        return None

    def note(self, repo: str, revision: str | None) -> None:
        """Note nothing."""

    def owns(self, path: str) -> bool:
        """Tell that any file is made here, but for those of git."""
        return path not in KEPT


def publish_space(
    files: Mapping[str, Path | bytes],
    *,
    name: str,
    title: str,
    repo: str | None = None,
    namespace: str | None = None,
    private: bool | None = None,
    message: str | None = None,
    dry_run: bool = False,
) -> Publication:
    """Publish static pages as the Space ``namespace/name``: one commit, or none without a change.

    `files` maps paths in the Space to files or their bytes; ``index.html`` is what is shown first,
    and whatever the Space has besides is deleted. `title` is the Space's, `repo` another repository
    than ``namespace/name``; `namespace`, `private`, `message` and `dry_run` are those of
    `zoo.publish`. Raises `BadInput` for files without that page, and for a Space that was not made
    this way, `HubError` as `zoo.publish` does.

    >>> zoo_core.publish_space({}, name="pages", title="Pages", namespace="me", dry_run=True)
    Traceback (most recent call last):
        ...
    zoo_core.errors.BadInput: A Space begins with index.html, which is not among the files.
    """
    item = Space(name, title, files)
    (done,) = publish_items([item], repo, namespace, private, None, message, dry_run)
    return done
